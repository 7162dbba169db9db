"""Tables whose order stands in the address: ``?sort=name`` and ``?sort=-name``.

For rows that a page has read already. What is read, and how much of it, is the query's.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from flask import request

from web.reader import LazyString

Order = Literal["ascending", "descending"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``sort`` gives what its rows are ordered by (none: it is not sorted).

    ``kind`` is title, text, number, meter or action: how the cell stands; ``ink`` is hours,
    goods or funds where the number belongs to one of the three.
    """

    key: str
    label: str | LazyString
    kind: str = "text"
    sort: Callable[[Any], Any] | None = None
    ink: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows in the order that the reader asked for."""

    columns: tuple[Column, ...]
    rows: list[Any]
    sorted_by: str

    def order_of(self, column: Column) -> Order | None:
        """How the rows stand by this column now."""
        if column.key != self.sorted_by.lstrip("-"):
            return None
        return "descending" if self.sorted_by.startswith("-") else "ascending"

    def address(self, column: Column) -> str:
        """Where the heading leads: the same page by this column, or turned round."""
        turned = "-" if self.order_of(column) == "ascending" else ""
        kept = request.args.to_dict() | {"sort": f"{turned}{column.key}"}
        return f"{request.path}?{urlencode(kept)}"


def table_of(rows: Iterable[Any], columns: Iterable[Column], *, usual: str = "") -> Table:
    """Order rows as the address says, else by ``usual``; an unknown order changes nothing."""
    columns = tuple(columns)
    asked = request.args.get("sort", "")
    sorts = {column.key: column.sort for column in columns if column.sort}
    chosen = asked if asked.lstrip("-") in sorts else usual
    by = sorts.get(chosen.lstrip("-"))
    ordered = sorted(rows, key=by, reverse=chosen.startswith("-")) if by else list(rows)
    return Table(columns, ordered, chosen)
