"""Goods by month: what was accepted and what went out to households."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from timebank.aid.tables import withdrawal
from timebank.goods.tables import deposit
from timebank.values import local_instant


@dataclass(frozen=True, slots=True)
class MonthOfGoods:
    """One month in pieces."""

    month_on: date
    accepted_pieces: int = 0
    issued_pieces: int = 0


def goods_by_month(
    session: Session, community_id: int, until_on: date, *, months: int = 12
) -> list[MonthOfGoods]:
    """The months up to the one of ``until_on``, oldest first; quiet months read as zero."""
    starts = [_month_start(until_on, back) for back in range(months - 1, -2, -1)]
    accepted = _sums(
        session,
        deposit.c.accepted_pieces,
        deposit.c.received_at,
        [local_instant(start) for start in starts],
        deposit.c.community_id == community_id,
    )
    issued = _sums(
        session,
        withdrawal.c.pieces,
        withdrawal.c.taken_on,
        starts,
        (withdrawal.c.community_id == community_id) & (withdrawal.c.source == "issued"),
    )
    return [
        MonthOfGoods(start, *pair)
        for start, *pair in zip(starts[:-1], accepted, issued, strict=True)
    ]


def _sums(
    session: Session,
    counted: ColumnElement[int],
    when: ColumnElement[Any],
    starts: list[Any],
    where: ColumnElement[bool],
) -> list[int]:
    """Add up a column between each start and the next, in one statement."""
    columns = [
        func.coalesce(func.sum(case(((when >= start) & (when < end), counted), else_=0)), 0)
        for start, end in zip(starts[:-1], starts[1:], strict=True)
    ]
    row = session.execute(
        select(*columns).where(where, when >= starts[0], when < starts[-1])
    ).one()
    return [int(count) for count in row]


def _month_start(day: date, back: int) -> date:
    """The first day of the month so many months before; -1 is the next month."""
    count = day.year * 12 + day.month - 1 - back
    return date(count // 12, count % 12 + 1, 1)
