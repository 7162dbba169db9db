"""My own secrets: change the password, set up a second factor or take it off."""

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from timebank.errors import BadInput, NotFound, TimebankError
from timebank.people import actions
from timebank.people.actions import Way
from timebank.people.queries import drawn_factor, second_factor_of
from timebank.people.refusals import SignInFailed
from timebank.values import By
from web import auth, units
from web.auth import current_by, proven, signed_in, waiting_for
from web.mounting import here
from web.pages import ACCOUNT, BOTH, page
from web.people.forms import CodeForm, OwnPasswordForm
from web.places import community_name
from web.reader import gettext as _
from web.units import DeedForm


def refused_old(by: By, form: DeedForm, *, way: Way, secret: str) -> bool:
    """Check the old password or PIN, and show a refusal on the form."""
    try:
        values = {"way": way, "secret": secret, "origin": auth.origin(), "now": units.now()}
        actions.check_own(units.database(), by=by, **values)
    except TimebankError as refusal:
        form.refuse(refusal)
        if isinstance(refusal, SignInFailed):
            form.form_errors.pop()
            form["old"].errors = [_("现在的密码不对，请再输一次。")]
        elif isinstance(refusal, BadInput):  # Nothing was typed, or no PIN.
            form.form_errors.pop()
            form["old"].errors = [_("请输入 4 到 6 位数字。")]
        return True
    return False


@page(ACCOUNT, "/me/account/password", "password", methods=BOTH)
@signed_in
def password() -> Response | tuple[str, int]:
    """Change one's own password against the old one."""
    by, form = current_by(), OwnPasswordForm()
    if by.user_id is None:
        return redirect(url_for("account.account"), 303)
    old = form.old.data or ""
    if form.validate_on_submit() and not refused_old(by, form, way="password", secret=old):
        values = {"user_id": by.user_id, "password": form.password.data, "old_password": old}
        if units.tried(actions.change_password, form, **values) is not None:
            auth.renew(by)
            flash(_("密码已经换好，别处的登录都已结束。"))
            return redirect(url_for("account.account"), 303)
    return units.draw("people/me_password.html", form=form)


@page(ACCOUNT, "/me/account/factor", "factor", methods=BOTH)
@signed_in
@proven
def factor() -> Response | tuple[str, int]:
    """Set up a second factor, or take it off with one of its codes."""
    by = current_by()
    if by.user_id is None:
        return redirect(url_for("account.account"), 303)
    with units.reading() as session:
        known = second_factor_of(session, by)
    if known is None:
        return _set_up(by, frame="layout/person.html", back=url_for("account.account"))
    form = CodeForm()
    if form.validate_on_submit():
        try:
            values = {"by": by, "code": form.code.data or "", "origin": auth.origin()}
            actions.end_second_factor(units.database(), now=units.now(), **values)
        except TimebankError as refusal:
            form.refuse(refusal, form.code)
        else:
            auth.renew(by)
            flash(_("第二步已经关掉，以后只用密码登录。"))
            return redirect(url_for("account.account"), 303)
    return units.draw("people/me_factor.html", form=form, known=known)


@page(ACCOUNT, "/sign-in/set-up", "sign_in_set_up", methods=BOTH)
@waiting_for("set_up")
def sign_in_set_up() -> Response | tuple[str, int]:
    """Set up the second factor that a role needs, before any other page opens."""
    visit = auth.waiting_visit()
    if visit is None:
        raise NotFound(kind="page")
    return _set_up(visit.by, frame="layout/public.html", back=url_for("account.sign_in"))


def _set_up(by: By, *, frame: str, back: str) -> Response | tuple[str, int]:
    """Draw a secret, show it until a code proves it, and then show the recovery codes once."""
    with units.reading() as session:
        drawn = drawn_factor(session, by)
    shown = {"frame": frame, "back": back}
    if drawn is None:
        start = DeedForm()
        if start.validate_on_submit():
            units.deed(actions.draw_second_factor, start, by=by)
            return redirect(here(), 303)
        return units.draw("people/factor_start.html", form=start, **shown)
    form = CodeForm()
    if form.validate_on_submit():
        try:
            values = {"by": by, "code": form.code.data or "", "origin": auth.origin()}
            confirmed = actions.confirm_second_factor(units.database(), now=units.now(), **values)
        except TimebankError as refusal:
            form.refuse(refusal, form.code)
        else:
            auth.renew(by)
            codes = confirmed.recovery_codes
            return units.draw("people/factor_codes.html", form=form, codes=codes, frame=frame)
    address = drawn.address(community_name())
    return units.draw(
        "people/factor_set_up.html", form=form, secret=drawn.spelled, address=address, **shown
    )
