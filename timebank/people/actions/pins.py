"""A PIN that its holder has forgotten, or never had: two members of staff, one hand on the keys.

The first member of staff asks for the reset and has seen the holder's document. The second one
looks again and turns the screen to the holder, who types the PIN. So nobody of staff knows a
PIN, and nobody alone can take over a card. Not here: the holder changes their own (``cards.py``).
"""

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
from timebank.people.guessing import check_new_pin
from timebank.people.passwords import hash_secret
from timebank.people.queries.merged import kept_id
from timebank.people.refusals import CardRevoked
from timebank.people.rules import check_pin
from timebank.people.rules.throttles import CARD, SCAN
from timebank.people.tables import card, person, pin_reset
from timebank.values import new_id


@dataclass(frozen=True, slots=True)
class PinResetAsked:
    """A reset that waits for the second member of staff until ``until_at``."""

    pin_reset_id: int
    card_id: int
    until_at: datetime


@dataclass(frozen=True, slots=True)
class PinReset:
    pin_reset_id: int
    card_id: int


@dataclass(frozen=True, slots=True)
class PinResetRead:
    """The holder has read who reset their PIN."""

    card_id: int


@action("ask_pin_reset")
def ask_pin_reset(deed: Deed, *, card_id: int) -> PinResetAsked:
    """Ask for a new PIN for a person whose document was seen. Lapses in the evening.

    **Refuses**: ``NotAllowed``, also for oneself and one's own household; ``NotFound``;
    ``CardRevoked``; ``WrongState`` if somebody has asked already.
    """
    may.SERVE_CARDS.require(deed.by)
    holder = _holder(deed, card_id)
    require_unrelated(deed.session, deed.by, holder.person_id, may.SERVE_CARDS)
    if holder.revoked_at is not None:
        raise CardRevoked()
    require_not_asked(deed, pin_reset, "set", pin_reset.c.card_id == card_id)
    reset_id = new_id()
    until_at = evening_of(deed.now)
    row = {
        "community_id": deed.community_id, "id": reset_id, "card_id": card_id,
        "person_id": holder.person_id, "had_pin": holder.pin_hash is not None,
        "asked_by": deed.by.client, "asked_by_person_id": deed.by.person_id,
        "asked_at": deed.now, "until_at": until_at,
    }  # fmt: skip
    deed.session.execute(insert(pin_reset), row)
    audit(deed, name="ask_pin_reset", subject_kind="person", subject_id=holder.person_id)
    return PinResetAsked(reset_id, card_id, until_at)


@action("reset_pin")
def reset_pin(deed: Deed, *, pin_reset_id: int, pin: str, pin_again: str) -> PinReset:
    """Set the PIN that the holder typed twice, as the second member of staff.

    **Refuses**: ``NotAllowed``; ``SamePerson`` to whoever asked, and to their household;
    ``NotFound``; ``WrongState`` the next day or a second time; ``BadInput``; ``CardRevoked``.
    """
    may.SERVE_CARDS.require(deed.by)
    reset = take_asked(deed, pin_reset, pin_reset_id)
    holder = _holder(deed, reset.card_id)
    require_unrelated(deed.session, deed.by, holder.person_id, may.SERVE_CARDS)
    require_other(deed, Involved(person_ids=(reset.asked_by_person_id,)))
    if holder.revoked_at is not None:
        raise CardRevoked()
    if reset.set_at is not None or reset.until_at <= deed.now:
        raise WrongState(kind="pin_reset", state="over")
    tidy = check_new_pin(deed, pin, person_id=holder.person_id)
    if check_pin(pin_again) != tidy:
        raise BadInput(field="pin_again", why="differs")
    deed.session.execute(
        update(card)
        .where(card.c.community_id == deed.community_id, card.c.id == reset.card_id)
        .values(pin_hash=hash_secret(deed.session, tidy))
    )
    deed.session.execute(
        update(pin_reset)
        .where(pin_reset.c.community_id == deed.community_id, pin_reset.c.id == pin_reset_id)
        .values(set_by=deed.by.client, set_by_person_id=deed.by.person_id, set_at=deed.now)
    )
    clear_tries(deed.session, deed.community_id, (CARD, holder.card_no), (SCAN, holder.card_no))
    end_visits(deed, why="pin", person_id=holder.person_id)
    audit(deed, name="reset_pin", subject_kind="person", subject_id=holder.person_id)
    return PinReset(pin_reset_id, reset.card_id)


@action("read_pin_reset")
def read_pin_reset(deed: Deed, *, card_id: int) -> PinResetRead:
    """Note that the holder of a card has read who reset its PIN. **Refuses**: ``NotAllowed``."""
    if deed.by.person_id is None or _holder(deed, card_id).person_id != deed.by.person_id:
        raise NotAllowed(deed="read_pin_reset")
    deed.session.execute(
        update(pin_reset)
        .where(
            pin_reset.c.community_id == deed.community_id,
            pin_reset.c.card_id == card_id,
            pin_reset.c.set_at.is_not(None),
            pin_reset.c.read_at.is_(None),
        )
        .values(read_at=deed.now)
    )
    return PinResetRead(card_id)


def _holder(deed: Deed, card_id: int) -> Any:
    """Read and lock a card with its holder."""
    row: Any = deed.session.execute(
        select(
            person.c.id.label("person_id"),
            card.c.card_no,
            card.c.pin_hash,
            card.c.revoked_at,
            person.c.household_id,
        )
        .select_from(card)
        .join(
            person,
            (person.c.community_id == card.c.community_id)
            & (person.c.id == kept_id(card.c.community_id, card.c.person_id)),
        )
        .where(card.c.community_id == deed.community_id, card.c.id == card_id)
        .with_for_update(key_share=True, of=card)
    ).first()
    if row is None:
        raise NotFound(kind="card")
    return row
