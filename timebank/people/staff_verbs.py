"""What people of a story do to become staff, and what becomes of staff: roles, passwords."""

from timebank.people import actions
from timebank.people.queries import by_of_user, staff
from timebank.people.rules.invitations import InvitedRole
from timebank.people.rules.throttles import Origin
from timebank.stories.faults import StoryFault
from timebank.stories.shapes import Keyed, Named, day, shaped, text
from timebank.stories.stage import Body, Stage
from timebank.values import By


@shaped(Keyed({"name": text, "for": text, "role": text}, {"until": day}))
def invite(stage: Stage, by: By, body: Body) -> Body:
    """Invite a person to a ``role``, ``until`` a day; ``name`` names the invitation."""
    person_id = stage.who(body["for"]).person_id
    roles = (InvitedRole(body["role"], last_on=body.get("until")),)
    invited = stage.perform(actions.invite_user, by, person_id=person_id, roles=roles)
    stage.remember("invitation", body["name"], invited.invitation_id)
    return {}


@shaped(Keyed({"invitation": text}))
def confirm_invitation(stage: Stage, by: By, body: Body) -> Body:
    """Confirm the ``invitation`` as another coordinator or approver."""
    invitation_id = stage.known("invitation", body["invitation"])
    stage.perform(actions.confirm_invitation, by, invitation_id=invitation_id)
    return {}


@shaped(Keyed({"invitation": text}))
def withdraw_invitation(stage: Stage, by: By, body: Body) -> Body:
    """Withdraw the ``invitation``."""
    invitation_id = stage.known("invitation", body["invitation"])
    stage.perform(actions.withdraw_invitation, by, invitation_id=invitation_id)
    return {}


@shaped(Keyed({"invitation": text, "slip": text}))
def print_slip(stage: Stage, by: By, body: Body) -> Body:
    """Print the slip of the ``invitation``; ``slip`` names its code. It is sent once."""
    parameters = {"by": by, "invitation_id": stage.known("invitation", body["invitation"])}
    drawn = actions.draw_invitation_code(stage.database, **parameters)
    stage.remember("slip", body["slip"], drawn.code)
    return {}


@shaped(Keyed({"slip": text, "as": text}))
def begin(stage: Stage, by: By, body: Body) -> Body:
    """Choose a login name (``as``) and a password with the code of a ``slip``. It is sent once."""
    signed = actions.accept_invitation(
        stage.database, community_id=stage.community_id, code=stage.known("slip", body["slip"]),
        login_name=body["as"], password="paper lantern at noon", origin=Origin("story"),
        now=stage.now,
    )  # fmt: skip
    stage.remember("new_staff", body["as"], signed.by.user_id)
    return {"lacks": signed.lacks or "nothing"}


@shaped(Keyed({"to": text, "role": text}, {"until": day, "name": text}))
def give_role(stage: Stage, by: By, body: Body) -> Body:
    """Give a ``role`` ``to`` somebody of staff, ``until`` a day; ``name`` names what waits."""
    given = stage.perform(
        actions.grant_role, by, user_id=_user_id(stage, body["to"]), role=body["role"],
        last_on=body.get("until"),
    )  # fmt: skip
    if given.invitation_id is not None:
        stage.remember("invitation", str(body.get("name", "")), given.invitation_id)
    return {"state": "held" if given.invitation_id is None else "waiting"}


@shaped(Keyed({"of": text, "role": text}, {"on": day}))
def end_role(stage: Stage, by: By, body: Body) -> Body:
    """End the ``role`` ``of`` somebody: at once, or at the end of a day, ``on``."""
    user_id = _user_id(stage, body["of"])
    with stage.database.reading() as session:
        held = staff(session, stage.community_id, now=stage.now, user_id=user_id)
    role_id = next((one.role_id for one in held if one.role == body["role"]), None)
    if role_id is None:
        raise StoryFault(f"{body['of']!r} does not hold the role {body['role']!r}")
    stage.perform(actions.end_role, by, role_id=role_id, last_on=body.get("on"))
    return {}


@shaped(Keyed({"of": text}))
def close_user(stage: Stage, by: By, body: Body) -> Body:
    """Close the sign-in ``of`` somebody who leaves."""
    stage.perform(actions.close_user, by, user_id=_user_id(stage, body["of"]))
    return {}


@shaped(Keyed({"for": text, "name": text}))
def ask_password(stage: Stage, by: By, body: Body) -> Body:
    """Ask for a new password ``for`` somebody; ``name`` names what waits for the second."""
    user_id = _user_id(stage, body["for"])
    asked = stage.perform(actions.ask_password_reset, by, user_id=user_id)
    stage.remember("password", body["name"], asked.password_reset_id)
    return {"until": stage.local(asked.until_at)}


@shaped(Keyed({"reset": text, "password": text}, {"again": text}))
def set_password(stage: Stage, by: By, body: Body) -> Body:
    """Let the holder type the ``password`` that was asked for, as ``reset``."""
    typed = {"password": body["password"], "password_again": body.get("again", body["password"])}
    reset_id = stage.known("password", body["reset"])
    stage.perform(actions.reset_password, by, password_reset_id=reset_id, **typed)
    return {}


@shaped(Named(text))
def check_roles(stage: Stage, wanted: Body) -> Body:
    """Read which roles somebody who began by a slip holds now, or ``none`` or ``closed``."""
    held = {}
    with stage.database.reading() as session:
        for name in wanted:
            user_id = _user_id(stage, name)
            by = by_of_user(session, stage.community_id, user_id, now=stage.now)
            roles = () if by is None else by.roles
            held[name] = ", ".join(sorted(role.name for role in roles)) or "none"
            if by is None:
                held[name] = "closed"
    return held


def _user_id(stage: Stage, name: str) -> int:
    """The sign-in of somebody who began by a slip."""
    return int(stage.known("new_staff", name))
