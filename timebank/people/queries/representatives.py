"""Who speaks for which firm."""

from dataclasses import dataclass

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from timebank.people.queries.places import Organisation
from timebank.people.tables import organisation, person, representative
from timebank.values import By


@dataclass(frozen=True, slots=True)
class Representative:
    """Somebody who speaks for a firm now."""

    id: int
    organisation_id: int
    person_id: int
    name: str


_LIVING = (
    select(
        representative.c.id,
        representative.c.organisation_id,
        representative.c.person_id,
        person.c.name,
    )
    .join(
        person,
        and_(
            person.c.community_id == representative.c.community_id,
            person.c.id == representative.c.person_id,
        ),
    )
    .where(
        representative.c.community_id == bindparam("of_community"),
        representative.c.ended_at.is_(None),
    )
    .order_by(representative.c.id)
)
_FIRMS = (
    select(organisation.c.id, organisation.c.name, organisation.c.kind, organisation.c.trade)
    .join(
        representative,
        and_(
            representative.c.community_id == organisation.c.community_id,
            representative.c.organisation_id == organisation.c.id,
        ),
    )
    .where(
        representative.c.community_id == bindparam("of_community"),
        representative.c.person_id == bindparam("of_person"),
        representative.c.ended_at.is_(None),
    )
    .order_by(organisation.c.name, organisation.c.id)
)


def representatives(session: Session, community_id: int) -> list[Representative]:
    """Everybody who speaks for a firm now, in the order in which they were named."""
    rows = session.execute(_LIVING, {"of_community": community_id})
    return [Representative(**row._mapping) for row in rows]


def firms_of(session: Session, by: By) -> list[Organisation]:
    """The firms for which somebody speaks. A card opens a passbook, never a firm's statement."""
    if by.user_id is None or by.person_id is None:
        return []
    asked = {"of_community": by.community_id, "of_person": by.person_id}
    return [Organisation(*row) for row in session.execute(_FIRMS, asked)]
