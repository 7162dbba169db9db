"""The forms of staff about people: cards, papers, and encrypted data."""

from typing import Any

from wtforms import (
    BooleanField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from timebank.people.rules import SECRET_LENGTH_MAX
from timebank.policy.rules import DOCUMENTS
from web.forms import DayField, WorkForm, named
from web.reader import LANGUAGES, language
from web.reader import lazy_gettext as _l


class NewCardForm(WorkForm):
    """A new card at the counter."""

    pin = PasswordField(
        _l("数字密码"),
        [Length(max=SECRET_LENGTH_MAX)],
        render_kw={"autocomplete": "off", "inputmode": "numeric", "maxlength": 6},
    )
    language = RadioField(_l("语言"), choices=named(*LANGUAGES.items()), default="zh")
    large_text = BooleanField(_l("用大字显示"))


class StopCardForm(WorkForm):
    """Why a card is stopped."""

    why = RadioField(
        _l("为什么停用"),
        choices=named(("lost", _l("丢了")), ("damaged", _l("坏了")), ("left", _l("搬走了"))),
        default="lost",
    )


class NewPinForm(WorkForm):
    """A new PIN for a card; its holder types it at the counter."""

    pin = PasswordField(
        _l("新的数字密码"),
        [InputRequired(_l("请输入 4 到 6 位数字。")), Length(max=SECRET_LENGTH_MAX)],
        render_kw={"autocomplete": "off", "inputmode": "numeric", "maxlength": 6},
    )


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


class NameForm(WorkForm):
    """Why a masked name is opened."""

    reason = StringField(
        _l("为什么要看"), [InputRequired(_l("请写一句为什么要看。")), Length(max=200)]
    )
