"""One member of staff: their roles, give another one, end one, close the sign-in."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from timebank.errors import NotFound
from timebank.people import actions, may
from timebank.people.queries import staff as staff_of
from timebank.people.queries import staff_signs, user_brief
from web import units
from web.auth import current_by, needs, proven
from web.forms import PlainForm
from web.pages import BOTH, WORK, page
from web.people.places import place_names, weighty_roles
from web.people.staff_forms import EndRoleForm, RoleForm
from web.people.words import ROLES
from web.reader import gettext as _


@page(WORK, "/staff/<int:user_id>", "staff_member", methods=BOTH)
@needs(may.CONFIRM_STAFF)
@proven
def member(user_id: int) -> Any:
    """Show a member of staff; close their sign-in."""
    by, form = current_by(), PlainForm()
    if request.method == "POST":
        may.CLOSE_USER.require_everywhere(by)
    if form.validate_on_submit() and units.tried(actions.close_user, form, user_id=user_id):
        flash(_("账号已经关了：他马上不能再登录，做过的事都还在。"))
        return redirect(url_for("work.staff"), 303)
    with units.reading() as session:
        user = user_brief(session, by.community_id, user_id)
        held = staff_of(session, by.community_id, now=units.now(), user_id=user_id)
        sign = staff_signs(session, by.community_id).get(user_id)
    return units.draw(
        "people/work_member.html", form=form, user=user, held=held, sign=sign, roles=ROLES,
        place_names=place_names(by), is_own=by.user_id == user_id,
        may_end=may.END_ROLE.is_held_everywhere(by),
        may_reset=may.RESET_PASSWORD.is_held_everywhere(by),
    )  # fmt: skip


@page(WORK, "/staff/roles/<int:role_id>/end", "staff_role_end", methods=BOTH)
@needs(may.END_ROLE)
@proven
def end(role_id: int) -> Any:
    """End one role: now, or at the end of a day."""
    by, form = current_by(), EndRoleForm()
    with units.reading() as session:
        found = staff_of(session, by.community_id, now=units.now())
    held = next((one for one in found if one.role_id == role_id), None)
    if held is None:
        raise NotFound(kind="role")
    if form.validate_on_submit():
        last_on = form.last_on.data
        values = {"role_id": role_id, "last_on": last_on}
        if units.tried(actions.end_role, form, **values) is not None:
            said = _("记下了：这个岗位到那天结束时停止。") if last_on else _("这个岗位已经停止。")
            flash(said)
            return redirect(url_for("work.staff_member", user_id=held.user_id), 303)
    return units.draw("people/work_role_end.html", form=form, held=held, word=ROLES[held.role])


@page(WORK, "/staff/<int:user_id>/role", "staff_role", methods=BOTH)
@needs(may.GRANT_ROLE)
@proven
def role(user_id: int) -> Any:
    """Give somebody who signs in already a role; one of weight waits for a second person."""
    by, form = current_by(), RoleForm()
    with units.reading() as session:
        user = user_brief(session, by.community_id, user_id)
    form.offer(place_names(by).items())
    if form.validate_on_submit():
        receipt = units.tried(actions.grant_role, form, user_id=user_id, **form.given())
        if receipt is not None:
            return _given(receipt, user_id)
    return units.draw("people/work_role.html", form=form, user=user, two=weighty_roles())


def _given(receipt: actions.RoleGranted, user_id: int) -> Response:
    if receipt.invitation_id is not None:
        flash(_("已经提出。等另一位负责人或审批人同意，岗位就生效。"))
        onward = url_for("work.staff_invitation", invitation_id=receipt.invitation_id)
        return redirect(onward, 303)
    flash(_("岗位已经给了。他要重新登录一次。"))
    return redirect(url_for("work.staff_member", user_id=user_id), 303)
