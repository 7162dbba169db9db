"""A PIN that is set at the counter: two of staff, the holder's hand, and a word to the holder."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from tests.factories import people as make
from timebank.deeds.deed import Deed
from timebank.deeds.refusals import SamePerson
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.people import actions, queries
from timebank.people.actions.visits import new_visit
from timebank.people.passwords import is_secret_of
from timebank.people.refusals import CardRevoked, PinResetToday
from timebank.people.tables import card, pin_reset, visit
from timebank.values import Role

NEW = {"pin": "2591", "pin_again": "2591"}


@pytest.fixture
def town(session):
    return make.make_town(session)


@pytest.fixture
def holder(session, town):
    return make.resident(session, town)


@pytest.fixture
def held(session, town, holder):
    return make.make_card(session, town, holder.person_id, pin="7391")


@pytest.fixture
def first(session, town):
    return make.keeper(session, town)


@pytest.fixture
def second(session, town):
    return make.keeper(session, town)


@pytest.fixture
def run(session, now):
    """Do a deed as somebody, at ``now`` or so much later."""

    def do(action, by, later=timedelta(), **content):
        return action(Deed(session, by, now + later, make.a_request_id()), **content)

    return do


def _pin_is(session, card_id, pin):
    return is_secret_of(session.scalar(select(card.c.pin_hash).where(card.c.id == card_id)), pin)


def test_two_of_staff_let_the_holder_set_a_pin(session, town, held, run, first, second, holder):
    asked = run(actions.ask_pin_reset, first, card_id=held.id)
    assert _pin_is(session, held.id, "7391")
    run(actions.reset_pin, second, pin_reset_id=asked.pin_reset_id, **NEW)
    assert _pin_is(session, held.id, "2591")
    told = queries.unread_pin_reset(session, town.community_id, holder.person_id)
    assert told is not None and told.asked_by != told.done_by
    run(actions.read_pin_reset, holder, card_id=held.id)
    assert queries.unread_pin_reset(session, town.community_id, holder.person_id) is None


def test_a_reset_ends_the_visits_of_the_holder(session, held, run, first, second, holder, now):
    opened = new_visit(Deed(session, holder, now, make.a_request_id()))
    asked = run(actions.ask_pin_reset, first, card_id=held.id)
    run(actions.reset_pin, second, pin_reset_id=asked.pin_reset_id, **NEW)
    why = session.scalar(select(visit.c.ended_why).where(visit.c.id == opened.visit_id))
    assert why == "pin"


def test_the_one_who_asked_does_not_set_it(session, held, run, first):
    asked = run(actions.ask_pin_reset, first, card_id=held.id)
    with pytest.raises(SamePerson):
        run(actions.reset_pin, first, pin_reset_id=asked.pin_reset_id, **NEW)
    assert _pin_is(session, held.id, "7391")


def test_a_housemate_of_the_one_who_asked_does_not_set_it(session, town, held, run):
    family = make.make_household(session, town, make.new_person(), make.new_person())
    couple = [make.make_user(session, town, one, Role("keeper")) for one in family.person_ids]
    asked = run(actions.ask_pin_reset, couple[0], card_id=held.id)
    with pytest.raises(SamePerson):
        run(actions.reset_pin, couple[1], pin_reset_id=asked.pin_reset_id, **NEW)


def test_nobody_does_it_for_themselves_or_their_household(session, town, run, second):
    family = make.make_household(session, town, make.new_person(), make.new_person())
    keeper = make.make_user(session, town, family.person_ids[0], Role("keeper"))
    for person_id in family.person_ids:
        own = make.make_card(session, town, person_id, pin="7391")
        with pytest.raises(NotAllowed):
            run(actions.ask_pin_reset, keeper, card_id=own.id)
        asked = run(actions.ask_pin_reset, second, card_id=own.id)
        with pytest.raises(NotAllowed):
            run(actions.reset_pin, keeper, pin_reset_id=asked.pin_reset_id, **NEW)


def test_nobody_of_staff_sets_a_pin_alone(held, run, first):
    with pytest.raises(NotAllowed):
        run(actions.set_pin, first, card_id=held.id, pin="2591")


def test_a_resident_asks_for_nobody(held, run, holder):
    with pytest.raises(NotAllowed):
        run(actions.ask_pin_reset, holder, card_id=held.id)


def test_it_lapses_with_the_day_and_is_done_once(held, run, first, second):
    asked = run(actions.ask_pin_reset, first, card_id=held.id)
    with pytest.raises(WrongState):
        run(actions.ask_pin_reset, second, card_id=held.id)
    told = {"pin_reset_id": asked.pin_reset_id, **NEW}
    with pytest.raises(WrongState):
        run(actions.reset_pin, second, timedelta(hours=14), **told)
    run(actions.reset_pin, second, timedelta(hours=13), **told)
    with pytest.raises(WrongState):
        run(actions.reset_pin, second, timedelta(hours=13), **told)


@pytest.mark.parametrize("typed", [("1234", "1234"), ("2591", "2581"), ("", ""), ("12a4", "12a4")])
def test_a_pin_typed_wrongly_changes_nothing(typed, session, held, run, first, second):
    asked = run(actions.ask_pin_reset, first, card_id=held.id)
    with pytest.raises(BadInput):
        run(
            actions.reset_pin, second,
            pin_reset_id=asked.pin_reset_id, pin=typed[0], pin_again=typed[1],
        )  # fmt: skip
    assert _pin_is(session, held.id, "7391")


def test_a_stopped_card_gets_no_pin(held, run, first, second):
    asked = run(actions.ask_pin_reset, first, card_id=held.id)
    run(actions.revoke_card, second, card_id=held.id)
    with pytest.raises(CardRevoked):
        run(actions.reset_pin, second, pin_reset_id=asked.pin_reset_id, **NEW)
    with pytest.raises(CardRevoked):
        run(actions.ask_pin_reset, first, card_id=held.id)
    with pytest.raises(NotFound):
        run(actions.reset_pin, second, pin_reset_id=404, **NEW)


def test_only_the_holder_says_that_they_have_read_it(held, run, first):
    with pytest.raises(NotAllowed):
        run(actions.read_pin_reset, first, card_id=held.id)


@pytest.mark.parametrize("who", ["first", "holder"])
def test_the_database_refuses_one_person_for_two(who, session, held, run, first, holder, now):
    asked = run(actions.ask_pin_reset, first, card_id=held.id)
    by = {"first": first, "holder": holder}[who]
    with pytest.raises(IntegrityError, match="two_of_staff"), session.begin_nested():
        session.execute(
            update(pin_reset)
            .where(pin_reset.c.id == asked.pin_reset_id)
            .values(set_by=by.client, set_by_person_id=by.person_id, set_at=now)
        )
    assert session.scalar(select(func.count()).where(pin_reset.c.set_at.is_not(None))) == 0


@pytest.mark.parametrize("part", ["first", "second", "third"])
def test_whoever_had_a_part_does_nothing_for_the_household_that_day(
    part, session, town, held, run, first, second, holder, now
):
    asked = run(actions.ask_pin_reset, first, card_id=held.id)
    run(actions.reset_pin, second, pin_reset_id=asked.pin_reset_id, **NEW)
    by = {"first": first, "second": second, "third": make.keeper(session, town)}[part]
    other = make.make_household(session, town).household_id
    queries.require_no_part_today(session, by, [other, None], now)
    queries.require_no_part_today(session, by, [holder.household_id], now + timedelta(days=1))
    if part == "third":
        queries.require_no_part_today(session, by, [holder.household_id], now)
        return
    with pytest.raises(PinResetToday) as refused:
        queries.require_no_part_today(session, by, [holder.household_id], now)
    assert refused.value.facts["free_on"] == "2025-06-11"
