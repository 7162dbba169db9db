"""Format minutes, days, times and quantities in both languages. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from babel.dates import format_date, format_skeleton

from kiosk.words import Speak
from timebank.typed import code_in
from timebank.values import COMMUNITY_ZONE, from_us

_REGIONS = {"zh": "zh_Hans_CN", "en": "en_GB"}
_UNCOUNTED = frozenset({"kg", "g", "l", "ml", "dozen"})
DAY_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Says:
    """Formats values in one language; templates call it ``says``."""

    language: str
    speak: Speak

    def name(self, thing: Any, what: str = "name") -> str:
        """The name of a catalogue entry in the reader's language."""
        return str(getattr(thing, f"{what}_{self.language}"))

    def minutes(self, count: int) -> str:
        """``2 小时 30 分`` or ``2 h 30 min``."""
        _ = self.speak
        hours, rest = divmod(count, 60)
        if not hours:
            return _("%(minutes)s 分", minutes=rest)
        if not rest:
            return _("%(hours)s 小时", hours=hours)
        return _("%(hours)s 小时 %(minutes)s 分", hours=hours, minutes=rest)

    def pieces(self, count: int, thing: Any) -> str:
        """``3 袋`` or ``3 bags``."""
        unit = self.name(thing, "unit")
        if self.language == "en" and count != 1:
            unit = _plural(unit)
        return f"{count} {unit}"

    def day(self, on: date) -> str:
        """``2026年11月22日`` or ``22 Nov 2026``."""
        if self.language == "zh":
            return format_date(on, "long", locale=_REGIONS["zh"])
        return format_date(on, "d MMM y", locale=_REGIONS["en"])

    def short_day(self, on: date) -> str:
        """``11月22日`` or ``22 Nov``."""
        return format_skeleton("MMMd", on, locale=_REGIONS[self.language])

    def today(self, us: int) -> str:
        """``6月12日 星期四 9:41`` or ``Thu 12 Jun 9:41``."""
        at = _local(us)
        weekday = format_date(
            at, "EEEE" if self.language == "zh" else "EEE", locale=_REGIONS[self.language]
        )
        parts = [self.short_day(at.date()), weekday]
        return " ".join([*(parts if self.language == "zh" else reversed(parts)), self.time(us)])

    def time(self, us: int) -> str:
        """``9:41``, in the community's time zone."""
        at = _local(us)
        return f"{at.hour}:{at.minute:02d}"

    def moment(self, us: int) -> str:
        """``6月12日 9:41`` or ``12 Jun 9:41``."""
        return f"{self.short_day(_local(us).date())} {self.time(us)}"


def _local(us: int) -> datetime:
    return from_us(us).astimezone(COMMUNITY_ZONE)


def _plural(word: str) -> str:
    if word in _UNCOUNTED or word.endswith("s"):
        return word
    return f"{word}es" if word.endswith(("x", "ch", "sh")) else f"{word}s"


def read_day(digits: str) -> date | None:
    """Parse eight typed digits as a day: ``20260131``."""
    digits = code_in(digits)
    if len(digits) != DAY_DIGITS or not digits.isascii() or not digits.isdigit():
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
