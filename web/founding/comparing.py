"""The sets of rules side by side, in plain words: what differs from the chosen one is marked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from timebank.hours.queries import terms_of
from timebank.hours.rules import credit_of
from timebank.people.rules.visits import FACTOR_ROLES_KEY
from timebank.policy.presets import Preset, preset_codes, read_preset
from timebank.policy.rules import PARAMETERS, Parameter, Parameters
from web import formats
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.settings.values import with_unit

Values = Mapping[str, Any]
# What everybody asks first; other keys are shown where the sets differ.
MAIN = (
    "hours.rounding_minutes", "hours.daily_cap_minutes", "hours.balance_cap_minutes",
    "aid.household_pieces_max",
)  # fmt: skip
# A founded community keeps the second step of signing in, whatever its set says.
NOT_TAKEN = (FACTOR_ROLES_KEY,)
_SPOKEN = {
    "hours.rounding_minutes": _l("服务满多久记一次"),
    "hours.daily_cap_minutes": _l("一个人一天最多记"),
    "hours.balance_cap_minutes": _l("存折最多存"),
    "aid.household_pieces_max": _l("有证明的一家最多领"),
}
SESSION_MINUTES, LONG_DAY_MINUTES = 113, 360


@dataclass(frozen=True, slots=True)
class PresetRow:
    """One line of a set of rules; ``is_other`` if the chosen set says something else."""

    label: str
    word: str
    is_other: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetCard:
    code: str
    name: str
    is_chosen: bool
    rows: tuple[PresetRow, ...]


@dataclass(frozen=True, slots=True)
class PresetComparison:
    """The cards, what all sets share, and what the chosen set means in three cases."""

    cards: tuple[PresetCard, ...]
    shared: tuple[str, ...]
    cases: tuple[tuple[str, str], ...]


def compare_presets(chosen: str) -> PresetComparison:
    """Put every set of rules beside the chosen one."""
    presets = {code: read_preset(code) for code in preset_codes()}
    values = {code: _values(preset) for code, preset in presets.items()}
    chosen = chosen if chosen in presets else next(iter(presets))
    differing = [key for key in PARAMETERS if _differs(key, values.values())]
    keys = [key for key in PARAMETERS if key in differing or key in MAIN]
    cards = tuple(
        PresetCard(
            code=code,
            name=formats.own_name(preset, language()),
            is_chosen=code == chosen,
            rows=tuple(_row(key, values[code], values[chosen]) for key in keys),
        )
        for code, preset in presets.items()
    )
    alike = [key for key in PARAMETERS if key not in keys and _is_plain(key)]
    shared = tuple(f"{_label(key)} {_word(key, values[chosen].get(key))}" for key in alike)
    return PresetComparison(cards, shared, _cases(presets[chosen], values[chosen]))


def _values(preset: Preset) -> dict[str, Any]:
    usual = {
        key: kind.unless_set for key, kind in PARAMETERS.items() if kind.unless_set is not None
    }
    own = {row.key: row.value for row in preset.parameter}
    return usual | {key: value for key, value in own.items() if key not in NOT_TAKEN}


def _differs(key: str, every: Iterable[Values]) -> bool:
    return len({repr(values.get(key)) for values in every}) > 1


def _is_plain(key: str) -> bool:
    return PARAMETERS[key].shape == "whole"


def _row(key: str, own: Values, chosen: Values) -> PresetRow:
    is_other = repr(own.get(key)) != repr(chosen.get(key))
    return PresetRow(_label(key), _word(key, own.get(key)), is_other)


def _label(key: str) -> str:
    """What the first four are called in the street; the others have the name of the catalogue."""
    if key in _SPOKEN:
        return str(_SPOKEN[key])
    kind = PARAMETERS[key]
    return kind.label_zh if language() == "zh" else kind.label_en


def _word(key: str, value: Any) -> str:
    """A value with its unit, for a reader who knows no code."""
    if value is None:
        return _("没有这一条")
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, int):
        return with_unit(value, PARAMETERS[key].unit)
    if not value:
        return _("没有")
    if isinstance(value, Mapping):
        return _("%(count)s 类各有规定", count=len(value))
    return _("%(count)s 条", count=len(value))


def _cases(preset: Preset, values: Values) -> tuple[tuple[str, str], ...]:
    """What the chosen rules mean for a visit, for a long day, and for a family."""
    rows = [
        Parameter(
            key=row.key, value=row.value, unit=row.unit, valid_from_on=date.min, source=row.source
        )
        for row in preset.parameter
    ]
    terms = terms_of(Parameters.of(rows, date.max))

    def credited(real: int) -> str:
        credit = credit_of(real, credited_that_day=0, terms=terms)
        return _("记 %(time)s", time=formats.minutes(credit.credited_minutes, language()))

    def long(real: int) -> str:
        return formats.minutes(real, language())

    pieces = _word("aid.household_pieces_max", values.get("aid.household_pieces_max"))
    months = _word("aid.window_months", values.get("aid.window_months"))
    return (
        (_("教邻居用手机，用了 %(time)s", time=long(SESSION_MINUTES)), credited(SESSION_MINUTES)),
        (_("一天里服务了 %(time)s", time=long(LONG_DAY_MINUTES)), credited(LONG_DAY_MINUTES)),
        (_("有证明的一家，%(months)s里", months=months), _("最多领 %(pieces)s", pieces=pieces)),
    )
