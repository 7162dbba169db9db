"""A household's wish to be asked for the PIN at a kiosk.

Anybody of the household may make the wish, and the counter may enter it for them. Only the
household itself ends it: an employee who finds its card cannot take the protection away.
"""

from dataclasses import dataclass

from sqlalchemy import and_, insert, select, update

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, WrongState
from timebank.people.actions.cards import own_or_counter
from timebank.people.queries.cards import pin_wish_of
from timebank.people.queries.merged import kept_id
from timebank.people.tables import card, household, person, pin_wish
from timebank.values import new_id


@dataclass(frozen=True, slots=True)
class PinWishSet:
    """A household, and whether its cards now ask for the PIN."""

    household_id: int
    is_asked: bool


@action("ask_for_pin")
def ask_for_pin(deed: Deed, *, card_id: int) -> PinWishSet:
    """Record that the household of a card wants its cards to open nothing without the PIN.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``CardRevoked``; ``BadInput`` for a holder without
    a household; ``WrongState`` for a card without a PIN, which nothing could open afterwards.
    """
    own_or_counter(deed, card_id)
    person_id, household_id, has_pin = _holder(deed, card_id)
    if not has_pin:
        raise WrongState(kind="card", state="no_pin")
    if pin_wish_of(deed.session, deed.community_id, household_id) is None:
        deed.session.execute(
            insert(pin_wish).values(
                community_id=deed.community_id,
                id=new_id(),
                household_id=household_id,
                person_id=person_id,
                entered_by=deed.by.user_id,
                asked_at=deed.now,
            )
        )
        audit(deed, name="ask_for_pin", subject_kind="household", subject_id=household_id)
    return PinWishSet(household_id, is_asked=True)


@action("end_pin_wish")
def end_pin_wish(deed: Deed, *, card_id: int) -> PinWishSet:
    """End the wish, as a signed-in member of the household.

    **Refuses**: ``NotAllowed`` for everybody else, the counter too; ``NotFound``;
    ``CardRevoked``; ``BadInput`` for a holder without a household.
    """
    own_or_counter(deed, card_id)
    _, household_id, _ = _holder(deed, card_id)
    if deed.by.household_id != household_id:
        raise NotAllowed(deed="end_pin_wish")
    if pin_wish_of(deed.session, deed.community_id, household_id) is not None:
        deed.session.execute(
            update(pin_wish)
            .where(
                pin_wish.c.community_id == deed.community_id,
                pin_wish.c.household_id == household_id,
                pin_wish.c.ended_at.is_(None),
            )
            .values(ended_at=deed.now)
        )
        audit(deed, name="end_pin_wish", subject_kind="household", subject_id=household_id)
    return PinWishSet(household_id, is_asked=False)


def _holder(deed: Deed, card_id: int) -> tuple[int, int, bool]:
    """The holder, their household, and whether the card has a PIN.

    Lock the household, so that the wishes of its members are entered one by one.
    """
    row = deed.session.execute(
        select(person.c.id.label("person_id"), person.c.household_id, card.c.pin_hash)
        .select_from(card)
        .join(
            person,
            and_(
                person.c.community_id == card.c.community_id,
                person.c.id == kept_id(card.c.community_id, card.c.person_id),
            ),
        )
        .where(card.c.community_id == deed.community_id, card.c.id == card_id)
    ).one()
    if row.household_id is None:
        raise BadInput(field="card_id", why="no_household")
    deed.session.execute(
        select(household.c.id)
        .where(household.c.community_id == deed.community_id, household.c.id == row.household_id)
        .with_for_update(key_share=True)
    )
    return row.person_id, row.household_id, row.pin_hash is not None
