"""Pages of a list by the sort key of the last row that was shown, never by an offset.

A row that is added meanwhile neither hides another one nor shows it twice. The key is a few whole
numbers (instants as microseconds), so that it fits into an address.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, bindparam, tuple_

Cursor = tuple[int, ...]
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Keyset:
    """The sort key of a list; the last column is unique. **Units**: the columns are whole numbers.

    ``name`` distinguishes the parameters of two lists in one statement.
    """

    columns: tuple[ColumnElement[Any], ...]
    is_descending: bool = True
    name: str = "key"

    @property
    def order(self) -> list[ColumnElement[Any]]:
        return [column.desc() if self.is_descending else column.asc() for column in self.columns]

    @property
    def beyond(self) -> ColumnElement[bool]:
        """Match the rows that follow a cursor. The text is constant, also for the first page."""
        row = tuple_(*self.columns)
        last = tuple_(*(bindparam(name, type_=BigInteger) for name in self._names()))
        return row < last if self.is_descending else row > last

    def asked(self, cursor: Cursor | None) -> dict[str, int]:
        """The parameters of ``beyond``; without a cursor the list begins with its first row."""
        first = _LARGEST if self.is_descending else -1
        return dict(zip(self._names(), cursor or (first,) * len(self.columns), strict=True))

    def _names(self) -> list[str]:
        return [f"{self.name}_{place}" for place in range(len(self.columns))]
