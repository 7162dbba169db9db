"""The worklist: everything that waits for one member of staff, oldest promise first.

Each subject says in one ``Select`` what waits; here they are laid under each other in one
statement. The case itself is read from its own subject when somebody opens it.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, bindparam, case, false, func, select, union_all
from sqlalchemy.orm import Session

from timebank.aid.queries import waiting_pickups, waiting_reviews
from timebank.desk.rules import aged_before, promised_until
from timebank.goods.queries import waiting_cleanings, waiting_clearings, waiting_intakes
from timebank.hours.queries import waiting_records, waiting_shifts
from timebank.people.queries import with_names
from timebank.people.rules import mask_name
from timebank.values import By

ROWS_MAX = 60  # Rows on one page; whoever has done these sees the next.
STATEMENTS_KEPT = 256  # A statement depends on the roles alone; no row is ever kept.

Part = Select[Any] | None
# What a subject beside this one brings: its kind, and the function that tells what waits.
Beside = tuple[tuple[str, Callable[[By], Part]], ...]
OWN: Beside = (
    ("record", waiting_records),
    ("shift", waiting_shifts),
    ("review", waiting_reviews),
    ("pickup", waiting_pickups),
    ("intake", waiting_intakes),
    ("clearing", waiting_clearings),
    ("cleaning", waiting_cleanings),
)


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
    *,
    now: datetime,
    kind: str | None = None,
    key: Key | None = None,
    beside: Beside = (),
) -> Worklist:
    """List what waits for this person, oldest promise first.

    The case of ``key`` is in it wherever it stands, if it waits for this person at all.
    ``beside`` brings what subjects beside this one tell in the same columns.
    """
    asked = _list_of(by, OWN + beside, kind, key.kind if key else None)
    if asked is None:
        return Worklist([], {})
    told = {"now": now, "aged_before": aged_before(now), "wanted_id": key.id if key else 0}
    promised = lru_cache(maxsize=None)(promised_until)
    waiting = [_waiting(row, promised) for row in session.execute(asked, told)]
    found = Counter(one.kind for one in waiting)
    is_all = kind is None and max(found.values(), default=0) < ROWS_MAX
    waiting.sort(key=lambda one: (one.until_on, one.since_at, one.id))
    shown = [one for place, one in enumerate(waiting) if place < ROWS_MAX or one.key == key]
    return Worklist(shown, dict(found) if is_all else counts(session, by, now=now, beside=beside))


def counts(session: Session, by: By, *, now: datetime, beside: Beside = ()) -> dict[str, int]:
    """Count what waits for this person, by kind."""
    asked = _counts_of(by, OWN + beside)
    if asked is None:
        return {}
    told = {"now": now, "aged_before": aged_before(now)}
    return {row.kind: row.pieces for row in session.execute(asked, told)}


@lru_cache(maxsize=STATEMENTS_KEPT)
def _list_of(by: By, kinds: Beside, kind: str | None, wanted_kind: str | None) -> Part:
    """Write the statement of the list; the case that is wanted comes whatever its place."""
    parts = []
    for name, tell in kinds:
        told = tell(by) if kind in (None, name) or name == wanted_kind else None
        if told is not None:
            parts.append(
                _nearest(told, is_listed=kind in (None, name), has_case=name == wanted_kind)
            )
    if not parts:
        return None
    return with_names(union_all(*parts).subquery(), by.community_id)


@lru_cache(maxsize=STATEMENTS_KEPT)
def _counts_of(by: By, kinds: Beside) -> Part:
    parts = [told for _, tell in kinds if (told := tell(by)) is not None]
    if not parts:
        return None
    counted = [
        select(told.c.kind, func.count().label("pieces")).group_by(told.c.kind)
        for told in (part.subquery() for part in parts)
    ]
    return select(union_all(*counted).subquery())


def _nearest(part: Select[Any], *, is_listed: bool, has_case: bool) -> Select[Any]:
    """Keep of one kind what is due first; within a kind that is what waits longest."""
    told = part.subquery()
    is_case = told.c.id == bindparam("wanted_id") if has_case else false()
    kept = select(told).order_by(told.c.until_at, told.c.since_at, told.c.id)
    if not is_listed:
        kept = kept.where(is_case)
    elif has_case:
        kept = kept.order_by(None).order_by(
            case((is_case, 0), else_=1), told.c.until_at, told.c.since_at, told.c.id
        )
    return select(kept.limit(ROWS_MAX).subquery())


def _waiting(row: Row[Any], promised: Callable[[str, datetime, datetime], date]) -> Waiting:
    return Waiting(
        row.kind,
        row.id,
        row.since_at,
        row.until_at,
        promised(row.kind, row.since_at, row.until_at),
        row.person_id,
        mask_name(row.name) if row.name is not None else None,
        row.household_no,
        row.building_no,
        row.what_zh,
        row.what_en,
        row.number,
        row._mapping["count"],
    )
