"""PINs that were set at the counter: what waits for the second member of staff, who set it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_
from sqlalchemy.orm import Session

from timebank.people.queries.by_two import ByTwo, StepsOfTwo
from timebank.people.tables import card, pin_reset
from timebank.values import By


@dataclass(frozen=True, slots=True, kw_only=True)
class PinResetTold(StepsOfTwo):
    """A reset as the holder and the staff see it."""

    card_id: int
    had_pin: bool


_RESETS = ByTwo(pin_reset, "set", PinResetTold)
_CARD = and_(card.c.community_id == pin_reset.c.community_id, card.c.id == pin_reset.c.card_id)
pin_reset_named = _RESETS.named


def waiting_pin_resets(by: By) -> Select[Any] | None:
    """Resets of valid cards that a second member of staff can do today."""
    waiting = _RESETS.waiting(by)
    return None if waiting is None else waiting.join(card, _CARD).where(card.c.revoked_at.is_(None))


def waiting_pin_reset_of(
    session: Session, community_id: int, card_id: int, *, now: datetime
) -> PinResetTold | None:
    """The reset of a card that waits for the second member of staff."""
    return _RESETS.waiting_of(session, community_id, pin_reset.c.card_id == card_id, now=now)


def unread_pin_reset(session: Session, community_id: int, person_id: int) -> PinResetTold | None:
    """The newest reset of an earlier PIN that its holder has not read about yet."""
    is_own = pin_reset.c.person_id == person_id
    return _RESETS.unread(session, community_id, is_own, pin_reset.c.had_pin)
