"""PINs that were set at the counter: what waits for the second member of staff, who set it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, literal, select
from sqlalchemy.orm import Session

from timebank.db import NOW, waiting_row, written
from timebank.errors import NotFound
from timebank.people import may
from timebank.people.tables import card, person, pin_reset
from timebank.values import By


@dataclass(frozen=True, slots=True, kw_only=True)
class PinResetTold:
    """A reset as the holder and the staff see it; the names of staff are whole.

    ``set_at`` and ``set_by`` are empty while it waits, until ``until_at``, for the second one.
    """

    id: int
    card_id: int
    person_id: int
    had_pin: bool
    asked_by: str
    asked_by_person_id: int
    asked_at: datetime
    until_at: datetime
    set_by: str
    set_at: datetime | None


def waiting_pin_resets(by: By) -> Select[Any] | None:
    """Resets that a second member of staff can do today, for others than the one who asked."""
    if not may.SERVE_CARDS.is_held(by):
        return None
    return (
        waiting_row(
            "pin_reset",
            pin_reset.c.id,
            since=pin_reset.c.asked_at,
            until=pin_reset.c.until_at,
            person_id=pin_reset.c.person_id,
            count=literal(1),
        )
        .join(
            card,
            and_(card.c.community_id == pin_reset.c.community_id, card.c.id == pin_reset.c.card_id),
        )
        .where(
            pin_reset.c.community_id == by.community_id,
            pin_reset.c.set_at.is_(None),
            pin_reset.c.until_at > NOW,
            card.c.revoked_at.is_(None),
            pin_reset.c.asked_by_person_id != (by.person_id or -1),
            pin_reset.c.person_id != (by.person_id or -1),
        )
    )


_ASKER, _SETTER = person.alias("asker"), person.alias("setter")
_RESETS = (
    select(pin_reset, _ASKER.c.name.label("asker_name"), _SETTER.c.name.label("setter_name"))
    .join(
        _ASKER,
        and_(
            _ASKER.c.community_id == pin_reset.c.community_id,
            _ASKER.c.id == pin_reset.c.asked_by_person_id,
        ),
    )
    .outerjoin(
        _SETTER,
        and_(
            _SETTER.c.community_id == pin_reset.c.community_id,
            _SETTER.c.id == pin_reset.c.set_by_person_id,
        ),
    )
    .order_by(pin_reset.c.asked_at.desc())
    .limit(written(1))
)


def pin_reset_named(session: Session, community_id: int, reset_id: int) -> PinResetTold:
    """A reset by its id. **Refuses**: ``NotFound``."""
    found = _first(session, pin_reset.c.community_id == community_id, pin_reset.c.id == reset_id)
    if found is None:
        raise NotFound(kind="pin_reset")
    return found


def waiting_pin_reset_of(
    session: Session, community_id: int, card_id: int, *, now: datetime
) -> PinResetTold | None:
    """The reset of a card that waits for the second member of staff."""
    return _first(
        session,
        pin_reset.c.community_id == community_id,
        pin_reset.c.card_id == card_id,
        pin_reset.c.set_at.is_(None),
        pin_reset.c.until_at > now,
    )


def unread_pin_reset(session: Session, community_id: int, person_id: int) -> PinResetTold | None:
    """The newest reset of an earlier PIN that its holder has not read about yet."""
    return _first(
        session,
        pin_reset.c.community_id == community_id,
        pin_reset.c.person_id == person_id,
        pin_reset.c.had_pin,
        pin_reset.c.set_at.is_not(None),
        pin_reset.c.read_at.is_(None),
    )


def _first(session: Session, *conditions: Any) -> PinResetTold | None:
    row = session.execute(_RESETS.where(*conditions)).first()
    if row is None:
        return None
    return PinResetTold(
        id=row.id,
        card_id=row.card_id,
        person_id=row.person_id,
        had_pin=row.had_pin,
        asked_by=row.asker_name,
        asked_by_person_id=row.asked_by_person_id,
        asked_at=row.asked_at,
        until_at=row.until_at,
        set_by=row.setter_name or "",
        set_at=row.set_at,
    )
