"""The whole audit trail, newest or oldest first, by who did it, what, to whom and when."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from timebank.db import Cursor, Keyset
from timebank.deeds.queries import AuditLine, audit_line_of
from timebank.deeds.tables import audit_line
from timebank.values import to_us

_NEWEST = Keyset((audit_line.c.at, audit_line.c.id))
_OLDEST = Keyset((audit_line.c.at, audit_line.c.id), is_descending=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailWanted:
    """What a reader looks for; a part that is None leaves everything in.

    **Shape**: ``subjects`` maps the kind of a thing to the ids of the things of that kind.
    **Units**: ``since`` is the first instant, ``until`` the first one that is not wanted.
    """

    name: str | None = None
    user_id: int | None = None
    subjects: Mapping[str, Collection[int]] | None = None
    since: datetime | None = None
    until: datetime | None = None
    is_oldest_first: bool = False


def trail(
    session: Session,
    community_id: int,
    wanted: TrailWanted,
    *,
    limit: int,
    before: Cursor | None = None,
) -> list[AuditLine]:
    """A page of the trail of a community; ``before`` is the key of the last line shown."""
    key = _OLDEST if wanted.is_oldest_first else _NEWEST
    statement = _lines(wanted, key).where(audit_line.c.community_id == community_id).limit(limit)
    return [audit_line_of(row) for row in session.execute(statement, key.asked(before))]


def trail_key(line: AuditLine) -> Cursor:
    """The sort key of a line: the cursor of the page that follows it."""
    return to_us(line.at), line.id


def _lines(wanted: TrailWanted, key: Keyset) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = [key.beyond]
    if wanted.name is not None:
        conditions.append(audit_line.c.name == wanted.name)
    if wanted.user_id is not None:
        conditions.append(audit_line.c.user_id == wanted.user_id)
    if wanted.subjects is not None:
        conditions.append(or_(*(_is_about(*pair) for pair in wanted.subjects.items())))
    if wanted.since is not None:
        conditions.append(audit_line.c.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(audit_line.c.at < wanted.until)
    return select(audit_line).where(*conditions).order_by(*key.order)


def _is_about(kind: str, ids: Collection[int]) -> ColumnElement[bool]:
    return and_(audit_line.c.subject_kind == kind, audit_line.c.subject_id.in_(sorted(ids)))
