"""Staff: who holds which role, who is invited, and the page on which the invited person begins."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from timebank.errors import NotFound, TimebankError
from timebank.people import actions, may
from timebank.people.closeness import Involved, closeness
from timebank.people.queries import (
    Invitation,
    StaffMember,
    is_invitation,
    open_invitations,
    person_brief,
    staff_signs,
    user_of_person,
)
from timebank.people.queries import staff as staff_of
from timebank.people.rules.names import spoken_key
from timebank.values import By
from web import auth, units
from web.auth import current_by, needs, open_to_all, proven
from web.forms import PlainForm
from web.listing import page_of
from web.pages import ACCOUNT, BOTH, MANAGE, WORK, MenuPlace, page
from web.people.places import place_names, weighty_roles
from web.people.sight import require_sight
from web.people.staff_forms import InvitedForm, InviteForm
from web.people.words import ROLES
from web.reader import gettext as _
from web.reader import lazy_gettext as _l

STAFF_A_PAGE = 30
PLACE = MenuPlace(
    bar=MANAGE, word=_l("工作人员"), icon="shield-check", order=10,
    says=_l("谁在哪个岗位；邀请、给岗位、停岗位"), right=may.CONFIRM_STAFF,
    also=("work.staff_", "work.password_"),
)  # fmt: skip


@page(WORK, "/staff", "staff", places=(PLACE,))
@needs(may.CONFIRM_STAFF)
def staff() -> Any:
    """List the staff with their roles, and the open invitations."""
    by = current_by()
    with units.reading() as session:
        members = staff_of(session, by.community_id, now=units.now())
        invited = open_invitations(session, by.community_id, now=units.now())
        signs = staff_signs(session, by.community_id)
    deciding = {member.person_id for member in members if member.role in may.CONFIRM_STAFF.roles}
    people: dict[int, list[Any]] = {}
    for member in members:
        people.setdefault(member.user_id, []).append(member)
    shown = [held for held in people.values() if holds_role(held, request.args)]
    if request.args.get("sort") == "name":
        shown.sort(key=lambda held: spoken_key(held[0].name))
    asked = {name: request.args[name] for name in ("role", "sort") if request.args.get(name)}
    return units.draw(
        "people/work_staff.html", form=PlainForm.fresh(), asked=asked,
        listed=page_of(shown, STAFF_A_PAGE, request.args), invited=invited, signs=signs,
        place_names=place_names(by), roles=ROLES,
        is_alone=len(deciding) < 2, may_invite=may.INVITE_STAFF.is_held(by),
    )  # fmt: skip


def holds_role(held: Sequence[StaffMember], query: Mapping[str, str]) -> bool:
    """Tell whether a member of staff is among those that an address asks for."""
    role = query.get("role", "")
    return role not in ROLES or any(one.role == role for one in held)


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
            user = user_of_person(session, by.community_id, person_id)
        require_sight(by, may.INVITE_STAFF, kind="person", grid_id=brief.grid_id)
        is_open = user is not None and user.closed_at is None
        if user is not None and is_open and request.method == "GET":  # Needs no slip.
            return redirect(url_for("work.staff_role", user_id=user.id), 303)
    form.offer(place_names(by).items())
    if form.validate_on_submit():
        values = {"person_id": person_id, "roles": form.invited()}
        if brief is None:
            values |= {"name": form.name.data or "", "phone": form.phone.data or ""}
        receipt = units.tried(actions.invite_user, form, **values)
        if receipt is not None:
            onward = url_for("work.staff_invitation", invitation_id=receipt.invitation_id)
            return redirect(onward, 303)
    return units.draw("people/work_invite.html", form=form, person=brief, two=weighty_roles())


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
    offered = _open_one(by, invitation_id)
    if do in _DEEDS and form.validate_on_submit():
        settled = units.tried(_DEEDS[do], form, invitation_id=invitation_id)
        if settled is not None:
            return _settled(do, invitation_id, has_user=offered is not None and offered.has_user)
        offered = _open_one(by, invitation_id)
    address = url_for("account.invited", _external=True)
    answer = units.draw(
        "people/work_invitation.html", form=form, one=offered, slip=slip, roles=ROLES,
        place_names=place_names(by), address=address, may_invite=may.INVITE_STAFF.is_held(by),
        may_confirm=offered and _is_second(by, offered),
    )  # fmt: skip
    response = make_response(answer)
    response.headers["Cache-Control"] = "no-store"
    return response


def _open_one(by: By, invitation_id: int) -> Invitation | None:
    """The invitation while it is open. **Refuses**: ``NotFound`` for one that never was."""
    with units.reading() as session:
        if not is_invitation(session, by.community_id, invitation_id):
            raise NotFound(kind="invitation")
        found = open_invitations(session, by.community_id, now=units.now())
    return next((one for one in found if one.id == invitation_id), None)


_DEEDS: dict[str, Any] = {
    "confirm": actions.confirm_invitation, "withdraw": actions.withdraw_invitation,
}  # fmt: skip


def _is_second(by: By, one: Invitation) -> bool:
    """Whether the page offers to confirm; the action decides."""
    both = Involved(person_ids=(one.asked_by_person_id, one.person_id))
    with units.reading() as session:
        return one.is_waiting and closeness(session, by, both) is None


def _settled(do: str, invitation_id: int, *, has_user: bool) -> Response:
    if do == "withdraw":
        flash(_("已经收回：这份邀请不能再用了。"))
        return redirect(url_for("work.staff"), 303)
    if has_user:
        flash(_("已经同意，岗位马上生效。他要重新登录一次。"))
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
