"""Goods of the whole community by month, for the open pages: sums only, nobody is named."""

from datetime import date

from sqlalchemy.orm import Session

from timebank.db.months import sums_between
from timebank.goods.tables import deposit
from timebank.values import local_instant, month_start


def accepted_by_month(
    session: Session, community_id: int, until_on: date, *, months: int = 12
) -> list[tuple[date, int]]:
    """Pieces accepted in each month up to the one of ``until_on``, oldest first."""
    starts = [month_start(until_on, back) for back in range(months - 1, -2, -1)]
    pieces = sums_between(
        session,
        deposit.c.accepted_pieces,
        deposit.c.received_at,
        starts=[local_instant(start) for start in starts],
        where=deposit.c.community_id == community_id,
    )
    return list(zip(starts[:-1], pieces, strict=True))
