"""Long lists, one page after another: the address holds the sort key of the last row shown.

Nothing is skipped or shown twice when a row is added meanwhile, and Back works. What the list is
about comes from the sign-in and from the path of the page, never from the cursor.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from timebank.db import Cursor
from web.reading import read_number

Row = TypeVar("Row")
PAGES_MAX = 999


@dataclass(frozen=True, slots=True)
class Listed(Generic[Row]):
    """One page of a list. ``more`` is the cursor of the next page as text; empty on the last."""

    rows: Sequence[Row]
    more: str
    is_first: bool


def read_cursor(typed: str | None, size: int) -> Cursor | None:
    """Parse the ``size`` numbers of a cursor; None for an address that was changed."""
    numbers = [read_number(part) for part in (typed or "").split(".")[: size + 1]]
    whole = tuple(number for number in numbers if number is not None)
    return whole if len(whole) == len(numbers) == size else None


def write_cursor(cursor: Cursor) -> str:
    return ".".join(map(str, cursor))


def listed(
    found: Sequence[Row], most: int, key: Callable[[Row], Cursor], *, at: Cursor | None
) -> Listed[Row]:
    """Cut a page from what was read: one row more than is shown says that there is more."""
    rows = found[:most]
    more = write_cursor(key(rows[-1])) if len(found) > most else ""
    return Listed(rows, more, at is None)


def page_of(rows: Sequence[Row], most: int, query: Mapping[str, str]) -> Listed[Row]:
    """Cut the page that an address asks for from rows that were all read already."""
    return numbered(rows, most, read_number(query.get("page"), most=PAGES_MAX) or 1)


def numbered(rows: Sequence[Row], most: int, number: int) -> Listed[Row]:
    """Cut a page from rows that were all read and sorted already; ``more`` is its next number."""
    start = (number - 1) * most
    more = str(number + 1) if len(rows) > start + most else ""
    return Listed(rows[start : start + most], more, number == 1)
