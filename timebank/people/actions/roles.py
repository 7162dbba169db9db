"""Roles of people who sign in already: give one, end one, and close the sign-in of who leaves.

Nobody does this for themselves, and a role of weight waits for a second person. Who is left must
always be able to go on: one coordinator, and a second person who can confirm.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotFound, WrongState
from timebank.people import may
from timebank.people.actions.invitations import (
    InvitedFor,
    insert_invitation,
    require_not_invited,
    withdraw_open,
)
from timebank.people.actions.representatives import end_speaking
from timebank.people.actions.users import check_role, give_role, require_not_held
from timebank.people.actions.visits import end_visits
from timebank.people.closeness import require_unrelated
from timebank.people.queries.merged import kept_of
from timebank.people.refusals import LastOfStaff
from timebank.people.rules.invitations import (
    InvitedRole,
    StaffRole,
    check_invited,
    missing_without,
    needs_two,
    until_of,
)
from timebank.people.tables import app_user, staff_role
from timebank.rights import Right
from timebank.values import local_day


@dataclass(frozen=True, slots=True)
class RoleGranted:
    """A role that was given, or the invitation that waits for the second person."""

    role_id: int | None
    invitation_id: int | None = None


@dataclass(frozen=True, slots=True)
class RoleEnded:
    role_id: int


@dataclass(frozen=True, slots=True)
class UserClosed:
    user_id: int


@action("grant_role")
def grant_role(
    deed: Deed,
    *,
    user_id: int,
    role: str,
    place_id: int | None = None,
    last_on: date | None = None,
) -> RoleGranted:
    """Give a user a role, everywhere or at one place; a role of weight waits for a second person.

    The set-up gives it at once: there is nobody yet who could confirm.

    **Refuses**: ``NotAllowed`` (also to oneself and one's household); ``NotFound``; ``BadInput``
    for a role that is unknown or held already; ``WrongState`` for a user who is closed, or who
    was offered a role that still waits.
    """
    may.GRANT_ROLE.require_everywhere(deed.by)
    given = InvitedRole(role, place_id, last_on)
    check_invited((given,), today=local_day(deed.now))
    check_role(deed, given.role)
    person_id = _open_user(deed, user_id, may.GRANT_ROLE)
    require_not_held(deed, user_id, given.role)
    if deed.by.person_id is not None and needs_two({role}):
        require_not_invited(deed, person_id)
        return RoleGranted(None, insert_invitation(deed, person_id, InvitedFor((given,))))
    return RoleGranted(give_role(deed, user_id, given.role, until_at=until_of(last_on)))


@action("end_role")
def end_role(deed: Deed, *, role_id: int, last_on: date | None = None) -> RoleEnded:
    """End a role at once, with all visits of its user; or at the end of a day.

    **Refuses**: ``NotAllowed`` (also for one's own and one's household's); ``NotFound``;
    ``WrongState`` if it had ended; ``BadInput`` for a day that is past, or later than the role
    lasts; ``LastOfStaff``.
    """
    may.END_ROLE.require_everywhere(deed.by)
    deciding = _locked_deciders(deed)
    row = deed.session.execute(
        select(staff_role)
        .where(staff_role.c.community_id == deed.community_id, staff_role.c.id == role_id)
        .with_for_update(key_share=True)
    ).first()
    if row is None:
        raise NotFound(kind="role")
    _require_others(deed, _locked_user(deed, row.user_id).person_id, may.END_ROLE)
    if row.ended_at is not None or (row.until_at is not None and row.until_at <= deed.now):
        raise WrongState(kind="role", state="ended")
    _require_enough(deciding, {row.id})
    values = (
        {"ended_at": deed.now} if last_on is None else {"until_at": _last_at(deed, row, last_on)}
    )
    deed.session.execute(
        update(staff_role)
        .where(staff_role.c.community_id == deed.community_id, staff_role.c.id == role_id)
        .values(**values)
    )
    if last_on is None:
        end_visits(deed, why="role", user_id=row.user_id)
    facts = {"role": row.name} | ({} if last_on is None else {"last_on": last_on.isoformat()})
    audit(deed, name="end_role", subject_kind="user", subject_id=row.user_id, facts=facts)
    return RoleEnded(role_id)


@action("close_user")
def close_user(deed: Deed, *, user_id: int) -> UserClosed:
    """Close the account of somebody who leaves: their roles end, their next page is the sign-in.

    What they did stays. A role that was offered to them and waits is withdrawn, and they speak for
    no firm any more.

    **Refuses**: ``NotAllowed`` (also for oneself and one's household); ``NotFound``; ``WrongState``
    if it was closed; ``LastOfStaff``.
    """
    may.CLOSE_USER.require_everywhere(deed.by)
    deciding = _locked_deciders(deed)
    person_id = _open_user(deed, user_id, may.CLOSE_USER)
    _require_enough(deciding, {role.id for role in deciding if role.user_id == user_id})
    of_user = (app_user.c.community_id == deed.community_id, app_user.c.id == user_id)
    deed.session.execute(update(app_user).where(*of_user).values(closed_at=deed.now))
    deed.session.execute(
        update(staff_role)
        .where(
            staff_role.c.community_id == deed.community_id,
            staff_role.c.user_id == user_id,
            staff_role.c.ended_at.is_(None),
        )
        .values(ended_at=deed.now)
    )
    withdraw_open(deed, person_id)
    end_speaking(deed, person_id)
    end_visits(deed, why="closed", user_id=user_id)
    audit(deed, name="close_user", subject_kind="user", subject_id=user_id)
    return UserClosed(user_id)


def _open_user(deed: Deed, user_id: int, right: Right) -> int:
    """Lock a user of another household; return their person.

    **Refuses**: ``NotFound``; ``NotAllowed``; ``WrongState`` if closed.
    """
    row = _locked_user(deed, user_id)
    _require_others(deed, row.person_id, right)
    if row.closed_at is not None:
        raise WrongState(kind="user", state="closed")
    person_id: int = row.person_id
    return person_id


def _locked_user(deed: Deed, user_id: int) -> Any:
    row = deed.session.execute(
        select(
            app_user.c.closed_at,
            kept_of(app_user),
        )
        .where(app_user.c.community_id == deed.community_id, app_user.c.id == user_id)
        .with_for_update(key_share=True)
    ).first()
    if row is None:
        raise NotFound(kind="user")
    return row


def _require_others(deed: Deed, person_id: int, right: Right) -> None:
    """**Refuses**: ``NotAllowed`` for oneself and one's household. The set-up is nobody."""
    if deed.by.person_id is not None:
        require_unrelated(deed.session, deed.by, person_id, right)


def _locked_deciders(deed: Deed) -> tuple[StaffRole, ...]:
    """The roles with which staff are invited and confirmed, locked in order.

    So two people who end the last two of them at one moment wait for each other.
    """
    rows = deed.session.execute(
        select(staff_role.c.id, staff_role.c.user_id, staff_role.c.name)
        .where(
            staff_role.c.community_id == deed.community_id,
            staff_role.c.name.in_(may.CONFIRM_STAFF.roles),
            staff_role.c.place_id.is_(None),
            staff_role.c.ended_at.is_(None),
            staff_role.c.until_at.is_(None),
        )
        .order_by(staff_role.c.id)
        .with_for_update(key_share=True)
    )
    return tuple(StaffRole(*row) for row in rows)


def _require_enough(deciding: tuple[StaffRole, ...], ended: set[int]) -> None:
    """**Refuses**: ``LastOfStaff`` where nobody could invite or confirm any more."""
    missing = missing_without(deciding, ended)
    if missing:
        raise LastOfStaff(why=missing)


def _last_at(deed: Deed, row: Any, last_on: date) -> datetime:
    """When a role ends that gets a last day. **Refuses**: ``BadInput``."""
    if last_on < local_day(deed.now):
        raise BadInput(field="last_on", why="past")
    until_at = until_of(last_on)
    assert until_at is not None
    if row.until_at is not None and until_at > row.until_at:
        raise BadInput(field="last_on", why="later")
    return until_at
