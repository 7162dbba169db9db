"""A past day named in an address: ``?on=2026-06-10``."""

from collections.abc import Mapping
from datetime import date

from web import units

_FIRST = date(2000, 1, 1)  # No book of ours is older.


def past_day_in(told: Mapping[str, str], name: str = "on") -> date | None:
    """Read a day that is over; None for anything else, and then the page tells of now."""
    try:
        day = date.fromisoformat(told.get(name, ""))
    except ValueError:
        return None
    return day if _FIRST <= day < units.today() else None
