"""Which entries count in a window of days or months, and when an entry stops counting.

An entry stops counting on its anniversary: what was taken on 2024-06-20 is free again on
2025-06-20 under a window of 12 months. Pure arithmetic on days.
"""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal

from timebank.policy.rules.values import Entry

WindowKind = Literal["calendar_month", "rolling_days", "rolling_months"]
DAYS_MAX, MONTHS_MAX = 36_500, 1_200


def months_after(day: date, months: int) -> date:
    """The same day so many months later; if the month lacks it, the first day of the next one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    if day.day <= monthrange(year, month + 1)[1]:
        return date(year, month + 1, day.day)
    return months_after(date(year, month + 1, 1), 1)


def months_before(day: date, months: int) -> date:
    """The last day that is so many whole months earlier."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < date.min.year:
        return date.min
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_day_outside(kind: WindowKind, length: int, on: date) -> date:
    """The newest day whose entries no longer count on ``on``.

    Entries dated after ``on`` do count: an event that is reported late must not bypass a cap.
    """
    if kind == "calendar_month":
        return on.replace(day=1) - timedelta(days=1) if on > date(1, 1, 31) else date.min
    if kind == "rolling_months":
        return months_before(on, min(length, MONTHS_MAX))
    back = min(length, DAYS_MAX)
    return on - timedelta(days=back) if (on - date.min).days > back else date.min


def free_on(kind: WindowKind, length: int, day: date) -> date:
    """The first day on which an entry of ``day`` no longer counts."""
    if kind == "calendar_month":
        return months_after(day.replace(day=1), 1)
    if kind == "rolling_months":
        return months_after(day, min(length, MONTHS_MAX))
    forward = min(length, DAYS_MAX)
    return day + timedelta(days=forward) if (date.max - day).days > forward else date.max


def pieces_after(entries: Iterable[Entry], outside: date) -> int:
    """Add up the pieces of the entries newer than ``outside``."""
    return sum(pieces for day, pieces in entries if day > outside)
