"""S8 and S12 of the domain rules, with their numbers."""

from datetime import date, timedelta

import pytest

from tests.factories.aid import (
    lines_of,
    make_claim,
    make_claimant,
    make_resident,
    pick_up,
    take_at_counter,
    took_before,
)
from tests.factories.goods import make_stock, shelf_row
from tests.factories.looks import lots_of_item
from tests.factories.people import a_request_id
from timebank.aid import actions, queries
from timebank.aid.refusals import BookingClosed
from timebank.deeds.deed import Deed
from timebank.ledger.queries import sums_by_commodity
from timebank.policy import queries as policy
from timebank.policy.rules import is_same_answer
from timebank.values import local_instant

MAY_1 = local_instant(date(2025, 5, 1), 9)
JUNE_10 = local_instant(date(2025, 6, 10), 10)
JUNE_12 = local_instant(date(2025, 6, 12), 10)
JUNE_13 = local_instant(date(2025, 6, 13), 10)


def sweep(session, by, now):
    return actions.sweep_expired(Deed(session, by, now, a_request_id()))


def lapse(session, by, now):
    return actions.lapse_claims(Deed(session, by, now, a_request_id()))


# S8: eligibility, first expired first out, the household's cap.


@pytest.fixture
def rice(session, shop):
    """Lots L0, L1 and L2."""
    lots = ((4, date(2025, 6, 11)), (1, date(2025, 7, 15)), (11, date(2026, 2, 28)))
    return [
        make_stock(session, shop, "大米", pieces, best_before_on=day, now=MAY_1)
        for pieces, day in lots
    ]


@pytest.fixture
def h01(session, town):
    """Has taken 18 of 20 pieces in twelve months, five of them on 2024-06-20."""
    by = make_claimant(session, town)
    taken = {date(2024, 6, 20): 5, date(2025, 1, 10): 13}
    took_before(session, town, by, now=MAY_1, taken=taken)
    return by


def test_three_are_asked_two_approved_and_one_is_cut_by_the_cap(session, shop, rice, h01):
    claimed = make_claim(session, shop, h01, now=JUNE_12, 大米=3)
    (line,) = claimed.lines
    assert (claimed.state, line.asked, line.approved, line.cut_code) == (
        "ready", 3, 2, "HOUSEHOLD_CAP",
    )  # fmt: skip


def test_the_lots_that_expire_first_leave_first(session, shop, rice, h01):
    assert shelf_row(session, shop, "大米", JUNE_12).available == 12
    claimed = make_claim(session, shop, h01, now=JUNE_12, 大米=3)
    issued = pick_up(session, shop, claimed, now=JUNE_12)
    assert [(lot.lot_id, lot.pieces) for lot in issued.lots] == [(rice[1], 1), (rice[2], 1)]
    assert shelf_row(session, shop, "大米", JUNE_12).available == 10
    used = queries.quota(session, 1, h01.household_id, JUNE_12)
    assert (used.used, used.most) == (20, 20)
    assert set(sums_by_commodity(session, 1).values()) == {(0, 0)}


def test_an_expired_lot_is_not_issued_and_goes_to_disposal(session, shop, rice, h01, by_job):
    row = shelf_row(session, shop, "大米", JUNE_12)
    assert (row.on_hand, row.expired, row.available) == (16, 4, 12)
    (gone,) = sweep(session, by_job, JUNE_12).disposed
    assert (gone.lot_id, gone.pieces) == (rice[0], 4)
    row = shelf_row(session, shop, "大米", JUNE_12)
    assert (row.on_hand, row.expired, row.available) == (12, 0, 12)


def near_lots(session, shop, day):
    lots = lots_of_item(session, 1, shop.item("大米"), now=local_instant(day, 10))
    return {lot.id for lot in lots if lot.is_near_expiry}


def test_l1_is_near_expiry_since_the_last_day_of_may(session, shop, rice):
    assert rice[1] not in near_lots(session, shop, date(2025, 5, 30))
    assert near_lots(session, shop, date(2025, 5, 31)) == {rice[0], rice[1]}


def test_the_next_piece_is_refused_until_the_first_anniversary(session, shop, rice, h01):
    pick_up(session, shop, make_claim(session, shop, h01, now=JUNE_12, 大米=3), now=JUNE_12)
    refused = make_claim(session, shop, h01, now=JUNE_13, 大米=1)
    assert (refused.state, refused.refusal.code) == ("refused", "HOUSEHOLD_CAP")
    assert refused.refusal.facts["next_on"] == "2025-06-20"
    again = make_claim(session, shop, h01, now=local_instant(date(2025, 6, 20), 10), 大米=1)
    assert again.state == "ready"


def test_a_resident_without_a_category_is_not_eligible(session, shop, rice, town):
    refused = make_claim(session, shop, make_resident(session, town), now=JUNE_12, 大米=1)
    assert (refused.state, refused.refusal.code) == ("refused", "NOT_ELIGIBLE")


def test_a_paper_that_ended_in_may_is_expired(session, shop, rice, town):
    by = make_claimant(session, town, valid_until_on=date(2025, 5, 31))
    refused = make_claim(session, shop, by, now=JUNE_12, 大米=1)
    assert (refused.state, refused.refusal.code) == ("refused", "PROOF_EXPIRED")
    assert refused.refusal.facts["ended_on"] == "2025-05-31"


def test_every_decision_is_kept_and_comes_out_the_same_again(session, shop, rice, h01, town):
    claims = [
        make_claim(session, shop, h01, now=JUNE_12, 大米=3),
        make_claim(session, shop, make_resident(session, town), now=JUNE_12, 大米=1),
    ]
    for claimed in claims:
        kept = policy.decision(session, 1, claimed.decision_id)
        assert is_same_answer(policy.replay(kept), kept.answer)
        assert kept.decided.facts["household.documents"].source == "people.proof"


# S12: reservation, no-show, sweep.


@pytest.fixture
def oil(session, shop):
    make_stock(session, shop, "食用油", 3, best_before_on=date(2025, 6, 15), now=MAY_1)
    make_stock(session, shop, "食用油", 3, best_before_on=date(2026, 3, 1), now=MAY_1)


@pytest.fixture
def r1(session, town):
    return make_claimant(session, town)


@pytest.fixture
def r2(session, town):
    return make_claimant(session, town)


def oil_row(session, shop, now):
    row = shelf_row(session, shop, "食用油", now)
    return row.on_hand, row.available


def test_two_reserved_pieces_leave_four_to_be_promised(session, shop, oil, r1):
    claimed = make_claim(session, shop, r1, now=JUNE_10, 食用油=2)
    assert claimed.hold_until_at == JUNE_13
    assert oil_row(session, shop, JUNE_10) == (6, 4)


def test_whoever_asks_five_is_offered_four(session, shop, oil, r1, r2):
    make_claim(session, shop, r1, now=JUNE_10, 食用油=2)
    told = queries.offer(
        session, 1, r2.household_id,
        store_id=shop.store_id, lines=lines_of(shop, 食用油=5), now=JUNE_10,
    )  # fmt: skip
    (line,) = told.lines
    assert (line.asked, line.approved, line.cut_code) == (5, 4, "OUT_OF_STOCK")
    assert queries.claims_of_household(session, 1, r2.household_id) == []
    assert oil_row(session, shop, JUNE_10) == (6, 4)


def test_what_nobody_fetched_is_free_after_72_hours_with_one_no_show(
    session, shop, oil, r1, by_job
):
    claimed = make_claim(session, shop, r1, now=JUNE_10, 食用油=2)
    assert lapse(session, by_job, JUNE_13 - timedelta(minutes=1)).claim_ids == ()
    assert lapse(session, by_job, JUNE_13).claim_ids == (claimed.claim_id,)
    assert oil_row(session, shop, JUNE_13) == (6, 6)
    assert queries.no_shows_of_household(session, 1, r1.household_id) == [date(2025, 6, 13)]
    assert lapse(session, by_job, JUNE_13).claim_ids == ()


def test_after_the_third_no_show_booking_rests_thirty_days_and_the_counter_does_not(
    session, shop, oil, r1, by_job
):
    now = JUNE_10
    for _ in range(3):
        make_claim(session, shop, r1, now=now, 食用油=1)
        now += timedelta(hours=72)
        closed = lapse(session, by_job, now).closed_household_ids
    assert closed == (r1.household_id,)
    with pytest.raises(BookingClosed) as refused:
        make_claim(session, shop, r1, now=now, 食用油=1)
    assert refused.value.facts == {"until_on": "2025-07-19"}
    assert take_at_counter(session, shop, r1, now=now, 食用油=1).state == "issued"
    at_counter = make_claim(session, shop, r1, acting=shop.keeper, now=now, 食用油=1)
    assert at_counter.state == "ready"
    assert pick_up(session, shop, at_counter, now=now).pieces == 1  # Otherwise it is the fourth.
    last_closed = local_instant(date(2025, 7, 18), 23)
    with pytest.raises(BookingClosed):
        make_claim(session, shop, r1, now=last_closed, 食用油=1)
    opened = local_instant(date(2025, 7, 19), 0)
    assert make_claim(session, shop, r1, now=opened, 食用油=1).state == "ready"


def test_the_night_after_the_last_day_three_of_six_are_swept(session, shop, oil, by_job):
    night = local_instant(date(2025, 6, 16), 0, 5)
    assert sweep(session, by_job, night - timedelta(minutes=10)).disposed == ()
    assert [lot.pieces for lot in sweep(session, by_job, night).disposed] == [3]
    assert oil_row(session, shop, night) == (3, 3)


def test_a_reservation_on_swept_pieces_moves_or_ends_without_a_mark(
    session, shop, oil, r1, r2, by_job
):
    asked = local_instant(date(2025, 6, 14), 10)
    first = make_claim(session, shop, r1, now=asked, 食用油=2)
    second = make_claim(session, shop, r2, now=asked, 食用油=3)
    night = local_instant(date(2025, 6, 16), 0, 5)
    swept = sweep(session, by_job, night)
    # The second claim had one early and two late pieces; one late piece was free. The first claim
    # is served first and keeps one of two; the second keeps its two late ones of three.
    assert swept.cut_claim_ids == (first.claim_id, second.claim_id)
    assert oil_row(session, shop, night) == (3, 0)
    kept = [queries.claim(session, 1, one.claim_id) for one in (first, second)]
    assert [(one.state, one.held) for one in kept] == [("ready", 1), ("ready", 2)]
    for by in (r1, r2):
        assert queries.no_shows_of_household(session, 1, by.household_id) == []
        (told,) = queries.notices_of_household(session, 1, by.household_id)
        assert told.code == "EXPIRED_ON_SHELF"
    assert pick_up(session, shop, second, now=night).pieces == 2
    assert set(sums_by_commodity(session, 1).values()) == {(0, 0)}


def test_a_reservation_with_nothing_left_to_move_to_is_cancelled_with_notice(
    session, shop, r1, by_job
):
    make_stock(session, shop, "食用油", 3, best_before_on=date(2025, 6, 15), now=MAY_1)
    claimed = make_claim(session, shop, r1, now=local_instant(date(2025, 6, 14), 10), 食用油=2)
    night = local_instant(date(2025, 6, 16), 0, 5)
    assert sweep(session, by_job, night).cancelled_claim_ids == (claimed.claim_id,)
    kept = queries.claim(session, 1, claimed.claim_id)
    assert (kept.state, kept.end_reason, kept.held) == ("cancelled", "EXPIRED_ON_SHELF", 0)
    assert lapse(session, by_job, night + timedelta(days=3)).claim_ids == ()
    assert queries.no_shows_of_household(session, 1, r1.household_id) == []
    assert len(queries.notices_of_household(session, 1, r1.household_id)) == 1
