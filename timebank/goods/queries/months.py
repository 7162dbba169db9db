"""Goods of the whole community by month, for the public pages: sums only, no names."""

from datetime import date

from sqlalchemy.orm import Session

from timebank.db.months import read_by_month, sums_by_month
from timebank.goods.tables import accepted_total
from timebank.values import day_no

_ACCEPTED = sums_by_month(accepted_total.c.pieces, accepted_total.c.received_day_no)


def accepted_by_month(
    session: Session, community_id: int, until_on: date
) -> list[tuple[date, int]]:
    """Pieces accepted in each of the last twelve months, oldest first."""
    return read_by_month(session, _ACCEPTED, community_id, until_on=until_on, bound=day_no)
