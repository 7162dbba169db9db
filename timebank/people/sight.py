"""Whom a right reaches: everybody of the community, or the people of some grids.

Every action that takes a person, household, card or paper asks here, so that no page and no
program can reach further than another. Who is out of reach is answered like somebody who does not
exist. One's own household is not decided here: the action knows what is one's own.
"""

from sqlalchemy.orm import Session

from timebank.errors import NotFound
from timebank.people.queries import (
    HouseholdBrief,
    PersonBrief,
    briefs,
    household_briefs,
)
from timebank.rights import Right
from timebank.values import By

# Their place is a store, which any neighbour may visit: it limits the store, not the visitors.
_AT_STORES = frozenset({"keeper"})


def reaches(
    by: By, right: Right, grid_id: int | None, *, store_place_id: int | None = None
) -> bool:
    """Tell whether somebody holds a right for the people of a grid.

    ``grid_id`` is None for a person who lives elsewhere: only a role for the whole community, or
    for a store, reaches them. A case of one store names its place: then a role for another store
    does not reach it.
    """
    for role in by.roles:
        if role.name not in right.roles:
            continue
        if role.place_id is None:
            return True
        if role.name in _AT_STORES:
            if store_place_id in (None, role.place_id):
                return True
        elif role.place_id == grid_id:
            return True
    return False


def person_reached(session: Session, by: By, person_id: int, right: Right) -> PersonBrief:
    """**Refuses**: ``NotFound`` for a person who is unknown or out of reach."""
    return people_reached(session, by, [person_id], right)[person_id]


def people_reached(
    session: Session, by: By, person_ids: list[int], right: Right
) -> dict[int, PersonBrief]:
    """**Refuses**: ``NotFound`` if one of them is unknown or out of reach."""
    known = briefs(session, by.community_id, person_ids)
    for person_id in person_ids:
        brief = known.get(person_id)
        if brief is None or not reaches(by, right, brief.grid_id):
            raise NotFound(kind="person")
    return known


def household_reached(session: Session, by: By, household_id: int, right: Right) -> HouseholdBrief:
    """**Refuses**: ``NotFound`` for a household that is unknown or out of reach."""
    home = household_briefs(session, by.community_id, [household_id]).get(household_id)
    if home is None or not reaches(by, right, home.grid_id):
        raise NotFound(kind="household")
    return home
