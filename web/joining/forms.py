"""The forms of joining: they check what can be checked without the database."""

from datetime import date
from typing import Any

from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, TextInput

from timebank.errors import BadInput, TimebankError
from timebank.hours.queries import Service
from timebank.joining.rules import (
    TIMES,
    NewRegistration,
    is_minor,
    read_birthday,
    read_registration_no,
    tidy_registration,
)
from timebank.people.queries import Place
from web import units
from web.formats import own_name
from web.forms import CodeField, NumberField, WorkForm, named
from web.households.forms import BirthField
from web.joining.words import END_WORDS, TIME_WORDS
from web.reader import LANGUAGES, language
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.reading import read_id
from web.redrawing import is_redrawn

OFF: dict[str, Any] = {"autocomplete": "off"}
TEL: dict[str, Any] = {"autocomplete": "tel", "inputmode": "tel"}
ELSEWHERE = "elsewhere"
NEEDED = InputRequired(_l("请填写。"))


class BirthdayField(BirthField):
    """A birthday as people write it: ``1953-4-12``, ``1953年4月12日`` or eight digits in a row."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Write it in the usual way first. Raises ``ValueError`` for what is no day."""
        day = read_birthday(valuelist[0]) if valuelist else None
        valuelist = [day.isoformat()] if day else valuelist
        super().process_formdata(valuelist)


class JoinForm(WorkForm):
    """Who they are, where they live, how to call them; what a volunteer can do."""

    name = StringField(_l("姓名"), [Length(max=40)], render_kw={"autocomplete": "name"})
    birth_on = BirthdayField(_l("出生日期"), render_kw={"inputmode": "numeric", **OFF})
    building_id = SelectField(_l("住在哪栋楼"), validate_choice=False)
    phone = StringField(_l("电话"), [Length(max=30)], render_kw=TEL)
    guardian_name = StringField(_l("监护人姓名"), [Length(max=40)], render_kw=OFF)
    guardian_phone = StringField(_l("监护人电话"), [Length(max=30)], render_kw=TEL)
    guardian_agrees = BooleanField(_l("我是他的监护人，在旁边一起填，同意他报名"))
    is_volunteer = BooleanField(_l("我想做志愿者"))
    service_ids = SelectMultipleField(
        _l("会做什么"), validate_choice=False, option_widget=CheckboxInput()
    )
    times = SelectMultipleField(
        _l("什么时候有空"),
        choices=named(*((time, TIME_WORDS[time]) for time in TIMES)),
        validate_choice=False,
        option_widget=CheckboxInput(),
    )
    agrees = BooleanField(_l("我看过上面写的，同意"))

    def offer(self, buildings: list[Place], services: list[Service]) -> None:
        """Fill the lists in the reader's language."""
        self.building_id.choices = named(
            ("", _("请选择")),
            *((str(one.id), _("%(number)s 号楼", number=one.number)) for one in buildings),
            (ELSEWHERE, _("不住在这个社区，只想帮忙")),
        )
        self.service_ids.choices = named(
            *((str(one.id), own_name(one, language())) for one in services)
        )

    @property
    def asks_guardian(self) -> bool:
        """Ask for a guardian only once the birthday says so."""
        birth_on: date | None = self.birth_on.data
        return birth_on is not None and is_minor(birth_on, units.today())

    def registration(self) -> NewRegistration:
        """What was typed."""
        return NewRegistration(
            name=self.name.data or "",
            birth_on=self.birth_on.data,
            building_id=read_id(self.building_id.data),
            phone=self.phone.data or "",
            language=language() if language() in LANGUAGES else "zh",
            agrees=bool(self.agrees.data),
            guardian_name=self.guardian_name.data or "",
            guardian_phone=self.guardian_phone.data or "",
            guardian_agrees=bool(self.guardian_agrees.data),
            is_volunteer=bool(self.is_volunteer.data),
            service_ids=tuple(filter(None, map(read_id, self.service_ids.data or ()))),
            times=tuple(self.times.data or ()),
        )

    def validate(self, *rest: Any, **more: Any) -> bool:
        """Refuse what the rules refuse before anything is written: a stranger sends this.

        All that is missing is marked at once, so that nobody sends the page five times.
        """
        is_whole = super().validate(*rest, **more)
        if is_redrawn() or not (is_whole and self._has_all()):
            return False
        try:
            tidy_registration(self.registration(), units.today())
        except TimebankError as refusal:
            self.refuse(refusal)
            return False
        return True

    def _has_all(self) -> bool:
        needed: list[Any] = [self.name, self.birth_on, self.phone]
        if self.asks_guardian:
            needed += [self.guardian_name, self.guardian_phone]
        for field in needed:
            if not field.data and not field.errors:
                field.errors = [_("请填写。")]
        if not self.building_id.data:
            self.building_id.errors = [_("请选择。")]
        return not self.errors


class StateForm(WorkForm):
    """The number of the slip, and the birthday."""

    registration_no = CodeField(_l("报名号"), [NEEDED, Length(max=30)])
    birth_on = BirthdayField(_l("出生日期"), [NEEDED], render_kw={"inputmode": "numeric", **OFF})

    def validate(self, *rest: Any, **more: Any) -> bool:
        """A number has eight digits; so a typing error is no attempt."""
        is_whole = super().validate(*rest, **more)
        typed = self.registration_no.data or ""
        if typed and self.number is None:
            self.registration_no.errors = [_("报名号是八位数字，写在单子上。")]
            return False
        return is_whole

    @property
    def number(self) -> str | None:
        return read_registration_no(self.registration_no.data or "")


class FindForm(WorkForm):
    """A number, typed or scanned from a slip."""

    registration_no = CodeField(
        _l("报名号"), [NEEDED, Length(max=30)], render_kw={"data-scan": True}
    )


class EndForm(WorkForm):
    """Why nothing comes of it."""

    end_why = RadioField(
        _l("为什么不办了"),
        [InputRequired(_l("请选一个。"))],
        choices=named(*END_WORDS.items()),
        validate_choice=False,
    )


class HelperForm(WorkForm):
    """The document of a volunteer from elsewhere."""

    id_no = NumberField(_l("身份证号"), [Length(max=30)], render_kw=OFF)
    is_other_person = BooleanField(_l("看过证件，和登记过的不是同一个人"))

    def refuse(self, refusal: TimebankError) -> None:
        """Show a fault of the document beside its field."""
        super().refuse(refusal)
        if not isinstance(refusal, BadInput) and self.form_errors:
            self.id_no.errors = [self.form_errors[-1]]
