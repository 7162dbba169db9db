"""The least and the most of a parameter, so that a typing error never comes into force. Pure.

The shape of a value is checked in ``parameters``.
"""

from collections.abc import Iterator
from typing import Any

from timebank.errors import BadInput
from timebank.policy.rules.parameters import PARAMETERS

# By unit. Forbids: a reservation of 720,000 hours, whose end is beyond the calendar.
MOST = {
    "minutes": 6_000_000, "hours": 366 * 24, "days": 10 * 366, "working_days": 366,
    "months": 30 * 12, "times": 1_000, "pieces": 100_000, "percent": 100,
}  # fmt: skip
# A share of the price, where a table of kinds has a number.
PERCENT_MAX = 100
# What one parameter needs besides. Steps of no minutes cannot be divided by; what a household took
# is read for 36 months (``aid/queries/standing.py``); a reservation has some time to be fetched.
LEAST = {"hours.rounding_minutes": 1, "aid.window_months": 1, "aid.hold_hours": 1}
MOST_OF = {"hours.rounding_minutes": 240, "aid.window_months": 36}
# What is looked up for whatever is brought. Forbids: a table of conditions without *new*.
NEEDED = {"goods.condition_percents": ("new", "nine_tenths", "eight_tenths")}


def check_bounds(key: str, value: Any) -> None:
    """**Refuses**: ``BadInput`` for a number out of range, and for a table with a gap."""
    kind = PARAMETERS[key]
    usual = PERCENT_MAX if kind.shape == "by_kind" else MOST.get(kind.unit, 0)
    least, most = LEAST.get(key, 0), MOST_OF.get(key, usual)
    if not all(least <= number <= most for number in _numbers(value)):
        raise BadInput(field="value", why="range", key=key)
    is_table = kind.shape in ("steps", "staged") and type(value) is not int
    starts_late = is_table and all(start > 0 for start, _ in value)
    if starts_late or not set(NEEDED.get(key, ())) <= set(value if NEEDED.get(key) else ()):
        raise BadInput(field="value", why="gap", key=key)


def _numbers(value: Any) -> Iterator[int]:
    """Every number in a value; words, yes and no are left out."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from _numbers(part)
    elif type(value) is int:
        yield value
