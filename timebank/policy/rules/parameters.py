"""The catalogue of parameters, and the values in force on a day.

A parameter is a number or a small table, with a start day and a source. It is never edited: a new
row takes effect from a later day. Not here: where the rows are stored.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from timebank.errors import BadInput
from timebank.policy.rules.defaults import OPENINGS_MAX, PAPER_MONTHS_MAX
from timebank.values import LARGEST_QUANTITY

Shape = Literal["whole", "steps", "staged", "codes", "percents", "counts", "by_kind"]


@dataclass(frozen=True, slots=True)
class ParameterKind:
    """The meaning of a parameter, and the shape of its value.

    **Shape**: *whole* a number; *steps* pairs (from this amount on, value); *staged* steps, or one
    number for every amount, as rows before 2026 have it; *codes* a list of words; *percents* word
    → 0..100; *counts* word → number; *by_kind* kind of goods → requirement → number or yes/no.

    ``unless_set`` is in force where a community has set no value: a guard must also hold in a
    community that was founded before the parameter existed.
    """

    key: str
    shape: Shape
    unit: str
    label_zh: str
    label_en: str
    unless_set: Any = None


PARAMETERS = {
    kind.key: kind
    for kind in (
        ParameterKind(
            key="people.second_factor_roles",
            shape="codes",
            unit="",
            label_zh="登录要第二步的岗位",
            label_en="roles that need a second factor",
        ),
        ParameterKind(
            key="hours.rounding_minutes",
            shape="whole",
            unit="minutes",
            label_zh="时长取整步长",
            label_en="rounding step",
        ),
        ParameterKind(
            key="hours.shortest_minutes",
            shape="whole",
            unit="minutes",
            label_zh="最短计入时长",
            label_en="shortest session",
        ),
        ParameterKind(
            key="hours.daily_cap_minutes",
            shape="whole",
            unit="minutes",
            label_zh="每日计入上限",
            label_en="daily cap",
        ),
        ParameterKind(
            key="hours.balance_cap_minutes",
            shape="whole",
            unit="minutes",
            label_zh="结存上限",
            label_en="balance cap",
        ),
        ParameterKind(
            key="hours.recording_working_days",
            shape="whole",
            unit="working_days",
            label_zh="补录期限",
            label_en="recording deadline",
        ),
        ParameterKind(
            key="goods.food_days_left_min",
            shape="staged",
            unit="days",
            label_zh="食品最少剩余天数",
            label_en="food days left",
        ),
        ParameterKind(
            key="goods.pre_deposit_days",
            shape="whole",
            unit="days",
            label_zh="预存入有效期",
            label_en="pre-deposit validity",
        ),
        ParameterKind(
            key="goods.near_expiry",
            shape="steps",
            unit="days",
            label_zh="临期天数表",
            label_en="near-expiry table",
        ),
        ParameterKind(
            key="goods.refused_kinds",
            shape="codes",
            unit="",
            label_zh="一律拒收的种类",
            label_en="kinds always refused",
        ),
        ParameterKind(
            key="goods.condition_percents",
            shape="percents",
            unit="percent",
            label_zh="成色折算",
            label_en="condition value",
        ),
        ParameterKind(
            key="goods.acceptance",
            shape="by_kind",
            unit="",
            label_zh="分类验收要求",
            label_en="acceptance by kind",
        ),
        ParameterKind(
            key="aid.household_pieces_max",
            shape="whole",
            unit="pieces",
            label_zh="每户件数上限",
            label_en="household cap",
        ),
        ParameterKind(
            key="aid.window_months",
            shape="whole",
            unit="months",
            label_zh="件数统计月数",
            label_en="window of the cap",
        ),
        ParameterKind(
            key="aid.hold_hours",
            shape="whole",
            unit="hours",
            label_zh="预约保留时长",
            label_en="reservation kept for",
        ),
        ParameterKind(
            key="aid.no_show_max",
            shape="whole",
            unit="times",
            label_zh="爽约次数上限",
            label_en="no-shows allowed",
        ),
        ParameterKind(
            key="aid.no_show_months",
            shape="whole",
            unit="months",
            label_zh="爽约统计月数",
            label_en="window of no-shows",
        ),
        ParameterKind(
            key="aid.booking_closed_days",
            shape="whole",
            unit="days",
            label_zh="暂停预约天数",
            label_en="booking rests for",
        ),
        ParameterKind(
            key="kiosks.upload_days_max",
            shape="whole",
            unit="days",
            label_zh="终端最晚几天传上来",
            label_en="longest delay of a kiosk",
        ),
        ParameterKind(
            key="people.paper_months_max",
            shape="counts",
            unit="months",
            label_zh="各种证明最长登记多久",
            label_en="longest validity of each paper",
            unless_set=PAPER_MONTHS_MAX,
        ),
        ParameterKind(
            key="people.paper_ahead_days",
            shape="whole",
            unit="days",
            label_zh="证明最多提前几天登记",
            label_en="a paper is entered ahead by",
            unless_set=60,
        ),
        ParameterKind(
            key="people.openings_max",
            shape="counts",
            unit="times",
            label_zh="每天可以打开几次锁着的资料",
            label_en="openings of sealed data a day",
            unless_set=OPENINGS_MAX,
        ),
        ParameterKind(
            key="people.picture_days",
            shape="whole",
            unit="days",
            label_zh="证明到期后照片再留几天",
            label_en="a picture outlives its paper by",
            unless_set=90,
        ),
        ParameterKind(
            key="messages.keep_days",
            shape="whole",
            unit="days",
            label_zh="消息的内容保存几天",
            label_en="the content of a message is kept",
            unless_set=365,
        ),
        ParameterKind(
            key="joining.registration_days",
            shape="whole",
            unit="days",
            label_zh="自己报名以后几天内来柜台",
            label_en="a registration waits for",
            unless_set=30,
        ),
    )
}


class MissingParameter(LookupError):
    """No value is in force for a key. The community was set up wrongly; this is not a refusal."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One dated row: the value, its unit, its source, and its first day."""

    key: str
    value: Any
    unit: str
    valid_from_on: date
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Parameters:
    """The values in force on one day."""

    rows: Mapping[str, Parameter]

    @classmethod
    def of(cls, rows: Iterable[Parameter], on: date) -> "Parameters":
        """Pick for each key the newest row that is in force on that day."""
        found: dict[str, Parameter] = {}
        for row in rows:
            known = found.get(row.key)
            newer = known is None or known.valid_from_on < row.valid_from_on
            if row.valid_from_on <= on and newer:
                found[row.key] = row
        return cls(found)

    def row(self, key: str) -> Parameter:
        found = self.rows.get(key) or _unless_set(key)
        if found is None:
            raise MissingParameter(key)
        return found

    def whole(self, key: str, usual: int | None = None) -> int:
        """Read a number, in the unit that ends its key.

        ``usual`` holds in a community that was set up before the key existed.
        """
        if usual is not None and key not in self.rows:
            return usual
        value = self.row(key).value
        if type(value) is not int:
            raise MissingParameter(key)
        return value

    def codes(self, key: str) -> tuple[str, ...]:
        return tuple(self.row(key).value)

    def percent(self, key: str, code: str) -> int:
        return int(self.row(key).value[code])

    def counts(self, key: str) -> dict[str, int]:
        """Read a number for each word: for each kind of paper, for each role."""
        return dict(self.row(key).value)

    def demands(self, key: str, kind: str) -> dict[str, int | bool]:
        """Read the requirements for a kind of goods; a kind without an entry has none."""
        return dict(self.row(key).value.get(kind, {}))

    def step(self, key: str, at: int) -> int:
        """Read a table of steps: the value of the highest step not above ``at``.

        A row with one number has this value for every amount.
        """
        value = self.row(key).value
        steps = [(0, value)] if type(value) is int else value
        reached = [(start, value) for start, value in steps if start <= at]
        if not reached:
            raise MissingParameter(f"{key} below {at}")
        return int(max(reached)[1])

    def only(self, keys: Iterable[str]) -> "Parameters":
        """Keep the rows that a rule used, for its decision record."""
        return Parameters({key: self.rows[key] for key in sorted(keys) if key in self.rows})


def _unless_set(key: str) -> Parameter | None:
    kind = PARAMETERS.get(key)
    if kind is None or kind.unless_set is None:
        return None
    return Parameter(
        key=key,
        value=kind.unless_set,
        unit=kind.unit,
        valid_from_on=date.min,
        source="本平台默认值（社区还没有另定）",
    )


def check_parameter(key: str, value: object) -> None:
    """Check that a value has the shape of its key.

    **Refuses**: ``BadInput`` with the field ``key`` or ``value``.
    """
    if key not in PARAMETERS:
        raise BadInput(field="key", why="unknown_parameter")
    if not _SHAPES[PARAMETERS[key].shape](value):
        raise BadInput(field="value", why="shape", key=key)


def _is_whole(value: object) -> bool:
    return type(value) is int and 0 <= value <= LARGEST_QUANTITY


def _are_steps(value: object) -> bool:
    if not isinstance(value, list | tuple) or not value:
        return False
    if not all(isinstance(step, list | tuple) and len(step) == 2 for step in value):
        return False
    starts = [start for start, _ in value]
    return all(_is_whole(n) for step in value for n in step) and len(set(starts)) == len(starts)


def _is_staged(value: object) -> bool:
    if not isinstance(value, list | tuple):
        return _is_whole(value)
    return _are_steps(value) and any(start == 0 for start, _ in value)


def _are_codes(value: object) -> bool:
    return isinstance(value, list | tuple) and all(type(code) is str and code for code in value)


def _are_percents(value: object) -> bool:
    return isinstance(value, dict) and all(
        type(code) is str and _is_whole(percent) and percent <= 100
        for code, percent in value.items()
    )


def _are_counts(value: object) -> bool:
    return isinstance(value, dict) and all(
        type(code) is str and _is_whole(count) for code, count in value.items()
    )


def _is_by_kind(value: object) -> bool:
    return isinstance(value, dict) and all(
        type(kind) is str
        and isinstance(demands, dict)
        and all(
            type(name) is str and (type(demand) is bool or _is_whole(demand))
            for name, demand in demands.items()
        )
        for kind, demands in value.items()
    )


_SHAPES = {
    "whole": _is_whole,
    "steps": _are_steps,
    "staged": _is_staged,
    "codes": _are_codes,
    "percents": _are_percents,
    "counts": _are_counts,
    "by_kind": _is_by_kind,
}
