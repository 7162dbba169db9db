"""The services on offer, and the register of volunteers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from timebank.db import among, built
from timebank.hours.tables import service as service_table
from timebank.hours.tables import volunteer as volunteer_table


@dataclass(frozen=True, slots=True)
class Service:
    """A kind of help, in one of the seven categories."""

    id: int
    code: str
    category: str
    name_zh: str
    name_en: str
    retired_on: date | None = None


@dataclass(frozen=True, slots=True)
class Volunteer:
    """A person on the register, with a number that reveals nothing about them."""

    person_id: int
    volunteer_no: str
    team: str
    since_on: date


def services(session: Session, community_id: int) -> list[Service]:
    """The services on offer by category, in the order in which they were added."""
    return [one for one in all_services(session, community_id) if one.retired_on is None]


def all_services(session: Session, community_id: int) -> list[Service]:
    """The same, also with those that are not offered any more."""
    rows = session.execute(
        select(
            service_table.c.id,
            service_table.c.code,
            service_table.c.category,
            service_table.c.name_zh,
            service_table.c.name_en,
            service_table.c.retired_on,
        )
        .where(service_table.c.community_id == community_id)
        .order_by(service_table.c.category, service_table.c.id)
    )
    return built(Service, rows)


def volunteer_of(session: Session, community_id: int, person_id: int) -> Volunteer | None:
    """The register entry of a person, or None."""
    asked = {"of_community": community_id, "of_person": person_id}
    row = session.execute(_ONE, asked).first()
    return None if row is None else Volunteer(*row)


def volunteers(
    session: Session, community_id: int, *, limit: int = 50, after_no: str = ""
) -> list[Volunteer]:
    """A page of the register, ordered by number."""
    rows = session.execute(
        _VOLUNTEER.where(
            volunteer_table.c.community_id == community_id,
            volunteer_table.c.volunteer_no > after_no,
        )
        .order_by(volunteer_table.c.volunteer_no)
        .limit(limit)
    )
    return [Volunteer(*row) for row in rows]


_VOLUNTEER = select(
    volunteer_table.c.person_id,
    volunteer_table.c.volunteer_no,
    volunteer_table.c.team,
    volunteer_table.c.since_on,
)
_ONE = _VOLUNTEER.where(
    volunteer_table.c.community_id == bindparam("of_community"),
    volunteer_table.c.person_id == bindparam("of_person"),
)


_AMONG = select(volunteer_table.c.person_id).where(
    volunteer_table.c.community_id == bindparam("of_community"),
    among(volunteer_table.c.person_id, "person_ids"),
)


def registered_among(session: Session, community_id: int, person_ids: Collection[int]) -> set[int]:
    """Who of these people is a volunteer."""
    asked = {"of_community": community_id, "person_ids": person_ids}
    return set(session.scalars(_AMONG, asked))
