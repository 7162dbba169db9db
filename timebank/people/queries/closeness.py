"""Who is too close to a household to act for it: read from the rows, not from a session.

A recorded relative belongs here too, once relations are recorded.
"""

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from timebank.people.tables import person
from timebank.values import By


def is_of_household(session: Session, by: By, household_id: int) -> bool:
    """Tell whether somebody lives in a household."""
    if by.household_id == household_id:
        return True
    if by.person_id is None:
        return False
    found = select(person.c.id).where(
        person.c.community_id == by.community_id,
        person.c.id == by.person_id,
        person.c.household_id == household_id,
    )
    return session.scalar(found) is not None


def are_of_one_household(
    session: Session, community_id: int, one_id: int, other_id: int | None
) -> bool:
    """Tell whether two people live together; some live nowhere here, and then with nobody."""
    other = person.alias()
    housemate = (
        select(person.c.id)
        .join(
            other,
            and_(
                other.c.community_id == person.c.community_id,
                other.c.household_id == person.c.household_id,
            ),
        )
        .where(
            person.c.community_id == community_id,
            person.c.id == one_id,
            other.c.id == (other_id or 0),
        )
    )
    return session.scalar(housemate) is not None
