"""The shape of what a verb, a check or a section of a story takes: its words and their values.

A shape reads a value of the file and returns it as the verb needs it, or raises a ``StoryFault``
that names the word. Pure. Which words a verb takes is declared beside it (``shaped``).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Generic, ParamSpec, TypeVar

from timebank.stories.faults import StoryFault, did_you_mean, short
from timebank.typed import plain, read_whole
from timebank.values import COMMUNITY_ZONE

Shape = Callable[[Any, str], Any]
Inputs = ParamSpec("Inputs")
Result = TypeVar("Result")

LARGEST_WHOLE = 999_999_999
FIRST_YEAR, LAST_YEAR = 1900, 2100
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HOURS = re.compile("[0-9]{1,6}:[0-5][0-9]")


@dataclass(frozen=True)
class Shaped(Generic[Inputs, Result]):
    """A verb, a check or a setting together with the shape of what it takes."""

    function: Callable[Inputs, Result]
    shape: Shape

    def __call__(self, *args: Inputs.args, **kwargs: Inputs.kwargs) -> Result:
        return self.function(*args, **kwargs)


def shaped(shape: Shape) -> Callable[[Callable[Inputs, Result]], Shaped[Inputs, Result]]:
    """Declare the shape of what a function of the player takes."""
    return lambda function: Shaped(function, shape)


def fault(where: str, why: str) -> StoryFault:
    return StoryFault(f"{where}: {why}" if where else why)


def _wanted(where: str, what: str, value: object) -> StoryFault:
    return fault(where, f"expected {what}, found {short(value)}")


def _below(where: str, word: object) -> str:
    return f"{where}.{word}" if where else str(word)


@dataclass(frozen=True)
class Keyed:
    """A mapping whose words are known: those that it needs, and those that it may have."""

    needs: Mapping[str, Shape] = field(default_factory=dict)
    may: Mapping[str, Shape] = field(default_factory=dict)
    kind: str = "word"

    def __call__(self, value: Any, where: str) -> dict[str, Any]:
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise _wanted(where, "words with values", value)
        known = {**self.needs, **self.may}
        for word in value:
            if word not in known:
                why = f"there is no {self.kind} {word!r}{did_you_mean(word, known)}"
                raise fault(where, why)
        for word in self.needs:
            if word not in value:
                raise fault(where, f"the {self.kind} {word!r} is missing")
        return {word: known[word](inner, _below(where, word)) for word, inner in value.items()}


@dataclass(frozen=True)
class Named:
    """A mapping from names of the story to values of one shape."""

    each: Shape

    def __call__(self, value: Any, where: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wanted(where, "names with values", value)
        return {name: self.each(inner, _below(where, name)) for name, inner in value.items()}


@dataclass(frozen=True)
class Many:
    """A list of values of one shape."""

    each: Shape

    def __call__(self, value: Any, where: str) -> list[Any]:
        if not isinstance(value, list):
            raise _wanted(where, "a list", value)
        return [self.each(part, f"{where}[{place}]") for place, part in enumerate(value, start=1)]


@dataclass(frozen=True)
class OneOf:
    """One of a few texts."""

    texts: tuple[str, ...]

    def __call__(self, value: Any, where: str) -> str:
        if value not in self.texts:
            known = ", ".join(sorted(self.texts))
            why = f"{short(value)} is none of {known}{did_you_mean(value, self.texts)}"
            raise fault(where, why)
        return str(value)


@dataclass(frozen=True)
class Either:
    """A mapping of one shape, or a plain value of another."""

    mapping: Shape
    value: Shape

    def __call__(self, value: Any, where: str) -> Any:
        return (self.mapping if isinstance(value, dict) else self.value)(value, where)


def anything(value: Any, where: str) -> Any:
    """What the verb itself looks into."""
    return value


def text(value: Any, where: str) -> str:
    """A text; a number is taken as it is written."""
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise _wanted(where, "a text", value)
    return str(value)


def whole(value: Any, where: str) -> int:
    """A whole number from 0, also in quotes or in full-width digits."""
    number = read_whole(value) if isinstance(value, str) else value
    if isinstance(number, bool) or not isinstance(number, int):
        raise _wanted(where, "a whole number", value)
    if not 0 <= number <= LARGEST_WHOLE:
        raise _wanted(where, f"a whole number from 0 to {LARGEST_WHOLE}", value)
    return number


def yes(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise _wanted(where, "true or false", value)
    return value


def hours(value: Any, where: str) -> str:
    """Hours and minutes as ``2:30``, in digits and a colon of either width."""
    written = plain(value) if isinstance(value, str) else ""
    if not _HOURS.fullmatch(written):
        raise _wanted(where, "hours and minutes like 2:30", value)
    return written


def day(value: Any, where: str) -> date:
    """A day that exists, as ``2025-06-10``."""
    if isinstance(value, date):
        return value
    written = plain(value) if isinstance(value, str) else ""
    if not _DAY.fullmatch(written):
        raise _wanted(where, "a day like 2025-06-10", value)
    try:
        found = date.fromisoformat(written)
    except ValueError:
        raise fault(where, f"there is no day {written}") from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise _wanted(where, f"a year from {FIRST_YEAR} to {LAST_YEAR}", written)
    return found


def local_time(value: object, where: str) -> datetime:
    """Parse ``2025-06-10 09:00`` as a local time of the community; a day alone is its 09:00."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=COMMUNITY_ZONE)
    written = plain(value) if isinstance(value, str) else ""
    day_text, _, clock = written.partition(" ")
    try:
        on = day(value if isinstance(value, date) else day_text, "")
        is_midnight = clock == "24:00"  # The end of the day, as in a working plan.
        clock = "00:00" if is_midnight else clock or "09:00"
        local = datetime.strptime(f"{on} {clock}", "%Y-%m-%d %H:%M").replace(tzinfo=COMMUNITY_ZONE)
        return local + timedelta(days=is_midnight)
    except StoryFault as odd:
        if str(odd).startswith("there is no day"):
            raise fault(where, str(odd)) from None
    except ValueError:
        pass
    raise fault(where, f"{short(value)} is not a time like 2025-06-10 09:00")
