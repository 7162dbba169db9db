"""When a shop is open, and until when pieces are set aside there. Pure.

Not here: who changes the hours (``actions``), and what becomes of a reservation (``aid``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import pairwise

from timebank.values import local_day, local_instant

# So long a shop is open on the day on which a reservation ends. Source: our own proposal.
OPEN_BEFORE_END = timedelta(hours=2)
DAYS_LOOKED_AT_MAX = 400
DAY_MINUTES = 24 * 60
WEEK = 7
SPANS_MAX = 4  # Open hours of one day, with breaks between them.


@dataclass(frozen=True, slots=True, order=True)
class OpenSpan:
    """Open hours within one day. **Units**: minutes since midnight."""

    opens: int
    closes: int


Hours = tuple[OpenSpan, ...]
ALL_DAY: Hours = (OpenSpan(0, DAY_MINUTES),)


def is_possible(hours: Hours) -> bool:
    """Tell whether these can be the hours of one day: in order, and none twice."""
    edges = [edge for span in hours for edge in (span.opens, span.closes)]
    is_rising = all(earlier < other for earlier, other in pairwise(edges))
    return is_rising and (not edges or (edges[0] >= 0 and edges[-1] <= DAY_MINUTES))


def written_hours(hours: Hours) -> str:
    """Write ``09:00-12:00 14:00-17:30``; a closed day is empty."""
    return " ".join(f"{_clock(span.opens)}-{_clock(span.closes)}" for span in hours)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def read_hours(written: str) -> Hours:
    """Read what ``written_hours`` wrote."""
    return tuple(OpenSpan(*map(_minutes, span.split("-"))) for span in written.split())


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


@dataclass(frozen=True)
class ShopHours:
    """The hours of one shop: by weekday from some day on, and for single days.

    A shop without hours is always open, as every shop was before hours were kept.
    **Shape**: ``weeks`` are (first day, hours of Monday to Sunday), the newest last.
    """

    weeks: Sequence[tuple[date, tuple[Hours, ...]]] = ()
    days: Mapping[date, Hours] = field(default_factory=dict)

    @cached_property
    def is_kept(self) -> bool:
        """Tell whether anybody has set the hours."""
        return bool(self.weeks or self.days)

    def hours(self, day: date) -> Hours:
        """The open hours of a day; none if it is closed."""
        if day in self.days:
            return self.days[day]
        return self.week_on(day)[day.weekday()]

    def week_on(self, day: date) -> tuple[Hours, ...]:
        """The hours of Monday to Sunday in force on a day, without single days."""
        found = next((week for since_on, week in reversed(self.weeks) if since_on <= day), None)
        return found or (ALL_DAY,) * WEEK

    def hold_end(self, at: datetime) -> datetime:
        """The end of a reservation that should end at ``at``.

        It is ``at`` itself, or the next instant at which the shop is open and has been so for two
        hours of that day.
        """
        first = local_day(at)
        for ahead in range(DAYS_LOOKED_AT_MAX):
            found = self._open_long_enough(first + timedelta(days=ahead), at)
            if found is not None:
                return found
        return at

    def _open_long_enough(self, day: date, at: datetime) -> datetime | None:
        before = OPEN_BEFORE_END
        if self.hours(day) == ALL_DAY:  # Nobody waits at a closed door here.
            return max(at, local_instant(day))
        for opens, closes in self._instants(day):
            if closes - opens < before:
                before -= closes - opens
                continue
            if at <= closes:
                return max(at, opens + before)
            before = timedelta()
        return None

    def last_open(self, day: date) -> datetime | None:
        """The closing time of the last open day up to ``day``: later nobody can fetch anything.

        A shop that never closes ends the day a minute before midnight, so that the last instant
        is shown with its own day.
        """
        for back in range(DAYS_LOOKED_AT_MAX):
            last = day - timedelta(days=back)
            if self.hours(last):
                closes = min(self.hours(last)[-1].closes, DAY_MINUTES - 1)
                return local_instant(last) + timedelta(minutes=closes)
        return None

    def _instants(self, day: date) -> list[tuple[datetime, datetime]]:
        midnight = local_instant(day)
        return [
            (midnight + timedelta(minutes=span.opens), midnight + timedelta(minutes=span.closes))
            for span in self.hours(day)
        ]
