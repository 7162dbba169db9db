"""The format xlsx (ECMA-376), as much of it as plain lists need.

It is written row by row into the file: openpyxl needs fifteen times as long for the same rows.
Text is always text, so that nothing is run as a formula and an id keeps its zeros.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from types import TracebackType
from typing import IO, Self
from xml.sax.saxutils import escape, quoteattr

from timebank.values import COMMUNITY_ZONE

Cell = str | int | Decimal | date | datetime | None

# An office program runs a cell of text that begins with one of these as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
ROWS_MAX = 1_048_576  # Of a sheet; a longer list goes on in a second one.
TEXT_MAX, TITLE_MAX = 32_767, 31
EXACT_MAX = 10**15  # Office programs keep fifteen digits of a number.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FIRST_ON, _KNOWN_FROM = date(1899, 12, 30), date(1900, 3, 1)  # How days are counted.
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKED = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# The styles by their place in ``_STYLES``. A quoted text stays text when somebody edits its cell.
_TEXT, _QUOTED, _DAY, _MOMENT, _BOLD = range(1, 6)
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="2">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="6"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"'
    ' quotePrefix="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"'
    ' applyFont="1"/></cellXfs><cellStyles count="1">'
    '<cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def is_formula(text: str) -> bool:
    """Tell whether an office program would run a text."""
    return text.startswith(FORMULA)


def legible(text: str) -> str:
    """A text without the control characters that no sheet may hold."""
    return _ILLEGAL.sub("", text)


class Workbook:
    """A file in which sheets are written one after the other; it is whole when it is closed."""

    def __init__(self, out: IO[bytes]) -> None:
        self._packed = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=4)
        self._titles: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        if fault is None:
            self._close()
        self._packed.close()

    def add(self, title: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
        """Write a list, in several sheets if it is too long for one; return how many rows."""
        count, left = 0, iter(rows)
        for number in range(1, 1000):
            written = self._sheet(title if number == 1 else f"{title} {number}", headings, left)
            count += written
            if written < ROWS_MAX - 1:
                break
        return count

    def _sheet(self, title: str, headings: Sequence[str], rows: Iterator[Sequence[Cell]]) -> int:
        self._titles.append(title)
        count = 0
        path = f"xl/worksheets/sheet{len(self._titles)}.xml"
        with self._packed.open(path, "w", force_zip64=True) as file:
            file.write(
                f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
                '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
                '</sheetView></sheetViews><cols><col min="1" max="64" width="18"'
                ' customWidth="1"/></cols><sheetData>'.encode()
            )
            heads = (_text(heading, _BOLD) for heading in headings)
            file.write(f"<row>{''.join(heads)}</row>".encode())
            for row in islice(rows, ROWS_MAX - 1):
                file.write(f"<row>{''.join(map(_cell, row))}</row>".encode())
                count += 1
            file.write(b"</sheetData></worksheet>")
        return count

    def _close(self) -> None:
        """Write what names the sheets; they are known now."""
        numbers = range(1, len(self._titles) + 1)
        sheets = "".join(
            f'<sheet name={quoteattr(title)} sheetId="{number}" r:id="rId{number}"/>'
            for number, title in zip(numbers, self._titles, strict=True)
        )
        links = "".join(
            f'<Relationship Id="rId{number}" Type="{_LINKS}/worksheet"'
            f' Target="worksheets/sheet{number}.xml"/>'
            for number in numbers
        )
        kinds = "".join(
            f'<Override PartName="/xl/worksheets/sheet{number}.xml"'
            f' ContentType="{_TYPE}.worksheet+xml"/>'
            for number in numbers
        )
        self._put("xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}">'
                  f"<sheets>{sheets}</sheets></workbook>")  # fmt: skip
        self._put("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{_PACKED}/relationships">'
                  f'{links}<Relationship Id="rId0" Type="{_LINKS}/styles" Target="styles.xml"/>'
                  "</Relationships>")  # fmt: skip
        self._packed.writestr("xl/styles.xml", _STYLES)
        self._put("_rels/.rels", f'<Relationships xmlns="{_PACKED}/relationships">'
                  f'<Relationship Id="rId1" Type="{_LINKS}/officeDocument"'
                  ' Target="xl/workbook.xml"/></Relationships>')  # fmt: skip
        self._put("[Content_Types].xml", f'<Types xmlns="{_PACKED}/content-types">'
                  '<Default Extension="rels" ContentType='
                  '"application/vnd.openxmlformats-package.relationships+xml"/>'
                  '<Default Extension="xml" ContentType="application/xml"/>'
                  '<Override PartName="/xl/workbook.xml"'
                  f' ContentType="{_TYPE}.sheet.main+xml"/>'
                  f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
                  f"{kinds}</Types>")  # fmt: skip

    def _put(self, path: str, text: str) -> None:
        self._packed.writestr(path, f"{_HEAD}{text}")


def _cell(value: Cell) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, int):
        is_exact = abs(value) < EXACT_MAX
        return f"<c><v>{int(value)}</v></c>" if is_exact else _text(str(value), _TEXT)
    if isinstance(value, Decimal):
        return f"<c><v>{value}</v></c>"
    if isinstance(value, datetime):
        local = value.astimezone(COMMUNITY_ZONE)
        day = (local.date() - _FIRST_ON).days + (local.hour * 60 + local.minute) / 1440
        return f'<c s="{_MOMENT}"><v>{day!r}</v></c>'
    if isinstance(value, date):
        if value < _KNOWN_FROM:
            return _text(value.isoformat(), _TEXT)
        return f'<c s="{_DAY}"><v>{(value - _FIRST_ON).days}</v></c>'
    return _text(value, _QUOTED if is_formula(value) else _TEXT)


def _text(value: str, style: int) -> str:
    text = escape(legible(value)[:TEXT_MAX], {"\r": "&#13;"})
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
