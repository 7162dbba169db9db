"""The forms of staff about people: cards, papers, and encrypted data."""

from typing import Any

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length

from timebank.people.rules import ENTERED_KINDS, REASON_LENGTH_MAX
from timebank.policy.rules import DOCUMENTS
from web.forms import DayField, NumberField, WorkForm, named
from web.people.words import PAPERS, RELATIONS, SEALED
from web.reader import LANGUAGES
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


def _in_order() -> list[str]:
    """The kinds that are entered: those of the rules first, in their order."""
    return sorted(ENTERED_KINDS, key=[*DOCUMENTS, *ENTERED_KINDS].index)


class PaperForm(WorkForm):
    """A paper that the member of staff has seen."""

    # The action refuses a kind that is not offered, and says why.
    kind = SelectField(_l("哪一种证明"), validate_choice=False)
    person_id = SelectField(_l("写在谁的名下"))
    valid_from_on = DayField(_l("从哪天起有效"), [InputRequired(_SEEN)])
    valid_until_on = DayField(_l("有效期至"), [InputRequired(_SEEN)])
    document_no = NumberField(
        _l("证件编号"), [InputRequired(_SEEN), Length(max=60)], render_kw={"autocomplete": "off"}
    )
    issuer = StringField(
        _l("发证单位"), [InputRequired(_SEEN), Length(max=80)], render_kw={"autocomplete": "off"}
    )

    picture = FileField(
        _l("原件的照片（可以不拍）"), render_kw={"accept": "image/*", "capture": "environment"}
    )

    def offer(self, members: Any) -> None:
        """Fill the lists: the kinds of papers, the members of the household."""
        self.kind.choices = named(*((code, PAPERS[code]) for code in _in_order()))
        whole = ("", _l("整户"))
        self.person_id.choices = named(
            whole, *((str(member.id), member.name) for member in members)
        )


class RelationForm(WorkForm):
    """How two people are relatives, and since when."""

    kind = SelectField(_l("是什么亲属"), choices=named(*RELATIONS.items()))
    from_on = DayField(_l("从哪天起是亲属"), [InputRequired(_l("请写上日期。"))])


class EndRelationForm(WorkForm):
    """Why two people are relatives no more, or were recorded by mistake."""

    reason = TextAreaField(_l("原因"), [Length(max=REASON_LENGTH_MAX)])


class EndPaperForm(WorkForm):
    """From which day a paper is no longer valid, and why."""

    ended_on = DayField(_l("从哪天起不再有效"), [InputRequired(_l("请写上日期。"))])
    reason = TextAreaField(_l("原因"), [Length(max=200)])


class PaperCheckForm(WorkForm):
    """The second look at a paper: its number from the original, or what is wrong."""

    document_no = NumberField(_l("证件编号"), [Length(max=60)], render_kw={"autocomplete": "off"})
    reason = TextAreaField(_l("哪里不对"), [Length(max=REASON_LENGTH_MAX)])


class OpeningForm(WorkForm):
    """Why somebody may open more today, or may not."""

    note = TextAreaField(_l("原因"), [Length(max=REASON_LENGTH_MAX)])


class SealedForm(WorkForm):
    """Which private fields are decrypted, and why."""

    columns = SelectMultipleField(
        _l("要查看的内容"),
        choices=named(*SEALED.items()),
    )
    reason = StringField(_l("为什么要看"), [Length(max=REASON_LENGTH_MAX)])


class PictureForm(WorkForm):
    """Why the picture of a paper is opened."""

    reason = StringField(
        _l("为什么要看"),
        [InputRequired(_l("请写一句为什么要看。")), Length(max=REASON_LENGTH_MAX)],
    )


class NameForm(WorkForm):
    """Why a masked name is opened."""

    reason = StringField(
        _l("为什么要看"), [InputRequired(_l("请写一句为什么要看。")), Length(max=200)]
    )
