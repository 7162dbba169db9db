"""The forms of sign-in and card: they check shape; the texts are in the reader's language."""

from wtforms import BooleanField, Field, HiddenField, PasswordField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from timebank.errors import BadInput, TimebankError
from timebank.people.refusals import SignInFailed
from timebank.people.rules import SECRET_LENGTH_MAX, check_password, check_pin, read_pin
from timebank.people.rules.visits import read_code
from timebank.typed import code_in
from web.forms import CodeField, PinField, WorkForm
from web.reader import LANGUAGES
from web.reader import lazy_gettext as _l
from web.reading import is_card, read_id
from web.units import DeedForm, SpokenForm
from web.words import sentence


def login_name_field() -> StringField:
    """The user name, as it is typed at the sign-in and chosen by whoever is invited."""
    return StringField(
        _l("用户名"),
        [InputRequired(_l("请填写用户名。")), Length(max=SECRET_LENGTH_MAX)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )


class SignInForm(SpokenForm):
    """Shared by both ways of signing in: a refusal is shown below the last field."""

    refusal: TimebankError | None = None

    def refuse(self, refusal: TimebankError, field: Field) -> None:
        """Show why below the secret, and clear it."""
        self.refusal = refusal
        field.errors = [*field.errors, sentence(refusal)]


class NameSignInForm(SignInForm):
    """Sign in by name and password."""

    login_name = login_name_field()
    password = PasswordField(
        _l("密码"),
        [InputRequired(_l("请填写密码。")), Length(max=SECRET_LENGTH_MAX)],
        render_kw={"autocomplete": "current-password"},
    )


class CardSignInForm(SignInForm):
    """Sign in by card, scanned or typed, and PIN."""

    card = CodeField(
        _l("卡号"),
        [InputRequired(_l("请扫一下卡上的方码，或者输入卡面上的 9 位数字。"))],
        description=_l("卡面上的 9 位数字；有扫码器的话，直接扫卡上的方码。"),
        render_kw={
            "autocomplete": "off", "inputmode": "numeric", "spellcheck": "false",
            "maxlength": 40, "data-scan": True, "data-scan-stay": True,
        },
    )  # fmt: skip
    pin = PinField(
        _l("数字密码"),
        [InputRequired(_l("请输入数字密码。")), Length(max=SECRET_LENGTH_MAX)],
        description=_l("办卡时您自己定的 4 到 6 位数字。"),
        render_kw={"autocomplete": "off", "inputmode": "numeric"},
    )

    def validate_pin(self, field: PasswordField) -> None:
        check_pin_shape(field)

    def validate_card(self, field: StringField) -> None:
        if not is_card(field.data or ""):
            raise ValidationError(_l("这个卡号不对，请看着卡面再输一次，一共 9 位数字。"))


def check_pin_shape(field: PasswordField) -> None:
    """Refuse what is no PIN at all, before it counts as an attempt."""
    try:
        read_pin(field.data or "")
    except BadInput:
        raise ValidationError(_l("请输入 4 到 6 位数字。")) from None


class CodeForm(SignInForm):
    """A code of the second factor."""

    code = CodeField(
        _l("验证码"),
        [InputRequired(_l("请输入验证码。")), Length(max=SECRET_LENGTH_MAX)],
        render_kw={"autocomplete": "one-time-code", "spellcheck": "false", "maxlength": 40},
    )

    def validate_code(self, field: StringField) -> None:
        try:
            read_code(field.data or "")
        except BadInput:
            raise ValidationError(
                _l("验证码是手机上的 6 位数字，或者 10 位的恢复码，请再输一次。")
            ) from None

    def refuse(self, refusal: TimebankError, field: Field) -> None:
        """Say that a code works once and for a short time."""
        super().refuse(refusal, field)
        if isinstance(refusal, SignInFailed):
            field.errors = [_l("这个验证码不对，或者已经用过。请等手机上换了新的再输。")]


class SecretForm(SignInForm):
    """One's own password or PIN, asked again."""

    secret = PasswordField(
        _l("密码"),
        [InputRequired(_l("请填写密码。")), Length(max=SECRET_LENGTH_MAX)],
        render_kw={"autocomplete": "current-password"},
    )

    def refuse(self, refusal: TimebankError, field: Field) -> None:
        """Name the one secret that was asked for."""
        super().refuse(refusal, field)
        if isinstance(refusal, SignInFailed):
            field.errors = [_l("密码不对，请再输一次。")]


class OwnPasswordForm(WorkForm):
    """Change one's own password against the old one; the new one is typed twice."""

    old = PasswordField(
        _l("现在的密码"),
        [InputRequired(_l("请填写现在的密码。")), Length(max=SECRET_LENGTH_MAX)],
        render_kw={"autocomplete": "current-password"},
    )
    password = PasswordField(
        _l("新的密码"),
        [InputRequired(_l("请填写新的密码。")), Length(max=SECRET_LENGTH_MAX)],
        description=_l("至少 8 个字。几个不相干的词连在一起，好记又难猜。"),
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("新的密码，再输一次"),
        [InputRequired(_l("请再输一次，免得按错。"))],
        render_kw={"autocomplete": "new-password"},
    )

    def validate_password(self, field: PasswordField) -> None:
        try:
            check_password(field.data or "")
        except BadInput:
            raise ValidationError(_l("太短了，至少要 8 个字。")) from None

    def validate_again(self, field: PasswordField) -> None:
        if field.data != self.password.data:
            raise ValidationError(_l("两次输入的不一样，请再输一次。"))


class LostForm(DeedForm):
    """Report one's card lost. The form names the card, so that a second tap means the same one."""

    card_id = HiddenField()

    @property
    def number(self) -> int:
        """The card's id; 0, which no card has, for anything that is not a number."""
        return read_id(self.card_id.data) or 0


class HolderPinForm(DeedForm):
    """The PIN of the holder's last card, typed on the screen that is turned to them."""

    pin = PasswordField(
        _l("数字密码"),
        [InputRequired(_l("请输入数字密码。")), Length(max=SECRET_LENGTH_MAX)],
        render_kw={"autocomplete": "off", "inputmode": "numeric", "maxlength": 6},
    )


class OwnPinForm(WorkForm):
    """Set the PIN of one's own card, typed twice; one that is set is asked for first."""

    old = PinField(
        _l("现在的数字密码"),
        [Length(max=SECRET_LENGTH_MAX)],
        render_kw={"autocomplete": "off", "inputmode": "numeric", "maxlength": 6},
    )
    pin = PinField(
        _l("新的数字密码"),
        [InputRequired(_l("请输入数字密码。"))],
        description=_l("4 到 6 位数字，不要用 1111 或 1234 这样容易猜到的。"),
        render_kw={"autocomplete": "off", "inputmode": "numeric", "maxlength": 6},
    )
    again = PinField(
        _l("再输一次"),
        [InputRequired(_l("请再输一次，免得按错。"))],
        render_kw={"autocomplete": "off", "inputmode": "numeric", "maxlength": 6},
    )

    def validate_pin(self, field: PasswordField) -> None:
        try:
            check_pin(field.data or "")
        except BadInput as refusal:
            easy = refusal.facts["why"] == "easy"
            raise ValidationError(
                _l("这个太容易猜到，请换一个。") if easy else _l("请输入 4 到 6 位数字。")
            ) from None

    def validate_old(self, field: PasswordField) -> None:
        if field.data:
            check_pin_shape(field)

    def validate_again(self, field: PasswordField) -> None:
        if code_in(field.data or "") != code_in(self.pin.data or ""):
            raise ValidationError(_l("两次输入的不一样，请再输一次。"))


class WishesForm(DeedForm):
    """The display preferences of this card."""

    language = RadioField(
        _l("语言"), choices=[SelectChoice(*language) for language in LANGUAGES.items()]
    )
    large_text = BooleanField(_l("用大字显示"))
