"""Adding up a column month by month, in one statement on either engine."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session


def sums_between(
    session: Session,
    counted: ColumnElement[int],
    when: ColumnElement[Any],
    *,
    starts: Sequence[Any],
    where: ColumnElement[bool],
) -> list[int]:
    """Add up ``counted`` between each start and the next; one number fewer than starts."""
    columns = [
        func.coalesce(func.sum(case(((when >= start) & (when < end), counted), else_=0)), 0)
        for start, end in pairwise(starts)
    ]
    whole = (when >= starts[0]) & (when < starts[-1])
    return [int(count) for count in session.execute(select(*columns).where(where, whole)).one()]
