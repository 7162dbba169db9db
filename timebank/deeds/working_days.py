"""Working days: the calendar for deadlines.

The table of public holidays and make-up days ends in some year. Beyond it Monday to Friday count,
so that there is always a deadline.
"""

from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar

_SATURDAY = 5


@lru_cache(maxsize=4096)  # A lookup is slow, and the table never changes while we run.
def is_working_day(day: date) -> bool:
    """Tell whether offices work on a day, public holidays and make-up weekends included."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < _SATURDAY


@lru_cache(maxsize=4096)
def working_day_after(day: date, count: int) -> date:
    """The day on which the ``count``-th working day after ``day`` falls; ``day`` is not counted."""
    found = day
    for _ in range(count):
        found += timedelta(days=1)
        while not is_working_day(found):
            found += timedelta(days=1)
    return found
