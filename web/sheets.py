"""The sheet of a list: how a subject declares what its list is as a file.

``web/<subject>/sheets.py`` names the headings and yields the rows, by the query of the page and
with the sight of its reader. ``web/exports`` writes the files; no list has a route of its own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from timebank.db import Cursor
from timebank.rights import Right
from timebank.sheets.writing import Cell
from timebank.values import By
from web.wording import Text

AT_ONCE = 500  # Rows that are read in one go.
Entry = TypeVar("Entry")
Row = tuple[Cell, ...]
Asked = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ListSheet:
    """One list. ``page`` is the endpoint that shows it, and ``right`` the one of that page.

    Without a right it is the reader's own. ``kept`` are the parts of the page's address that say
    what of the list is shown; ``whole`` asks for all of it. Whoever must prove themselves again
    for the page does so for the sheet.
    """

    name: str
    title: Text
    page: str
    headings: Sequence[Text]
    rows: Callable[[Session, By, Asked], Iterator[Row]]
    right: Right | None = None
    kept: tuple[str, ...] = ()
    whole: Asked = field(default_factory=dict)
    is_proven: bool = False

    def is_for(self, by: By) -> bool:
        """Tell whether somebody may read the list."""
        return self.right is None or self.right.is_held(by)

    def asked(self, address: Asked) -> dict[str, str]:
        """What an address says of the list."""
        return {name: address[name] for name in self.kept if address.get(name)}


def in_parts(
    read: Callable[[Cursor | None], Sequence[Entry]], key: Callable[[Entry], Any]
) -> Iterator[Entry]:
    """Read a list to its end, some rows at a time."""
    cursor: Cursor | None = None
    while part := read(cursor):
        yield from part
        cursor = key(part[-1])
