"""Invite somebody to be staff: a slip with a code, with which they choose name and password.

Never run the drawing of the code, or its use, as a deed through ``perform``: the code or the
password would be stored with the request id.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.people import may
from timebank.people.actions.enrolment import NewPerson, enrol_people
from timebank.people.actions.tries import count_try, invitation_keys, uncount_try
from timebank.people.actions.users import check_role, give_role, open_user, require_no_user
from timebank.people.actions.visits import SignedIn, new_visit
from timebank.people.closeness import Involved, require_other, require_unrelated
from timebank.people.guessing import check_new_password
from timebank.people.queries.factors import lacks_of
from timebank.people.queries.merged import records_of
from timebank.people.queries.users import by_of_user
from timebank.people.refusals import InvitationUnknown
from timebank.people.rules import TOKEN_NUMBERS, check_login_name
from timebank.people.rules.invitations import (
    INVITATION_LIFE,
    InvitedRole,
    check_invited,
    needs_two,
    until_of,
)
from timebank.people.rules.throttles import Origin
from timebank.people.rules.visits import read_code, recovery_code
from timebank.people.tables import app_user, invitation, invited_role, representative, staff_role
from timebank.values import By, Role, local_day, new_id
from timebank.vault.cipher import vault_of


@dataclass(frozen=True, slots=True)
class UserInvited:
    invitation_id: int
    person_id: int


@dataclass(frozen=True, slots=True)
class InvitedFor:
    """For what somebody is invited: to be staff with some roles, or to represent a firm."""

    roles: tuple[InvitedRole, ...] = ()
    organisation_id: int | None = None


@dataclass(frozen=True, slots=True)
class InvitationSettled:
    invitation_id: int


@dataclass(frozen=True, slots=True)
class InvitationCode:
    """The code for one slip. Its repr does not show it."""

    code: str
    until_at: datetime

    def __repr__(self) -> str:
        return "InvitationCode()"


@action("invite_user")
def invite_user(
    deed: Deed,
    *,
    roles: tuple[InvitedRole, ...],
    person_id: int | None = None,
    name: str = "",
    phone: str = "",
) -> UserInvited:
    """Invite a person of the community, or somebody from outside by name and phone.

    The set-up invites the first staff, until there is a coordinator; afterwards only people do.

    **Refuses**: ``NotAllowed`` (also for oneself and one's household); ``NotFound``; ``BadInput``;
    ``WrongState`` for a person who has a user, or an open invitation.
    """
    may.INVITE_STAFF.require_everywhere(deed.by)
    check_invited(roles, today=local_day(deed.now))
    for role in roles:
        check_role(deed, role.role)
    if person_id is None:
        person_id = invited_person(deed, name, phone)
    require_no_user(deed, person_id)  # Locks the person: one open invitation for each.
    if deed.by.person_id is None:
        _require_founding(deed)
    else:
        require_unrelated(deed.session, deed.by, person_id, may.INVITE_STAFF)
    require_not_invited(deed, person_id)
    return UserInvited(insert_invitation(deed, person_id, InvitedFor(roles)), person_id)


def invited_person(deed: Deed, name: str, phone: str) -> int:
    """Enrol somebody from outside. **Refuses**: ``BadInput``."""
    if not phone.strip():
        raise BadInput(field="phone", why="missing")
    (person_id,) = enrol_people(deed, people=(NewPerson(name, phone=phone),)).person_ids
    return person_id


def insert_invitation(deed: Deed, person_id: int, invited_for: InvitedFor) -> int:
    """Insert an invitation whose roles were checked; return its id."""
    invitation_id = new_id()
    row = {
        "community_id": deed.community_id,
        "id": invitation_id,
        "person_id": person_id,
        "asked_by_person_id": deed.by.person_id,
        "asked_at": deed.now,
        "until_at": deed.now + INVITATION_LIFE,
        "organisation_id": invited_for.organisation_id,
    }
    deed.session.execute(insert(invitation).values(row))
    rows = [
        {
            "community_id": deed.community_id,
            "id": new_id(),
            "invitation_id": invitation_id,
            "name": role.name,
            "place_id": role.place_id,
            "until_at": until_of(role.last_on),
        }
        for role in invited_for.roles
    ]
    if rows:
        deed.session.execute(insert(invited_role), rows)
    facts = {"roles": sorted({role.name for role in invited_for.roles})}
    audit(deed, name="invite_user", subject_kind="person", subject_id=person_id, facts=facts)
    return invitation_id


@action("confirm_invitation")
def confirm_invitation(deed: Deed, *, invitation_id: int) -> InvitationSettled:
    """Confirm an invitation as another coordinator or approver; only then is its slip printed.

    Whoever signs in already holds the roles at once (``grant_role`` asked for them).

    **Refuses**: ``NotAllowed``; ``NotFound``; ``SamePerson`` for whoever invited, is invited, or
    lives with one of them; ``WrongState`` if it is settled or needs no second person.
    """
    may.CONFIRM_STAFF.require_everywhere(deed.by)
    row = _locked_open(deed, invitation_id)
    require_other(deed, Involved(person_ids=(row.asked_by_person_id, row.person_id)))
    if row.confirmed_at is not None or not _must_be_confirmed(deed.session, row):
        raise WrongState(kind="invitation", state="confirmed")
    values = {"confirmed_at": deed.now, "confirmed_by_person_id": deed.by.person_id}
    user_id = _user_to_lock(deed, row.person_id)
    if user_id is not None:
        _give_roles(deed, row, user_id)
        values["used_at"] = deed.now
    return _settle(deed, row, name="confirm_invitation", values=values)


@action("withdraw_invitation")
def withdraw_invitation(deed: Deed, *, invitation_id: int) -> InvitationSettled:
    """Withdraw an invitation: its slip opens nothing any more.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``WrongState`` if it was used, withdrawn or is over.
    """
    may.INVITE_STAFF.require_everywhere(deed.by)
    row = _locked_open(deed, invitation_id)
    return _settle(deed, row, name="withdraw_invitation", values={"withdrawn_at": deed.now})


def draw_invitation_code(database: Database, *, by: By, invitation_id: int) -> InvitationCode:
    """Draw the code for a slip, to be shown once; the slip before it opens nothing any more.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``WrongState`` if it is settled, or waits for the
    second person.
    """

    def work(session: Session, now: datetime) -> InvitationCode:
        deed = Deed(session, by, now)
        may.INVITE_STAFF.require_everywhere(by)
        row = _locked_open(deed, invitation_id)
        if row.confirmed_at is None and _must_be_confirmed(session, row):
            raise WrongState(kind="invitation", state="unconfirmed")
        code = recovery_code(secrets.randbelow(TOKEN_NUMBERS))
        digest = vault_of(session).digest("invitation.code", code)
        _settle(deed, row, name="draw_invitation_code", values={"code_digest": digest})
        return InvitationCode(code, row.until_at)

    return database.write(work)


def accept_invitation(
    database: Database,
    *,
    community_id: int,
    code: str,
    login_name: str,
    password: str,
    origin: Origin,
    now: datetime,
    device: str = "",
) -> SignedIn:
    """Make the invited person a user with their roles, and open their first visit.

    The attempt is counted before the code is looked up. The visit lacks the second factor where a
    role needs one, so it is set up in the same visit.

    **Refuses**: ``BadInput`` for the shape of the code (not counted as an attempt), and for name
    or password; ``InvitationUnknown`` for a code that is wrong, used, withdrawn or over;
    ``TooManyTries``; ``WrongState`` for a person who has a user by now.
    """
    typed_code = read_code(code)
    if "-" not in typed_code:  # Six digits are a code of the second factor.
        raise BadInput(field="code", why="shape")

    def count(session: Session, _: datetime) -> Any:
        keys = invitation_keys(session, origin)
        count_try(session, community_id, keys, now=now)
        return keys

    def settle(session: Session, _: datetime) -> SignedIn:
        by = By(community_id=community_id, client="nobody", channel="web")
        signed = _accept(
            Deed(session, by, now), typed_code, login_name, password=password, device=device
        )
        uncount_try(session, community_id, keys, now=now)
        return signed

    keys = database.write(count)
    return database.write(settle)


def _accept(deed: Deed, code: str, login_name: str, *, password: str, device: str) -> SignedIn:
    session = deed.session
    digests = vault_of(session).digests("invitation.code", code)
    row = session.execute(
        select(invitation)
        .where(
            invitation.c.community_id == deed.community_id, invitation.c.code_digest.in_(digests)
        )
        .with_for_update()
    ).first()
    if row is None or _state(row, deed.now) != "open":
        raise InvitationUnknown()
    require_no_user(deed, row.person_id)
    name = check_login_name(login_name)
    strong = check_new_password(deed, password, login_name=name, person_id=row.person_id)
    user_id = open_user(deed, row.person_id, login_name=name, password=strong)
    _give_roles(deed, row, user_id)
    if row.organisation_id is not None:
        insert_representative(deed, row.organisation_id, row.person_id)
    by = by_of_user(session, deed.community_id, user_id, now=deed.now)
    assert by is not None
    own = Deed(session, by, deed.now)
    _settle(own, row, name="accept_invitation", values={"used_at": deed.now})
    return new_visit(own, device=device, lacks=lacks_of(session, by, now=deed.now))


def _give_roles(deed: Deed, row: Any, user_id: int) -> None:
    """Give the roles of an invitation to a user, except those that are over by now."""
    for role in _roles(deed.session, row):
        if role.until_at is None or role.until_at > deed.now:
            give_role(deed, user_id, Role(role.name, role.place_id), until_at=role.until_at)


def insert_representative(deed: Deed, organisation_id: int, person_id: int) -> int:
    """Let a person speak for a firm from now on; return the id."""
    representative_id = new_id()
    row = {
        "community_id": deed.community_id,
        "id": representative_id,
        "organisation_id": organisation_id,
        "person_id": person_id,
        "named_at": deed.now,
    }
    deed.session.execute(insert(representative).values(row))
    audit(deed, name="name_representative", subject_kind="person", subject_id=person_id)
    return representative_id


def _user_to_lock(deed: Deed, person_id: int) -> int | None:
    """Lock the open user of a person, if there is one; a closed one is opened by the slip."""
    return deed.session.scalar(
        select(app_user.c.id)
        .where(
            app_user.c.community_id == deed.community_id,
            app_user.c.person_id.in_(records_of(deed.community_id, [person_id])),
            app_user.c.closed_at.is_(None),
        )
        .with_for_update(key_share=True)
    )


def withdraw_open(deed: Deed, person_id: int) -> None:
    """Withdraw what was offered to somebody who leaves."""
    deed.session.execute(
        update(invitation).where(*_open_of(deed, person_id)).values(withdrawn_at=deed.now)
    )


def _open_of(deed: Deed, person_id: int) -> tuple[Any, ...]:
    return (
        invitation.c.community_id == deed.community_id,
        invitation.c.person_id == person_id,
        invitation.c.used_at.is_(None),
        invitation.c.withdrawn_at.is_(None),
        invitation.c.until_at > deed.now,
    )


def _settle(deed: Deed, row: Any, *, name: str, values: dict[str, Any]) -> InvitationSettled:
    deed.session.execute(
        update(invitation)
        .where(invitation.c.community_id == deed.community_id, invitation.c.id == row.id)
        .values(**values)
    )
    audit(deed, name=name, subject_kind="person", subject_id=row.person_id)
    return InvitationSettled(row.id)


def _locked_open(deed: Deed, invitation_id: int) -> Any:
    """Lock an open invitation. **Refuses**: ``NotFound``; ``WrongState``."""
    row = deed.session.execute(
        select(invitation)
        .where(invitation.c.community_id == deed.community_id, invitation.c.id == invitation_id)
        .with_for_update()
    ).first()
    if row is None:
        raise NotFound(kind="invitation")
    state = _state(row, deed.now)
    if state != "open":
        raise WrongState(kind="invitation", state=state)
    return row


def _state(row: Any, now: datetime) -> str:
    if row.used_at is not None:
        return "used"
    if row.withdrawn_at is not None:
        return "withdrawn"
    return "over" if row.until_at <= now else "open"


def _roles(session: Session, row: Any) -> Any:
    return session.execute(
        select(invited_role.c.name, invited_role.c.place_id, invited_role.c.until_at).where(
            invited_role.c.community_id == row.community_id,
            invited_role.c.invitation_id == row.id,
        )
    ).all()


def _must_be_confirmed(session: Session, row: Any) -> bool:
    """The set-up names the first staff together, so nobody else could confirm them."""
    if row.asked_by_person_id is None:
        return False
    return needs_two({role.name for role in _roles(session, row)})


def _require_founding(deed: Deed) -> None:
    """**Refuses**: ``NotAllowed`` to a job once somebody is coordinator."""
    known = select(staff_role.c.id).where(
        staff_role.c.community_id == deed.community_id, staff_role.c.name == "coordinator"
    )
    if deed.session.scalar(known.limit(1)) is not None:
        raise NotAllowed(deed="invite_user")


def require_not_invited(deed: Deed, person_id: int) -> None:
    """**Refuses**: ``WrongState`` for a person with an open invitation."""
    is_open = select(invitation.c.id).where(*_open_of(deed, person_id))
    if deed.session.scalar(is_open.limit(1)) is not None:
        raise WrongState(kind="invitation", state="open")
