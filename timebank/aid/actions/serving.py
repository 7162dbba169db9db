"""Who serves a claim that is not of their own household."""

from typing import Any

from sqlalchemy import Row

from timebank.aid import may
from timebank.deeds.deed import Deed
from timebank.goods.queries import store_brief
from timebank.people.queries import household_briefs
from timebank.people.sight import reaches
from timebank.rights import Right


def is_served(deed: Deed, row: Row[Any], right: Right) -> bool:
    """Tell whether somebody is a keeper of the claim's store, or holds a right for its household.

    All others get the answer for a claim that does not exist.
    """
    place_id = store_brief(deed.session, deed.community_id, row.store_id).place_id
    if may.SERVE_COUNTER.is_held_at(deed.by, place_id):
        return True
    homes = household_briefs(deed.session, deed.community_id, [row.household_id])
    grid_id = homes[row.household_id].grid_id
    return reaches(deed.by, right, grid_id, store_place_id=place_id)
