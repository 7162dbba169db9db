"""States written out in the text of a statement, so that a partial index serves it."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, literal_column


def state_among(column: Any, names: Iterable[str]) -> ColumnElement[bool]:
    """Match any of some states.

    As parameters they would hide from the planner that the index of just these rows will do.
    """
    matched: ColumnElement[bool] = column.in_([literal_column(f"'{name}'") for name in names])
    return matched


def state_is(column: Any, name: str, *, of: Iterable[str]) -> ColumnElement[bool]:
    """Match one state, by the partial index of the states ``of``."""
    return and_(state_among(column, of), column == name)
