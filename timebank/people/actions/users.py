"""Users who sign in by name, and their roles; nobody can give themselves a role."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from timebank.db import violates
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.people import may
from timebank.people.actions.devices import forget_devices
from timebank.people.actions.tries import clear_tries
from timebank.people.actions.visits import end_visits
from timebank.people.guessing import check_new_password
from timebank.people.passwords import hash_secret, is_secret_of
from timebank.people.queries.merged import kept_of, records_of
from timebank.people.refusals import SignInFailed
from timebank.people.rules import ROLE_NAMES, check_login_name
from timebank.people.rules.throttles import NAME
from timebank.people.tables import app_user, person, place, recovery_code, second_factor, staff_role
from timebank.values import Role, new_id


@dataclass(frozen=True, slots=True)
class UserAdded:
    user_id: int
    login_name: str


@dataclass(frozen=True, slots=True)
class PasswordChanged:
    user_id: int


@action("add_user")
def add_user(
    deed: Deed, *, person_id: int, login_name: str, password: str, roles: tuple[Role, ...] = ()
) -> UserAdded:
    """Let a person sign in by name and password, with the given roles.

    Any social worker may add a resident without roles. Staff are added so by the set-up only:
    people invite them, so that nobody else knows their password (``invite_user``).

    **Refuses**: ``NotAllowed``; ``NotFound``; ``BadInput`` for name, password or role;
    ``WrongState`` if the person has a user already.
    """
    (may.ADD_STAFF_USER if roles else may.ADD_RESIDENT_USER).require_everywhere(deed.by)
    if roles and deed.by.person_id is not None:
        raise NotAllowed(deed="add_user", why="invited")
    name = check_login_name(login_name)
    require_no_user(deed, person_id)
    strong = check_new_password(deed, password, login_name=name, person_id=person_id)
    user_id = open_user(deed, person_id, login_name=name, password=strong)
    for role in roles:
        give_role(deed, user_id, role)
    return UserAdded(user_id, name)


def open_user(deed: Deed, person_id: int, *, login_name: str, password: str) -> int:
    """Let a person sign in with a name and password that were checked; return the id of the user.

    A user that was closed is opened again under the new name, without the second factor of then.

    **Refuses**: ``BadInput`` for a login name that is taken.
    """
    closed_id = deed.session.scalar(
        select(app_user.c.id).where(
            app_user.c.community_id == deed.community_id,
            app_user.c.person_id == person_id,
            app_user.c.closed_at.is_not(None),
        )
    )
    _check_login_is_free(deed.session, deed.community_id, login_name, but_of=closed_id)
    user_id = closed_id or new_id()
    own = (app_user.c.community_id == deed.community_id, app_user.c.id == user_id)
    secret = {"login_name": login_name, "password_hash": hash_secret(deed.session, password)}
    key = {"community_id": deed.community_id, "id": user_id, "person_id": person_id}
    try:
        if closed_id is None:
            deed.session.execute(insert(app_user).values(**key, **secret))
        else:
            deed.session.execute(update(app_user).where(*own).values(closed_at=None, **secret))
            _forget_factor(deed, user_id)
    except IntegrityError as fault:
        # Two desks entered the same name at the same moment.
        if violates(fault, "uq_app_user_login", "app_user.login_name"):
            raise BadInput(field="login_name", why="taken") from None
        raise
    audit(deed, name="add_user", subject_kind="user", subject_id=user_id)
    return user_id


def _forget_factor(deed: Deed, user_id: int) -> None:
    for rows in (recovery_code, second_factor):
        deed.session.execute(
            delete(rows).where(rows.c.community_id == deed.community_id, rows.c.user_id == user_id)
        )


@action("change_password")
def change_password(
    deed: Deed, *, user_id: int, password: str, old_password: str = ""
) -> PasswordChanged:
    """Change one's own password with the old one; a forgotten one takes two (``reset_password``).

    All visits of the person end, so that a copied cookie is worth nothing. Failed attempts at the
    old one count no longer, and no device is known any more.

    **Refuses**: ``NotAllowed`` to anybody else; ``BadInput``; ``SignInFailed`` for the old one.
    """
    if deed.by.user_id != user_id:
        raise NotAllowed(deed="change_password")
    row = deed.session.execute(
        select(
            app_user.c.password_hash,
            app_user.c.login_name,
            kept_of(app_user),
        )
        .where(app_user.c.community_id == deed.community_id, app_user.c.id == user_id)
        .with_for_update(key_share=True)
    ).first()
    if row is None:
        raise NotFound(kind="user")
    if not is_secret_of(row.password_hash, old_password):
        raise SignInFailed(field="old_password")
    own_words = {"login_name": row.login_name, "person_id": row.person_id}
    strong = check_new_password(deed, password, **own_words)
    deed.session.execute(
        update(app_user)
        .where(app_user.c.community_id == deed.community_id, app_user.c.id == user_id)
        .values(password_hash=hash_secret(deed.session, strong))
    )
    clear_tries(deed.session, deed.community_id, (NAME, row.login_name))
    forget_devices(deed.session, deed.by)
    end_visits(deed, why="password", person_id=row.person_id)
    audit(deed, name="change_password", subject_kind="user", subject_id=user_id)
    return PasswordChanged(user_id)


def require_no_user(deed: Deed, person_id: int) -> None:
    """Lock a person. **Refuses**: ``NotFound``; ``WrongState`` if they have an open user."""
    known = deed.session.scalar(
        select(person.c.id)
        .where(person.c.community_id == deed.community_id, person.c.id == person_id)
        .with_for_update(key_share=True)
    )
    if known is None:
        raise NotFound(kind="person")
    has_user = select(app_user.c.id).where(
        app_user.c.community_id == deed.community_id,
        app_user.c.person_id.in_(records_of(deed.community_id, [person_id])),
        app_user.c.closed_at.is_(None),
    )
    if deed.session.scalar(has_user) is not None:
        raise WrongState(kind="user", state="has_user")


def _check_login_is_free(
    session: Session, community_id: int, name: str, *, but_of: int | None
) -> None:
    taken = select(app_user.c.id).where(
        app_user.c.community_id == community_id,
        app_user.c.login_name == name,
        app_user.c.id != (but_of or 0),
    )
    if session.scalar(taken) is not None:
        raise BadInput(field="login_name", why="taken")


def check_role(deed: Deed, role: Role) -> None:
    """**Refuses**: ``BadInput`` for a role that is unknown; ``NotFound`` for its place."""
    if role.name not in ROLE_NAMES:
        raise BadInput(field="role", why="unknown")
    if role.place_id is not None:
        known = select(place.c.id).where(
            place.c.community_id == deed.community_id, place.c.id == role.place_id
        )
        if deed.session.scalar(known) is None:
            raise NotFound(kind="place")


def give_role(deed: Deed, user_id: int, role: Role, *, until_at: datetime | None = None) -> int:
    """Insert one role of a user whose row is locked; it ends by itself at ``until_at``."""
    check_role(deed, role)
    require_not_held(deed, user_id, role)
    role_id = new_id()
    end_visits(deed, why="role", user_id=user_id)
    row = {"community_id": deed.community_id, "id": role_id, "user_id": user_id}
    values = {"name": role.name, "place_id": role.place_id}
    deed.session.execute(
        insert(staff_role).values(**row, **values, granted_at=deed.now, until_at=until_at)
    )
    audit(
        deed,
        name="grant_role",
        subject_kind="user",
        subject_id=user_id,
        facts={"role": role.name, "place_id": role.place_id}
        | ({} if until_at is None else {"until_at": until_at.isoformat()}),
    )
    return role_id


def require_not_held(deed: Deed, user_id: int, role: Role) -> None:
    """**Refuses**: ``BadInput`` for a role that a user holds now."""
    held = deed.session.execute(
        select(staff_role.c.name, staff_role.c.place_id).where(
            staff_role.c.community_id == deed.community_id,
            staff_role.c.user_id == user_id,
            staff_role.c.ended_at.is_(None),
            or_(staff_role.c.until_at.is_(None), staff_role.c.until_at > deed.now),
        )
    )
    if role in {Role(*row) for row in held}:
        raise BadInput(field="role", why="held")
