"""Reads of communities, of refused deeds, and of the audit trail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from timebank.deeds.tables import audit_line, deed
from timebank.deeds.tables import community as community_table
from timebank.errors import NotFound
from timebank.values import By


@dataclass(frozen=True, slots=True)
class Community:
    id: int
    code: str
    name_zh: str
    name_en: str


def communities(session: Session) -> list[Community]:
    """Every community in this database, ordered by code."""
    rows = session.execute(select(community_table).order_by(community_table.c.code))
    return [Community(row.id, row.code, row.name_zh, row.name_en) for row in rows]


def community_by_code(session: Session, code: str) -> Community | None:
    """The community with a code, or None."""
    row = session.execute(select(community_table).where(community_table.c.code == code)).first()
    return None if row is None else Community(row.id, row.code, row.name_zh, row.name_en)


def community(session: Session, community_id: int) -> Community:
    """**Refuses**: ``NotFound``."""
    row = session.execute(
        select(community_table).where(community_table.c.id == community_id)
    ).first()
    if row is None:
        raise NotFound(kind="community")
    return Community(row.id, row.code, row.name_zh, row.name_en)


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
    person_id: int | None
    subject_id: int | None
    facts: dict[str, Any]


def lines_about(
    session: Session, community_id: int, subject: tuple[str, int], *, name: str, limit: int
) -> list[AuditLine]:
    """The audit lines of one name about one thing, newest first."""
    subject_kind, subject_id = subject
    rows = session.execute(
        select(audit_line)
        .where(
            audit_line.c.community_id == community_id,
            audit_line.c.subject_kind == subject_kind,
            audit_line.c.subject_id == subject_id,
            audit_line.c.name == name,
        )
        .order_by(audit_line.c.at.desc(), audit_line.c.id.desc())
        .limit(limit)
    )
    return [_line(row) for row in rows]


def lines_of_person(
    session: Session,
    community_id: int,
    person_id: int,
    *,
    name: str,
    between: tuple[datetime, datetime],
) -> list[AuditLine]:
    """The audit lines of one name that a person left from one instant until before another."""
    rows = session.execute(
        select(audit_line)
        .where(
            audit_line.c.community_id == community_id,
            audit_line.c.at >= between[0],
            audit_line.c.at < between[1],
            audit_line.c.person_id == person_id,
            audit_line.c.name == name,
        )
        .order_by(audit_line.c.at, audit_line.c.id)
    )
    return [_line(row) for row in rows]


def _line(row: Any) -> AuditLine:
    return AuditLine(
        id=row.id,
        at=row.at,
        client=row.client,
        person_id=row.person_id,
        subject_id=row.subject_id,
        facts=msgspec.json.decode(row.facts),
    )


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
