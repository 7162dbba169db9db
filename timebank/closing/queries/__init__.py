"""Reads of closing: the state of a day, the content of its sheet, and the proof of sheets."""

from timebank.closing.queries.days import (
    CASH,
    Day,
    Round,
    Sheet,
    Till,
    day_of,
    last_closed_at,
    last_round,
    sheet_of,
    sheets_of,
    till_of,
)
from timebank.closing.queries.proving import (
    SheetFault,
    sheet_faults,
    sheet_is_proved,
    sheets_signed,
)
from timebank.closing.queries.sheets import Draft, LotLine, draft_sheet, sheet_of_draft

__all__ = [
    "CASH",
    "Day",
    "Draft",
    "LotLine",
    "Round",
    "Sheet",
    "SheetFault",
    "Till",
    "day_of",
    "draft_sheet",
    "last_closed_at",
    "last_round",
    "sheet_faults",
    "sheet_is_proved",
    "sheet_of",
    "sheet_of_draft",
    "sheets_of",
    "sheets_signed",
    "till_of",
]
