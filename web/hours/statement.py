"""The statement of a passbook: hours, donations and goods taken home in one list, by month.

Hours have a running balance; goods have none, because nobody owes goods. The subjects read the
lines, the template words them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from heapq import merge
from itertools import groupby
from typing import Any

from timebank.aid.queries import TakenLine
from timebank.db import Cursor
from timebank.goods.queries import Gift
from timebank.hours.queries import PassbookLine
from timebank.values import local_day, to_us
from web.reading import LARGEST_ID

LINES_A_PAGE = 20
CURSOR_SIZE = 5  # A sequence number, and an instant and an id for gifts and for goods taken.


@dataclass(frozen=True, slots=True)
class StatementPlace:
    """How far each of the three lists was shown: each is read on by its own key."""

    seq: int = LARGEST_ID
    gift: tuple[int, int] = (LARGEST_ID, LARGEST_ID)
    taken: tuple[int, int] = (LARGEST_ID, LARGEST_ID)

    @classmethod
    def of(cls, cursor: Cursor | None) -> "StatementPlace":
        """The place of an address; without one the newest line."""
        seq, *goods = cursor or (LARGEST_ID,) * CURSOR_SIZE
        return cls(seq, (goods[0], goods[1]), (goods[2], goods[3]))

    @property
    def cursor(self) -> Cursor:
        return (self.seq, *self.gift, *self.taken)

    def at_most(self, other: "StatementPlace") -> "StatementPlace":
        """This place, or the other where that is older."""
        return StatementPlace(
            min(self.seq, other.seq), min(self.gift, other.gift), min(self.taken, other.taken)
        )

    def after(self, entries: Sequence["StatementEntry"]) -> "StatementPlace":
        """The place behind some entries, of which the last of each kind counts."""
        last = {entry.kind: entry for entry in entries}
        return StatementPlace(
            last["hours"].told.seq if "hours" in last else self.seq,
            _key(last["gift"], "deposit_id") if "gift" in last else self.gift,
            _key(last["taken"], "claim_id") if "taken" in last else self.taken,
        )


def _key(entry: "StatementEntry", id_: str) -> tuple[int, int]:
    return to_us(entry.at), getattr(entry.told, id_)


@dataclass(frozen=True, slots=True)
class StatementEntry:
    """One line: ``kind`` is hours, gift or taken, ``told`` the subject's value."""

    at: datetime
    kind: str
    told: Any

    @property
    def on(self) -> date:
        return local_day(self.at)


@dataclass(frozen=True, slots=True)
class Month:
    """The lines of one month, newest first."""

    month_on: date
    entries: tuple[StatementEntry, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One page of lines. ``older`` is the place of the next page; None on the last."""

    months: tuple[Month, ...]
    older: StatementPlace | None


def statement(
    lines: Sequence[PassbookLine],
    gifts: Sequence[Gift],
    taken: Sequence[TakenLine],
    *,
    at: StatementPlace,
) -> Statement:
    """Merge hours and goods into one page; an extra line of any of them means that there is more.

    Each list stays in its own order, so a line is on exactly one page.
    """
    hours = [StatementEntry(line.posted_at, "hours", line) for line in lines]
    given = [StatementEntry(gift.received_at, "gift", gift) for gift in gifts]
    fetched = [
        StatementEntry(claim.issued_at, "taken", claim)
        for claim in taken
        if claim.issued_at is not None
    ]
    entries = list(merge(hours, given, fetched, key=lambda one: one.at, reverse=True))
    shown = entries[:LINES_A_PAGE]
    months = groupby(shown, lambda entry: entry.on.replace(day=1))
    older = at.after(shown) if len(entries) > LINES_A_PAGE else None
    return Statement(tuple(Month(on, tuple(some)) for on, some in months), older)
