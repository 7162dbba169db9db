"""Build values from rows by the names of their columns, worked out once for each statement."""

from collections.abc import Callable
from functools import lru_cache
from inspect import signature
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Result

T = TypeVar("T")


def built(kind: Callable[..., T], rows: Result[Any]) -> list[T]:
    """Build one value of each row; each column gives the field of its name.

    Raises ``TypeError`` if a column has no field, or a field without a default no column.
    """
    make: Callable[..., T] = _maker(kind, tuple(rows.keys()))
    return [make(*row) for row in rows]


@lru_cache(maxsize=512)
def _maker(kind: Callable[..., Any], names: tuple[str, ...]) -> Callable[..., Any]:
    """Return the class itself if the columns stand in the order of its fields.

    ``**row`` would look up every name of every row again, and costs twice as much.
    """
    fields = tuple(signature(kind).parameters)
    if names == fields[: len(names)]:
        return kind
    if len(names) > 1 and sorted(names) == sorted(fields[: len(names)]):
        in_order = itemgetter(*(names.index(field) for field in fields[: len(names)]))
        return lambda *row: kind(*in_order(row))
    return lambda *row: kind(**dict(zip(names, row, strict=True)))
