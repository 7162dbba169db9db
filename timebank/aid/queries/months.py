"""Goods issued to households by month, for the public pages: sums only, no names."""

from datetime import date

from sqlalchemy.orm import Session

from timebank.aid.tables import issued_total
from timebank.db.months import read_by_month, sums_by_month

_ISSUED = sums_by_month(issued_total.c.pieces, issued_total.c.taken_on)


def issued_by_month(session: Session, community_id: int, until_on: date) -> list[tuple[date, int]]:
    """Pieces handed over in each of the last twelve months, oldest first."""
    return read_by_month(session, _ISSUED, community_id, until_on=until_on)
