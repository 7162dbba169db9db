"""The forms of staff: invite somebody, and the form that the invited person fills in."""

from collections.abc import Iterable
from typing import Any

from wtforms import PasswordField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from timebank.errors import BadInput, TimebankError
from timebank.people.rules import SECRET_LENGTH_MAX, check_password
from timebank.people.rules.invitations import InvitedRole
from timebank.people.rules.visits import read_code
from web.forms import CodeField, DayField, WorkForm, named
from web.people.forms import login_name_field
from web.people.words import ROLES
from web.reader import lazy_gettext as _l
from web.reading import read_id

ROLES_SHOWN = 3


def new_password_field() -> PasswordField:
    """A password that is chosen now."""
    return PasswordField(
        _l("密码"),
        [InputRequired(_l("请填写密码。")), Length(max=SECRET_LENGTH_MAX)],
        render_kw={"autocomplete": "new-password"},
    )


def again_field() -> PasswordField:
    """The same password, typed again."""
    return PasswordField(
        _l("密码，再输一次"),
        [InputRequired(_l("请再输一次，免得按错。"))],
        render_kw={"autocomplete": "new-password"},
    )


def validate_new_password(form: Any, field: PasswordField) -> None:
    """Refuse a password that is too short, before anything is asked of the database."""
    try:
        check_password(field.data or "")
    except BadInput:
        raise ValidationError(_l("太短了，至少要 8 个字。")) from None


def validate_same_password(form: Any, field: PasswordField) -> None:
    """Refuse two passwords that differ."""
    if field.data != form.password.data:
        raise ValidationError(_l("两次输入的不一样，请再输一次。"))


class InviteForm(WorkForm):
    """Whom to invite, and up to three roles. Name and phone are for somebody from outside."""

    name = StringField(_l("姓名"), [Length(max=40)], render_kw={"autocomplete": "off"})
    phone = StringField(
        _l("电话"), [Length(max=20)], render_kw={"autocomplete": "off", "inputmode": "tel"}
    )
    role = SelectField(_l("岗位"), validate_choice=False)
    place_id = SelectField(_l("在哪里"), validate_choice=False)
    last_on = DayField(_l("到哪天为止"), [Optional()])
    role_2 = SelectField(_l("第二个岗位"), validate_choice=False)
    place_2 = SelectField(_l("在哪里"), validate_choice=False)
    last_2 = DayField(_l("到哪天为止"), [Optional()])
    role_3 = SelectField(_l("第三个岗位"), validate_choice=False)
    place_3 = SelectField(_l("在哪里"), validate_choice=False)
    last_3 = DayField(_l("到哪天为止"), [Optional()])

    @property
    def lines(self) -> tuple[tuple[Any, Any, Any], ...]:
        """The fields of each role: which, where, until when."""
        return (
            (self.role, self.place_id, self.last_on),
            (self.role_2, self.place_2, self.last_2),
            (self.role_3, self.place_3, self.last_3),
        )

    def offer(self, places: Iterable[tuple[int, str]]) -> None:
        """Fill the lists: every role, the whole community and its places."""
        where = named(("", _l("整个社区")), *((str(key), word) for key, word in places))
        for role, place, _last in self.lines:
            role.choices = named(("", _l("请选择")), *ROLES.items())
            place.choices = where

    def invited(self) -> tuple[InvitedRole, ...]:
        """The roles that were chosen. An unreadable place is one that does not exist."""
        return tuple(
            InvitedRole(role.data, (read_id(place.data) or 0) if place.data else None, last.data)
            for role, place, last in self.lines
            if role.data
        )


class RepresentativeForm(WorkForm):
    """Who is to speak for a firm: somebody by name and phone."""

    name = StringField(
        _l("姓名"),
        [InputRequired(_l("请填写姓名。")), Length(max=40)],
        render_kw={"autocomplete": "off"},
    )
    phone = StringField(
        _l("电话"),
        [InputRequired(_l("请填写电话。")), Length(max=20)],
        render_kw={"autocomplete": "off", "inputmode": "tel"},
    )


class RoleForm(WorkForm):
    """One role for somebody who signs in already."""

    role = SelectField(_l("岗位"), validate_choice=False)
    place_id = SelectField(_l("在哪里"), validate_choice=False)
    last_on = DayField(_l("到哪天为止"), [Optional()])

    def offer(self, places: Iterable[tuple[int, str]]) -> None:
        """Fill the lists: every role, the whole community and its places."""
        where = ((str(key), word) for key, word in places)
        self.role.choices = named(("", _l("请选择")), *ROLES.items())
        self.place_id.choices = named(("", _l("整个社区")), *where)

    def given(self) -> dict[str, Any]:
        """The role that was chosen. An unreadable place is one that does not exist."""
        place_id = (read_id(self.place_id.data) or 0) if self.place_id.data else None
        return {"role": self.role.data or "", "place_id": place_id, "last_on": self.last_on.data}


class EndRoleForm(WorkForm):
    """End a role: at once, or at the end of a day."""

    last_on = DayField(_l("到哪天为止"), [Optional()])


class ResetPasswordForm(WorkForm):
    """The new password that the holder types on the screen that is turned to them."""

    password = new_password_field()
    again = again_field()

    validate_password = validate_new_password
    validate_again = validate_same_password


class InvitedForm(WorkForm):
    """The code of the slip, and the name and password that the invited person chooses."""

    code = CodeField(
        _l("邀请码"),
        [InputRequired(_l("请照着邀请单输入邀请码。")), Length(max=SECRET_LENGTH_MAX)],
        render_kw={
            "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false",
            "maxlength": 40, "data-fragment": True,
        },
    )  # fmt: skip
    login_name = login_name_field()
    password = new_password_field()
    again = again_field()

    def refuse(self, refusal: TimebankError) -> None:
        """Show why; what is wrong with the shape of the code is shown beside it."""
        super().refuse(refusal)
        self.password.data = self.again.data = ""

    def validate_code(self, field: StringField) -> None:
        try:
            is_code = "-" in read_code(field.data or "")
        except BadInput:
            is_code = False
        if not is_code:
            raise ValidationError(_l("邀请码是 10 位字母和数字，请对着邀请单再输一次。"))

    validate_password = validate_new_password
    validate_again = validate_same_password


class FirmForm(WorkForm):
    """A firm, a group or an office, and whom to call there."""

    name = StringField(
        _l("单位名称"), [InputRequired(_l("请填写。")), Length(max=80)],
        render_kw={"autocomplete": "off"},
    )  # fmt: skip
    kind = RadioField(
        _l("是什么单位"),
        choices=named(
            ("firm", _l("企业、商店")),
            ("group", _l("社团、志愿队伍")),
            ("office", _l("机关、学校")),
        ),
        default="firm",
    )
    trade = StringField(_l("做什么的"), [Length(max=40)], render_kw={"autocomplete": "off"})
    contacts = StringField(
        _l("找谁联系，电话"), [Length(max=200)], render_kw={"autocomplete": "off"}
    )
