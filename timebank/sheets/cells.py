"""Read the text of one cell as a value. Nothing is guessed: what has two readings is refused.

A reader takes the text and returns a value, or raises ``CellUnread`` with what was expected. An
empty cell never reaches a reader.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from timebank.typed import joined, plain

Reader = Callable[[str], Any]

FIRST_DAY, LAST_DAY = date(1880, 1, 1), date(2100, 12, 31)
_ISO = re.compile(r"([0-9]{4})([-/.年])([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_DAY_OR_MONTH_FIRST = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
_TIME_AFTER = re.compile(
    r"[T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2})?(\.[0-9]+)? ?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_WHOLE = re.compile(r"[0-9]{1,15}(?:\.0{1,3})?")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.0{1,2})?")
_SCIENTIFIC = re.compile(r"[+-]?[0-9](?:[.,][0-9]*)?E\+?[0-9]{1,3}", re.IGNORECASE)
_HOURS = re.compile(r"([0-9]{1,6})(?:[:：]([0-5][0-9])|\.([0-9]{1,2}))?(?:小时|h)?")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-5][0-9])(?::00)?")
_PLAIN_AMOUNT = re.compile(r"([0-9]{1,12})(?:[.,]([0-9]{1,2}))?")
_BOTH_MARKS = re.compile(r"([0-9]{1,3}(?:([.,])[0-9]{3})+)([.,])([0-9]{1,2})")
_ONE_MARK = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{3})+")
_YES = frozenset({"是", "有", "对", "y", "yes", "true", "1", "√", "✓"})
_NO = frozenset({"否", "不是", "没有", "无", "n", "no", "false", "0", "×", "✗"})


@dataclass(frozen=True)
class CellUnread(Exception):
    """A cell that has no single meaning. ``expected`` is a code, ``most`` a bound or a list."""

    expected: str
    most: str = ""


def is_scientific(text: str) -> bool:
    """Tell whether an office program has shown a long number as ``9.9E+17``: digits are lost."""
    return bool(_SCIENTIFIC.fullmatch(joined(text)))


def text(most: int) -> Reader:
    """A text of at most so many characters."""

    def read(cell: str) -> str:
        tidy = plain(cell)
        if len(tidy) > most:
            raise CellUnread("too_long", str(most))
        return tidy

    return read


def number_text(most: int) -> Reader:
    """A number that is a name, such as that of a member: its zeros at the front count."""

    def read(cell: str) -> str:
        if is_scientific(cell):
            raise CellUnread("scientific")
        return str(text(most)(cell))

    return read


def whole(low: int, high: int) -> Reader:
    """A whole number: ``12``, ``1,200``, ``12.0`` as an office program writes it."""

    def read(cell: str) -> int:
        tidy = joined(cell)
        if not (_WHOLE.fullmatch(tidy) or _GROUPED.fullmatch(tidy)):
            raise CellUnread("whole")
        number = int(tidy.replace(",", "").partition(".")[0])
        if not low <= number <= high:
            raise CellUnread("range", f"{low}–{high}")
        return number

    return read


def day(cell: str) -> date:
    """A day: year first, or with a day after the twelfth. ``10/11/2019`` has two readings."""
    tidy = plain(cell)
    found = _ISO.fullmatch(tidy)
    if found is not None:
        return _day(int(found[1]), int(found[3]), int(found[4]))
    found = _DAY_OR_MONTH_FIRST.fullmatch(tidy)
    if found is None:
        raise CellUnread("day")
    one, other, year = map(int, found.groups())
    if one != other and one <= 12 and other <= 12:
        raise CellUnread("day_two_ways")
    return _day(year, *((other, one) if one > 12 else (one, other)))


def day_of_instant(cell: str) -> date:
    """The day of an instant as it is written; its clock and time zone are left out."""
    tidy = plain(cell)
    head, rest = tidy[:10], tidy[10:]
    if rest and not _TIME_AFTER.fullmatch(rest):
        raise CellUnread("day")
    return day(head)


def _day(year: int, month: int, number: int) -> date:
    try:
        found = date(year, month, number)
    except ValueError:
        raise CellUnread("no_such_day") from None
    if not FIRST_DAY <= found <= LAST_DAY:
        raise CellUnread("no_such_day")
    return found


def yes_no(cell: str) -> bool:
    tidy = joined(cell).casefold()
    if tidy in _YES:
        return True
    if tidy in _NO:
        return False
    raise CellUnread("yes_no")


def choice(words: Iterable[tuple[str, str, str]]) -> Reader:
    """One of a few: each is a code, its Chinese and its English word."""
    pairs = tuple(words)
    codes = {joined(word).casefold(): code for code, *both in pairs for word in (code, *both)}

    def read(cell: str) -> str:
        code = codes.get(joined(cell).casefold())
        if code is None:
            raise CellUnread("choice", "、".join(word for _code, word, _en in pairs))
        return code

    return read


def hours(cell: str) -> int:
    """Hours as ``12``, ``12.5`` or ``12:30``. **Units**: returns minutes, and refuses parts."""
    found = _HOURS.fullmatch(joined(cell).casefold())
    if found is None:
        raise CellUnread("hours")
    minutes = int(found[1]) * 60 + int(found[2] or 0)
    if found[3]:
        part = int(found[3].ljust(2, "0")) * 60
        if part % 100:
            raise CellUnread("whole_minutes")
        minutes += part // 100
    return minutes


def clock(cell: str) -> int:
    """A time of day: ``9:30``. **Units**: returns minutes since midnight."""
    time = _CLOCK.fullmatch(joined(cell))
    if time is None or int(time[1]) * 60 + int(time[2]) > 24 * 60:
        raise CellUnread("clock")
    return int(time[1]) * 60 + int(time[2])


def whole_minutes(cell: str) -> int:
    """Seconds that make whole minutes. **Units**: returns minutes."""
    tidy = joined(cell)
    if not re.fullmatch(r"[0-9]{1,9}", tidy):
        raise CellUnread("seconds")
    if int(tidy) == 0 or int(tidy) % 60:
        raise CellUnread("seconds_whole")
    return int(tidy) // 60


def yuan(cell: str) -> int:
    """An amount in yuan: ``8``, ``8.50``, ``1,230.99``. **Units**: returns fen.

    ``1.230`` is refused: it is more than a thousand in some countries, and a little in others.
    """
    tidy = joined(cell).removeprefix("¥").removeprefix("￥").removesuffix("元")
    amount = _BOTH_MARKS.fullmatch(tidy)
    if amount is not None and amount[2] != amount[3]:
        yuans = int(re.sub("[.,]", "", amount[1]))
        return yuans * 100 + int(amount[4].ljust(2, "0"))
    if _ONE_MARK.fullmatch(tidy):
        raise CellUnread("amount_two_ways")
    amount = _PLAIN_AMOUNT.fullmatch(tidy)
    if amount is None:
        raise CellUnread("amount")
    return int(amount[1]) * 100 + int((amount[2] or "").ljust(2, "0"))
