"""Working days: the calendar for deadlines. Pure; ``calendars`` reads a community's own table.

The built-in table of public holidays and make-up days ends in some year. A community adds the
following years when they are published. Beyond the known table Monday to Friday count, so that
there is always a deadline, and the deadline says that it is provisional.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

import chinese_calendar
from chinese_calendar.constants import holidays

_SATURDAY = 5
BUILT_IN_UNTIL_ON = date(max(holidays).year, 12, 31)
# So many days before its end the table should be brought up to date. Source: our own proposal;
# the State Council publishes the days of a year in November of the year before.
WARNING_DAYS = 60


class Deadline(NamedTuple):
    """The last day of a deadline; provisional if the table does not reach it yet."""

    on: date
    is_provisional: bool


@lru_cache(maxsize=4096)  # A lookup is slow, and the built-in table never changes while we run.
def _is_built_in_working_day(day: date) -> bool:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return _is_weekday(day)


def _is_weekday(day: date) -> bool:
    return day.weekday() < _SATURDAY


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The calendar of a community: the built-in table, and its own years, which override it.

    ``days`` are the days of the own years that differ from Monday to Friday: True is worked.
    ``counted`` keeps the deadlines that were counted: on a worklist many cases came on one day.
    """

    years: frozenset[int] = frozenset()
    days: Mapping[date, bool] = field(default_factory=dict)
    counted: dict[tuple[date, int], Deadline] = field(
        default_factory=dict, compare=False, repr=False
    )

    def is_working(self, day: date) -> bool:
        """Tell whether offices work on a day, public holidays and make-up weekends included."""
        if day.year in self.years:
            return self.days.get(day, _is_weekday(day))
        return _is_built_in_working_day(day)

    @property
    def known_until_on(self) -> date:
        """The last day of the known table: that of the last year without a gap before it."""
        year = BUILT_IN_UNTIL_ON.year
        while year + 1 in self.years:
            year += 1
        return date(year, 12, 31)

    def is_provisional(self, day: date) -> bool:
        """Tell whether a deadline on this day may still move."""
        return day > self.known_until_on

    def ends_soon(self, on: date) -> bool:
        """Tell whether the table must be brought up to date now."""
        return on + timedelta(days=WARNING_DAYS) >= self.known_until_on

    def after(self, day: date, count: int) -> Deadline:
        """The ``count``-th working day after ``day``, which is not counted itself."""
        if (day, count) not in self.counted:
            found = self._walk(day, count, step=1)
            self.counted[day, count] = Deadline(found, self.is_provisional(found))
        return self.counted[day, count]

    def before(self, day: date, count: int) -> date:
        """The ``count``-th working day before ``day``."""
        return self._walk(day, count, step=-1)

    def _walk(self, day: date, count: int, *, step: int) -> date:
        found = day
        for _ in range(count):
            found += timedelta(days=step)
            while not self.is_working(found):
                found += timedelta(days=step)
        return found


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """The published days of one year: weekdays off, and weekends worked. ``source`` names it."""

    year: int
    source: str
    rests: tuple[date, ...]
    works: tuple[date, ...]

    def days(self) -> Iterator[tuple[date, bool]]:
        """Each day that differs from Monday to Friday, and whether it is worked."""
        yield from ((day, False) for day in self.rests if _is_weekday(day))
        yield from ((day, True) for day in self.works if not _is_weekday(day))

    def fault(self) -> tuple[str, str] | None:
        """The invalid field and why, or None."""
        if not 1990 <= self.year <= 2100:
            return "year", "range"
        if not self.source.strip():
            return "source", "needed"
        for name, days in (("rests", self.rests), ("works", self.works)):
            if any(day.year != self.year for day in days):
                return name, "range"
        # A year has public holidays. Forbids: an empty file that makes them all working days.
        if not self.rests:
            return "rests", "needed"
        if set(self.rests) & set(self.works):
            return "works", "repeated"
        return ("works", "choice") if any(map(_is_weekday, self.works)) else None
