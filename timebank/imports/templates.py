"""The sheet to download for a kind: headings, drop-downs, and a second sheet with examples."""

import io
from typing import Any

from timebank.imports.shapes import SheetColumn, SheetKind

_ROWS = 2000  # Of the first sheet with a drop-down.
_WIDTH = 18
_WORDS = {
    "zh": ("填这里", "例子", "带 * 的列必须填。日期写成 2026-06-10。例子不会被读进去。"),
    "en": ("Fill in here", "Examples",
           "Columns with * are needed. Write days as 2026-06-10. Examples are not read."),
}  # fmt: skip


def template_of(kind: SheetKind, language: str) -> bytes:
    """A workbook to fill in; its cells are text, so that no zero and no digit is lost."""
    # Imported on first use: only whoever downloads a sheet needs it.
    from openpyxl import Workbook

    book: Any = Workbook()
    title, examples, note = _WORDS[language]
    sheet = book.active
    sheet.title = title
    shown = book.create_sheet(examples)
    for at, column in enumerate(kind.columns, start=1):
        _write_heading(sheet, at, column, language)
        _write_heading(shown, at, column, language)
        _add_choices(sheet, at, column, language)
        for row, cell in enumerate(column.examples, start=2):
            shown.cell(row, at, _in_language(column, cell, language))
    shown.cell(len(kind.columns[0].examples) + 3, 1, note)
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def heading(column: SheetColumn, language: str) -> str:
    """The heading of a column in one language."""
    return column.zh if language == "zh" else column.en


def _write_heading(sheet: Any, at: int, column: SheetColumn, language: str) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    star = "*" if column.is_needed else ""
    cell = sheet.cell(1, at, heading(column, language) + star)
    cell.font = Font(bold=True)
    size = sheet.column_dimensions[get_column_letter(at)]
    size.width, size.number_format = _WIDTH, "@"


def _add_choices(sheet: Any, at: int, column: SheetColumn, language: str) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    if not column.choices:
        return
    words = ",".join(word if language == "zh" else en for _code, word, en in column.choices)
    choices = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True)
    letter = get_column_letter(at)
    choices.add(f"{letter}2:{letter}{_ROWS}")
    sheet.add_data_validation(choices)


def _in_language(column: SheetColumn, cell: str, language: str) -> str:
    """An example, with the words of a choice in the language of the sheet."""
    if language == "zh":
        return cell
    return next((en for _code, word, en in column.choices if word == cell), cell)
