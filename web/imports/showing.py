"""What the pages of a batch show: its sums and its faults, in the reader's language."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from timebank.imports.queries import ImportBatch
from timebank.imports.shapes import CellFault, SheetKind
from timebank.imports.staged import StagedSheet
from timebank.imports.templates import heading
from web import formats
from web.imports.words import KIND_WORDS, TOTAL_WORDS, expected_word
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l

FAULTS_SHOWN = 200
ROWS_SHOWN = 8
_VALUE_LETTERS = 60


@dataclass(frozen=True, slots=True)
class FaultShown:
    """One fault for people: what stands in the cell is cut short, and masked if it is private."""

    row: int
    field: str
    value: str = dataclasses.field(repr=False)
    expected: str


def faults_shown(kind: SheetKind, faults: Sequence[CellFault]) -> list[FaultShown]:
    """The first faults of a sheet."""
    shown = []
    for fault in faults[:FAULTS_SHOWN]:
        column = kind.column(fault.field)
        value = _masked(fault.value) if column.is_private else fault.value[:_VALUE_LETTERS]
        shown.append(
            FaultShown(fault.row, heading(column, language()), value, expected_word(fault))
        )
    return shown


def _masked(value: str) -> str:
    """The first and the last two characters: enough to find the cell."""
    return value if len(value) <= 4 else f"{value[:2]}…{value[-2:]}"


def totals_shown(batch: ImportBatch) -> list[tuple[str, str]]:
    """The counts of a batch, each with its word."""
    lang = language()
    return [
        (str(TOTAL_WORDS[name]), _amount(name, count, lang)) for name, count in batch.totals.items()
    ]


def _amount(name: str, count: int, lang: str) -> str:
    if name.endswith("minutes"):
        return formats.minutes(count, lang)
    return formats.fen(count, lang) if name.endswith("fen") else formats.number(count, lang)


_SIGNED = (("booked", _l("谁签字")), ("undo_asked", _l("谁要求退回")), ("undone", _l("谁签字退回")))


def batch_rows(batch: ImportBatch, sheet: StagedSheet | None) -> list[tuple[str, str]]:
    """What a batch is, what it brings, and who took part."""
    lang = language()
    named = [] if sheet is None or not sheet.file_name else [(_("文件"), sheet.file_name)]
    return [
        (_("种类"), str(KIND_WORDS[batch.kind][0])),
        *named,
        (_("谁上传"), _who(batch, "staged")),
        (_("有几行"), formats.number(batch.row_count, lang)),
        *totals_shown(batch),
        *((str(word), _who(batch, step)) for step, word in _SIGNED if step in batch.at),
    ]


def _who(batch: ImportBatch, step: str) -> str:
    return f"{batch.by[step]} · {formats.full_moment(batch.at[step], language())}"


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a sheet as they will be read. **Shape**: ``rows`` are (number, cells)."""

    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...] = dataclasses.field(repr=False)


def preview_of(kind: SheetKind, sheet: StagedSheet | None) -> Preview | None:
    """Show what somebody signs: the columns that the sheet has, and its first rows."""
    if sheet is None or not sheet.places:
        return None
    used = [(column, sheet.places[column.name]) for column in kind.columns
            if column.name in sheet.places]  # fmt: skip
    numbered = enumerate(sheet.rows[sheet.first :], start=sheet.first + 1)
    some = islice(((number, row) for number, row in numbered if any(row)), ROWS_SHOWN)
    return Preview(
        tuple(heading(column, language()) for column, _at in used),
        tuple(
            (number, tuple(_cell(row, at, is_private=column.is_private) for column, at in used))
            for number, row in some
        ),
    )


def _cell(row: Sequence[str], at: int, *, is_private: bool) -> str:
    cell = row[at] if at < len(row) else ""
    return _masked(cell) if is_private else cell[:_VALUE_LETTERS]
