"""Groups of ages, which may stand in clear where the birth date is sealed. Pure.

A group is as much as rules and pages need: who may volunteer alone (18), whom a gift of hours may
go to (60), special care (80). The next group begins on a known local day, so a reader needs no
birth date on that day either.
"""

from bisect import bisect_right
from datetime import date

from timebank.policy.rules.windows import months_after

# The first year of age of each group. **Source**: ``domain.md`` C.2 and C.3 (14, 18, 60, 65, 80),
# and the groups of the statistics of the community (70).
_STARTS = (0, 14, 18, 60, 65, 70, 80)
AGE_GROUPS = ("0-13", "14-17", "18-59", "60-64", "65-69", "70-79", "80+")


def age_group(birth_on: date, on: date) -> tuple[str, date | None]:
    """The group of an age on a day, and the day on which the next one begins.

    Born on 29 February: a year is full on 1 March where there is no such day.
    """
    begins = [months_after(birth_on, 12 * years) for years in _STARTS]
    place = max(bisect_right(begins, on) - 1, 0)
    return AGE_GROUPS[place], begins[place + 1] if place + 1 < len(begins) else None


def moved(group: str, changes_on: date | None, on: date) -> tuple[str, date | None]:
    """The group on a day and the day of the next one, from what was stored on an earlier day."""
    place = AGE_GROUPS.index(group)
    while changes_on is not None and changes_on <= on:
        place += 1
        is_last = place + 1 == len(AGE_GROUPS)
        years = 0 if is_last else _STARTS[place + 1] - _STARTS[place]
        changes_on = None if is_last else months_after(changes_on, 12 * years)
    return AGE_GROUPS[place], changes_on


def group_on(group: str | None, changes_on: date | None, on: date) -> str | None:
    """The group on a day, from what was stored on an earlier day; None if the age is unknown.

    It is right on the day of the change too, whether or not the job has moved the group.
    """
    return None if group is None else moved(group, changes_on, on)[0]


MINOR_GROUPS = AGE_GROUPS[:2]


def eldest_first(group: str | None, changes_on: date | None) -> tuple[bool, int, date]:
    """A key for sorting; within a group, whoever leaves it first is older."""
    place = -1 if group is None else AGE_GROUPS.index(group)
    return group is None, -place, changes_on or date.max


def age_cells(birth: str | None, on: date) -> dict[str, object]:
    """The cells of a person that follow from the birth date, written as a day."""
    group, changes_on = age_group(date.fromisoformat(birth), on) if birth else (None, None)
    return {"age_group": group, "age_changes_on": changes_on}
