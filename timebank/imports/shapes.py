"""What a kind of sheet declares: its columns, how a row is checked, what it books."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from timebank.deeds.deed import Deed
from timebank.sheets.cells import CellUnread, Reader

FAULTS_KEPT = 500
Words = tuple[tuple[str, str, str], ...]  # A code, the Chinese and the English word of it.
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetColumn:
    """One column. ``others`` are more headings by which it is known.

    **Shape**: ``examples`` are the cells of the template, one for each of its rows.
    """

    name: str
    zh: str
    en: str
    read: Reader
    others: tuple[str, ...] = ()
    is_needed: bool = False
    is_private: bool = False  # A fault shows only the ends of the value.
    choices: Words = ()
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CellFault:
    """What is wrong with a cell: its row and field, what stands there, and what was expected."""

    row: int
    field: str
    value: str = dataclasses.field(repr=False)
    expected: str
    most: str = ""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row that was read. **Shape**: ``values`` by the name of the column; empty cells are out."""

    number: int
    values: Mapping[str, Any] = dataclasses.field(repr=False)
    cells: Mapping[str, str] = dataclasses.field(repr=False)

    def get(self, name: str, unless_set: Any = None) -> Any:
        """The value of a cell, or another one if it is empty."""
        return self.values.get(name, unless_set)

    def fault(self, name: str, expected: str, most: str = "") -> CellFault:
        """A fault of one of its cells."""
        value = self.cells.get(name, "")
        return CellFault(row=self.number, field=name, value=value, expected=expected, most=most)


@dataclass(frozen=True, slots=True)
class Made:
    """Something that a row brought: a person, a household, a transaction of the books.

    ``outside_no`` is the number that it had where it comes from.
    """

    kind: str
    id: int
    row: int = 0
    outside_no: str = ""


@dataclass(frozen=True, slots=True)
class Booked:
    """What was booked: each thing, and the sums by which both sides are compared."""

    made: tuple[Made, ...]
    totals: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetKind:
    """A kind of sheet.

    ``check`` finds the faults that a single cell does not show. ``count`` says what the sheet
    would bring. ``book`` writes it all in the caller's unit of work. ``undo`` takes back what was
    made, or refuses with ``SheetBuiltOn``.
    """

    name: str
    columns: tuple[SheetColumn, ...]
    check: Callable[[Deed, Sequence[SheetRow]], Iterable[CellFault]]
    count: Callable[[Sequence[SheetRow]], Mapping[str, int]]
    book: Callable[[Deed, Sequence[SheetRow], Progress], Booked]
    undo: Callable[[Deed, Sequence[Made]], None]
    has_heading: bool = True

    def column(self, name: str) -> SheetColumn:
        return next(column for column in self.columns if column.name == name)


def read_rows(
    kind: SheetKind, rows: Sequence[Sequence[str]], *, first: int, places: Mapping[str, int]
) -> tuple[list[SheetRow], list[CellFault]]:
    """Read the cells of the rows from index ``first`` on; blank rows are left out.

    **Shape**: ``places`` gives the index of each column that the sheet has.
    """
    found: list[SheetRow] = []
    faults: list[CellFault] = []
    readers = [(column, places[column.name]) for column in kind.columns if column.name in places]
    for number, row in enumerate(rows[first:], start=first + 1):
        if any(row):
            found.append(_read_row(readers, row, number, faults))
    return found, faults


def _read_row(
    readers: Iterable[tuple[SheetColumn, int]],
    row: Sequence[str],
    number: int,
    faults: list[CellFault],
) -> SheetRow:
    cells = {column.name: row[at] for column, at in readers if at < len(row) and row[at]}
    values: dict[str, Any] = {}
    read = SheetRow(number, values, cells)
    for column, _at in readers:
        cell = cells.get(column.name)
        if cell is None:
            if column.is_needed:
                faults.append(read.fault(column.name, "needed"))
            continue
        try:
            values[column.name] = column.read(cell)
        except CellUnread as fault:
            faults.append(read.fault(column.name, fault.expected, fault.most))
    return read
