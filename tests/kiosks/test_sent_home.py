"""Whoever came to a kiosk and was sent home has come: no no-show, whatever the kiosk did."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories.aid import make_claim, make_claimant
from tests.factories.goods import make_stock
from tests.factories.kiosks import receive
from timebank.aid import queries as aid
from timebank.aid.actions import lapse_claims
from timebank.aid.tables import claim_visit
from timebank.deeds.deed import Deed
from timebank.kiosks import wire

DAYS = timedelta(days=9)


@pytest.fixture
def claimed(session, stand, now):
    make_stock(session, stand.shop, "洗衣液", 5)
    return make_claim(session, stand.shop, stand.volunteer, now=now, 洗衣液=2)


def visits(session):
    return [(one.why, one.came_at) for one in session.execute(select(claim_visit))]


def lapse(session, stand, now):
    lapse_claims(Deed(session, stand.shop.keeper, now, "lapse"))


def no_shows(session, stand):
    return aid.no_shows_of_household(session, 1, stand.volunteer.household_id)


def test_a_refusal_at_the_kiosk_stores_that_somebody_came(session, stand, claimed, now):
    later = now + DAYS
    body = wire.PickupCompleted(claimed.claim_id)
    result = receive(session, stand, stand.deed(body, at=later), now=later)
    assert result.reason == "WRONG_STATE"  # Its time was over, clockwork or not.
    assert visits(session) == [("WRONG_STATE", later)]


def test_it_came_when_it_came_and_not_when_that_was_sent(session, stand, claimed, now):
    """Offline for days: the reservation has lapsed meanwhile."""
    body = wire.PickupCompleted(claimed.claim_id)
    lapse(session, stand, now + DAYS)
    assert len(no_shows(session, stand)) == 1
    result = receive(session, stand, stand.deed(body, at=now + timedelta(hours=1)), now=now + DAYS)
    assert result.outcome == "review"
    assert visits(session) == [("WRONG_STATE", now + timedelta(hours=1))]
    assert no_shows(session, stand) == []


def test_a_doubtful_time_sends_home_too(session, stand, claimed, now):
    body = wire.PickupCompleted(claimed.claim_id)
    receive(session, stand, stand.deed(body, at=now - timedelta(days=9000)), now=now)
    assert visits(session) == [("TIME_IMPLAUSIBLE", now)]


def test_a_stranger_and_a_wrong_code_are_no_visit(session, stand, claimed, now):
    body = wire.PickupCompleted(claimed.claim_id)
    receive(session, stand, stand.deed(body, at=now, actor=None), now=now)
    long_ago = now - timedelta(days=9000)
    receive(session, stand, stand.deed(body, at=long_ago, actor="card:" + "0" * 32), now=now)
    receive(
        session,
        stand,
        stand.deed(wire.PickupCompleted(claimed.claim_id, "000000"), at=now),
        now=now,
    )
    assert visits(session) == []


def test_the_card_of_another_household_is_no_visit(session, stand, now):
    other = make_claimant(session, stand.shop.town)
    make_stock(session, stand.shop, "洗衣液", 5)
    theirs = make_claim(session, stand.shop, other, now=now, 洗衣液=2)
    item = stand.deed(wire.PickupCompleted(theirs.claim_id), at=now - timedelta(days=9000))
    assert receive(session, stand, item, now=now).reason == "TIME_IMPLAUSIBLE"
    assert visits(session) == []


def test_what_was_handed_over_is_no_visit_in_vain(session, stand, claimed, now):
    body = wire.PickupCompleted(claimed.claim_id)
    assert receive(session, stand, stand.deed(body, at=now), now=now).outcome == "posted"
    assert visits(session) == []


def test_a_card_at_an_offline_kiosk_counts_for_what_waited_then(session, stand, claimed, now):
    at = now + timedelta(hours=2)
    receive(session, stand, stand.deed(wire.PickupRefused(), at=at), now=now + DAYS)
    assert visits(session) == [("KIOSK_DOWN", at)]
    lapse(session, stand, now + DAYS)
    assert no_shows(session, stand) == []


def test_a_card_that_came_after_the_end_is_a_no_show(session, stand, claimed, now):
    receive(session, stand, stand.deed(wire.PickupRefused(), at=now + DAYS), now=now + DAYS)
    lapse(session, stand, now + DAYS)
    assert visits(session) == [] and len(no_shows(session, stand)) == 1


def test_sent_twice_it_is_one_visit(session, stand, claimed, now):
    item = stand.deed(wire.PickupRefused(), at=now)
    for outcome in ("posted", "duplicate"):
        assert receive(session, stand, item, now=now).outcome == outcome
    assert len(visits(session)) == 1
