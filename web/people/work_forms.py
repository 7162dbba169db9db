"""The forms of staff about people: cards, papers, and encrypted data."""

from typing import Any

from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from timebank.policy.rules import DOCUMENTS
from web.forms import DayField, WorkForm, named
from web.reader import LANGUAGES, language
from web.reader import lazy_gettext as _l


class NewCardForm(WorkForm):
    """A new card at the counter."""

    language = RadioField(_l("语言"), choices=named(*LANGUAGES.items()), default="zh")
    large_text = BooleanField(_l("用大字显示"))


class StopCardForm(WorkForm):
    """Why a card is stopped."""

    why = RadioField(
        _l("为什么停用"),
        choices=named(("lost", _l("丢了")), ("damaged", _l("坏了")), ("left", _l("搬走了"))),
        default="lost",
    )


class PinWishForm(WorkForm):
    """Ask for the PIN at a kiosk, or end that wish."""

    do = HiddenField(default="ask")


_SEEN = _l("请看着原件写。")


class PaperForm(WorkForm):
    """A paper that the member of staff has seen."""

    kind = SelectField(_l("哪一种证明"))
    person_id = SelectField(_l("写在谁的名下"))
    valid_from_on = DayField(_l("从哪天起有效"), [InputRequired(_SEEN)])
    valid_until_on = DayField(_l("有效期至"), [InputRequired(_SEEN)])
    document_no = StringField(
        _l("证件编号"), [Optional(), Length(max=60)], render_kw={"autocomplete": "off"}
    )

    def offer(self, members: Any) -> None:
        """Fill the lists: the kinds of papers, the members of the household."""
        zh = language() == "zh"
        kinds = [(one.code, one.label_zh if zh else one.label_en) for one in DOCUMENTS.values()]
        self.kind.choices = named(*kinds)
        whole = ("", _l("整户"))
        self.person_id.choices = named(whole, *((str(one.id), one.name) for one in members))


class EndPaperForm(WorkForm):
    """From which day a paper is no longer valid, and why."""

    ended_on = DayField(_l("从哪天起不再有效"), [InputRequired(_l("请写上日期。"))])
    reason = TextAreaField(_l("原因"), [Length(max=200)])


class SealedForm(WorkForm):
    """Which private fields are decrypted, and why."""

    columns = SelectMultipleField(
        _l("要查看的内容"),
        choices=named(
            ("phone", _l("电话")), ("door", _l("门牌")), ("contacts", _l("紧急联系人")),
            ("notes", _l("需要照顾的情况")), ("id_no", _l("证件号码")),
        ),
    )  # fmt: skip
    reason = StringField(_l("为什么要看"), [Length(max=200)])
