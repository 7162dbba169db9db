"""What people of a story do to become staff: invite, confirm, withdraw, begin with the code."""

from timebank.people import actions
from timebank.people.queries import by_of_user
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


@shaped(Named(text))
def check_roles(stage: Stage, wanted: Body) -> Body:
    """Read which roles somebody who began by a slip holds now, or ``none``."""
    held = {}
    with stage.database.reading() as session:
        for name in wanted:
            user_id = stage.known("new_staff", name)
            by = by_of_user(session, stage.community_id, user_id, now=stage.now)
            if by is None:
                raise StoryFault(f"{name!r} is closed")
            held[name] = ", ".join(sorted(role.name for role in by.roles)) or "none"
    return held
