"""The form of a change: its fields depend on the shape of the parameter."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from wtforms import Field, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from timebank.policy.rules import PARAMETERS
from timebank.settings.rules import TEXT_LENGTH_MAX
from web.forms import DayField, WholeNumberField, WorkForm, named
from web.founding.forms import TicksField
from web.reader import lazy_gettext as _l
from web.settings.values import CODES, DEMANDS, WORST_CONDITION

STEPS_MAX = 10  # As many lines as a table of steps has; those that are left empty do not count.
UNITS = {
    "pieces": _l("件"), "hours": _l("小时"), "days": _l("天"), "working_days": _l("个工作日"),
    "months": _l("个月"), "times": _l("次"), "percent": _l("%"),
}  # fmt: skip
_NEEDED = InputRequired(_l("请填写。"))


class ChangeForm(WorkForm):
    """From when, why and by which decision; the value itself is added for each parameter."""

    key = ""
    valid_from_on = DayField(_l("从哪天起"), [InputRequired(_l("请写上日期。"))])
    reason = TextAreaField(
        _l("为什么改"), [InputRequired(_l("请写一句。")), Length(max=TEXT_LENGTH_MAX)]
    )
    source = StringField(
        _l("依据"), [InputRequired(_l("请写上依据。")), Length(max=TEXT_LENGTH_MAX)],
        render_kw={"autocomplete": "off"},
    )  # fmt: skip

    @property
    def value_fields(self) -> list[Field]:
        """The fields of the value, as they are drawn."""
        return [field for name, field in self._fields.items() if name.startswith("v_")]

    @property
    def value_groups(self) -> list[tuple[Any, list[Field]]]:
        """The fields of the value as they stand together: a kind of goods, a line of a table.

        **Shape**: (heading, fields); a group with a heading is folded. Of the empty lines of a
        table only two are drawn.
        """
        fields, shape = self.value_fields, PARAMETERS[self.key].shape
        pairs = [fields[at : at + 2] for at in range(0, len(fields), 2)]
        if shape == "by_kind":
            return [(ticks.label.text, [ticks, least]) for ticks, least in pairs]
        if shape not in ("steps", "staged"):
            return [("", [field]) for field in fields]
        filled = [at for at, pair in enumerate(pairs) if any(one.data is not None for one in pair)]
        return [("", pair) for pair in pairs[: max(filled, default=-1) + 3]]

    def field_of(self, name: str) -> Field | None:
        """A fault of the value is shown at its first field."""
        return self.value_fields[0] if name == "value" else super().field_of(name)

    def value(self) -> Any:
        """The value as it was filled in."""
        return _READERS[PARAMETERS[self.key].shape](self)

    def show(self, value: Any) -> None:
        """Fill in the value that is in force."""
        for name, data in _shown(self.key, value).items():
            if name in self._fields:
                self._fields[name].data = data


@cache
def form_for(key: str) -> type[ChangeForm]:
    """The form of a parameter."""
    return type("ParameterChangeForm", (ChangeForm,), {"key": key, **_FIELDS[shape_of(key)](key)})


def shape_of(key: str) -> str:
    """How a value is filled in: minutes are typed as hours and minutes."""
    kind = PARAMETERS[key]
    return "minutes" if (kind.shape, kind.unit) == ("whole", "minutes") else kind.shape


def _number(label: Any, *rest: Any, unit: str = "") -> Any:
    words = UNITS.get(unit, "")
    return WholeNumberField(
        label, [*(rest or (Optional(),))], description=words,
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )  # fmt: skip


def _whole(key: str) -> dict[str, Any]:
    return {"v_number": _number(_l("改成"), _NEEDED, unit=PARAMETERS[key].unit)}


def _minutes(key: str) -> dict[str, Any]:
    return {
        "v_hours": _number(_l("改成：小时")),
        "v_minutes": _number(_l("再加：分钟")),
    }


def _codes(key: str) -> dict[str, Any]:
    return {"v_codes": TicksField(_l("改成"), choices=named(*CODES[key].items()))}


def _numbers(key: str) -> dict[str, Any]:
    unit = PARAMETERS[key].unit
    return {f"v_{code}": _number(word, unit=unit) for code, word in CODES[key].items()}


def _steps(key: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for line in range(STEPS_MAX):
        fields[f"v_{line}_from"] = _number(_l("保质期满（天）"))
        fields[f"v_{line}_to"] = _number(_l("就要（天）"))
    return fields


def _by_kind(key: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for code, word in CODES[key].items():
        fields[f"v_{code}_asks"] = TicksField(word, choices=named(*DEMANDS.items()))
        fields[f"v_{code}_least"] = _number(_l("估价最低是原价的（%）"))
    return fields


_FIELDS: Mapping[str, Any] = {
    "whole": _whole, "minutes": _minutes, "codes": _codes, "percents": _numbers,
    "counts": _numbers, "steps": _steps, "staged": _steps, "by_kind": _by_kind,
}  # fmt: skip


def _shown(key: str, value: Any) -> dict[str, Any]:
    """What each field holds for a value."""
    shape = shape_of(key)
    if value is None:
        return {}
    if shape == "minutes":
        return {"v_hours": value // 60, "v_minutes": value % 60}
    if shape == "whole":
        return {"v_number": value}
    if shape == "codes":
        return {"v_codes": list(value)}
    if shape in ("percents", "counts"):
        return {f"v_{code}": number for code, number in value.items()}
    if shape == "by_kind":
        return dict(_shown_kinds(value))
    steps = [(0, value)] if isinstance(value, int) else sorted(value)
    parts = {f"v_{line}_from": start for line, (start, _) in enumerate(steps)}
    return parts | {f"v_{line}_to": number for line, (_, number) in enumerate(steps)}


def _shown_kinds(value: Mapping[str, Any]) -> Any:
    for code, demands in value.items():
        yield f"v_{code}_asks", [name for name, asked in demands.items() if asked is True]
        yield f"v_{code}_least", demands.get(WORST_CONDITION)


def _read_whole(form: Any) -> Any:
    if "v_number" in form._fields:
        return form.v_number.data
    return (form.v_hours.data or 0) * 60 + (form.v_minutes.data or 0)


def _read_codes(form: Any) -> Any:
    return list(form.v_codes.data or ())


def _read_numbers(form: Any) -> Any:
    numbers = {name.removeprefix("v_"): field.data for name, field in form._fields.items()}
    return {code: numbers[code] for code in CODES[form.key] if numbers.get(code) is not None}


def _read_steps(form: Any) -> Any:
    lines = [[form[f"v_{line}_from"].data, form[f"v_{line}_to"].data] for line in range(STEPS_MAX)]
    return [line for line in lines if line != [None, None]]


def _read_kinds(form: Any) -> Any:
    return {code: demands for code in CODES[form.key] if (demands := _read_kind(form, code))}


def _read_kind(form: Any, code: str) -> dict[str, Any]:
    asked: dict[str, Any] = dict.fromkeys(form[f"v_{code}_asks"].data or (), True)
    least = form[f"v_{code}_least"].data
    return asked | ({WORST_CONDITION: least} if least is not None else {})


_READERS: Mapping[str, Any] = {
    "whole": _read_whole, "codes": _read_codes, "percents": _read_numbers,
    "counts": _read_numbers, "steps": _read_steps, "staged": _read_steps, "by_kind": _read_kinds,
}  # fmt: skip
