"""The worklist: everything that waits for one member of staff, oldest promise first.

Each subject declares in one ``Select`` a kind of work that waits. This module joins them in one
statement. The case itself is read from its own subject when somebody opens it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, bindparam, func, select, union_all
from sqlalchemy.orm import Session

from timebank.db import up_to, written
from timebank.deeds.queries import working_days
from timebank.deeds.working_days import WorkingDays
from timebank.desk.rules import promised_until
from timebank.people.queries import with_names
from timebank.people.rules.names import mask_name
from timebank.subject import WorkKind
from timebank.values import By

ROWS_A_PAGE = 20
COUNTED_MAX = 100  # The count of a kind stops here: "99+" says enough, and costs no more.
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
    is minutes for a record, else pieces. ``is_provisional``: the known working days end before
    ``until_on``, so it may still move.
    """

    kind: str
    id: int
    since_at: datetime
    until_at: datetime
    until_on: date
    is_provisional: bool
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
    """The rows of one page, whether more follow, and how many wait in all, by kind.

    ``calendar`` are the working days by which the rows are promised.

    **Shape**: a count of ``COUNTED_MAX`` means that at least so many wait.
    """

    rows: list[Waiting]
    is_more: bool
    counts: dict[str, int]
    calendar: WorkingDays

    def find(self, key: Key) -> Waiting | None:
        """The case of a name, if it waits for this person."""
        return next((row for row in self.rows if row.key == key), None)


class _Rank(NamedTuple):
    """Where a case stands in the list. Within a kind, this is the order of ``_first_due``."""

    until_on: date
    until_at: datetime
    key: Key
    is_provisional: bool


def worklist(
    session: Session,
    by: By,
    kinds: Kinds,
    *,
    now: datetime,
    kind: str | None = None,
    key: Key | None = None,
    page: int = 1,
) -> Worklist:
    """List a page of what waits for this person, oldest promise first.

    ``kind`` keeps one kind of work only. The case of ``key`` is included whatever its rank, if
    it waits for this person at all.
    """
    upto = page * ROWS_A_PAGE
    statement = _list_of(by, kinds, kind, key.kind if key else None)
    calendar = working_days(session, by.community_id)
    asked = values_of(kinds, now, calendar) | {"most": upto + 1, "wanted_id": key.id if key else 0}
    found_rows = () if statement is None else session.execute(statement, asked)
    rows = {Key(row.kind, row.id): row for row in found_rows}
    ranks = [rank for rank in _ranked(kinds, rows, calendar) if kind in (None, rank.key.kind)]
    shown = ranks[upto - ROWS_A_PAGE : upto]
    if key in rows and key not in {rank.key for rank in shown}:
        shown = sorted([*shown, *_ranked(kinds, {key: rows[key]}, calendar)])
    found = Counter(rank.key.kind for rank in ranks)
    unsure = tuple(
        work_kind
        for work_kind in kinds
        if found[work_kind.name] > upto or kind not in (None, work_kind.name)
    )
    known = {name: min(count, COUNTED_MAX) for name, count in found.items() if count <= upto}
    return Worklist(
        rows=[_waiting(rows[rank.key], rank) for rank in shown],
        is_more=len(ranks) > upto,
        counts=known | _counted(session, by, unsure, now, calendar),
        calendar=calendar,
    )


def _ranked(kinds: Kinds, rows: Mapping[Key, Row[Any]], calendar: WorkingDays) -> list[_Rank]:
    days = {kind.name: kind.promised_days for kind in kinds}
    ranks = []
    for key, row in rows.items():
        until = promised_until(days[key.kind], row.since_at, row.until_at, calendar=calendar)
        ranks.append(_Rank(until.on, row.until_at, key, until.is_provisional))
    return sorted(ranks)


def counts(session: Session, by: By, kinds: Kinds, *, now: datetime) -> dict[str, int]:
    """Count what waits for this person, by kind, up to ``COUNTED_MAX`` of each."""
    return _counted(session, by, kinds, now, working_days(session, by.community_id))


def _counted(
    session: Session, by: By, kinds: Kinds, now: datetime, calendar: WorkingDays
) -> dict[str, int]:
    statement = _counts_of(by, kinds)
    if statement is None:
        return {}
    rows = session.execute(statement, values_of(kinds, now, calendar))
    return {row.kind: row.pieces for row in rows if row.pieces}


def values_of(kinds: Kinds, now: datetime, calendar: WorkingDays) -> dict[str, Any]:
    """Bind the parameters of every kind."""
    values: dict[str, Any] = {"now": now}
    for kind in kinds:
        values |= kind.bind(now, calendar)
    return values


@lru_cache(maxsize=STATEMENTS_KEPT)
def _list_of(by: By, kinds: Kinds, listed: str | None, wanted: str | None) -> Part:
    """Write the statement of the list, and of the wanted case, whatever its rank."""
    parts = []
    for kind in kinds:
        is_listed, is_wanted = listed in (None, kind.name), kind.name == wanted
        part = kind.waiting(by) if is_listed or is_wanted else None
        if part is not None and is_listed:
            parts.append(_first_due(part))
        if part is not None and is_wanted:
            rows = part.subquery()
            parts.append(select(rows).where(rows.c.id == bindparam("wanted_id")))
    if not parts:
        return None
    return with_names(union_all(*parts).subquery(), by.community_id)


def _first_due(part: Select[Any]) -> Select[Any]:
    """Keep the rows of one kind that are due first."""
    due, id_ = part.selected_columns["until_at"], part.selected_columns["id"]
    return select(part.order_by(due, id_).limit(up_to()).subquery())


@lru_cache(maxsize=STATEMENTS_KEPT)
def _counts_of(by: By, kinds: Kinds) -> Part:
    """Write the statement of the counts; each ends as soon as it has counted enough."""
    counted = []
    for kind in kinds:
        part = kind.waiting(by)
        if part is not None:
            rows = part.limit(written(COUNTED_MAX)).subquery()
            pieces = func.count().label("pieces")
            counted.append(select(written(kind.name).label("kind"), pieces).select_from(rows))
    return select(union_all(*counted).subquery()) if counted else None


def _waiting(row: Row[Any], rank: _Rank) -> Waiting:
    return Waiting(
        kind=row.kind,
        id=row.id,
        since_at=row.since_at,
        until_at=row.until_at,
        until_on=rank.until_on,
        is_provisional=rank.is_provisional,
        person_id=row.person_id,
        masked_name=mask_name(row.name) if row.name is not None else None,
        household_no=row.household_no,
        building_no=row.building_no,
        what_zh=row.what_zh,
        what_en=row.what_en,
        number=row.number,
        count=row.quantity,
    )
