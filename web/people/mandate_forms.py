"""The forms of who acts for whom."""

from wtforms import RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput

from timebank.people.rules.mandates import GUARDIAN, MANDATE
from web.forms import CodeField, DayField, WorkForm, named
from web.people.words import GROUND_WORDS, MANDATE_WORDS
from web.reader import lazy_gettext as _l

OFF = {"autocomplete": "off"}
NEEDED = InputRequired(_l("请填写。"))


class MandateForm(WorkForm):
    """Who acts for a person, for what, until when, and by which paper or witness."""

    mandate_kind = RadioField(
        _l("哪一种"),
        choices=named(
            (MANDATE, _l("代办人")), (GUARDIAN, _l("未成年人的监护人，到 18 岁自己结束"))
        ),
        default=MANDATE,
    )
    deeds = SelectMultipleField(
        _l("可以代办什么"), choices=named(*MANDATE_WORDS.items()), validate_choice=False,
        option_widget=CheckboxInput(),
    )  # fmt: skip
    until_on = DayField(_l("到哪一天为止"))
    ground = RadioField(_l("凭什么"), choices=named(*GROUND_WORDS.items()), default="paper")
    ground_note = StringField(
        _l("哪一份文件，或者谁在场"), [NEEDED, Length(max=120)], render_kw=OFF
    )


class GiveMandateForm(WorkForm):
    """Whom one lets act for oneself: by the number of their card."""

    agent_card_no = CodeField(_l("他的卡号"), [NEEDED, Length(max=20)], render_kw=OFF)
    deeds = SelectMultipleField(
        _l("可以代办什么"), choices=named(*MANDATE_WORDS.items()), validate_choice=False,
        option_widget=CheckboxInput(),
    )  # fmt: skip
    until_on = DayField(_l("到哪一天为止"), [InputRequired(_l("请写上日期。"))])


class EndMandateForm(WorkForm):
    """Why a mandate is ended by staff."""

    reason = TextAreaField(_l("原因"), [NEEDED, Length(max=200)], render_kw={"rows": 2, **OFF})
