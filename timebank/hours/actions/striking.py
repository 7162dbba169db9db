"""Strike volunteers off the register who were entered by mistake, while they have served nobody."""

from collections.abc import Collection

from sqlalchemy import delete

from timebank.db import first_reference
from timebank.deeds.deed import Deed
from timebank.hours import may
from timebank.hours.actions.guards import take_volunteers
from timebank.hours.tables import volunteer


def strike_volunteers(deed: Deed, *, person_ids: Collection[int]) -> str | None:
    """Take people off the register; return what knows of them as volunteers, and do nothing then.

    Their accounts stay, as every account does.
    """
    may.REGISTER_VOLUNTEERS.require_everywhere(deed.by)
    take_volunteers(deed.session, deed.community_id, person_ids)
    known = first_reference(deed.session, deed.community_id, person_ids, of=volunteer)
    if known is None:
        deed.session.execute(
            delete(volunteer).where(
                volunteer.c.community_id == deed.community_id,
                volunteer.c.person_id.in_(person_ids),
            )
        )
    return known
