"""Reads of communities, of refused deeds, of the audit trail, and of the calendar."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session

from timebank.db import Cursor, Keyset, up_to
from timebank.deeds.tables import audit_line, calendar_day, calendar_year, deed
from timebank.deeds.tables import community as community_table
from timebank.deeds.working_days import BUILT_IN_UNTIL_ON, WorkingDays
from timebank.errors import NotFound
from timebank.values import By, local_day


@dataclass(frozen=True, slots=True)
class Community:
    """A community: its names, and where it is and whom to ask as far as that is known."""

    id: int
    code: str
    name_zh: str
    name_en: str
    street: str | None = None
    division_code: str | None = None
    contact_name: str | None = None
    contact_phone: str | None = None


def communities(session: Session) -> list[Community]:
    """Every community in this database, ordered by code."""
    rows = session.execute(select(community_table).order_by(community_table.c.code))
    return [Community(**row._mapping) for row in rows]


def community_by_code(session: Session, code: str) -> Community | None:
    """The community with a code, or None."""
    row = session.execute(select(community_table).where(community_table.c.code == code)).first()
    return None if row is None else Community(**row._mapping)


def community(session: Session, community_id: int) -> Community:
    """**Refuses**: ``NotFound``."""
    row = session.execute(
        select(community_table).where(community_table.c.id == community_id)
    ).first()
    if row is None:
        raise NotFound(kind="community")
    return Community(**row._mapping)


_REFUSED_AT = (
    select(deed.c.done_at)
    .where(
        deed.c.community_id == bindparam("of_community"),
        deed.c.client == bindparam("of_client"),
        deed.c.refusal_code == bindparam("of_code"),
        deed.c.done_at >= bindparam("since"),
        deed.c.name == bindparam("of_name"),
    )
    .order_by(deed.c.done_at)
)


def refusals_since(
    session: Session, by: By, *, name: str, code: str, since: datetime
) -> list[datetime]:
    """The times at which a sender's deeds were recently refused with a code: for throttles.

    Refusals are stored with their request id, so they survive the rollback of their unit of work.
    """
    wanted = {
        "of_community": by.community_id, "of_client": by.client, "of_code": code,
        "of_name": name, "since": since,
    }  # fmt: skip
    return list(session.scalars(_REFUSED_AT, wanted))


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """What somebody did, when and to whom; ``facts`` as the action wrote them."""

    id: int
    at: datetime
    client: str
    channel: str
    user_id: int | None
    person_id: int | None
    name: str
    subject_kind: str
    subject_id: int | None
    facts: dict[str, Any]


_KEY = Keyset((audit_line.c.at, audit_line.c.id))
_LINES_ABOUT = (
    select(audit_line)
    .where(
        audit_line.c.community_id == bindparam("of_community"),
        audit_line.c.subject_kind == bindparam("of_kind"),
        audit_line.c.subject_id == bindparam("of_subject"),
        audit_line.c.name == bindparam("of_name"),
        func.coalesce(audit_line.c.person_id, 0) != bindparam("not_by"),
        _KEY.beyond,
    )
    .order_by(*_KEY.order)
    .limit(up_to())
)


def lines_about(
    session: Session,
    community_id: int,
    subject: tuple[str, int],
    *,
    name: str,
    limit: int,
    before: Cursor | None = None,
    not_by: int | None = None,
) -> list[AuditLine]:
    """A page of the audit lines of one name about one thing, newest first.

    ``not_by`` leaves out what one person did.
    """
    wanted = {
        "of_community": community_id, "of_kind": subject[0], "of_subject": subject[1],
        "of_name": name, "not_by": not_by or -1, "most": limit,
    }  # fmt: skip
    return [
        audit_line_of(row) for row in session.execute(_LINES_ABOUT, wanted | _KEY.asked(before))
    ]


_LINES_OF_PERSON = (
    select(audit_line)
    .where(
        audit_line.c.community_id == bindparam("of_community"),
        audit_line.c.at >= bindparam("since"),
        audit_line.c.at < bindparam("until"),
        audit_line.c.person_id == bindparam("of_person"),
        audit_line.c.name == bindparam("of_name"),
    )
    .order_by(audit_line.c.at, audit_line.c.id)
)


def lines_of_person(
    session: Session,
    community_id: int,
    person_id: int,
    *,
    name: str,
    between: tuple[datetime, datetime],
) -> list[AuditLine]:
    """The audit lines of one name that a person left from one instant until before another."""
    wanted = {
        "of_community": community_id, "of_person": person_id, "of_name": name,
        "since": between[0], "until": between[1],
    }  # fmt: skip
    return [audit_line_of(row) for row in session.execute(_LINES_OF_PERSON, wanted)]


def audit_line_of(row: Any) -> AuditLine:
    """A row of the audit trail as a value."""
    values = row._mapping
    columns = {name: values[name] for name in AuditLine.__slots__ if name != "facts"}
    return AuditLine(**columns, facts=msgspec.json.decode(row.facts))


def actors_of(
    session: Session, community_id: int, name: str, *, subject_kind: str, subject_id: int
) -> list[tuple[str, int | None]]:
    """Who did something to a subject, as sign-in and person: for rules of two people."""
    rows = session.execute(
        select(audit_line.c.client, audit_line.c.person_id).where(
            audit_line.c.community_id == community_id,
            audit_line.c.subject_kind == subject_kind,
            audit_line.c.subject_id == subject_id,
            audit_line.c.name == name,
        )
    )
    return [(row.client, row.person_id) for row in rows]


_NEWEST = (
    select(func.max(calendar_year.c.id).label("id"))
    .where(calendar_year.c.community_id == bindparam("of_community"))
    .group_by(calendar_year.c.year)
    .subquery()
)
_DAYS = (
    select(calendar_year.c.year, calendar_day.c.day_on, calendar_day.c.is_worked)
    .join(_NEWEST, _NEWEST.c.id == calendar_year.c.id)
    .outerjoin(
        calendar_day,
        and_(
            calendar_day.c.community_id == calendar_year.c.community_id,
            calendar_day.c.calendar_id == calendar_year.c.id,
        ),
    )
    .where(calendar_year.c.community_id == bindparam("of_community"))
)


def working_days(session: Session, community_id: int) -> WorkingDays:
    """Read the calendar of a community; of each year its newest edition counts."""
    rows = session.execute(_DAYS, {"of_community": community_id}).all()
    days: dict[date, bool] = {row.day_on: row.is_worked for row in rows if row.day_on is not None}
    return WorkingDays(frozenset(row.year for row in rows), days)


def days_known_until(
    session: Session, community_id: int, instants: Iterable[datetime | None]
) -> date:
    """The last day of the known calendar; the own years are only read if an instant is later."""
    if all(at is None or local_day(at) <= BUILT_IN_UNTIL_ON for at in instants):
        return BUILT_IN_UNTIL_ON
    return working_days(session, community_id).known_until_on


def calendar_sources(session: Session, community_id: int, ids: Collection[int]) -> dict[int, str]:
    """What some editions of the calendar were taken from."""
    if not ids:
        return {}
    rows = session.execute(
        select(calendar_year.c.id, calendar_year.c.source).where(
            calendar_year.c.community_id == community_id, calendar_year.c.id.in_(ids)
        )
    )
    return {row.id: row.source for row in rows}
