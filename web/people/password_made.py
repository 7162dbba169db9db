"""What the holder of a password reads at the next sign-in: who let them set it."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from timebank.people import actions
from timebank.people.queries import unread_password_reset
from web import auth, units
from web.auth import current_by, signed_in
from web.forms import PlainForm
from web.pages import ACCOUNT, BOTH, page
from web.reader import gettext as _
from web.reader import safe_path


@page(ACCOUNT, "/me/account/password-reset", "password_made", methods=BOTH)
@signed_in
def password_made() -> Response | tuple[str, int]:
    """Tell who reset the password; whoever did not ask for it stops it here."""
    by, form = current_by(), PlainForm()
    with units.reading() as session:
        reset = unread_password_reset(session, by.community_id, by.person_id or 0)
    onward = safe_path(request.args.get("next"), url_for("me.passbook"))
    if reset is None:
        return redirect(onward, 303)
    if form.validate_on_submit():
        is_own = request.form.get("do") == "own"
        values = {"password_reset_id": reset.id, "is_own": is_own}
        if units.tried(actions.read_password_reset, form, **values) is not None:
            return redirect(onward, 303) if is_own else _stopped(by.client)
    return units.draw("people/me_password_made.html", form=form, reset=reset)


def _stopped(client: str) -> Response:
    if client.startswith("user:"):
        auth.sign_out()
    flash(_("那个密码已经停用。请带上身份证到社区柜台，请两位工作人员帮您重新设。"))
    return redirect(url_for("account.sign_in"), 303)
