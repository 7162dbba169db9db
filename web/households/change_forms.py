"""The forms of a change: nothing sealed is shown, so an empty field means *as it is*."""

from typing import Any

from wtforms import (
    BooleanField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput

from timebank.people.actions import NewDetails
from timebank.people.queries import MemberRecord, PersonBrief, Place
from timebank.people.rules.records import RELATIONS
from web.forms import DayField, NumberField, WorkForm, named
from web.households.words import RELATION_WORDS
from web.reader import LANGUAGES
from web.reader import gettext as _
from web.reader import lazy_gettext as _l

OFF = {"autocomplete": "off"}
NEEDED = InputRequired(_l("请填写。"))


class PersonForm(WorkForm):
    """What is known of a person. The sealed details stay sealed: write only what is new."""

    name = StringField(_l("姓名"), [NEEDED, Length(max=40)], render_kw=OFF)
    relation = SelectField(_l("和户主的关系"), validate_choice=False)
    language = SelectField(_l("跟他说"), validate_choice=False)
    id_no = NumberField(_l("身份证号"), [Length(max=30)], render_kw=OFF)
    phone = StringField(_l("新的电话"), [Length(max=30)], render_kw={**OFF, "inputmode": "tel"})
    no_phone = BooleanField(_l("没有电话了"))
    contacts = StringField(_l("新的紧急联系人"), [Length(max=200)], render_kw=OFF)
    notes = TextAreaField(_l("需要照顾的情况"), [Length(max=200)], render_kw={"rows": 2, **OFF})
    no_notes = BooleanField(_l("不再需要照顾，原来写的不作数了"))

    def offer(self) -> None:
        """Fill the lists."""
        words = [(code, RELATION_WORDS[code]) for code in RELATIONS]
        self.relation.choices = named(("", _("没有写")), *words)
        self.language.choices = named(("", _("没有写")), *LANGUAGES.items())

    @classmethod
    def of(cls, person: PersonBrief, record: MemberRecord) -> "PersonForm":
        return cls(
            data={"name": person.name, "relation": record.relation or "",
                  "language": record.language or ""}
        )  # fmt: skip

    def details(self) -> NewDetails:
        """What was written; an empty field changes nothing."""
        return NewDetails(
            name=self.name.data,
            relation=self.relation.data or None,
            language=self.language.data or None,
            id_no=(self.id_no.data or "").strip() or None,
            phone="" if self.no_phone.data else (self.phone.data or "").strip() or None,
            contacts=(self.contacts.data or "").strip() or None,
            notes="" if self.no_notes.data else (self.notes.data or "").strip() or None,
        )


def building_choices(buildings: list[Place]) -> list[Any]:
    """The buildings to choose from."""
    return named(
        ("", _("请选择")),
        *((str(place.id), _("%(number)s 号楼", number=place.number)) for place in buildings),
    )


class ConsentForm(WorkForm):
    """Which consent somebody gives, or takes back."""

    kind = RadioField(_l("哪一项"), [NEEDED])


class HomeForm(WorkForm):
    """Another building or door for a whole household."""

    building_id = SelectField(_l("楼栋"), validate_choice=False)
    door = StringField(_l("新的门牌"), [Length(max=80)], render_kw=OFF)


class MoveForm(WorkForm):
    """Who moves, and where to."""

    person_ids = SelectMultipleField(_l("谁"), validate_choice=False, option_widget=CheckboxInput())
    why = RadioField(
        _l("去哪里"),
        choices=named(
            ("moved", _l("搬到社区里的另一户")),
            ("split", _l("分出来，单独一户")),
            ("left", _l("搬走了，不住在这个社区了")),
            ("died", _l("去世了")),
        ),
        validate_choice=False,
    )
    household_no = NumberField(_l("搬到哪一户"), [Length(max=20)], render_kw=OFF)
    building_id = SelectField(_l("新的一户在哪栋楼"), validate_choice=False)
    door = StringField(_l("新的一户门牌"), [Length(max=80)], render_kw=OFF)
    happened_on = DayField(_l("哪一天"), [NEEDED])
    note = StringField(_l("说明"), [Length(max=200)], render_kw=OFF)


class MergeForm(WorkForm):
    """Why two records are taken to be of one person."""

    reason = TextAreaField(
        _l("为什么说是同一个人"), [NEEDED, Length(max=200)], render_kw={"rows": 2, **OFF}
    )


class UndoForm(WorkForm):
    """Why a merge is taken back."""

    reason = TextAreaField(
        _l("为什么要拆开"), [NEEDED, Length(max=200)], render_kw={"rows": 2, **OFF}
    )
