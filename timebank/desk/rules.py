"""By when a case was promised to be seen to. Pure."""

from datetime import date, datetime, timedelta

from timebank.deeds.working_days import is_working_day, working_day_after
from timebank.values import local_day, local_instant

# The order in which they stand in a filter; a kiosk's reviews are joined in by the page.
KINDS = (
    "record", "shift", "review", "pickup", "intake", "clearing", "cleaning", "kiosk", "shortfall",
)  # fmt: skip

# Working days until somebody should have seen to it. Hours are confirmed within ten days
# (domain.md C.1); the rest is our own default: a claim within three, what stands at the
# counter on the next day.
PROMISED_WORKING_DAYS = {
    "record": 10, "shift": 3, "review": 3, "intake": 1, "clearing": 1, "cleaning": 3,
    "kiosk": 1, "shortfall": 3,
}  # fmt: skip


def promised_until(kind: str, since_at: datetime, until_at: datetime) -> date:
    """Name the last day of a promise; what has its own end keeps it."""
    days = PROMISED_WORKING_DAYS.get(kind)
    if days is None:
        return local_day(until_at)
    return working_day_after(local_day(since_at), days)


def is_late(until_on: date, on: date) -> bool:
    """The last day promised is in time, the next is not."""
    return until_on < on


def aged_before(now: datetime) -> datetime:
    """The instant before which what is in clearing is there for too long.

    What came on a day may stay until the end of the next working day.
    """
    day = local_day(now)
    for _ in range(PROMISED_WORKING_DAYS["clearing"]):
        day -= timedelta(days=1)
        while not is_working_day(day):
            day -= timedelta(days=1)
    return local_instant(day)
