"""Reservations end while others hand over, claim and decide: each ends once, and for all alike."""

import pytest

from tests.aid.test_races import at_once, claim, set_up, soap
from tests.factories import people as make
from tests.factories.aid import make_claim, make_claimant, make_resident, pick_up
from tests.factories.goods import make_shop, make_stock
from tests.factories.people import a_request_id
from timebank.aid import actions, queries
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform
from timebank.errors import TimebankError

HOLDS = 8
EACH = 4
pytestmark = pytest.mark.slow


@pytest.fixture
def shop(fresh_database):
    return fresh_database.write(lambda session, now: make_shop(session))


def full_shelf(shop, now):
    """Every piece is reserved; other households wait, some of them for a review."""

    def work(session):
        make_stock(session, shop, "肥皂", HOLDS)
        holders = [make_claimant(session, shop.town) for _ in range(HOLDS)]
        held = [make_claim(session, shop, by, now=now, 肥皂=1) for by in holders]
        reviews = [_review(session, shop, now) for _ in range(EACH)]
        waiting = [make_claimant(session, shop.town) for _ in range(EACH)]
        return holders, held, reviews, waiting, make.approver(session, shop.town)

    return work


def _review(session, shop, now):
    by = make_resident(session, shop.town)
    claimed = make_claim(session, shop, by, now=now, 肥皂=1)
    actions.ask_for_person(Deed(session, by, now, a_request_id()), claim_id=claimed.claim_id)
    return claimed


def test_holds_that_end_are_ended_once_whoever_comes_first(fresh_database, shop, clock, by_job):
    """The job, late hand-overs, new claims and reviews all meet the second of the end."""
    holders, held, reviews, waiting, approver = set_up(
        fresh_database, shop, full_shelf(shop, clock.now)
    )
    clock.move(days=3)

    def work(number):
        kind, at = divmod(number, EACH)
        if kind == 0:
            return perform(
                fresh_database, actions.lapse_claims, by=by_job, request_id=a_request_id()
            )
        if kind == 1:
            return fresh_database.write(
                lambda session, now: pick_up(session, shop, held[at], now=now)
            )
        if kind == 2:
            return claim(fresh_database, shop, waiting[at], 肥皂=2)
        return perform(
            fresh_database, actions.decide_review, by=approver, request_id=a_request_id(),
            claim_id=reviews[at].claim_id, approve=True, reason="病后体弱",
        )  # fmt: skip

    answers = at_once(4 * EACH, work)
    late, new, decided = (answers[kind * EACH : (kind + 1) * EACH] for kind in (1, 2, 3))
    assert all(isinstance(one, TimebankError) for one in late)
    promised = sum(one.approved for one in [*new, *decided] if not isinstance(one, TimebankError))
    assert promised == HOLDS and soap(fresh_database, shop) == (HOLDS, 0)
    with fresh_database.reading() as session:
        states = [queries.claim(session, 1, one.claim_id).state for one in held]
        marks = [len(queries.no_shows_of_household(session, 1, by.household_id)) for by in holders]
    assert states == ["lapsed"] * HOLDS and marks == [1] * HOLDS
