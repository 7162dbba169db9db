"""The hand-over: by code or card, decided again, and never twice."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.factories import make_by
from tests.factories.aid import make_claim, make_claimant, make_resident, pick_up, took_before
from tests.factories.goods import make_shop, make_stock, shelf_row
from tests.factories.people import a_request_id, make_card
from tests.factories.recount import open_holds
from timebank.aid import actions, queries
from timebank.aid.refusals import WrongPickupCode
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.ledger.queries import balance_of, sums_by_commodity
from timebank.people.actions import revoke_card
from timebank.people.refusals import CardRevoked, CardUnknown, TooManyTries
from timebank.policy import queries as policy
from timebank.policy.refusals import HouseholdCap, ProofExpired
from timebank.values import pieces_of

KEEPS = date(2026, 2, 28)


@pytest.fixture
def by(session, shop, town):
    make_stock(session, shop, "大米", 6, best_before_on=KEEPS)
    return make_claimant(session, town)


@pytest.fixture
def claimed(session, shop, by, now):
    return make_claim(session, shop, by, now=now, 大米=2)


def issue(session, by, *, now, **told):
    return actions.issue_goods(Deed(session, by, now, a_request_id()), **told)


def test_the_code_alone_opens_the_claim_at_its_store(session, shop, claimed, now):
    issued = issue(
        session, shop.keeper, now=now, store_id=shop.store_id, pickup_code=claimed.pickup_code
    )
    assert (issued.claim_id, issued.pieces) == (claimed.claim_id, 2)
    commodity = pieces_of(shop.item("大米"))
    assert balance_of(session, 1, "issued", commodity).posted == 2
    assert open_holds(session, 1) == []
    assert set(sums_by_commodity(session, 1).values()) == {(0, 0)}


def test_what_was_handed_over_counts_by_its_own_day(session, shop, by, claimed, now):
    pick_up(session, shop, claimed, now=now + timedelta(days=2))
    kept = queries.claim(session, 1, claimed.claim_id)
    assert (kept.state, kept.held) == ("issued", 2)
    a_year_on = now.replace(year=2026)
    used = [
        queries.quota(session, 1, by.household_id, a_year_on + timedelta(days=days)).used
        for days in (1, 2)
    ]
    assert used == [2, 0]


def test_a_claim_is_handed_over_once(session, shop, claimed, now):
    pick_up(session, shop, claimed, now=now)
    with pytest.raises(WrongState) as refused:
        pick_up(session, shop, claimed, now=now)
    assert refused.value.facts == {"kind": "claim", "state": "issued"}


def test_a_card_of_the_household_opens_it_too(session, shop, town, by, claimed, now):
    card = make_card(session, town, by.person_id)
    issued = issue(session, shop.keeper, now=now, claim_id=claimed.claim_id, card_token=card.token)
    assert issued.household_id == by.household_id


def test_another_households_card_is_no_key(session, shop, town, claimed, now):
    other = make_card(session, town, make_resident(session, town).person_id)
    for token in (other.token, "GZT1:0000000000", "nonsense"):
        with pytest.raises(CardUnknown):
            issue(session, shop.keeper, now=now, claim_id=claimed.claim_id, card_token=token)


def test_a_revoked_card_opens_nothing(session, shop, town, by, claimed, now):
    card = make_card(session, town, by.person_id)
    revoke_card(Deed(session, town.by, now, a_request_id()), card_id=card.id)
    with pytest.raises(CardRevoked):
        issue(session, shop.keeper, now=now, claim_id=claimed.claim_id, card_token=card.token)


def test_a_kiosk_hands_over_by_code_or_to_the_card_it_was_shown(session, shop, by, now):
    kiosk = make_by(channel="kiosk")
    first, second, third = (make_claim(session, shop, by, now=now, 大米=1) for _ in range(3))
    issue(session, kiosk, now=now, claim_id=first.claim_id, pickup_code=first.pickup_code)
    shown = replace(kiosk, person_id=by.person_id, household_id=by.household_id)
    issue(session, shown, now=now, claim_id=second.claim_id)
    with pytest.raises(BadInput):
        issue(session, kiosk, now=now, claim_id=third.claim_id)
    with pytest.raises(BadInput):
        issue(session, replace(shown, household_id=5), now=now, claim_id=third.claim_id)


def test_nobody_serves_himself_from_the_web(session, by, claimed, now):
    with pytest.raises(NotAllowed):
        issue(session, by, now=now, claim_id=claimed.claim_id, pickup_code=claimed.pickup_code)


def test_something_must_be_shown(session, shop, claimed, now):
    for told in ({"claim_id": claimed.claim_id}, {"store_id": shop.store_id}, {"pickup_code": "1"}):
        with pytest.raises(BadInput):
            issue(session, shop.keeper, now=now, **told)


def test_a_claim_of_another_store_is_not_found_here(session, shop, claimed, now):
    with pytest.raises(NotFound):
        issue(
            session, shop.keeper, now=now,
            claim_id=claimed.claim_id, store_id=5, pickup_code=claimed.pickup_code,
        )  # fmt: skip


def test_a_wrong_code_is_refused_and_nothing_moves(session, shop, claimed, now):
    wrong = "000000" if claimed.pickup_code != "000000" else "111111"
    for told in ({"claim_id": claimed.claim_id}, {"store_id": shop.store_id}):
        with pytest.raises(WrongPickupCode):
            issue(session, shop.keeper, now=now, pickup_code=wrong, **told)
    assert shelf_row(session, shop, "大米", now).held == 2


def test_after_five_wrong_codes_the_sender_waits_a_quarter_of_an_hour(fresh_database, clock, now):
    def set_up(session, at):
        shop = make_shop(session)
        make_stock(session, shop, "肥皂", 9)
        return shop, make_claim(session, shop, make_claimant(session, shop.town), now=at, 肥皂=1)

    shop, claimed = fresh_database.write(set_up)
    wrong = "000000" if claimed.pickup_code != "000000" else "111111"

    def attempt(code, by=shop.keeper):
        return perform(
            fresh_database, actions.issue_goods, by=by, request_id=a_request_id(),
            claim_id=claimed.claim_id, pickup_code=code,
        )  # fmt: skip

    for _ in range(5):
        with pytest.raises(WrongPickupCode):
            attempt(wrong)
        clock.move(minutes=1)
    with pytest.raises(TooManyTries) as refused:
        attempt(claimed.pickup_code)
    assert refused.value.facts == {"until_at": (now + timedelta(minutes=15)).isoformat()}
    # Another keeper is not blocked, and the first one only until the time is over.
    with pytest.raises(WrongPickupCode):
        attempt(wrong, make_by("keeper"))
    clock.move(minutes=11)
    assert attempt(claimed.pickup_code).pieces == 1


def test_a_paper_that_ended_meanwhile_stops_it_and_the_hold_stays(session, shop, town, now):
    make_stock(session, shop, "肥皂", 9)
    by = make_claimant(session, town, valid_until_on=date(2025, 6, 10))
    claimed = make_claim(session, shop, by, now=now, 肥皂=2)
    with pytest.raises(ProofExpired) as refused:
        pick_up(session, shop, claimed, now=now + timedelta(days=1))
    assert refused.value.facts["ended_on"] == "2025-06-10"
    assert queries.claim(session, 1, claimed.claim_id).state == "ready"
    assert shelf_row(session, shop, "肥皂", now).held == 2


def test_pieces_known_from_elsewhere_meanwhile_stop_what_no_longer_fits(
    session, shop, town, by, claimed, now
):
    took_before(session, town, by, now=now, taken={date(2025, 6, 9): 19})
    with pytest.raises(HouseholdCap):
        pick_up(session, shop, claimed, now=now)
    took_before(session, town, by, now=now, taken={date(2025, 6, 9): 9})
    with pytest.raises(HouseholdCap):
        pick_up(session, shop, claimed, now=now)


def test_the_pieces_of_the_claim_itself_do_not_count_twice(session, shop, town, by, now):
    make_stock(session, shop, "肥皂", 30)
    claimed = make_claim(session, shop, by, now=now, 肥皂=20)
    issued = pick_up(session, shop, claimed, now=now)
    assert issued.pieces == 20
    again = policy.decision(session, 1, issued.decision_id)
    assert again.decided.asked == 20 and again.answer.is_eligible
    assert issued.decision_id != claimed.decision_id


def test_after_its_time_a_claim_is_over_even_before_the_clockwork_ran(session, shop, claimed, now):
    late = now + timedelta(hours=72)
    with pytest.raises(WrongState) as refused:
        pick_up(session, shop, claimed, now=late)
    assert refused.value.facts == {"kind": "claim", "state": "lapsed"}
    assert pick_up(session, shop, claimed, now=late - timedelta(seconds=1)).pieces == 2


def test_what_expired_under_the_hold_is_exchanged_at_the_counter(session, shop, town, now):
    """The nightly sweep has not run: still no expired piece is handed over."""
    old = make_stock(session, shop, "饼干", 2, best_before_on=date(2025, 6, 10))
    fresh = make_stock(session, shop, "饼干", 2, best_before_on=date(2025, 9, 1))
    claimed = make_claim(session, shop, make_claimant(session, town), now=now, 饼干=2)
    assert queries.claim(session, 1, claimed.claim_id).lots[0].lot_id == old
    issued = pick_up(session, shop, claimed, now=now + timedelta(days=1))
    assert [(lot.lot_id, lot.pieces) for lot in issued.lots] == [(fresh, 2)]


def test_what_expired_with_nothing_to_exchange_is_not_handed_over(session, shop, town, now):
    make_stock(session, shop, "饼干", 2, best_before_on=date(2025, 6, 10))
    claimed = make_claim(session, shop, make_claimant(session, town), now=now, 饼干=2)
    with pytest.raises(WrongState) as refused:
        pick_up(session, shop, claimed, now=now + timedelta(days=1))
    assert refused.value.facts == {"kind": "claim", "state": "expired_on_shelf"}


def test_looking_a_code_up_counts_like_handing_over(fresh_database, clock, now):
    def set_up(session, at):
        shop = make_shop(session)
        make_stock(session, shop, "肥皂", 9)
        return shop, make_claim(session, shop, make_claimant(session, shop.town), now=at, 肥皂=1)

    shop, claimed = fresh_database.write(set_up)
    wrong = "000000" if claimed.pickup_code != "000000" else "111111"

    def look(code, by=shop.keeper):
        return perform(
            fresh_database, actions.find_by_code, by=by, request_id=a_request_id(),
            store_id=shop.store_id, pickup_code=code,
        )  # fmt: skip

    assert look(claimed.pickup_code).claim_id == claimed.claim_id
    for code in ("", "é" * 500, "12", "1e1", "１２") * 2:  # Typing errors are no guesses.
        with pytest.raises(BadInput):
            look(code)
    for _ in range(5):
        with pytest.raises(WrongPickupCode):
            look(wrong)
    with pytest.raises(TooManyTries) as refused:
        look(claimed.pickup_code)
    assert refused.value.facts == {"until_at": (now + timedelta(minutes=15)).isoformat()}
    with pytest.raises(TooManyTries):
        perform(
            fresh_database, actions.issue_goods, by=shop.keeper, request_id=a_request_id(),
            claim_id=claimed.claim_id, pickup_code=claimed.pickup_code,
        )  # fmt: skip
    clock.move(minutes=16)
    assert look(claimed.pickup_code).claim_id == claimed.claim_id


def test_only_a_keeper_of_the_store_and_a_kiosk_look_codes_up(session, shop, claimed, now):
    told = {"store_id": shop.store_id, "pickup_code": claimed.pickup_code}
    for by in (make_by(), make_by("coordinator"), make_by("keeper", place_id=7)):
        with pytest.raises(NotAllowed):
            actions.find_by_code(Deed(session, by, now, a_request_id()), **told)
    neighbour = make_by("keeper", community_id=2)
    with pytest.raises(NotFound):
        actions.find_by_code(Deed(session, neighbour, now, a_request_id()), **told)
    kiosk = replace(make_by(), channel="kiosk")
    found = actions.find_by_code(Deed(session, kiosk, now, a_request_id()), **told)
    assert found.claim_id == claimed.claim_id
