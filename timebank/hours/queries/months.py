"""Hours of the whole community by month, for the public pages: sums only, no names."""

from datetime import date

from sqlalchemy.orm import Session

from timebank.db.months import read_by_month, sums_by_month
from timebank.hours.tables import served_total

_SERVED = sums_by_month(served_total.c.real_minutes, served_total.c.started_on)


def minutes_by_month(session: Session, community_id: int, until_on: date) -> list[tuple[date, int]]:
    """Real minutes of confirmed sessions in each of the last twelve months, oldest first."""
    return read_by_month(session, _SERVED, community_id, until_on=until_on)
