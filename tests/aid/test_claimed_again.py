"""The same claim again within some minutes: a page is asked to put the question, a program not."""

from datetime import timedelta

import pytest

from tests.factories.aid import lines_of, make_claim, make_claimant, take_at_counter
from tests.factories.goods import make_stock
from tests.factories.people import a_request_id
from timebank.aid import actions, queries
from timebank.aid.refusals import JustClaimed
from timebank.aid.rules import CLAIM_STATES
from timebank.deeds.deed import Deed
from timebank.goods.rules import AGAIN_WITHIN

A_SECOND = timedelta(seconds=1)


@pytest.fixture
def by(session, town, shop):
    make_stock(session, shop, "毛巾", 9)
    make_stock(session, shop, "牙膏", 9)
    return make_claimant(session, town)


def once(session, shop, by, *, now, acting=None, action=actions.claim_goods, **pieces):
    """Claim from a page that can put the question."""
    return action(
        Deed(session, acting or by, now, a_request_id()),
        household_id=by.household_id,
        person_id=by.person_id,
        store_id=shop.store_id,
        lines=lines_of(shop, **pieces),
        once=True,
    )


def test_the_same_within_ten_minutes_is_asked_about(session, shop, by, now):
    first = make_claim(session, shop, by, now=now, 毛巾=2, 牙膏=1)
    with pytest.raises(JustClaimed) as asked:
        once(session, shop, by, now=now + AGAIN_WITHIN, 牙膏=1, 毛巾=2)
    assert asked.value.facts["claim_id"] == first.claim_id
    assert asked.value.facts["claim_no"] == first.claim_no
    assert once(session, shop, by, now=now + AGAIN_WITHIN + A_SECOND, 毛巾=2, 牙膏=1).approved == 3


@pytest.mark.parametrize("pieces", [{"毛巾": 2}, {"毛巾": 2, "牙膏": 2}, {"牙膏": 1}])
def test_other_things_are_not_asked_about(session, shop, by, now, pieces):
    make_claim(session, shop, by, now=now, 毛巾=2, 牙膏=1)
    assert once(session, shop, by, now=now + A_SECOND, **pieces).state == "ready"


def test_a_program_loses_nothing(session, shop, by, now):
    """A kiosk posts later what has happened: it cannot answer a question."""
    make_claim(session, shop, by, now=now, 毛巾=2)
    assert make_claim(session, shop, by, now=now + A_SECOND, 毛巾=2).state == "ready"


def test_what_was_fetched_is_asked_about_at_the_counter_alone(session, shop, by, now):
    take_at_counter(session, shop, by, now=now, 毛巾=2)
    counter = {"action": actions.issue_at_counter, "acting": shop.keeper}
    with pytest.raises(JustClaimed):
        once(session, shop, by, now=now + A_SECOND, 毛巾=2, **counter)
    assert once(session, shop, by, now=now + A_SECOND, 毛巾=2).state == "ready"


def test_a_cancelled_claim_is_not_asked_about(session, shop, by, now):
    first = make_claim(session, shop, by, now=now, 毛巾=2)
    actions.cancel_claim(Deed(session, by, now, a_request_id()), claim_id=first.claim_id)
    assert once(session, shop, by, now=now + A_SECOND, 毛巾=2).state == "ready"


def test_another_household_is_not_asked(session, shop, town, by, now):
    make_claim(session, shop, by, now=now, 毛巾=2)
    other = make_claimant(session, town)
    assert once(session, shop, other, now=now + A_SECOND, 毛巾=2).state == "ready"


def test_only_an_issued_claim_is_handed_over(session, shop, by, now):
    first = make_claim(session, shop, by, now=now, 毛巾=2)
    assert not queries.is_handed_over(session, 1, first.claim_id)
    given = take_at_counter(session, shop, by, now=now, 毛巾=1)
    assert queries.is_handed_over(session, 1, given.claim_id) and "issued" in CLAIM_STATES
    assert not queries.is_handed_over(session, 2, given.claim_id)
