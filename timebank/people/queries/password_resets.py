"""Passwords that were reset at the counter: what waits for the second of staff, who did it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_
from sqlalchemy.orm import Session

from timebank.people import may
from timebank.people.queries.by_two import ByTwo, StepsOfTwo
from timebank.people.tables import app_user, password_reset
from timebank.values import By


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordResetTold(StepsOfTwo):
    """A reset as the holder and the staff see it."""

    user_id: int


_RESETS = ByTwo(password_reset, "set", PasswordResetTold, right=may.RESET_PASSWORD)
_USER = and_(
    app_user.c.community_id == password_reset.c.community_id,
    app_user.c.id == password_reset.c.user_id,
)
password_reset_named = _RESETS.named


def waiting_password_resets(by: By) -> Select[Any] | None:
    """Resets of open users that a second member of staff can do today."""
    waiting = _RESETS.waiting(by)
    return (
        None
        if waiting is None
        else waiting.join(app_user, _USER).where(app_user.c.closed_at.is_(None))
    )


def waiting_password_reset_of(
    session: Session, community_id: int, user_id: int, *, now: datetime
) -> PasswordResetTold | None:
    """The reset of a user that waits for the second member of staff."""
    is_own = password_reset.c.user_id == user_id
    return _RESETS.waiting_of(session, community_id, is_own, now=now)


def unread_password_reset(
    session: Session, community_id: int, person_id: int
) -> PasswordResetTold | None:
    """The newest reset that its holder has not read about yet."""
    return _RESETS.unread(session, community_id, password_reset.c.person_id == person_id)
