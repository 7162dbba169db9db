"""Days of a year as people write them: one or a span a line, in Chinese or in digits. Pure."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from timebank.errors import BadInput

SPAN_DAYS_MAX = 31
_APART = re.compile(r"[\n,，、;；]+")
_SPAN = re.compile(r"\s*(?:至|到|/|~|～|—|–|\s-\s)\s*")
_DAY = re.compile(r"(?:(\d{4})[-.年])?(\d{1,2})[-.月](\d{1,2})日?")


def read_days(text: str, year: int) -> tuple[date, ...]:
    """Read ``2月5日至2月11日``, ``2027-02-13`` or ``2-13``, each day once.

    **Refuses**: ``BadInput`` with the line that is neither a day nor a span.
    """
    lines = (line.strip() for line in _APART.split(text))
    return tuple(dict.fromkeys(day for line in lines if line for day in _days(line, year)))


def _days(line: str, year: int) -> Iterator[date]:
    edges = [_day(edge, year) for edge in _SPAN.split(line)]
    first, last = edges[0], edges[-1]
    if len(edges) > 2 or first is None or last is None:
        raise BadInput(field="days", why="shape", line=line)
    if not first <= last <= first + timedelta(days=SPAN_DAYS_MAX):
        raise BadInput(field="days", why="range", line=line)
    return (first + timedelta(days=after) for after in range((last - first).days + 1))


def _day(text: str, year: int) -> date | None:
    found = _DAY.fullmatch(text)
    try:
        return date(int(found[1] or year), int(found[2]), int(found[3])) if found else None
    except ValueError:  # The 31st of April.
        return None
