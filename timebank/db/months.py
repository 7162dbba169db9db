"""Sum a column month by month, in one statement that runs on either engine."""

from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import Session

from timebank.values import month_start

MONTHS = 12


def sums_by_month(counted: ColumnElement[int], when: ColumnElement[Any]) -> Select[Any]:
    """Build the statement that sums ``counted`` for each of twelve months of a community.

    Build it once, for ``read_by_month``, over a kept total by day. Each month is its own subquery:
    a range of the primary key, at most 31 rows however many people there are.
    """
    bounds = [bindparam(f"bound_{number}", type_=when.type) for number in range(MONTHS + 1)]
    own = when.table.c.community_id == bindparam("of_community")
    whole = func.coalesce(func.sum(counted), 0)
    return select(
        *(
            select(whole).where(own, when >= start, when < end).scalar_subquery()
            for start, end in pairwise(bounds)
        )
    )


def read_by_month(
    session: Session,
    sums: Select[Any],
    community_id: int,
    *,
    until_on: date,
    bound: Callable[[date], Any] = lambda on: on,
) -> list[tuple[date, int]]:
    """Return the sums of the months up to the one of ``until_on``, oldest first, by first day.

    ``bound`` converts a day to the type of the column.
    """
    starts = [month_start(until_on, back) for back in range(MONTHS - 1, -2, -1)]
    bounds = {f"bound_{number}": bound(start) for number, start in enumerate(starts)}
    row = session.execute(sums, {"of_community": community_id, **bounds}).one()
    return [(start, int(count)) for start, count in zip(starts[:-1], row, strict=True)]
