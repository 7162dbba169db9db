"""Every action of aid, tried by the stranger, the auditor and the neighbour community."""

from datetime import date

import pytest

from tests.conftest import only_on
from tests.factories import make_by
from tests.factories import people as make
from tests.factories.aid import lines_of, make_claim, make_claimant, make_resident
from tests.factories.goods import make_stock
from tests.factories.looks import claims_of
from tests.factories.people import a_request_id
from timebank.aid import actions, queries
from timebank.aid.actions import CarriedOver
from timebank.deeds.deed import Deed
from timebank.errors import NotAllowed, NotFound
from timebank.goods.opening import OpenSpan

DEEDS = sorted(name for name in actions.__all__ if name.islower())
NINE_TO_FIVE = (OpenSpan(540, 1020),)
JOBS = {"lapse_claims", "sweep_expired"}
OF_KIOSKS = {"record_issue"}
# A household may do these with its own claim: another's claim is not found.
OF_HOUSEHOLDS = {"cancel_claim", "ask_for_person"}


@pytest.fixture
def contents(session, shop, town, now):
    """The arguments of each action; each names a household of our community."""
    make_stock(session, shop, "肥皂", 9)
    by = make_claimant(session, town)
    poor = make_resident(session, town)
    ready, other = (make_claim(session, shop, by, now=now, 肥皂=1) for _ in range(2))
    refused, waiting = (make_claim(session, shop, poor, now=now, 肥皂=1) for _ in range(2))
    actions.ask_for_person(Deed(session, poor, now, a_request_id()), claim_id=waiting.claim_id)
    asked = {
        "household_id": by.household_id, "person_id": by.person_id,
        "store_id": shop.store_id, "lines": lines_of(shop, 肥皂=1),
    }  # fmt: skip
    return {
        "claim_goods": asked,
        "issue_at_counter": asked,
        "find_by_code": {"store_id": shop.store_id, "pickup_code": ready.pickup_code},
        "issue_goods": {"claim_id": ready.claim_id, "pickup_code": ready.pickup_code},
        "record_issue": {
            "claim_id": ready.claim_id,
            "pickup_code": ready.pickup_code,
            "store_id": shop.store_id,
            "happened_at": now,
        },
        "cancel_claim": {"claim_id": other.claim_id},
        "ask_for_person": {"claim_id": refused.claim_id},
        "decide_review": {"claim_id": waiting.claim_id, "approve": True, "reason": "x"},
        "carry_over_withdrawals": {
            "withdrawals": (CarriedOver(by.household_id, date(2025, 6, 1), 1, "x"),)
        },
        "note_visit": {"claim_id": ready.claim_id, "pickup_code": ready.pickup_code},
        "set_store_week": {
            "store_id": shop.store_id,
            "since_on": date(2025, 6, 11),
            "hours": (NINE_TO_FIVE,) * 7,
        },
        "set_store_day": {"store_id": shop.store_id, "day_on": date(2025, 6, 11), "note": "x"},
        "lapse_claims": {},
        "sweep_expired": {},
    }


def refusal_of(deed):
    return NotFound if deed in OF_HOUSEHOLDS else NotAllowed


def attempt(session, deed, by, now, content):
    return getattr(actions, deed)(Deed(session, by, now, a_request_id()), **content)


@only_on("sqlite")
def test_every_deed_is_tried_here(contents):
    assert sorted(contents) == DEEDS


@only_on("sqlite")
@pytest.mark.parametrize("deed", DEEDS)
def test_whoever_may_is_let(session, shop, contents, now, deed):
    other = {"decide_review": "approver", "carry_over_withdrawals": "social_worker"}
    by = make_by(other[deed]) if deed in other else shop.keeper
    by = make_by(channel="kiosk") if deed in OF_KIOSKS else by
    attempt(session, deed, by, now, contents[deed])


@only_on("sqlite")
@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("persona", [make.stranger, make.auditor])
def test_the_stranger_and_the_auditor_are_refused(session, town, contents, now, deed, persona):
    before = [one.state for one in claims_of(session, 1)]
    with pytest.raises(refusal_of(deed)):
        attempt(session, deed, persona(session, town), now, contents[deed])
    assert [one.state for one in claims_of(session, 1)] == before


@only_on("sqlite")
@pytest.mark.parametrize("deed", sorted(set(DEEDS) - JOBS - OF_KIOSKS))
def test_the_neighbour_community_finds_nothing_of_ours(session, contents, now, deed):
    with pytest.raises(NotFound):
        attempt(session, deed, make.neighbour(session), now, contents[deed])


@only_on("sqlite")
@pytest.mark.parametrize("deed", sorted(JOBS))
def test_the_neighbours_clockwork_leaves_our_claims_alone(session, contents, now, deed):
    attempt(session, deed, make.neighbour(session), now.replace(year=2026), contents[deed])
    assert len(queries.ready_claims(session, 1)) == 2


@only_on("sqlite")
@pytest.mark.parametrize(
    "deed",
    ["claim_goods", "issue_at_counter", "find_by_code", "issue_goods", "record_issue",
     "cancel_claim", "ask_for_person"],
)  # fmt: skip
def test_a_keeper_of_another_store_is_refused(session, town, contents, now, deed):
    is_of_store = deed in {"issue_goods", "cancel_claim", "ask_for_person"}
    with pytest.raises(NotFound if is_of_store else NotAllowed):
        attempt(session, deed, make_by("keeper", place_id=town.grid_ids[0]), now, contents[deed])


@only_on("sqlite")
@pytest.mark.parametrize("deed", ["issue_goods", "record_issue"])
def test_a_kiosk_next_door_hands_out_nothing_of_ours(session, contents, now, neighbour_id, deed):
    kiosk = make_by(channel="kiosk", community_id=neighbour_id)
    with pytest.raises(NotFound):
        attempt(session, deed, kiosk, now, contents[deed])


@only_on("sqlite")
@pytest.mark.parametrize(
    "deed", sorted(set(DEEDS) - {"find_by_code", "issue_goods", "record_issue"})
)
def test_a_kiosk_does_nothing_else_for_a_card_of_another_household(
    session, shop, town, contents, now, deed
):
    other = make_resident(session, town)
    kiosk = make_by(channel="kiosk", person_id=other.person_id, household_id=other.household_id)
    with pytest.raises(refusal_of(deed)):
        attempt(session, deed, kiosk, now, contents[deed])


@only_on("sqlite")
def test_what_a_household_may_take_is_not_told_next_door(session, shop, town, contents, now):
    household_id = contents["claim_goods"]["household_id"]
    assert queries.claims_of_household(session, 2, household_id) == []
    assert queries.ready_claims(session, 2, household_id=household_id) == []
    assert queries.no_shows_of_household(session, 2, household_id) == []
    assert queries.notices_of_household(session, 2, household_id) == []
