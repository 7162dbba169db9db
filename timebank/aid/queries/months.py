"""What went out to households by month, for the open pages: sums only, nobody is named."""

from datetime import date

from sqlalchemy.orm import Session

from timebank.aid.tables import withdrawal
from timebank.db.months import sums_between
from timebank.values import month_start


def issued_by_month(
    session: Session, community_id: int, until_on: date, *, months: int = 12
) -> list[tuple[date, int]]:
    """Pieces handed out in each month up to the one of ``until_on``, oldest first."""
    starts = [month_start(until_on, back) for back in range(months - 1, -2, -1)]
    handed_out = withdrawal.c.source == "issued"
    pieces = sums_between(
        session,
        withdrawal.c.pieces,
        withdrawal.c.taken_on,
        starts=starts,
        where=(withdrawal.c.community_id == community_id) & handed_out,
    )
    return list(zip(starts[:-1], pieces, strict=True))
