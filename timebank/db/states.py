"""Constants written out in the text of a statement, so that it is planned once.

Where a partial index names a value, as in ``WHERE state = 'open'``, SQLite looks at the parameter
that is compared with the same column, and plans the statement again whenever it is bound. The same
holds for the parameter of a ``LIMIT``. The planning costs up to ten times what the rows cost.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, bindparam, literal_column


def written(value: str | int) -> ColumnElement[Any]:
    """Write a constant of our code, such as a state, into the text. Never what somebody typed."""
    assert isinstance(value, int) or value.replace("_", "").isalnum(), value
    return literal_column(f"'{value}'" if isinstance(value, str) else str(value))


def up_to(name: str = "most") -> ColumnElement[int]:
    """The parameter of a ``LIMIT``; as a sum it does not make SQLite plan again."""
    return bindparam(name, type_=Integer) + literal_column("0", Integer)


def state_among(column: Any, names: Iterable[str]) -> ColumnElement[bool]:
    """Match any of some states.

    As parameters they would hide from the planner that the index of just these rows will do.
    """
    matched: ColumnElement[bool] = column.in_([written(name) for name in names])
    return matched


def state_is(column: Any, name: str, *, of: Iterable[str]) -> ColumnElement[bool]:
    """Match one state, by the partial index of the states ``of``."""
    return and_(state_among(column, of), column == written(name))
