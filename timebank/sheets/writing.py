"""Write lists as files for office programs: csv, xlsx, or several of them in one file.

The rows come one after another and are never held together, so a list of any length is written
with little memory. Not here: which lists there are, and who may read them.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from timebank.sheets import workbook
from timebank.sheets.workbook import Cell, Workbook, is_formula, legible
from timebank.values import COMMUNITY_ZONE

__all__ = ["CSV", "XLSX", "ZIP", "Cell", "SheetPart", "write"]

CSV, XLSX, ZIP = "csv", "xlsx", "zip"
_NOT_IN_NAME = re.compile(r"[\[\]:*?/\\'\"<>|]")


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPart:
    """One list: the name of its sheet, its headings, and its rows.

    **Shape**: whole numbers are counted and stay numbers; ids and codes are text.
    """

    title: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def write(out: IO[bytes], kind: str, parts: Iterable[SheetPart]) -> dict[str, int]:
    """Write the lists as a file of a kind; return how many rows each sheet has.

    A csv has one list only.
    """
    if kind == XLSX:
        return _write_xlsx(out, parts)
    if kind == ZIP:
        return _write_zip(out, parts)
    (part,) = parts
    return {part.title: _write_csv(out, part)}


def _write_csv(out: IO[bytes], part: SheetPart) -> int:
    """UTF-8 with a byte order mark, by which office programs know it; lines end as they write."""
    text = io.TextIOWrapper(out, "utf-8-sig", newline="", write_through=True)
    lines, count = csv.writer(text, lineterminator="\r\n"), 0
    lines.writerow([_plain(heading) for heading in part.headings])
    for row in part.rows:
        lines.writerow([_plain(cell) for cell in row])
        count += 1
    text.detach()
    return count


def _plain(cell: Cell) -> str:
    """The text of a cell, with a quote before what would be a formula. Numbers need none."""
    if isinstance(cell, str):
        text = legible(cell)
        return f"'{text}" if is_formula(text) else text
    if isinstance(cell, datetime):
        return cell.astimezone(COMMUNITY_ZONE).strftime("%Y-%m-%d %H:%M")
    return "" if cell is None else str(cell)


def _write_zip(out: IO[bytes], parts: Iterable[SheetPart]) -> dict[str, int]:
    counts: dict[str, int] = {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in parts:
            name = _free(part.title, counts)
            with packed.open(f"{name}.csv", "w", force_zip64=True) as file:
                counts[name] = _write_csv(file, part)
    return counts


def _write_xlsx(out: IO[bytes], parts: Iterable[SheetPart]) -> dict[str, int]:
    counts: dict[str, int] = {}
    with Workbook(out) as book:
        for part in parts:
            title = _free(part.title[: workbook.TITLE_MAX - 4], counts)
            counts[title] = book.add(title, part.headings, part.rows)
    return counts


def _free(title: str, taken: Iterable[str]) -> str:
    """A name that no sheet has yet: office programs refuse two of one name."""
    title, small = _NOT_IN_NAME.sub(" ", title).strip(), {name.casefold() for name in taken}
    names = (title, *(f"{title} {number}" for number in range(2, 100)))
    return next(name for name in names if name.casefold() not in small)
