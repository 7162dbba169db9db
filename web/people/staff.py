"""Staff: who holds which role, who is invited, and the page on which the invited person begins."""

from typing import Any

from flask import flash, make_response, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from timebank.errors import NotFound, TimebankError
from timebank.people import actions, may
from timebank.people.closeness import Involved, closeness
from timebank.people.queries import (
    Invitation,
    is_invitation,
    open_invitations,
    person_brief,
    places,
)
from timebank.people.queries import staff as staff_of
from timebank.people.rules.invitations import ROLES_BY_TWO
from timebank.values import By
from web import auth, units
from web.auth import current_by, needs, open_to_all, proven
from web.formats import own_name
from web.forms import PlainForm
from web.pages import ACCOUNT, BOTH, DESK, WORK, MenuPlace, page
from web.people.sight import require_sight
from web.people.staff_forms import InvitedForm, InviteForm
from web.people.words import ROLES
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l

PLACE = MenuPlace(
    bar=DESK, word=_l("工作人员"), icon="shield-check", order=25, right=may.CONFIRM_STAFF,
    also=("work.staff",),
)  # fmt: skip


def _place_names(by: By) -> dict[int, str]:
    with units.reading() as session:
        found = [place for place in places(session, by.community_id) if place.kind != "building"]
    return {one.id: own_name(one, language()) for one in found}


@page(WORK, "/staff", "staff", places=(PLACE,))
@needs(may.CONFIRM_STAFF)
def staff() -> Any:
    """List the staff with their roles, and the open invitations."""
    by = current_by()
    with units.reading() as session:
        members = staff_of(session, by.community_id, now=units.now())
        invited = open_invitations(session, by.community_id, now=units.now())
    deciding = {member.person_id for member in members if member.role in may.CONFIRM_STAFF.roles}
    people: dict[int, list[Any]] = {}
    for member in members:
        people.setdefault(member.user_id, []).append(member)
    return units.draw(
        "people/work_staff.html", form=PlainForm.fresh(), people=list(people.values()),
        invited=invited, place_names=_place_names(by), roles=ROLES, is_alone=len(deciding) < 2,
        may_invite=may.INVITE_STAFF.is_held(by),
    )  # fmt: skip


@page(WORK, "/staff/invite", "staff_invite", methods=BOTH)
@needs(may.INVITE_STAFF)
@proven
def invite() -> Any:
    """Invite somebody from outside, by name and phone."""
    return _invite(None)


@page(WORK, "/people/<int:person_id>/invite", "staff_invite_person", methods=BOTH)
@needs(may.INVITE_STAFF)
@proven
def invite_person(person_id: int) -> Any:
    """Invite somebody who is enrolled."""
    return _invite(person_id)


def _invite(person_id: int | None) -> Any:
    by, form, brief = current_by(), InviteForm(), None
    if person_id is not None:
        with units.reading() as session:
            brief = person_brief(session, by.community_id, person_id)
        require_sight(by, may.INVITE_STAFF, kind="person", grid_id=brief.grid_id)
    form.offer(_place_names(by).items())
    if form.validate_on_submit():
        values = {"person_id": person_id, "roles": form.invited()}
        if brief is None:
            values |= {"name": form.name.data or "", "phone": form.phone.data or ""}
        receipt = units.tried(actions.invite_user, form, **values)
        if receipt is not None:
            onward = url_for("work.staff_invitation", invitation_id=receipt.invitation_id)
            return redirect(onward, 303)
    two = _("、").join(str(ROLES[name]) for name in ROLES if name in ROLES_BY_TWO)
    return units.draw("people/work_invite.html", form=form, person=brief, two=two)


@page(WORK, "/staff/invitations/<int:invitation_id>", "staff_invitation", methods=BOTH)
@needs(may.CONFIRM_STAFF)
@proven
def invitation(invitation_id: int) -> Any:
    """Show one open invitation: confirm it, print its slip, or withdraw it."""
    by, form, slip = current_by(), PlainForm(), None
    do = request.form.get("do", "")
    if do in ("draw", "withdraw"):
        may.INVITE_STAFF.require_everywhere(by)
    if form.validate_on_submit() and do == "draw":
        try:
            values = {"by": by, "invitation_id": invitation_id}
            slip = actions.draw_invitation_code(units.database(), **values)
        except TimebankError as refusal:
            form.refuse(refusal)
    elif do in _DEEDS and form.validate_on_submit():
        settled = units.tried(_DEEDS[do], form, invitation_id=invitation_id)
        if settled is not None:
            return _settled(do, invitation_id)
    with units.reading() as session:
        if not is_invitation(session, by.community_id, invitation_id):
            raise NotFound(kind="invitation")
        found = open_invitations(session, by.community_id, now=units.now())
        one = next((one for one in found if one.id == invitation_id), None)
        is_second = one is not None and _is_second(session, by, one)
    address = url_for("account.invited", _external=True)
    answer = units.draw(
        "people/work_invitation.html", form=form, one=one, slip=slip, roles=ROLES,
        place_names=_place_names(by), address=address, may_confirm=is_second,
        may_invite=may.INVITE_STAFF.is_held(by),
    )  # fmt: skip
    response = make_response(answer)
    response.headers["Cache-Control"] = "no-store"
    return response


_DEEDS: dict[str, Any] = {
    "confirm": actions.confirm_invitation, "withdraw": actions.withdraw_invitation,
}  # fmt: skip


def _is_second(session: Session, by: By, one: Invitation) -> bool:
    """Whether the page offers to confirm; the action decides."""
    both = Involved(person_ids=(one.asked_by_person_id, one.person_id))
    return one.is_waiting and closeness(session, by, both) is None


def _settled(do: str, invitation_id: int) -> Response:
    if do == "withdraw":
        flash(_("已经收回：那张邀请单不能再用了。"))
        return redirect(url_for("work.staff"), 303)
    flash(_("已经同意。现在可以打印邀请单了。"))
    return redirect(url_for("work.staff_invitation", invitation_id=invitation_id), 303)


@page(ACCOUNT, "/sign-in/invited", "invited", methods=BOTH)
@open_to_all
def invited() -> Any:
    """Let an invited person type the code of their slip, and choose name and password."""
    form = InvitedForm()
    if form.validate_on_submit():
        try:
            signed = actions.accept_invitation(
                units.database(),
                community_id=units.community_id(),
                code=form.code.data or "",
                login_name=form.login_name.data or "",
                password=form.password.data or "",
                origin=auth.origin(),
                now=units.now(),
                device=auth.device(),
            )
        except TimebankError as refusal:
            form.refuse(refusal)
        else:
            auth.begin(signed)
            flash(_("好了，以后就用这个用户名和密码登录。"))
            return redirect(url_for(auth.STEPS.get(signed.lacks, "account.sign_in")), 303)
    return units.draw("people/invited.html", form=form)
