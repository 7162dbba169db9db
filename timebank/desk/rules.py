"""The day by which staff have promised to deal with a case. Pure."""

from datetime import date, datetime

from timebank.deeds.working_days import working_day_after
from timebank.values import local_day


def promised_until(working_days: int | None, since_at: datetime, until_at: datetime) -> date:
    """The last promised day; None means that the case has its own deadline."""
    if working_days is None:
        return local_day(until_at)
    return working_day_after(local_day(since_at), working_days)


def is_late(until_on: date, on: date) -> bool:
    """Tell whether the promised day has passed. On that day itself the case is not late."""
    return until_on < on
