"""The values of parameters in words, in the reader's language. Pure but for the language."""

from collections.abc import Iterable, Mapping
from typing import Any

from timebank.founding.kinds import ITEM_KIND_WORDS
from timebank.policy.rules import PARAMETERS
from web import formats
from web.goods.words import NEVER_TAKEN, REQUIRED
from web.people.words import PAPERS, ROLES
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.wording import Names

CONDITIONS: Names = {
    "new": _l("全新"), "nine_tenths": _l("九成新"), "eight_tenths": _l("八成新"),
}  # fmt: skip
# What a kind of goods can require, besides what a donor is asked.
WORST_CONDITION, NEEDS_CLEANING = "worst_condition_percent", "needs_cleaning"
DEMANDS: Names = {**REQUIRED, NEEDS_CLEANING: _l("先清洗消毒再上架")}
ITEM_KINDS: Names = {
    "food": _l("食品"), "household": _l("日用品"), "clothes": _l("衣物"), "bedding": _l("床上用品"),
    "toys": _l("玩具"), "books": _l("图书"), "electrical": _l("电器"), "mobility": _l("助行用品"),
    "other": _l("其他"),
}  # fmt: skip
assert ITEM_KINDS.keys() == ITEM_KIND_WORDS.keys()
# The words of a parameter that is a list or a table of words.
CODES: Mapping[str, Names] = {
    "people.second_factor_roles": ROLES,
    "people.openings_max": ROLES,
    "people.paper_months_max": {
        code: word for code, word in PAPERS.items()
        if code not in ("other", "id_card", "residence", "income")
    },
    "goods.refused_kinds": NEVER_TAKEN,
    "goods.condition_percents": CONDITIONS,
    "goods.acceptance": ITEM_KINDS,
}  # fmt: skip


def code_word(key: str, code: str) -> str:
    """What a code of a parameter is called, without the advice that may follow."""
    word = str(CODES.get(key, {}).get(code, code))
    return word.split("；")[0].split(";")[0]


def value_word(key: str, value: Any) -> str:
    """A value in one line, for a reader who knows no code; None is no value."""
    if value is None:
        return _("没有这一条")
    if isinstance(value, int) and not isinstance(value, bool):
        return with_unit(value, PARAMETERS[key].unit)
    parts = [_line(label, word) for label, word in value_lines(key, value)]
    return _("；").join(parts) if parts else _("没有")


def value_lines(key: str, value: Any) -> list[tuple[str, str]]:
    """A value that is a table: what each line is about, and its word. One without has none."""
    kind = PARAMETERS[key]
    if kind.shape == "codes":
        return [(code_word(key, code), "") for code in _in_order(key, value)]
    if kind.shape in ("steps", "staged") and not isinstance(value, int):
        return [(_step(start), with_unit(number, kind.unit)) for start, number in sorted(value)]
    if kind.shape in ("percents", "counts"):
        return [(code_word(key, code), with_unit(value[code], kind.unit))
                for code in _in_order(key, value)]  # fmt: skip
    if kind.shape == "by_kind":
        return [(code_word(key, code), _demands(value[code])) for code in _in_order(key, value)]
    return [("", value_word(key, value))]


def _in_order(key: str, codes: Iterable[str]) -> list[str]:
    """The codes in the order of their words; those without a word last."""
    places = {code: place for place, code in enumerate(CODES.get(key, {}))}
    return sorted(codes, key=lambda code: places.get(code, len(places)))


def _line(label: str, word: str) -> str:
    return _("：").join(part for part in (label, word) if part)


def _step(start: int) -> str:
    return _("保质期 %(count)s 天起", count=start) if start else _("保质期更短的")


def _demands(demands: Mapping[str, Any]) -> str:
    words = [str(word) for name, word in DEMANDS.items() if demands.get(name) is True]
    if least := demands.get(WORST_CONDITION):
        words.append(_("估价不低于原价的 %(percent)s%%", percent=least))
    return _("、").join(words) if words else _("没有")


def with_unit(value: int, unit: str) -> str:
    """A number with its unit."""
    if unit == "minutes":
        return formats.minutes(value, language())
    if unit == "pieces":
        return formats.pieces(value, language())
    words = {
        "hours": _("%(count)s 小时", count=value),
        "days": _("%(count)s 天", count=value),
        "working_days": _("%(count)s 个工作日", count=value),
        "months": _("%(count)s 个月", count=value),
        "years": _("%(count)s 岁", count=value),
        "times": _("%(count)s 次", count=value),
        "percent": f"{value}%",
    }
    return words.get(unit, formats.number(value, language()))
