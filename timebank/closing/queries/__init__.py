"""Reads of closing: ``days`` says where a day stands, ``sheets`` what stands on its sheet."""

from timebank.closing.queries.days import (
    CASH,
    Day,
    Round,
    Sheet,
    Till,
    day_of,
    last_closed_at,
    last_round,
    rounds_so_far,
    sheet_of,
    sheets_of,
    till_of,
)
from timebank.closing.queries.sheets import Draft, LotLine, draft_sheet, sheet_of_draft

__all__ = [
    "CASH",
    "Day",
    "Draft",
    "LotLine",
    "Round",
    "Sheet",
    "Till",
    "day_of",
    "draft_sheet",
    "last_closed_at",
    "last_round",
    "rounds_so_far",
    "sheet_of",
    "sheet_of_draft",
    "sheets_of",
    "till_of",
]
