"""Parse ids, numbers, days and codes from people, pages and programs: one parser for each.

All forms, addresses and headers use them, so the bounds are the same everywhere. A parser returns
None for invalid input; the caller decides what follows. No rule of the community is here.
"""

import re
from datetime import date

from timebank.people.rules import read_card_no, read_card_token
from timebank.people.rules import read_household_no as household_no_in
from timebank.typed import joined, plain, read_whole

LARGEST_ID = 2**63 - 1  # The largest value of an id column.
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)

DAY_MINUTES = 24 * 60

ID_PATTERN = "[1-9][0-9]{0,18}"
_LINE_ENDS = dict.fromkeys(map(ord, "\t\r\n"))
_ILLEGIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef"
    "\ufff9-\ufffb\ufffe\uffff]"
)
_ID = re.compile(ID_PATTERN)
_DAY = re.compile("([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
# Hours and minutes, with a colon, a point, or the signs for both.
_CLOCK = re.compile("([0-9]{1,2})[:\\uff1a.\\u70b9]([0-9]{2})?\\u5206?")
_DASH = re.compile(r"\s*[-\u2013\u2014~\uff5e\u81f3\u5230]\s*")
_SPANS_APART = re.compile(r"[\s,;\u3001\uff0c\uff1b]+")
_FEN = re.compile(r"([0-9]{1,12})(?:[.。]([0-9]{0,2}))?")


def read_id(typed: object) -> int | None:
    """Parse an id, from 1 to the largest that the database can store."""
    text = _plain(typed)
    number = int(text) if _ID.fullmatch(text) else 0
    return number if 0 < number <= LARGEST_ID else None


def read_number(typed: object, most: int = LARGEST_ID) -> int | None:
    """Parse an integer from 0 to ``most``, in digits of either width, also with spaces."""
    number = read_whole(_plain(typed))
    return number if number is not None and number <= most else None


def read_fen(typed: object) -> int | None:
    """Parse an amount in yuan with at most two decimals. **Units**: returns fen."""
    found = _FEN.fullmatch(joined(_plain(typed)))
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else None


def parse_day(typed: object) -> date | None:
    """Parse ``2026-06-10`` as a day of the calendar, however far away."""
    found = _DAY.fullmatch(joined(_plain(typed)))
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:  # The 31st of April.
        return None


def is_plausible(day: date) -> bool:
    """Tell whether a day is near enough for calendar arithmetic."""
    return FIRST_DAY <= day <= LAST_DAY


def read_day(typed: object) -> date | None:
    """Parse a day between ``FIRST_DAY`` and ``LAST_DAY``."""
    day = parse_day(typed)
    return day if day is not None and is_plausible(day) else None


def read_past_day(typed: object, today: date) -> date | None:
    """Parse a day in the past."""
    day = read_day(typed)
    return day if day is not None and day < today else None


def read_clock(typed: object) -> int | None:
    """Parse a time of day: ``9:30``, ``９：３０``, ``9点30分``; ``24:00`` is midnight.

    **Units**: returns minutes since midnight, from 0 to 1440.
    """
    found = _CLOCK.fullmatch(joined(_plain(typed)))
    if found is None:
        return None
    hours, minutes = int(found[1]), int(found[2] or 0)
    return hours * 60 + minutes if minutes < 60 and hours * 60 + minutes <= DAY_MINUTES else None


def read_spans(typed: object) -> list[tuple[int, int]] | None:
    """Parse ``9:00-12:00 14:00-17:30``, also with Chinese signs; an empty text has no spans.

    **Units**: minutes since midnight.
    """
    text = _DASH.sub("-", plain(_plain(typed)))
    found = []
    for span in _SPANS_APART.split(text) if text else ():
        edges = [read_clock(clock) for clock in span.split("-")]
        if len(edges) != 2 or edges[0] is None or edges[1] is None:
            return None
        found.append((edges[0], edges[1]))
    return found


def is_legible(text: str, *, lines: bool = False) -> bool:
    """Tell whether a text is what a person sees of it; ``lines``: it may have more than one line.

    It has no control character, none that turns the direction of writing (the page would show
    another text than is stored), and no code point outside the characters of Unicode.
    """
    kept = text.translate(_LINE_ENDS) if lines else text
    return not _ILLEGIBLE.search(kept)


def is_card(typed: str) -> bool:
    """Tell whether somebody scanned or typed a card, and not another code."""
    return bool(read_card_token(typed) or read_card_no(typed))


def read_household_no(typed: object) -> str | None:
    """Parse the number of a household as typed: ``h-12``, ``H-0012`` or ``12``."""
    return household_no_in(_plain(typed), is_bare=True)


def _plain(typed: object) -> str:
    return "" if typed is None else str(typed)
