"""Tables sorted by their address: ``?sort=name`` and ``?sort=-name``.

They sort rows that the page has read already; the query decides which rows.
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
    """One column; ``sort`` returns the sort key of a row (None: not sortable).

    ``kind`` is title, text, number, meter or action and sets the alignment. ``ink`` is hours,
    goods or funds if the number belongs to one of the three.
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
        """The current sort order of this column."""
        if column.key != self.sorted_by.lstrip("-"):
            return None
        return "descending" if self.sorted_by.startswith("-") else "ascending"

    def address(self, column: Column) -> str:
        """The link of the heading: the same page sorted by this column, or in reverse."""
        turned = "-" if self.order_of(column) == "ascending" else ""
        kept = request.args.to_dict() | {"sort": f"{turned}{column.key}"}
        return f"{request.script_root}{request.path}?{urlencode(kept)}"


def table_of(rows: Iterable[Any], columns: Iterable[Column], *, usual: str = "") -> Table:
    """Sort rows by the address, otherwise by ``usual``; an unknown order is ignored."""
    columns = tuple(columns)
    asked = request.args.get("sort", "")
    sorts = {column.key: column.sort for column in columns if column.sort}
    chosen = asked if asked.lstrip("-") in sorts else usual
    by = sorts.get(chosen.lstrip("-"))
    ordered = sorted(rows, key=by, reverse=chosen.startswith("-")) if by else list(rows)
    return Table(columns, ordered, chosen)
