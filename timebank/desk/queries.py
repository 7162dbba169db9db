"""The worklist: everything that waits for one member of staff, oldest promise first.

Each subject declares in one ``Select`` a kind of work that waits. This module joins them in one
statement. The case itself is read from its own subject when somebody opens it.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, bindparam, case, false, func, select, union_all
from sqlalchemy.orm import Session

from timebank.desk.rules import promised_until
from timebank.people.queries import with_names
from timebank.people.rules import mask_name
from timebank.subject import WorkKind
from timebank.values import By

ROWS_MAX = 60  # Rows on one page; whoever has done these sees the next.
STATEMENTS_KEPT = 256  # A statement depends on the roles alone; no row is ever kept.

Part = Select[Any] | None
Kinds = tuple[WorkKind, ...]


class Key(NamedTuple):
    """Names one case on the desk: ``record-123``."""

    kind: str
    id: int

    def __str__(self) -> str:
        return f"{self.kind}-{self.id}"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row of the worklist.

    **Shape**: ``what_zh`` and ``what_en`` name the service or item where there is one;
    ``number`` is a claim's or an announcement's, or the reason of a kiosk's review; ``count``
    is minutes for a record, else pieces.
    """

    kind: str
    id: int
    since_at: datetime
    until_at: datetime
    until_on: date
    person_id: int | None
    masked_name: str | None
    household_no: str | None
    building_no: int | None
    what_zh: str | None
    what_en: str | None
    number: str | None
    count: int

    @property
    def key(self) -> Key:
        return Key(self.kind, self.id)


@dataclass(frozen=True, slots=True)
class Worklist:
    """The rows of one page, and how many wait in all, by kind."""

    rows: list[Waiting]
    counts: dict[str, int]

    def find(self, key: Key) -> Waiting | None:
        """The case of a name, if it waits for this person."""
        return next((one for one in self.rows if one.key == key), None)


def worklist(
    session: Session,
    by: By,
    kinds: Kinds,
    *,
    now: datetime,
    kind: str | None = None,
    key: Key | None = None,
) -> Worklist:
    """List what waits for this person, oldest promise first.

    ``kind`` keeps one kind of work only. The case of ``key`` is included whatever its rank, if
    it waits for this person at all.
    """
    statement = _list_of(by, kinds, kind, key.kind if key else None)
    if statement is None:
        return Worklist([], {})
    values = _values(kinds, now) | {"wanted_id": key.id if key else 0}
    days = {kind.name: kind.promised_days for kind in kinds}
    promised = lru_cache(maxsize=None)(promised_until)
    waiting = [
        _waiting(row, promised(days[row.kind], row.since_at, row.until_at))
        for row in session.execute(statement, values)
    ]
    found = Counter(one.kind for one in waiting)
    is_all = kind is None and max(found.values(), default=0) < ROWS_MAX
    waiting.sort(key=lambda one: (one.until_on, one.since_at, one.id))
    shown = [one for place, one in enumerate(waiting) if place < ROWS_MAX or one.key == key]
    return Worklist(shown, dict(found) if is_all else counts(session, by, kinds, now=now))


def counts(session: Session, by: By, kinds: Kinds, *, now: datetime) -> dict[str, int]:
    """Count what waits for this person, by kind."""
    statement = _counts_of(by, kinds)
    if statement is None:
        return {}
    return {row.kind: row.pieces for row in session.execute(statement, _values(kinds, now))}


def _values(kinds: Kinds, now: datetime) -> dict[str, Any]:
    """Bind the parameters of every kind."""
    values: dict[str, Any] = {"now": now}
    for kind in kinds:
        values |= kind.bind(now)
    return values


@lru_cache(maxsize=STATEMENTS_KEPT)
def _list_of(by: By, kinds: Kinds, listed: str | None, wanted: str | None) -> Part:
    """Write the statement of the list; the wanted case is included whatever its rank."""
    parts = []
    for kind in kinds:
        is_listed, has_case = listed in (None, kind.name), kind.name == wanted
        part = kind.waiting(by) if is_listed or has_case else None
        if part is not None:
            parts.append(_nearest(part, is_listed=is_listed, has_case=has_case))
    if not parts:
        return None
    return with_names(union_all(*parts).subquery(), by.community_id)


@lru_cache(maxsize=STATEMENTS_KEPT)
def _counts_of(by: By, kinds: Kinds) -> Part:
    parts = [part.subquery() for kind in kinds if (part := kind.waiting(by)) is not None]
    if not parts:
        return None
    counted = [
        select(part.c.kind, func.count().label("pieces")).group_by(part.c.kind) for part in parts
    ]
    return select(union_all(*counted).subquery())


def _nearest(part: Select[Any], *, is_listed: bool, has_case: bool) -> Select[Any]:
    """Keep the rows of one kind that are due first: within a kind, those that wait longest."""
    rows = part.subquery()
    is_case = rows.c.id == bindparam("wanted_id") if has_case else false()
    query = select(rows).order_by(rows.c.until_at, rows.c.since_at, rows.c.id)
    if not is_listed:
        query = query.where(is_case)
    elif has_case:
        query = query.order_by(None).order_by(
            case((is_case, 0), else_=1), rows.c.until_at, rows.c.since_at, rows.c.id
        )
    return select(query.limit(ROWS_MAX).subquery())


def _waiting(row: Row[Any], until_on: date) -> Waiting:
    return Waiting(
        kind=row.kind,
        id=row.id,
        since_at=row.since_at,
        until_at=row.until_at,
        until_on=until_on,
        person_id=row.person_id,
        masked_name=mask_name(row.name) if row.name is not None else None,
        household_no=row.household_no,
        building_no=row.building_no,
        what_zh=row.what_zh,
        what_en=row.what_en,
        number=row.number,
        count=row._mapping["count"],
    )
