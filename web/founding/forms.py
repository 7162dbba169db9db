"""The forms of the set-up: shape only. What a field must hold is read by ``timebank.founding``."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import RadioField, SelectMultipleField, StringField, TextAreaField, widgets
from wtforms.validators import InputRequired, Length

from timebank.founding.faults import PlanFault
from timebank.founding.spelling import usual_code
from timebank.policy.presets import preset_codes, read_preset
from web.formats import own_name
from web.forms import CodeField, named
from web.founding.words import ROLE_WORDS, fault_word
from web.founding.writing import read_grids, written_grids
from web.reader import language
from web.reader import lazy_gettext as _l
from web.units import SpokenForm

Tables = Mapping[str, Any]
NEEDED = InputRequired(_l("请填写。"))
OFF: dict[str, Any] = {"autocomplete": "off"}
DIGITS: dict[str, Any] = {**OFF, "inputmode": "numeric"}
USUAL_PRESETS = ("seed_wuhan", "demo")  # The first one that there is.


class StartForm(SpokenForm):
    """The code that the server printed."""

    code = CodeField(
        _l("开通码"), [NEEDED, Length(max=40)], render_kw={**OFF, "spellcheck": "false"}
    )


class TicksField(SelectMultipleField):
    """Boxes to tick."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


class StepForm(SpokenForm):
    """One step. ``NAMES`` gives the field of a fault where the description names it otherwise."""

    NAMES: Mapping[tuple[str, str], str] = {}

    @abstractmethod
    def tables(self) -> dict[str, Any]:
        """What was typed, as the tables of a description."""

    @classmethod
    @abstractmethod
    def of(cls, tables: Tables) -> dict[str, Any]:
        """What the fields hold: what was saved, or the usual."""

    def name_of(self, fault: PlanFault) -> str:
        """The name of the field of this form that a fault is about."""
        return self.NAMES.get((fault.table, fault.name), fault.name)

    def show(self, faults: Iterable[PlanFault]) -> None:
        """Show each fault beside its field, once."""
        for fault in faults:
            field, word = self._fields.get(self.name_of(fault)), fault_word(fault)
            if field is None:
                self.form_errors.append(word)
            elif word not in field.errors:
                field.errors = [*field.errors, word]


class CommunityForm(StepForm):
    """The first step. Without a code, the name in Latin letters is the code."""

    name_zh = StringField(_l("社区的名字"), [NEEDED], render_kw=OFF)
    street = StringField(_l("街道或乡镇"), [NEEDED], render_kw=OFF)
    division_code = StringField(_l("区划代码"), [NEEDED], render_kw=DIGITS)
    contact_name = StringField(_l("有事找谁"), [NEEDED], render_kw=OFF)
    contact_phone = StringField(_l("联系电话"), [NEEDED], render_kw={**OFF, "inputmode": "tel"})
    name_en = StringField(_l("英文名（可以不填）"), render_kw=OFF)
    code = StringField(_l("社区代码（可以不填）"), render_kw={**OFF, "spellcheck": "false"})
    TYPED = (
        "name_zh", "street", "division_code", "contact_name", "contact_phone", "name_en", "code",
    )  # fmt: skip

    def tables(self) -> dict[str, Any]:
        typed = {name: (self[name].data or "").strip() for name in self.TYPED}
        typed["code"] = typed["code"] or usual_code(typed["name_zh"])
        return {"community": {name: text for name, text in typed.items() if text}}

    @classmethod
    def of(cls, tables: Tables) -> dict[str, Any]:
        return dict(tables.get("community", {}))


class PlacesForm(StepForm):
    """The second step: counted, or one grid a line."""

    NAMES = {("grid", name): "listed" for name in ("", "name_zh", "buildings")}
    buildings = StringField(_l("一共有几栋楼"), render_kw=DIGITS)
    grids = StringField(_l("分成几个网格"), render_kw=DIGITS)
    listed = TextAreaField(_l("或者一个个写出来"), render_kw={"rows": 4, **OFF})

    def tables(self) -> dict[str, Any]:
        if (self.listed.data or "").strip():
            return {"grid": read_grids(self.listed.data)}
        return {"places": {"buildings": self.buildings.data, "grids": self.grids.data}}

    @classmethod
    def of(cls, tables: Tables) -> dict[str, Any]:
        usual = {"buildings": "10", "grids": "2"}
        return usual | tables.get("places", {}) | {"listed": written_grids(tables.get("grid", ()))}


class RulesForm(StepForm):
    """The third step; the page shows what each set of rules says."""

    preset = RadioField(_l("选一套规则"), [InputRequired(_l("请选一套。"))])

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        presets = [(code, read_preset(code)) for code in preset_codes()]
        self.preset.choices = named(
            *((code, own_name(preset, language())) for code, preset in presets)
        )

    def tables(self) -> dict[str, Any]:
        return {"rules": {"preset": self.preset.data}}

    @classmethod
    def of(cls, tables: Tables) -> dict[str, Any]:
        usual = next(code for code in USUAL_PRESETS if code in preset_codes())
        return {"preset": usual, **tables.get("rules", {})}


class PeopleForm(StepForm):
    """The fifth step: a coordinator, and a second person."""

    NAMES = {("staff", ""): "second_role", ("staff", "roles"): "second_role"}
    first_name = StringField(_l("第一位的姓名"), [NEEDED], render_kw=OFF)
    second_name = StringField(_l("第二位的姓名"), [NEEDED], render_kw=OFF)
    second_role = RadioField(_l("第二位做什么"), choices=named(*ROLE_WORDS.items()))

    def tables(self) -> dict[str, Any]:
        second = [self.second_role.data] if self.second_role.data else []
        return {
            "staff": [
                {"name": self.first_name.data, "roles": ["coordinator"]},
                {"name": self.second_name.data, "roles": second},
            ]
        }

    def name_of(self, fault: PlanFault) -> str:
        """The fault of a name is about the name of that person."""
        if fault.name == "name":
            return "first_name" if fault.number == 1 else "second_name"
        return super().name_of(fault)

    @classmethod
    def of(cls, tables: Tables) -> dict[str, Any]:
        contact = tables.get("community", {}).get("contact_name", "")
        usual = [{"name": contact, "roles": []}, {"name": "", "roles": ["approver"]}]
        first, second = tables.get("staff", usual)
        names = {"first_name": first["name"], "second_name": second["name"]}
        return names | {"second_role": second["roles"][0]}
