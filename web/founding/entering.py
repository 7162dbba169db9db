"""The page on which one of the first people chooses name and password, with the code of a slip."""

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response
from wtforms import PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from timebank.errors import TimebankError
from timebank.founding.entering import enter_first
from timebank.founding.refusals import SetUpCodeWrong
from timebank.people.rules import SECRET_LENGTH_MAX
from web import units
from web.auth import open_to_all
from web.forms import CodeField, WorkForm
from web.network import sender
from web.pages import BOTH, OPEN, page
from web.people.forms import login_name_field
from web.reader import gettext as _
from web.reader import lazy_gettext as _l


class FirstForm(WorkForm):
    """Code, name and password; what is guessable is refused by the action."""

    code = CodeField(
        _l("纸条上的码"), [InputRequired(_l("请填写。")), Length(max=40)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )  # fmt: skip
    login_name = login_name_field()
    password = PasswordField(
        _l("密码"), [InputRequired(_l("请填写密码。")), Length(max=SECRET_LENGTH_MAX)],
        render_kw={"autocomplete": "new-password"},
    )  # fmt: skip
    again = PasswordField(
        _l("再输一次密码"), [EqualTo("password", _l("两次输入的密码不一样。"))],
        render_kw={"autocomplete": "new-password"},
    )  # fmt: skip

    def refuse(self, refusal: TimebankError) -> None:
        """A wrong code is said beside the code."""
        super().refuse(refusal)
        if isinstance(refusal, SetUpCodeWrong):
            self.form_errors.pop()
            self.code.errors = [_("这个码不对，或者已经用过、过了三十天。")]


@page(OPEN, "/first", "first", methods=BOTH)
@open_to_all
def first() -> Response | tuple[str, int]:
    """Choose name and password; then the sign-in asks for them."""
    form = FirstForm()
    if form.validate_on_submit():
        try:
            enter_first(
                units.database(),
                community_id=units.community_id(),
                typed=form.code.data,
                login_name=form.login_name.data,
                password=form.password.data,
                source=sender(),
            )
            flash(_("好了。现在用刚才取的用户名和密码登录。"))
            return redirect(url_for("account.sign_in_by_name"), 303)
        except TimebankError as refusal:
            form.refuse(refusal)
    return units.draw("founding/first.html", form=form)
