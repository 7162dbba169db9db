"""Whoever enters a paper of a household, or sets a PIN there, does nothing more for it that day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.factories import people as make
from tests.factories.aid import lines_of, make_claim, make_claimant, make_resident
from tests.factories.goods import make_stock
from tests.factories.people import a_request_id
from timebank.aid import actions
from timebank.aid.refusals import EnteredPaperToday
from timebank.deeds.deed import Deed
from timebank.people import actions as people
from timebank.people.actions import NewProof, add_proofs
from timebank.people.refusals import CardIssuedToday, PinResetToday
from timebank.values import Role, local_day, local_instant

REASON = "家里刚添了孩子"


@pytest.fixture
def by_alone(session, town):
    """One person with every role that a paper, a claim and a hand-over need."""
    roles = Role("social_worker"), Role("approver"), Role("keeper", town.store_place_id)
    return make.staff(session, town, *roles)


@pytest.fixture
def rice(session, shop):
    return make_stock(session, shop, "大米", 10, best_before_on=date(2026, 2, 28))


@pytest.fixture
def by(session, town):
    return make_resident(session, town)


@pytest.fixture
def entered(session, by, by_alone, now):
    """The paper that they enter at ten in the morning."""
    paper = NewProof(
        by.household_id, "dibao", date(2025, 1, 1), date(2025, 12, 31), None, "A-1", "民政局"
    )
    add_proofs(Deed(session, by_alone, now, a_request_id()), proofs=(paper,))


def claim_as(session, shop, by, acting, now):
    return make_claim(session, shop, by, now=now, acting=acting, 大米=1)


def at_counter(session, shop, by, acting, now):
    return actions.issue_at_counter(
        Deed(session, acting, now, a_request_id()), household_id=by.household_id,
        person_id=by.person_id, store_id=shop.store_id, lines=lines_of(shop, 大米=1),
    )  # fmt: skip


def hand_over(session, shop, by, acting, now):
    claimed = make_claim(session, shop, by, now=now, 大米=1)
    return actions.issue_goods(
        Deed(session, acting, now, a_request_id()), claim_id=claimed.claim_id,
        pickup_code=claimed.pickup_code,
    )  # fmt: skip


STEPS = [claim_as, at_counter, hand_over]


@pytest.mark.parametrize("step", STEPS)
def test_the_enterer_waits_until_tomorrow_and_a_second_person_need_not(
    session, shop, town, by, rice, now, by_alone, entered, step
):
    midnight = local_instant(local_day(now) + timedelta(days=1))
    for moment in (now, midnight - timedelta(seconds=1)):
        with pytest.raises(EnteredPaperToday) as refused:
            step(session, shop, by, by_alone, moment)
    assert refused.value.facts["entered_at"] == now.isoformat()
    assert refused.value.facts["free_on"] == local_day(midnight).isoformat()
    second = make.staff(session, town, *by_alone.roles)
    step(session, shop, by, second, now)
    step(session, shop, by, by_alone, midnight)


@pytest.mark.parametrize("step", STEPS)
def test_the_rows_say_who_entered_it_not_the_session(
    session, shop, by, rice, now, by_alone, entered, step
):
    again = replace(by_alone, client="user:9", user_id=9, channel="counter")
    with pytest.raises(EnteredPaperToday):
        step(session, shop, by, again, now)


@pytest.mark.parametrize("step", STEPS)
def test_another_household_is_served_by_the_enterer(
    session, shop, town, rice, now, by_alone, entered, step
):
    step(session, shop, make_claimant(session, town), by_alone, now)


def test_the_enterer_does_not_decide_the_review(session, shop, town, by, rice, now, by_alone):
    refused = make_claim(session, shop, by, now=now, 大米=1)
    actions.ask_for_person(Deed(session, by, now, a_request_id()), claim_id=refused.claim_id)
    paper = NewProof(
        by.household_id, "unemployed", date(2025, 1, 1), date(2025, 12, 31), None, "A", "街道"
    )
    add_proofs(Deed(session, by_alone, now, a_request_id()), proofs=(paper,))

    def decide(acting, moment):
        return actions.decide_review(
            Deed(session, acting, moment, a_request_id()), claim_id=refused.claim_id,
            approve=True, reason=REASON,
        )  # fmt: skip

    with pytest.raises(EnteredPaperToday):
        decide(by_alone, now)
    assert decide(make.approver(session, town), now).approved == 1


@pytest.mark.parametrize("step", STEPS)
def test_whoever_made_a_card_waits_until_tomorrow(session, shop, town, rice, now, by_alone, step):
    claimant = make_claimant(session, town)
    people.ask_card(Deed(session, by_alone, now, a_request_id()), person_id=claimant.person_id)
    with pytest.raises(CardIssuedToday):
        step(session, shop, claimant, by_alone, now)
    step(session, shop, claimant, make.staff(session, town, *by_alone.roles), now)
    step(session, shop, claimant, by_alone, now + timedelta(days=1))


@pytest.mark.parametrize("step", STEPS)
def test_whoever_asked_for_a_pin_waits_until_tomorrow(
    session, shop, town, rice, now, by_alone, step
):
    claimant = make_claimant(session, town)
    card = make.make_card(session, town, claimant.person_id)
    people.ask_pin_reset(Deed(session, by_alone, now, a_request_id()), card_id=card.id)
    with pytest.raises(PinResetToday):
        step(session, shop, claimant, by_alone, now)
    step(session, shop, claimant, make.staff(session, town, *by_alone.roles), now)
    step(session, shop, claimant, by_alone, now + timedelta(days=1))
