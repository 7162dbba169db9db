"""The shapes of the fields of a description: each reads a value, or says what was expected. Pure.

Digits of either width are read, and a number may stand in quotes.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from timebank.errors import BadInput
from timebank.founding.divisions import read_division
from timebank.founding.faults import PlanFault, near, shown
from timebank.goods.opening import DAY_MINUTES, Hours, OpenSpan, is_possible
from timebank.people.rules import tidy_phone
from timebank.people.rules.names import tidy_name
from timebank.typed import code_in, joined, plain, read_whole

Shape = Callable[[Any], Any]
_CODE = re.compile("[a-z0-9][a-z0-9-]{1,39}")
_SPAN = re.compile("([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})")
_PRICE = re.compile(r"([0-9]{1,7})(?:\.([0-9]{1,2}))?")
FIRST_YEAR, LAST_YEAR = 2000, 2100


class Unread(Exception):
    """A value that has not the shape; the code says what was expected."""

    def __init__(self, expected: str, **facts: Any) -> None:
        super().__init__(expected)
        self.expected, self.facts = expected, facts


@dataclass
class Reading:
    """The faults that were found so far."""

    faults: list[PlanFault] = field(default_factory=list)

    def fault(
        self, table: str, name: str, expected: str, *, number: int | None = None, **facts: Any
    ) -> None:
        self.faults.append(
            PlanFault(table=table, name=name, expected=expected, number=number, facts=facts)
        )

    def fields(
        self,
        table: str,
        given: Any,
        shapes: Mapping[str, Shape],
        *,
        may: tuple[str, ...] = (),
        number: int | None = None,
    ) -> dict[str, Any]:
        """Read the fields of one table; what has a fault is left out. ``may`` may be missing."""
        if not isinstance(given, Mapping):
            self.fault(table, "", "table", number=number)
            return {}
        for name in given:
            if name not in shapes:
                self.fault(table, name, "unknown", number=number, near=near(name, tuple(shapes)))
        read = {}
        for name, shape in shapes.items():
            if name not in given:
                if name not in may:
                    self.fault(table, name, "missing", number=number, what=name)
                continue
            try:
                read[name] = shape(given[name])
            except Unread as why:
                self.fault(table, name, why.expected, number=number, **why.facts)
        return read

    def rows(
        self,
        table: str,
        given: Any,
        shapes: Mapping[str, Shape],
        *,
        may: tuple[str, ...] = (),
        most: int = 500,
    ) -> list[dict[str, Any]]:
        """Read a repeated table."""
        if not isinstance(given, list):
            self.fault(table, "", "list", found=shown(given))
            return []
        if len(given) > most:
            self.fault(table, "", "whole", least=0, most=most, found=len(given))
            return []
        return [
            self.fields(table, row, shapes, may=may, number=number)
            for number, row in enumerate(given, start=1)
        ]


def text(most: int) -> Shape:
    """A text that can be shown, without spaces around it."""

    def read(value: Any) -> str:
        tidy = plain(value) if isinstance(value, str) else ""
        tidy = " ".join(value.split()) if tidy else ""
        if not 1 <= len(tidy) <= most:
            raise Unread("text", most=most, found=shown(value))
        if not tidy.isprintable():
            raise Unread("signs", found=shown(value))
        return tidy

    return read


def person(value: Any) -> str:
    """The name of a person."""
    try:
        return tidy_name(value if isinstance(value, str) else "")
    except BadInput:
        raise Unread("name", found=shown(value)) from None


def community_code(value: Any) -> str:
    code = joined(value).lower() if isinstance(value, str) else ""
    if not _CODE.fullmatch(code):
        raise Unread("code", found=shown(value))
    return code


def store_code(value: Any) -> str:
    code = code_in(value) if isinstance(value, str) else ""
    if not (code.isascii() and code.isalnum() and len(code) <= 8):
        raise Unread("store_code", found=shown(value))
    return code


def division(value: Any) -> str:
    code = read_division(str(value)) if isinstance(value, str | int) else None
    if code is None:
        raise Unread("division", found=shown(value))
    return code


def phone(value: Any) -> str:
    try:
        tidy = tidy_phone(value) if isinstance(value, str) else ""
    except BadInput:
        tidy = ""
    if not tidy:
        raise Unread("phone", found=shown(value))
    return tidy


def whole(least: int, most: int) -> Shape:
    """A whole number, also in quotes."""

    def read(value: Any) -> int:
        number = read_whole(value) if isinstance(value, str) else value
        if isinstance(number, bool) or not isinstance(number, int) or not least <= number <= most:
            raise Unread("whole", least=least, most=most, found=shown(value))
        return number

    return read


def yes(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unread("yes", found=shown(value))
    return value


def choice(known: tuple[str, ...]) -> Shape:
    """One of a few words."""

    def read(value: Any) -> str:
        if value not in known:
            raise Unread(
                "choice", known=", ".join(known), found=shown(value), near=near(value, known)
            )
        return str(value)

    return read


def choices(known: tuple[str, ...]) -> Shape:
    """A list of at least one of a few words, none twice."""
    one = choice(known)

    def read(value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not value:
            raise Unread("list", found=shown(value))
        return tuple(dict.fromkeys(map(one, value)))

    return read


def day(value: Any) -> date:
    """A day, as a date of TOML or as a text."""
    if type(value) is date and FIRST_YEAR <= value.year <= LAST_YEAR:
        return value
    try:
        found = date.fromisoformat(joined(value) if isinstance(value, str) else "")
    except ValueError:
        raise Unread("day", found=shown(str(value))) from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Unread("day", found=shown(value))
    return found


def hours(value: Any) -> Hours:
    """The hours of one day, ``9:00-12:00 14:00-17:30``; an empty text is a closed day."""
    spans = []
    for written in plain(value).split() if isinstance(value, str) else ["?"]:
        found = _SPAN.fullmatch(written)
        edges = [int(number) for number in found.groups()] if found else [24, 60, 24, 60]
        if edges[1] > 59 or edges[3] > 59:
            raise Unread("hours", found=shown(value))
        spans.append(OpenSpan(edges[0] * 60 + edges[1], edges[2] * 60 + edges[3]))
    if not is_possible(tuple(spans)) or any(span.closes > DAY_MINUTES for span in spans):
        raise Unread("hours", found=shown(value))
    return tuple(spans)


def price_fen(value: Any) -> int:
    """A price in yuan: ``30``, ``8.5`` or ``"8.50"``. **Units**: returns fen."""
    is_number = type(value) in (int, float)
    written = str(value) if is_number else joined(value) if isinstance(value, str) else ""
    found = _PRICE.fullmatch(written)
    if not found:
        raise Unread("price", found=shown(value))
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
