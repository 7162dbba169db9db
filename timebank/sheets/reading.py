"""Read an uploaded sheet, xlsx or csv, into rows of text cells.

Each cell keeps the text that a person sees: nothing is converted. A number that an office program
has rounded keeps its exponent, so that whoever reads the cell can refuse it. Not here: what a
column means (``timebank/imports``).
"""

import codecs
import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree.ElementTree import ParseError

BYTES_MAX = 8 * 1024 * 1024
UNPACKED_MAX = 64 * 1024 * 1024
PARTS_MAX = 500
ROWS_MAX = 30_000
COLUMNS_MAX = 60
CELL_MAX = 2000
# A larger number has lost digits: office programs keep fifteen.
_EXACT_MAX = 10**15
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # An xls file, or an xlsx file with a password.
_ZIP = b"PK\x03\x04"
_DELIMITERS = ("\t", ";", ",")
_LOOKED_AT = 50
_GUESSED = ("utf-16-le", "utf-16-be")  # Any bytes are characters of these: a sheet has lines.
_CONTROL = frozenset(map(chr, (*range(9), 11, *range(14, 32))))

Row = tuple[str, ...]


class SheetUnfit(Exception):
    """The file cannot be read as a sheet: ``why``, and ``facts`` such as the cell."""

    def __init__(self, why: str, **facts: object) -> None:
        super().__init__(why, facts)
        self.why, self.facts = why, facts


def read_sheet(content: bytes) -> tuple[Row, ...]:
    """Read the rows of a sheet; the first is row 1, and a blank row is an empty tuple.

    Raises ``SheetUnfit``: empty, large, old_office, macros, kind, broken, formula, rows, columns,
    cell, encoding.
    """
    if not content.strip():
        raise SheetUnfit("empty")
    if len(content) > BYTES_MAX:
        raise SheetUnfit("large", most_mb=BYTES_MAX // 1024**2)
    if content.startswith(_OLD_OFFICE):
        raise SheetUnfit("old_office")
    rows = _xlsx_rows(content) if content.startswith(_ZIP) else _csv_rows(content)
    kept = tuple(_bounded(rows))
    if not any(kept):
        raise SheetUnfit("empty")
    return kept


def _bounded(rows: Iterable[list[str]]) -> Iterator[Row]:
    """Check the size of each row, and drop the blank cells at its end."""
    for number, row in enumerate(rows, start=1):
        while row and not row[-1].strip():
            row.pop()
        if number > ROWS_MAX:
            raise SheetUnfit("rows", most=ROWS_MAX)
        if len(row) > COLUMNS_MAX:
            raise SheetUnfit("columns", most=COLUMNS_MAX, row=number)
        if any(len(cell) > CELL_MAX for cell in row):
            raise SheetUnfit("cell", most=CELL_MAX, row=number)
        yield tuple(row)


def _xlsx_rows(content: bytes) -> Iterator[list[str]]:
    """The rows of the first worksheet that has any."""
    _check_parts(content)
    # Imported on first use: only whoever uploads a sheet needs it.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # What a file says about its size need not be true.
            rows = _cells_of(sheet)
            blank: list[list[str]] = []
            for row in rows:
                if any(row):
                    yield from (*blank, row)
                    yield from rows
                    return
                blank.append([])
    except (
        InvalidFileException, zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError,
        AttributeError, IndexError, OSError, RuntimeError, NotImplementedError, OverflowError,
    ) as fault:  # fmt: skip
        raise SheetUnfit("broken") from fault


def _cells_of(sheet: Any) -> Iterator[list[str]]:
    rows = sheet.iter_rows(values_only=True, max_col=COLUMNS_MAX + 1)
    for number, values in enumerate(rows, start=1):
        if number > ROWS_MAX + 1:
            return
        yield [_text(value, number, at) for at, value in enumerate(values)]


def _check_parts(content: bytes) -> None:
    """Look at what an archive contains before anything of it is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as fault:
        raise SheetUnfit("broken") from fault
    names = {part.filename for part in parts}
    if any(name.endswith("vbaProject.bin") for name in names):
        raise SheetUnfit("macros")
    if "xl/workbook.xml" not in names:
        raise SheetUnfit("kind")
    if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > UNPACKED_MAX:
        raise SheetUnfit("unpacked", most_mb=UNPACKED_MAX // 1024**2)


def _text(value: Any, row: int, at: int) -> str:
    """What a cell shows. **Refuses** a formula: its result is not in the file for certain."""
    if value is None:
        return ""
    if isinstance(value, str):
        if value.startswith("="):
            raise SheetUnfit("formula", cell=f"{column_letters(at)}{row}")
        return value.strip()
    return _written(value)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime):
        is_day = value.time() == time()
        return value.date().isoformat() if is_day else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02d}"
    raise SheetUnfit("formula", cell="?")  # An array formula or a data table.


def _number(value: float) -> str:
    """A number as it is shown; one that has lost digits keeps its exponent."""
    if abs(value) >= _EXACT_MAX:
        return f"{value:.14E}"
    return str(int(value)) if value == int(value) else repr(value)


def column_letters(at: int) -> str:
    """The name of a column of a sheet: 0 is A, 26 is AA."""
    letters = ""
    while at >= 0:
        at, letter = divmod(at, 26)
        letters = chr(ord("A") + letter) + letters
        at -= 1
    return letters


def _csv_rows(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    delimiter = _delimiter(text)
    csv.field_size_limit(BYTES_MAX)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            yield [cell.strip() for cell in row]
    except csv.Error as fault:
        raise SheetUnfit("broken") from fault


def _decoded(content: bytes) -> str:
    """The text of a csv file: UTF-8 or UTF-16 with or without their marks, or GB18030."""
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _CONTROL.isdisjoint(text) and (encoding not in _GUESSED or "\n" in text):
            return text.removeprefix("\ufeff")
    raise SheetUnfit("encoding")


def _encodings(content: bytes) -> tuple[str, ...]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    head = content[:4096]
    if b"\0" in head:  # Every other byte of the commas and line ends is zero.
        is_little = head[1::2].count(0) >= head[::2].count(0)
        return ("utf-16-le",) if is_little else ("utf-16-be",)
    return ("utf-8-sig", "gb18030")


def _delimiter(text: str) -> str:
    """Choose the delimiter by which most of the first rows have the same number of cells."""
    head = "\n".join(text.splitlines()[:_LOOKED_AT])
    return max(_DELIMITERS, key=lambda mark: _evenness(head, mark))


def _evenness(head: str, delimiter: str) -> tuple[int, int]:
    """How many rows have the usual number of cells, if that is more than one; then how many."""
    try:
        sizes = Counter(
            len(row)
            for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
            if row
        )
    except csv.Error:
        return 0, 0
    many = {size: rows for size, rows in sizes.items() if size > 1}
    if not many:
        return 0, 0
    usual = max(many, key=lambda size: (many[size], size))
    return sum(many.values()), usual
