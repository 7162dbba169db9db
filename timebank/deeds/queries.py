"""Reads of communities, of refused deeds, and of what was done to somebody."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, select
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


@dataclass(frozen=True, slots=True)
class DoneTo:
    """A line of the audit trail about one subject: who did it, when, and its facts."""

    at: datetime
    user_id: int | None
    person_id: int | None
    facts: Mapping[str, Any]


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


_DONE_TO = (
    select(audit_line.c.at, audit_line.c.user_id, audit_line.c.person_id, audit_line.c.facts)
    .where(
        audit_line.c.community_id == bindparam("of_community"),
        audit_line.c.subject_kind == bindparam("of_kind"),
        audit_line.c.subject_id == bindparam("of_subject"),
        audit_line.c.name == bindparam("of_name"),
    )
    .order_by(audit_line.c.at.desc(), audit_line.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)


def done_to(
    session: Session, community_id: int, subject: tuple[str, int], *, name: str, limit: int
) -> list[DoneTo]:
    """The audit lines of one name about one subject, newest first.

    **Shape**: ``subject`` is the kind and the id, as in ``audit``.
    """
    told = {
        "of_community": community_id, "of_kind": subject[0], "of_subject": subject[1],
        "of_name": name, "most": limit,
    }  # fmt: skip
    rows = session.execute(_DONE_TO, told)
    return [DoneTo(row.at, row.user_id, row.person_id, json.loads(row.facts)) for row in rows]
