"""Rules of a count: what it may contain, and how it compares with the books. Pure.

A count is compared with the books at the time it is taken. The difference is posted when the day
is closed, so movements in between are preserved.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from timebank.closing.refusals import CountOutdated
from timebank.errors import BadInput
from timebank.goods.rules import EIGHT_TENTHS, NEW, NINE_TENTHS
from timebank.values import local_day

OPEN, COUNTED, CLOSED = "open", "counted", "closed"
NOT_OPEN = "not_open"

LOST, DAMAGED, FOUND, MISCOUNTED, OTHER = "lost", "damaged", "found", "miscounted", "other"
SHORT_REASONS = (LOST, DAMAGED, MISCOUNTED, OTHER)
OVER_REASONS = (FOUND, MISCOUNTED, OTHER)
REASONS = (LOST, DAMAGED, FOUND, MISCOUNTED, OTHER)

LINES_MAX = 2000  # Lots of one count.
COUNTED_MAX = 99_999  # Pieces of one lot. Source: our own default, far above any shelf.
FEN_MAX = 10_000_000_00  # Ten million yuan in a till is a typing error.
NOTE_MAX = 200
FOUND_CONDITIONS = (NEW, NINE_TENTHS, EIGHT_TENTHS)  # Worse ones are not put on the shelf.

# The books count the signed sheets of each store. The request key of such a transaction is the
# digest of the sheet. The key is part of the leaf, so the digest is sealed.
CLOSE_DAY = "close_day"
SIGNING, SIGNED = "signing", "signed"  # Kinds of account: source of sheets, sheets of a store.


@dataclass(frozen=True, slots=True)
class Counted:
    """The number counted of one lot, or in the till.

    ``seen`` is the number in the books when the counter compared. ``condition`` and
    ``best_before_on`` describe an item of which the books have none. **Units**: pieces; fen for
    the till.
    """

    id: int
    counted: int
    seen: int
    reason: str | None = None
    note: str = ""
    condition: str = "new"
    best_before_on: date | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Pieces of an item that were counted where the books have none of it."""

    item_id: int
    counted: int
    condition: str
    best_before_on: date | None
    reason: str
    note: str


@dataclass(frozen=True, slots=True)
class Judged:
    """One line of a count with its difference from the books."""

    id: int
    expected: int
    counted: int
    difference: int
    reason: str | None
    note: str


def judge_count(
    lines: Iterable[Counted], books: Mapping[int, int], *, is_till: bool = False
) -> list[Judged]:
    """Compare a count with the books; each difference needs a reason.

    **Refuses**: ``BadInput`` for an impossible number, reason or note; ``CountOutdated`` if the
    books have changed since the counter compared.
    """
    listed = list(lines)
    if len(listed) > LINES_MAX:
        raise BadInput(field="lines", why="count")
    if len({line.id for line in listed}) != len(listed):
        raise BadInput(field="lines", why="repeated")
    return [_judge(line, books, is_till=is_till) for line in listed]


def _judge(line: Counted, books: Mapping[int, int], *, is_till: bool) -> Judged:
    most = FEN_MAX if is_till else COUNTED_MAX
    if type(line.counted) is not int or not 0 <= line.counted <= most:
        raise BadInput(field="counted", why="range", line=line.id)
    expected = books.get(line.id)
    if expected is None or expected != line.seen:
        # Goods moved between the comparison and the submit.
        raise outdated(line.id, line.seen, expected or 0, is_till=is_till)
    difference = line.counted - expected
    note = line.note.strip()[:NOTE_MAX]
    if not difference:
        return Judged(
            id=line.id, expected=expected, counted=line.counted, difference=0, reason=None, note=""
        )
    check_reason(difference, line.reason, note, line=line.id)
    return Judged(
        id=line.id,
        expected=expected,
        counted=line.counted,
        difference=difference,
        reason=line.reason,
        note=note,
    )


def judge_found(line: Counted, *, is_food: bool) -> Found | None:
    """Judge the count of an item of which the books have none; None if none was counted.

    **Refuses**: ``BadInput``, also for food without its last day; ``CountOutdated`` if the books
    had some when the counter compared.
    """
    judged = _judge(line, {line.id: 0}, is_till=False)
    if judged.reason is None:
        return None
    if line.condition not in FOUND_CONDITIONS:
        raise BadInput(field="condition", why="choice", line=line.id)
    if is_food and line.best_before_on is None:
        raise BadInput(field="best_before_on", why="needed", line=line.id)
    return Found(
        item_id=line.id,
        counted=judged.counted,
        condition=line.condition,
        best_before_on=line.best_before_on,
        reason=judged.reason,
        note=judged.note,
    )


def outdated(line_id: int, was: int, is_now: int, *, is_till: bool = False) -> CountOutdated:
    """Build the refusal of an outdated count. **Units**: pieces; fen for the till."""
    if not is_till:
        return CountOutdated(line=line_id, was=was, is_now=is_now)
    moved_fen = {"paid_fen": was - is_now} if is_now < was else {"taken_fen": is_now - was}
    return CountOutdated(line=line_id, is_now_fen=is_now, **moved_fen)


@dataclass(frozen=True, slots=True)
class LotHeld:
    """A lot in the books: pieces on hand, and how many of them are not reserved."""

    id: int
    on_hand: int
    free: int


def spread(item: Judged, lots: Sequence[LotHeld]) -> list[Judged]:
    """Spread the count of an item over its lots, given in the order in which they are issued.

    Nobody can see which lot a missing piece belongs to. Missing pieces are taken from the lots
    that are issued first, unreserved pieces before reserved ones. Extra pieces are added to the
    last lot.
    """
    changes = dict.fromkeys((lot.id for lot in lots), 0)
    if item.difference > 0:
        changes[lots[-1].id] = item.difference
    short = max(-item.difference, 0)
    for limit in ("free", "on_hand"):
        for lot in lots:
            taken = min(short, getattr(lot, limit) + changes[lot.id])
            taken = max(taken, 0)
            changes[lot.id] -= taken
            short -= taken
    return [_share(item, lot, changes[lot.id]) for lot in lots]


def _share(item: Judged, lot: LotHeld, change: int) -> Judged:
    return Judged(
        id=lot.id,
        expected=lot.on_hand,
        counted=lot.on_hand + change,
        difference=change,
        reason=item.reason if change else None,
        note=item.note if change else "",
    )


def check_reason(difference: int, reason: str | None, note: str, *, line: int) -> None:
    """Check that a difference has a reason that fits it.

    **Refuses**: ``BadInput`` for *found* where pieces are missing, or *other* without a note.
    """
    if not reason:
        raise BadInput(field="reason", why="needed", line=line)
    if reason not in (SHORT_REASONS if difference < 0 else OVER_REASONS):
        raise BadInput(field="reason", why="choice", line=line)
    if reason == OTHER and not note:
        raise BadInput(field="note", why="needed", line=line)


@dataclass(frozen=True, slots=True)
class KioskDay:
    """Deposits that a kiosk took on one day and nobody has checked yet. It must return to zero."""

    device_id: int
    day: date
    deposits: int
    pieces: int


def kiosk_days(waiting: Iterable[tuple[int, datetime, int]]) -> list[KioskDay]:
    """Add up the deposits in clearing by kiosk and local day, oldest day first.

    **Shape**: each deposit is (kiosk, since when, pieces).
    """
    days: dict[tuple[date, int], list[int]] = {}
    for device_id, since_at, pieces in waiting:
        days.setdefault((local_day(since_at), device_id), []).append(pieces)
    return [
        KioskDay(device_id, day, len(some), sum(some))
        for (day, device_id), some in sorted(days.items())
    ]


Signer = tuple[str, int | None]  # The client that signed in, and the id of the person.


def is_same(one: Signer, other: Signer) -> bool:
    """Tell whether two signers are the same person, even under two sign-ins."""
    return one[0] == other[0] or (one[1] is not None and one[1] == other[1])


def sheet_text(sheet: Mapping[str, Any]) -> str:
    """Encode a sheet in the canonical form that its digest is computed from."""
    return msgspec.json.encode(sheet, order="sorted").decode()


def digest_of(text: str) -> str:
    """The SHA-256 of a sheet, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def short_digest(digest: str) -> str:
    """The first sixteen digits in groups of four, to compare by eye."""
    return " ".join(digest[at : at + 4] for at in range(0, 16, 4))


@dataclass(frozen=True, slots=True)
class Moved:
    """How an account moved in a day: ``closing`` is ``opening + in - out + variance``."""

    opening: int
    came_in: int
    went_out: int
    variance: int
    closing: int


def moved(before: tuple[int, int], after: tuple[int, int], variance: int) -> Moved:
    """Compute the movement between two readings of an account's counters.

    **Shape**: a reading is (total in, total out) since the account was opened. ``variance`` was
    posted between them and is reported separately.
    """
    came_in = after[0] - before[0] - max(variance, 0)
    went_out = after[1] - before[1] - max(-variance, 0)
    return Moved(
        opening=before[0] - before[1],
        came_in=came_in,
        went_out=went_out,
        variance=variance,
        closing=after[0] - after[1],
    )
