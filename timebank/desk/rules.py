"""The day by which staff have promised to deal with a case. Pure."""

from datetime import date, datetime

from timebank.deeds.working_days import Deadline, WorkingDays
from timebank.values import local_day


def promised_until(
    working_days: int | None, since_at: datetime, until_at: datetime, *, calendar: WorkingDays
) -> Deadline:
    """The last promised day; None means that the case has its own deadline."""
    if working_days is not None:
        return calendar.after(local_day(since_at), working_days)
    until_on = local_day(until_at)
    return Deadline(until_on, calendar.is_provisional(until_on))


def is_late(until_on: date, on: date) -> bool:
    """Tell whether the promised day has passed. On that day itself the case is not late."""
    return until_on < on
