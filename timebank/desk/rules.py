"""By when staff should have dealt with a case. Pure."""

from datetime import date, datetime

from timebank.policy.working_days import working_day_after
from timebank.values import local_day


def promised_until(working_days: int | None, since_at: datetime, until_at: datetime) -> date:
    """Name the last day that was promised; None means that the case has its own end."""
    if working_days is None:
        return local_day(until_at)
    return working_day_after(local_day(since_at), working_days)


def is_late(until_on: date, on: date) -> bool:
    """The last day promised is in time, the next is not."""
    return until_on < on
