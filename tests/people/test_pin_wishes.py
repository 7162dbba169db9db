"""A household asks that its cards open nothing at a kiosk without the PIN."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.factories import people as make
from tests.factories.looks import audit_lines
from tests.factories.people import Town, a_request_id
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, TimebankError, WrongState
from timebank.people import actions, queries
from timebank.people.refusals import CardRevoked
from timebank.people.tables import pin_wish
from timebank.values import By


class Home:
    """A household of two; the first has a card with a PIN and signs in."""

    def __init__(self, session: Session, town: Town) -> None:
        self.family = make.make_household(session, town, make.new_person(), make.new_person())
        first, second = self.family.person_ids
        self.by = make.make_user(session, town, first)
        self.card = make.make_card(session, town, first, make.PIN)
        self.other_card = make.make_card(session, town, second)


@pytest.fixture
def home(session: Session, town: Town) -> Home:
    return Home(session, town)


def ask(session: Session, by: By, card_id: int, now: datetime) -> actions.PinWishSet:
    return actions.ask_for_pin(Deed(session, by, now, a_request_id()), card_id=card_id)


def end(session: Session, by: By, card_id: int, now: datetime) -> actions.PinWishSet:
    return actions.end_pin_wish(Deed(session, by, now, a_request_id()), card_id=card_id)


def wish(session: Session, home: Home) -> queries.PinWish | None:
    return queries.pin_wish_of(session, 1, home.family.household_id)


def asks_pin(session: Session, card: queries.Card) -> bool:
    holder = queries.card_holder(session, 1, card.token)
    assert holder is not None
    return holder.asks_pin


@pytest.mark.parametrize("who", ["member", "counter"])
def test_the_wish_of_one_member_holds_for_every_card_of_the_household(
    session: Session, town: Town, home: Home, now: datetime, who: str
) -> None:
    by = home.by if who == "member" else make.social_worker(session, town)
    assert ask(session, by, home.card.id, now) == ask(session, by, home.card.id, now)
    found = wish(session, home)
    assert found is not None
    assert (found.person_id, found.asked_at) == (home.by.person_id, now)
    assert asks_pin(session, home.card) and asks_pin(session, home.other_card)
    entered = session.scalars(select(pin_wish.c.entered_by)).all()
    assert entered == [by.user_id]
    assert len(audit_lines(session, 1, name="ask_for_pin")) == 1


def test_the_household_ends_its_wish_and_the_row_stays(
    session: Session, town: Town, home: Home, now: datetime
) -> None:
    ask(session, home.by, home.card.id, now)
    assert end(session, home.by, home.card.id, now).is_asked is False
    assert wish(session, home) is None
    assert not asks_pin(session, home.card)
    ask(session, home.by, home.card.id, now)
    assert len(session.execute(select(pin_wish)).all()) == 2


@pytest.mark.parametrize("persona", [make.coordinator, make.keeper, make.stranger, make.auditor])
def test_nobody_else_ends_it(
    session: Session, town: Town, home: Home, now: datetime, persona: Any
) -> None:
    ask(session, home.by, home.card.id, now)
    by = persona(session, town)
    with pytest.raises((NotAllowed, NotFound)):
        end(session, by, home.card.id, now)
    assert wish(session, home) is not None


def test_the_neighbour_community_ends_nothing(
    session: Session, town: Town, home: Home, now: datetime
) -> None:
    ask(session, home.by, home.card.id, now)
    with pytest.raises(NotFound):
        end(session, make.neighbour(session), home.card.id, now)


def test_a_card_that_nothing_could_open_afterwards_is_refused(
    session: Session, town: Town, home: Home, now: datetime
) -> None:
    clerk = make.coordinator(session, town)
    with pytest.raises(WrongState):
        ask(session, clerk, home.other_card.id, now)
    outsider = make.make_person(session, town)
    card = make.make_card(session, town, outsider, make.PIN)
    for deed in (ask, end):
        with pytest.raises(BadInput):
            deed(session, clerk, card.id, now)
    actions.revoke_card(Deed(session, clerk, now, a_request_id()), card_id=home.card.id)
    refused: type[TimebankError] = CardRevoked
    with pytest.raises(refused):
        ask(session, clerk, home.card.id, now)


def test_the_database_keeps_one_living_wish_per_household(
    session: Session, town: Town, home: Home, now: datetime
) -> None:
    ask(session, home.by, home.card.id, now)
    row = session.execute(select(pin_wish)).one()._asdict()
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(insert(pin_wish).values(**row | {"id": row["id"] + 1}))
    ended = row | {"id": row["id"] + 2, "ended_at": datetime(2001, 1, 1, tzinfo=now.tzinfo)}
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(insert(pin_wish).values(**ended))
