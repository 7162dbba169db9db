"""Who waits to be enrolled, what became of a registration, and what volunteers can do."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import Session

from timebank.db import NOW, built, waiting_row
from timebank.errors import NotFound
from timebank.joining import may
from timebank.joining.refusals import RegistrationUnknown
from timebank.joining.rules import WAITING, times_of
from timebank.joining.tables import offered_service, registration, registration_service
from timebank.people.sight import reaches
from timebank.values import By, local_day
from timebank.vault.cipher import Vault, vault_of, vault_to_open

LISTED_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What somebody registered, while it waits. Its repr shows nothing of them."""

    id: int
    registration_no: str
    building_id: int | None
    grid_id: int | None
    name: str = field(repr=False)
    birth_on: date = field(repr=False)
    phone: str = field(repr=False)
    guardian_name: str = field(repr=False)
    guardian_phone: str = field(repr=False)
    language: str
    is_volunteer: bool
    times: tuple[str, ...]
    service_ids: tuple[int, ...]
    registered_at: datetime
    until_at: datetime

    @property
    def until_on(self) -> date:
        """The last day on which it is worth coming."""
        return local_day(self.until_at)


@dataclass(frozen=True, slots=True)
class RegistrationState:
    """What became of a registration, for whoever has its number and knows the birthday."""

    id: int
    registration_no: str
    state: str
    until_at: datetime

    @property
    def until_on(self) -> date:
        """The last day on which it is worth coming."""
        return local_day(self.until_at)


@dataclass(frozen=True, slots=True)
class OfferedService:
    """What one person can do, and when."""

    person_id: int
    service_id: int
    free_times: int
    since_on: date

    @property
    def times(self) -> tuple[str, ...]:
        return times_of(self.free_times)


def waiting_registrations(by: By) -> Select[Any] | None:
    """Registrations that wait for the counter, within the grids of the reader."""
    if not may.COMPLETE.is_held(by):
        return None
    of = registration.c
    rows = waiting_row(
        "registration", of.id, since=of.registered_at, until=of.until_at,
        number=of.registration_no, count=literal(1),
    ).where(of.community_id == by.community_id, of.state == WAITING, of.until_at > NOW)  # fmt: skip
    if may.COMPLETE.is_held_everywhere(by):
        return rows
    grids = [role.place_id for role in by.roles if role.name in may.COMPLETE.roles]
    return rows.where(of.grid_id.in_(grids))


def waiting_list(session: Session, by: By, *, now: datetime) -> list[Registration]:
    """Those that wait for somebody, the oldest first."""
    rows = waiting_registrations(by)
    if rows is None:
        return []
    first = rows.subquery()
    ids = session.scalars(
        select(first.c.id).order_by(first.c.until_at, first.c.id).limit(LISTED_MAX), {"now": now}
    ).all()
    return _registrations(session, by.community_id, ids)


def registration_reached(
    session: Session, by: By, registration_id: int, *, now: datetime
) -> Registration:
    """**Refuses**: ``NotFound`` if it does not wait, or is out of reach."""
    found = _registrations(session, by.community_id, [registration_id])
    if not found or found[0].until_at <= now or not reaches(by, may.COMPLETE, found[0].grid_id):
        raise NotFound(kind="registration")
    return found[0]


def waiting_by_no(session: Session, by: By, registration_no: str, *, now: datetime) -> int:
    """The id of a number on a slip. **Refuses**: ``NotFound``, also out of reach."""
    registration_id = session.scalar(
        select(registration.c.id).where(
            registration.c.community_id == by.community_id,
            registration.c.registration_no == registration_no,
        )
    )
    if registration_id is None:
        raise NotFound(kind="registration")
    return registration_reached(session, by, registration_id, now=now).id


def registration_state(
    session: Session, community_id: int, registration_no: str, birth_on: date, *, now: datetime
) -> RegistrationState:
    """What became of it, until its last day.

    **Refuses**: ``RegistrationUnknown``, which never says what is wrong.
    """
    digests = vault_of(session).digests("registration.birth", birth_on.isoformat())
    row = session.execute(
        select(*(registration.c[name] for name in RegistrationState.__slots__)).where(
            registration.c.community_id == community_id,
            registration.c.registration_no == registration_no,
            registration.c.birth_digest.in_(digests),
            registration.c.until_at > now,
        )
    ).first()
    if row is None:
        raise RegistrationUnknown()
    return RegistrationState(*row)


def sent_since(
    session: Session, community_id: int, *, source: str, browser: str, since: datetime
) -> tuple[int, int, int]:
    """How many one source sent, how many one browser, and how many wait in the community."""
    vault, of = vault_of(session), registration.c
    is_recent = (of.community_id == community_id, of.registered_at > since)
    by_source = of.source_digest.in_(vault.digests("registration.source", source))
    by_browser = of.browser_digest.in_(vault.digests("registration.browser", browser))
    return (
        _count(session, *is_recent, by_source),
        _count(session, *is_recent, by_browser) if browser else 0,
        count_waiting(session, community_id),
    )


def count_waiting(session: Session, community_id: int) -> int:
    """How many wait for the counter."""
    return _count(
        session, registration.c.community_id == community_id, registration.c.state == WAITING
    )


def _count(session: Session, *conditions: Any) -> int:
    rows = select(func.count()).select_from(registration).where(*conditions)
    return session.scalar(rows) or 0


def others_waiting(session: Session, community_id: int, one: Registration) -> int:
    """How many others of the same birthday wait, who may be the same person."""
    digests = vault_of(session).digests("registration.birth", one.birth_on.isoformat())
    return _count(
        session, registration.c.community_id == community_id,
        registration.c.birth_digest.in_(digests), registration.c.id != one.id,
    )  # fmt: skip


def offered_services(session: Session, community_id: int) -> list[OfferedService]:
    """What volunteers said that they can do, by service."""
    rows = session.execute(
        select(*(offered_service.c[name] for name in OfferedService.__slots__))
        .where(offered_service.c.community_id == community_id)
        .order_by(offered_service.c.service_id, offered_service.c.person_id)
    )
    return built(OfferedService, rows)


def _registrations(session: Session, community_id: int, ids: Iterable[int]) -> list[Registration]:
    """Those of some ids that wait, in their order."""
    of, wanted = registration.c, list(ids)
    rows = session.execute(
        select(registration)
        .where(of.community_id == community_id, of.id.in_(wanted), of.state == WAITING)
        .order_by(of.until_at, of.id)
    ).all()
    services = _services_of(session, community_id, [row.id for row in rows])
    vault = vault_to_open(session) if rows else None
    return [_read(vault, row, services.get(row.id, ())) for row in rows if vault is not None]


def _services_of(session: Session, community_id: int, ids: list[int]) -> dict[int, tuple[int, ...]]:
    service_ids: dict[int, tuple[int, ...]] = {}
    of = registration_service.c
    rows = session.execute(
        select(of.registration_id, of.service_id)
        .where(of.community_id == community_id, of.registration_id.in_(ids))
        .order_by(of.service_id)
    )
    for registration_id, service_id in rows:
        service_ids[registration_id] = (*service_ids.get(registration_id, ()), service_id)
    return service_ids


def _read(vault: Vault, row: Any, service_ids: tuple[int, ...]) -> Registration:
    guardian = {"name": "", "phone": ""}
    if row.guardian_sealed is not None:
        guardian = json.loads(vault.open(row.guardian_sealed, "registration.guardian"))
    return Registration(
        id=row.id,
        registration_no=row.registration_no,
        building_id=row.building_id,
        grid_id=row.grid_id,
        name=vault.open(row.name_sealed, "registration.name"),
        birth_on=date.fromisoformat(vault.open(row.birth_sealed, "registration.birth")),
        phone=vault.open(row.phone_sealed, "registration.phone"),
        guardian_name=guardian["name"],
        guardian_phone=guardian["phone"],
        language=row.language,
        is_volunteer=row.is_volunteer,
        times=times_of(row.free_times),
        service_ids=service_ids,
        registered_at=row.registered_at,
        until_at=row.until_at,
    )
