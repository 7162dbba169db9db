"""The statement of a passbook: hours, donations and goods taken home in one list, by month.

Hours have a running balance; goods have none, because nobody owes goods. The subjects read the
lines, the template words them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from timebank.aid.queries import TakenLine
from timebank.goods.queries import Gift
from timebank.hours.queries import PassbookLine
from timebank.values import local_day, to_us

LINES_A_PAGE = 20


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
    """One page of lines. ``older`` identifies the next page: a sequence number and an instant."""

    months: tuple[Month, ...]
    older: tuple[int, int] | None


def statement(
    lines: Sequence[PassbookLine],
    gifts: Sequence[Gift],
    taken: Sequence[TakenLine],
    *,
    before_us: int | None = None,
) -> Statement:
    """Merge hours and goods into one list; one extra line of hours means that there is more.

    Goods are shown on the page of the hours around them.
    """
    entries = [StatementEntry(line.posted_at, "hours", line) for line in lines[:LINES_A_PAGE]]
    more = len(lines) > LINES_A_PAGE
    oldest = to_us(entries[-1].at) if more else 0
    goods = [StatementEntry(gift.received_at, "gift", gift) for gift in gifts]
    goods += [
        StatementEntry(one.issued_at, "taken", one) for one in taken if one.issued_at is not None
    ]
    entries += [
        one
        for one in goods
        if oldest <= to_us(one.at) and (not before_us or to_us(one.at) < before_us)
    ]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    months = groupby(entries, lambda entry: entry.on.replace(day=1))
    older = (lines[LINES_A_PAGE - 1].seq, oldest) if more else None
    return Statement(tuple(Month(on, tuple(some)) for on, some in months), older)
