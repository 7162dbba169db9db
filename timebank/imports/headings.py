"""Find the heading of a sheet, and which column is which, in either language. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from timebank.imports.shapes import SheetKind
from timebank.typed import joined

HEADING_WITHIN = 20  # Rows at the top, such as titles and notes.
_NOTE = re.compile(r"[（(\[【].*?[)）\]】]")
_MARKS = re.compile(r"[\s*＊:：_\-/、.]+")


def squeezed(heading: str) -> str:
    """A heading without notes in brackets, marks, spaces, capitals and width."""
    text = unicodedata.normalize("NFKC", _NOTE.sub("", joined(heading)))
    return _MARKS.sub("", text).casefold()


def places_in(kind: SheetKind, row: Sequence[str]) -> dict[str, int]:
    """Which columns of the kind a row names as headings; the first of two alike counts."""
    known = {
        squeezed(heading): column.name
        for column in kind.columns
        for heading in (column.zh, column.en, *column.others)
    }
    places: dict[str, int] = {}
    for at, cell in enumerate(row):
        name = known.get(squeezed(cell)) if cell else None
        if name is not None:
            places.setdefault(name, at)
    return places


def heading_of(kind: SheetKind, rows: Sequence[Sequence[str]]) -> int | None:
    """The index of the row that names most columns; None if no row names any."""
    if not kind.has_heading:
        return None
    sizes = [len(places_in(kind, row)) for row in rows[:HEADING_WITHIN]]
    most = max(sizes, default=0)
    return sizes.index(most) if most else None


def missing_from(kind: SheetKind, places: Mapping[str, int]) -> list[str]:
    """The needed columns that the sheet does not have."""
    return [
        column.name for column in kind.columns if column.is_needed and column.name not in places
    ]


def fixed_places(kind: SheetKind) -> dict[str, int]:
    """The places of the columns in a sheet without a heading: the order of the declaration."""
    return {column.name: at for at, column in enumerate(kind.columns)}
