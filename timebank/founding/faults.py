"""Faults of a description: where they are, and what was expected. Values, never exceptions.

Pages have their own sentences for the same codes (``web/founding/words.py``).
"""

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

# What was expected, by code. A word in braces is a fact of the fault.
EXPECTED = {
    "unknown": "there is no such field here{near}",
    "table": "expected a table with fields",
    "missing": "it is missing: {what}",
    "text": "expected a text of 1 to {most} characters, found {found}",
    "signs": "expected letters that can be shown, found {found}",
    "name": "expected the name of a person, found {found}",
    "code": "expected 2 to 40 small letters, digits and hyphens, found {found}",
    "store_code": "expected 1 to 8 letters and digits, found {found}",
    "division": "expected the six digits of a district by GB/T 2260, such as 440106, found {found}",
    "phone": "expected a telephone number of 3 to 15 digits, found {found}",
    "whole": "expected a whole number from {least} to {most}, found {found}",
    "yes": "expected true or false, found {found}",
    "list": "expected a list, found {found}",
    "choice": "expected one of {known}, found {found}{near}",
    "grids": "expected a number of grids, or the number of buildings in each grid, found {found}",
    "hours": "expected hours like 09:00-12:00 14:00-17:30 in their order, found {found}",
    "opens": "expected at least one weekday on which it is open for two hours",
    "day": "expected a day like 2027-02-06, found {found}",
    "day_past": "expected today or a later day, found {found}",
    "twice": "expected something that is not there yet, found {found} a second time",
    "fewer": "expected at least as many buildings as grids, found {found}",
    "shop": "expected at least one shop (kind = \"store\")",
    "food_days": "expected the shelf life in days for food, and for nothing else",
    "ean": "expected an EAN-13 for use in shops, which begins with 2, found {found}",
    "price": "expected a price in yuan with at most two decimals, found {found}",
    "coordinator": "expected at least one coordinator",
    "second": "expected a second person who is a coordinator or an approver",
    "preset_past": "expected the day of the founding or an earlier one, found {found}",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFault:
    """One fault: ``table`` and, of a repeated one, its ``number``; the ``name`` of a field."""

    table: str
    name: str = ""
    expected: str
    number: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """The place as the file has it: ``[[store]] 2, phone``."""
        table = f"[{self.table}]" if self.number is None else f"[[{self.table}]] {self.number}"
        return f"{table}, {self.name}" if self.name else table

    def sentence(self, file: str, line: int | None) -> str:
        """The fault for the writer of a file."""
        at = f", line {line}" if line else ""
        why = EXPECTED[self.expected].format(**self.facts)
        return f"{file}{at}, {self.where}: {why}{'' if why.endswith('?') else '.'}"


def shown(value: object) -> str:
    """A value of the file within a sentence."""
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    written = repr(value)
    return written if len(written) <= 60 else f"{written[:59]}…"


def near(word: object, known: tuple[str, ...]) -> str:
    """End a sentence about an unknown word with the closest known one, if one is close."""
    close = get_close_matches(str(word), known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
