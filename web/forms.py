"""The forms of the staff's pages: they check shape, never rules."""

from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    Field,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from timebank.errors import AboveCeiling, BadInput, InsufficientBalance, TimebankError
from timebank.people.rules import SECRET_LENGTH_MAX
from timebank.policy.rules import DOCUMENTS
from web.reader import LANGUAGES, language
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.units import DeedForm
from web.words.facts import WHY

ID_LENGTH_MAX = 19  # Digits of our ids; what is longer would not fit the database.
SCAN: dict[str, Any] = {
    "autocomplete": "off", "spellcheck": "false", "maxlength": 60, "data-scan": True,
}  # fmt: skip


class WorkForm(DeedForm):
    """A form of a deed whose refusal is said beside its field, where it names one."""

    def refuse(self, refusal: TimebankError) -> None:
        """Say the refusal, and keep all that was typed."""
        super().refuse(refusal)
        if not isinstance(refusal, BadInput):
            return
        field = self.field_of(str(refusal.facts.get("field", "")))
        why = WHY.get(str(refusal.facts.get("why", "")))
        if field is None or why is None:
            return
        field.errors = [*field.errors, str(why)]
        said = self.form_errors.pop()
        # A field within a list has no line of its own on top of the page.
        if field.name not in self._fields and said not in self.form_errors:
            self.form_errors.append(said)

    def field_of(self, name: str) -> Field | None:
        """The field that a refusal names, or None."""
        found: Field | None = self._fields.get(name)
        return None if isinstance(found, HiddenField) else found


def id_of(text: Any) -> int | None:
    """Read an id as a page sends it; None for whatever is no id."""
    told = str(text or "").strip()
    if not told.isascii() or not told.isdigit() or len(told) > ID_LENGTH_MAX:
        return None
    return int(told) if int(told) < 2**63 else None


class Plausible:
    """Refuse a day that is a slip of the finger, and that no calendar could go on from."""

    def __call__(self, form: Any, field: Field) -> None:
        if field.data is not None and not 1990 <= field.data.year <= 2100:
            raise ValidationError(_l("请核对年份。"))


def named(*pairs: tuple[str, Any]) -> list[SelectChoice]:
    """Choices of a list or of radio buttons."""
    return [SelectChoice(value, word) for value, word in pairs]


class PlainForm(WorkForm):
    """A form of buttons only."""


class ReasonForm(WorkForm):
    """Buttons with a reason beside them; whether one is needed is the action's affair."""

    reason = TextAreaField(_l("原因"), [Length(max=400)])


class ShiftForm(WorkForm):
    """When a shift without a check-out ended, and how one knows."""

    ended_at = DateTimeLocalField(
        _l("实际结束的时间"), [InputRequired(_l("请写上结束的日期和时间。")), Plausible()]
    )
    note = TextAreaField(_l("怎么知道的"), [Length(max=400)])


class ProofOfComing(WorkForm):
    """The code or the card of whoever comes to fetch."""

    pickup_code = StringField(
        _l("取物码或服务卡"),
        [InputRequired(_l("请输入取物码，或者扫一下服务卡。"))],
        render_kw=SCAN | {"data-scan-stay": True},
    )


class SettleForm(WorkForm):
    """A word on how a kiosk's deed is settled."""

    note = TextAreaField(_l("说明"), [Length(max=400)])


class ShortfallForm(WorkForm):
    """A word on why the community bears what was lacking."""

    note = TextAreaField(_l("原因"), [Length(max=400)])

    def refuse(self, refusal: TimebankError) -> None:
        """Say what to do about a fact; nobody can take less of what has happened."""
        super().refuse(refusal)
        if isinstance(refusal, InsufficientBalance | AboveCeiling):
            self.form_errors = [_("这个账户现在还补不了。可以过些日子再来补，或者由社区承担。")]


class RecordsForm(WorkForm):
    """The sessions that are confirmed together."""

    record_id = SelectMultipleField(_l("服务记录"), validate_choice=False)

    def ids(self) -> tuple[int, ...]:
        found = [id_of(text) for text in self.record_id.data or ()]
        return tuple(one for one in found if one is not None)


class CardForm(WorkForm):
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


class PinForm(WorkForm):
    """New digits for a card; typed by its holder at the counter."""

    pin = PasswordField(
        _l("新的数字密码"),
        [InputRequired(_l("请输入 4 到 6 位数字。")), Length(max=SECRET_LENGTH_MAX)],
        render_kw={"autocomplete": "off", "inputmode": "numeric", "maxlength": 6},
    )


_SEEN = _l("请看着原件写。")


class PaperForm(WorkForm):
    """A paper that was held in hand."""

    kind = SelectField(_l("哪一种证明"))
    person_id = SelectField(_l("写在谁的名下"))
    valid_from_on = DateField(_l("从哪天起有效"), [InputRequired(_SEEN), Plausible()])
    valid_until_on = DateField(_l("有效期至"), [InputRequired(_SEEN), Plausible()])
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
    """From which day a paper no longer counts, and why."""

    ended_on = DateField(_l("从哪天起不再有效"), [InputRequired(_l("请写上日期。")), Plausible()])
    reason = TextAreaField(_l("原因"), [Length(max=200)])


class SealedForm(WorkForm):
    """What of a person's sealed data is opened, and what for."""

    columns = SelectMultipleField(
        _l("要查看的内容"),
        choices=named(
            ("phone", _l("电话")), ("door", _l("门牌")), ("contacts", _l("紧急联系人")),
            ("notes", _l("需要照顾的情况")), ("id_no", _l("证件号码")),
        ),
    )  # fmt: skip
    reason = StringField(_l("为什么要看"), [Length(max=200)])


class RecordForm(WorkForm):
    """A session as somebody tells it afterwards."""

    service_id = SelectField(_l("做了什么"))
    for_whom = RadioField(
        _l("帮了谁"),
        choices=named(("person", _l("一位邻居")), ("group", _l("集体活动，没有特定的人"))),
        default="person",
    )
    served_on = DateField(_l("哪一天"), [InputRequired(_l("请写上日期。")), Plausible()])
    starts = TimeField(_l("从几点"), [InputRequired(_l("请写上开始的时间。"))])
    ends = TimeField(_l("到几点"), [InputRequired(_l("请写上结束的时间。"))])
    place = StringField(_l("地点"), [Length(max=80)])
    late_reason = TextAreaField(_l("为什么现在才登记"), [Length(max=400)])

    def field_of(self, name: str) -> Field | None:
        told = {"ended_at": "ends", "started_at": "starts"}
        return super().field_of(told.get(name, name))


class PairingForm(WorkForm):
    """The shop that a new kiosk will stand in."""

    store_id = SelectField(_l("放在哪个店"))


class DeviceForm(WorkForm):
    """A deed on one kiosk, and why."""

    device_id = HiddenField()
    why = StringField(_l("原因"), [Length(max=200)])
