"""Passwords and PINs that people choose so often that a stranger tries them first. Pure.

A password is taken apart into words, numbers and signs; it is refused if every part is one that
everybody uses. So a list of a few hundred words stands for several hundred thousand passwords. Not
here: the list itself (``people/data``), what is known of one person (``people/guessing.py``).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Set
from datetime import date, timedelta
from itertools import pairwise

COMMON, OWN, PATTERN = "common", "own_data", "pattern"
# Digits and signs that stand for a letter.
_DRAWN = str.maketrans("013457@$!", "oieastasi")
_KEYS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "1234567890", "0987654321",
         "qazwsxedcrfvtgbyhnujmikolp", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "147258369",
         "741852963", "159357", "!@#$%^&*()")  # fmt: skip
_SHORT_RUN = 3  # Letters or digits that stand side by side on a keyboard: at least so many.


def tidy_secret(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def why_password(password: str, words: Set[str], own: Iterable[str]) -> str | None:
    """Tell why a stranger would guess a password: COMMON, OWN or PATTERN; None if none would.

    ``own`` is what others know of the person: login name, name, card numbers.
    """
    tidy = tidy_secret(password)
    plain = re.sub(r"[\W_]", "", tidy)
    if _is_pattern(tidy) or _is_pattern(plain):
        return PATTERN
    for known in sorted(
        {own_word for own_word in map(_plain, own) if _says_something(own_word)}, key=len
    ):
        if known in plain and _is_easy(plain.replace(known, "", 1), words):
            return OWN
    if tidy in words or plain in words or _is_made_of(tidy, words):
        return COMMON
    return None


def _says_something(known: str) -> bool:
    """Two characters of a name, or three letters: fewer stand in many words by chance."""
    return len(known) >= (_SHORT_RUN if known.isascii() else 2)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]", "", tidy_secret(text))


def _is_made_of(tidy: str, words: Set[str]) -> bool:
    """Tell whether a password is one or two common words with an easy number before or after."""
    core = tidy.strip("0123456789!?.,-_ #*")
    rest = tidy.replace(core, "", 1) if core else tidy
    if core and _is_word(_plain(core.translate(_DRAWN)), words) and _is_easy(_plain(rest), words):
        return True
    parts = re.findall(r"[^\W\d_]+|\d+", tidy)
    return 0 < len(parts) <= 3 and all(_is_part(part, words) for part in parts)


def _is_part(part: str, words: Set[str]) -> bool:
    return _is_word(part, words) or (part.isdigit() and _is_easy_number(part, words))


def _is_word(part: str, words: Set[str]) -> bool:
    """One common word, or two of them."""
    halves = ((part[:at], part[at:]) for at in range(2, len(part) - 1))
    return part in words or any(first in words and two in words for first, two in halves)


def _is_easy(rest: str, words: Set[str]) -> bool:
    return not rest or len(rest) <= 2 or (rest.isdigit() and _is_easy_number(rest, words)) or (
        rest in words
    )  # fmt: skip


def _is_easy_number(digits: str, words: Set[str]) -> bool:
    """A short number, a year, a day, a run, or a number that many know."""
    return (
        len(digits) <= 2 or digits in words or _is_pattern(digits)
        or re.fullmatch(r"(19|20)\d\d", digits) is not None or any(days_written(digits))
    )  # fmt: skip


def _is_pattern(text: str) -> bool:
    """A part that repeats (``abab``), or keys that lie side by side (``qwerty``, ``87654321``)."""
    if not text:
        return False
    repeats = re.fullmatch(r"(.{1,4}?)\1+(.{0,3})", text, re.DOTALL)
    if repeats is not None and repeats[1].startswith(repeats[2]):
        return True
    return len(text) >= _SHORT_RUN and any(
        text in row or text in row[::-1] for row in (key + key for key in _KEYS)
    )


def is_common_pin(pin: str, known: Set[str]) -> bool:
    """Tell whether a PIN is one of those that are tried first."""
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    is_repeated = re.fullmatch(r"(.{1,3})\1+", pin) is not None
    is_mirror = len(pin) > 4 and pin == pin[::-1]
    return pin in known or steps in ({0}, {1}, {9}) or is_repeated or is_mirror


def days_written(digits: str) -> Iterator[date]:
    """The days that six or eight digits may mean, in whatever order people write them."""
    if len(digits) == 8:
        orders = [(digits[:4], digits[4:6], digits[6:]), (digits[4:], digits[2:4], digits[:2]),
                  (digits[4:], digits[:2], digits[2:4])]  # fmt: skip
    elif len(digits) == 6:
        a, b, c = digits[:2], digits[2:4], digits[4:]
        orders = [(f"{century}{year}", month, day) for century in ("19", "20")
                  for year, month, day in ((a, b, c), (c, b, a), (c, a, b))]  # fmt: skip
    else:
        return
    for year, month, day in orders:
        if "1900" <= year <= "2100" and (found := _day(int(year), int(month), int(day))):
            yield found


def days_of_pin(pin: str, today: date) -> Iterator[date]:
    """The birth dates that somebody may have made into this PIN."""
    yield from days_written(pin)
    years = range(today.year - 120, today.year + 1)
    if len(pin) == 4:
        a, b = int(pin[:2]), int(pin[2:])
        pairs = [(a, b), (b, a)]
        yield from (day for y in years for m, d in pairs if (day := _day(y, m, d)))
    if len(pin) == 4 and int(pin) in years:
        first = date(int(pin), 1, 1)
        yield from (first + timedelta(days=n) for n in range(366))
    if len(pin) == 6 and int(pin[:4]) in years:
        yield from (day for d in range(1, 32) if (day := _day(int(pin[:4]), int(pin[4:]), d)))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
