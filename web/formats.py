"""Format numbers, days and sums in both languages. Pure functions of values.

Each takes ``lang`` (``zh`` or ``en``); as a filter in a template it uses the reader's language.
Nothing is decided or rounded here: minutes, fen and pieces are integers.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import wraps
from typing import Any

from flask import Flask

from timebank.values import COMMUNITY_ZONE, local_day
from web.reader import language

MINUS = "\N{MINUS SIGN}"
_ZH_WEEKDAYS = "一二三四五六日"
_EN_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_EN_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNCOUNTED = frozenset({"kg", "g", "l", "ml", "jin"})
# English units with an irregular plural.
_PLURALS = {"box": "boxes", "copy": "copies", "loaf": "loaves", "dozen": "dozen"}


def minutes(count: int, lang: str) -> str:
    """``150`` → ``2 小时 30 分`` or ``2 h 30 min``."""
    sign, hours, rest = _parted(count)
    words = ("小时", "分") if lang == "zh" else ("h", "min")
    parts = [f"{hours:,} {words[0]}"] if hours else []
    if rest or not hours:
        parts.append(f"{rest} {words[1]}")
    return sign + " ".join(parts)


def signed_minutes(count: int, lang: str) -> str:
    """``150`` → ``+2:30`` and ``-90`` → ``−1:30``: the change in a statement line."""
    sign, hours, rest = _parted(count)
    return f"{sign or '+'}{hours}:{rest:02d}"


def clock_minutes(count: int, lang: str) -> str:
    """``870`` → ``14:30``: a balance in a column of a statement."""
    sign, hours, rest = _parted(count)
    return f"{sign}{hours}:{rest:02d}"


def _parted(count: int) -> tuple[str, int, int]:
    hours, rest = divmod(abs(count), 60)
    return (MINUS if count < 0 else "", hours, rest)


def pieces(count: int, lang: str, unit: Any = None) -> str:
    """``3`` of an item → ``3 袋`` or ``3 bags``; without a unit ``3 件`` or ``3 pieces``.

    ``unit`` is the unit's word in the reader's language, or anything with ``unit_zh`` and
    ``unit_en``, which are empty where the catalogue knows none. What holds several items says so
    in ``kinds``; they have no unit in common.
    """
    word = unit if isinstance(unit, str) else _unit_of(unit, lang)
    if lang == "en" and count != 1:
        word = _plural(word)
    return f"{number(count, lang)} {word}"


def _unit_of(unit: Any, lang: str) -> str:
    is_one_item = unit is not None and getattr(unit, "kinds", 1) == 1
    word = own_name(unit, lang, "unit") if is_one_item else ""
    return word or ("件" if lang == "zh" else "piece")


def _plural(word: str) -> str:
    if word in _UNCOUNTED or word.endswith("s"):
        return word
    return _PLURALS.get(word, f"{word}s")


def own_name(thing: Any, lang: str, what: str = "name") -> str:
    """The name of a catalogue entry in the reader's language: ``name_zh`` or ``name_en``."""
    key = f"{what}_{lang}"
    found = thing[key] if isinstance(thing, Mapping) else getattr(thing, key)
    return str(found)


def number(count: int, lang: str) -> str:
    """``1530`` → ``1,530``; with a true minus sign below zero."""
    return f"{MINUS if count < 0 else ''}{abs(count):,}"


def fen(count: int, lang: str) -> str:
    """``120000`` → ``1,200.00 元`` or ``1,200.00 yuan``."""
    yuan, rest = divmod(abs(count), 100)
    sign = MINUS if count < 0 else ""
    return f"{sign}{yuan:,}.{rest:02d} {'元' if lang == 'zh' else 'yuan'}"


def day(on: date, lang: str) -> str:
    """``2026年11月22日 星期日`` or ``Sun 22 Nov 2026``."""
    if lang == "zh":
        return f"{on.year}年{on.month}月{on.day}日 星期{_ZH_WEEKDAYS[on.weekday()]}"
    return f"{_EN_WEEKDAYS[on.weekday()]} {plain_day(on, lang)}"


def plain_day(on: date, lang: str) -> str:
    """``2026年11月22日`` or ``22 Nov 2026``: a day in a table."""
    if lang == "zh":
        return f"{on.year}年{on.month}月{on.day}日"
    return f"{on.day} {_EN_MONTHS[on.month - 1]} {on.year}"


def short_day(on: date, lang: str) -> str:
    """``6月13日`` or ``13 Jun``: a day whose year is clear from the context."""
    if lang == "zh":
        return f"{on.month}月{on.day}日"
    return f"{on.day} {_EN_MONTHS[on.month - 1]}"


def line_day(on: date, lang: str) -> str:
    """``6-10`` or ``10 Jun``: the narrow column of a statement."""
    return f"{on.month}-{on.day:02d}" if lang == "zh" else short_day(on, lang)


def month(on: date, lang: str) -> str:
    """``2026年11月`` or ``Nov 2026``."""
    if lang == "zh":
        return f"{on.year}年{on.month}月"
    return f"{_EN_MONTHS[on.month - 1]} {on.year}"


def short_month(on: date, lang: str) -> str:
    return f"{on.month}月" if lang == "zh" else _EN_MONTHS[on.month - 1]


def clock_time(at: datetime, lang: str) -> str:
    """``09:41`` in the community's time zone."""
    return f"{at.astimezone(COMMUNITY_ZONE):%H:%M}"


def moment(at: datetime, lang: str) -> str:
    """``6月13日 10:00`` or ``13 Jun 10:00``."""
    return f"{short_day(local_day(at), lang)} {clock_time(at, lang)}"


def hold_end(claim: Any, lang: str) -> str:
    """``6月13日 10:00``: the end of a reservation, marked if it is provisional."""
    until = moment(claim.hold_until_at, lang)
    if not claim.hold_is_provisional:
        return until
    return f"{until}（暂定）" if lang == "zh" else f"{until} (provisional)"


def full_moment(at: datetime, lang: str) -> str:
    """``2026年11月22日 星期日 10:00``: an instant on a receipt."""
    return f"{day(local_day(at), lang)} {clock_time(at, lang)}"


FILTERS = {
    "minutes": minutes, "signed_minutes": signed_minutes, "clock_minutes": clock_minutes,
    "pieces": pieces, "own_name": own_name, "number": number, "fen": fen,
    "day": day, "plain_day": plain_day, "short_day": short_day, "line_day": line_day,
    "month": month, "short_month": short_month,
    "clock_time": clock_time, "moment": moment, "full_moment": full_moment, "hold_end": hold_end,
}  # fmt: skip


def install(app: Flask) -> None:
    """Register every format as a filter in the reader's language."""
    for name, plain in FILTERS.items():
        app.jinja_env.filters[name] = in_readers_language(plain)
    app.jinja_env.filters["local_day"] = local_day


def in_readers_language(plain: Callable[..., str]) -> Callable[..., str]:
    """Wrap a format so that it uses the reader's language."""

    @wraps(plain)
    def spoken(value: Any, *rest: Any) -> str:
        return plain(value, language(), *rest)

    return spoken
