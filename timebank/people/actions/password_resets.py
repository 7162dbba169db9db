"""A forgotten password: two members of staff look at the document, the holder types a new one.

As with a PIN (``pins.py``), nobody of staff knows it, and nobody alone takes over a sign-in. The
second factor stays as it is. Not here: the holder changes their own (``users.py``).
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.people import may
from timebank.people.actions.by_two import evening_of, require_not_asked, take_asked
from timebank.people.actions.tries import clear_tries
from timebank.people.actions.visits import end_visits
from timebank.people.closeness import Involved, require_other, require_unrelated
from timebank.people.guessing import check_new_password
from timebank.people.passwords import hash_secret
from timebank.people.queries.merged import kept_of
from timebank.people.rules.throttles import NAME
from timebank.people.tables import app_user, password_reset
from timebank.values import new_id


@dataclass(frozen=True, slots=True)
class PasswordResetAsked:
    """A reset that waits for the second member of staff until ``until_at``."""

    password_reset_id: int
    user_id: int
    until_at: datetime


@dataclass(frozen=True, slots=True)
class PasswordReset:
    password_reset_id: int
    user_id: int


@dataclass(frozen=True, slots=True)
class PasswordResetRead:
    """The holder has read who let them set their password."""

    password_reset_id: int


@action("ask_password_reset")
def ask_password_reset(deed: Deed, *, user_id: int) -> PasswordResetAsked:
    """Ask for a new password for a person whose document was seen. Lapses in the evening.

    **Refuses**: ``NotAllowed``, also for oneself and one's own household; ``NotFound``;
    ``WrongState`` if somebody has asked already, or for a user who is closed.
    """
    may.RESET_PASSWORD.require(deed.by)
    holder = _holder(deed, user_id)
    require_unrelated(deed.session, deed.by, holder.person_id, may.RESET_PASSWORD)
    _require_open(holder)
    require_not_asked(deed, password_reset, "set", password_reset.c.user_id == user_id)
    reset_id, until_at = new_id(), evening_of(deed.now)
    row = {
        "community_id": deed.community_id, "id": reset_id, "user_id": user_id,
        "person_id": holder.person_id, "asked_by_person_id": deed.by.person_id,
        "asked_at": deed.now, "until_at": until_at,
    }  # fmt: skip
    deed.session.execute(insert(password_reset), row)
    audit(deed, name="ask_password_reset", subject_kind="user", subject_id=user_id)
    return PasswordResetAsked(reset_id, user_id, until_at)


@action("reset_password")
def reset_password(
    deed: Deed, *, password_reset_id: int, password: str, password_again: str
) -> PasswordReset:
    """Set the password that the holder typed twice, as the second member of staff.

    **Refuses**: ``NotAllowed``; ``SamePerson`` to whoever asked, and to their household;
    ``NotFound``; ``WrongState`` the next day or a second time; ``BadInput``.
    """
    may.RESET_PASSWORD.require(deed.by)
    reset = take_asked(deed, password_reset, password_reset_id)
    holder = _holder(deed, reset.user_id)
    require_unrelated(deed.session, deed.by, holder.person_id, may.RESET_PASSWORD)
    require_other(deed, Involved(person_ids=(reset.asked_by_person_id,)))
    _require_open(holder)
    if reset.set_at is not None or reset.until_at <= deed.now:
        raise WrongState(kind="password_reset", state="over")
    own_words = {"login_name": holder.login_name, "person_id": holder.person_id}
    strong = check_new_password(deed, password, **own_words)
    if password_again != password:
        raise BadInput(field="password_again", why="differs")
    _write(deed, reset.user_id, strong)
    deed.session.execute(
        update(password_reset)
        .where(
            password_reset.c.community_id == deed.community_id,
            password_reset.c.id == password_reset_id,
        )
        .values(set_by_person_id=deed.by.person_id, set_at=deed.now)
    )
    clear_tries(deed.session, deed.community_id, (NAME, holder.login_name))
    end_visits(deed, why="password", person_id=holder.person_id)
    audit(deed, name="reset_password", subject_kind="user", subject_id=reset.user_id)
    return PasswordReset(password_reset_id, reset.user_id)


@action("read_password_reset")
def read_password_reset(
    deed: Deed, *, password_reset_id: int, is_own: bool = True
) -> PasswordResetRead:
    """Note that the holder has read who reset their password.

    If it was not theirs (``is_own`` is false), that password opens nothing any more.

    **Refuses**: ``NotFound``; ``NotAllowed`` to all but the holder; ``WrongState`` before it was
    done, or a second time.
    """
    reset = take_asked(deed, password_reset, password_reset_id)
    if deed.by.person_id is None or reset.person_id != deed.by.person_id:
        raise NotAllowed(deed="read_password_reset")
    if reset.set_at is None or reset.read_at is not None:
        raise WrongState(kind="password_reset", state="over")
    deed.session.execute(
        update(password_reset)
        .where(
            password_reset.c.community_id == deed.community_id,
            password_reset.c.person_id == deed.by.person_id,
            password_reset.c.set_at.is_not(None),
            password_reset.c.read_at.is_(None),
        )
        .values(read_at=deed.now)
    )
    if not is_own:
        _write(deed, reset.user_id, secrets.token_urlsafe(32))
        end_visits(deed, why="password", user_id=reset.user_id)
    name = "read_password_reset" if is_own else "stop_password"
    audit(deed, name=name, subject_kind="user", subject_id=reset.user_id)
    return PasswordResetRead(password_reset_id)


def _write(deed: Deed, user_id: int, password: str) -> None:
    deed.session.execute(
        update(app_user)
        .where(app_user.c.community_id == deed.community_id, app_user.c.id == user_id)
        .values(password_hash=hash_secret(deed.session, password))
    )


def _holder(deed: Deed, user_id: int) -> Any:
    """Read and lock a user. **Refuses**: ``NotFound``."""
    row = deed.session.execute(
        select(
            app_user.c.login_name,
            app_user.c.closed_at,
            kept_of(app_user),
        )
        .where(app_user.c.community_id == deed.community_id, app_user.c.id == user_id)
        .with_for_update(key_share=True)
    ).first()
    if row is None:
        raise NotFound(kind="user")
    return row


def _require_open(holder: Any) -> None:
    """**Refuses**: ``WrongState`` for the account of somebody who left."""
    if holder.closed_at is not None:
        raise WrongState(kind="user", state="closed")
