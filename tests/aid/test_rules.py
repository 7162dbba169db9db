"""Plan lines within quota and stock, and replace expired pieces: pure."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timebank.aid.rules import (
    HOUSEHOLD_CAP,
    NOT_DECIDED,
    OUT_OF_STOCK,
    ClaimLine,
    Refusal,
    booking_closed_until,
    check_lines,
    claim_no,
    cover_again,
    nothing_of,
    plan_lines,
    refusal_from,
)
from timebank.errors import BadInput
from timebank.goods.rules import LotPieces
from timebank.policy.refusals import ProofExpired
from timebank.policy.rules import Answer, Reason, Trace

DAY = date(2025, 6, 12)
TRACE = Trace("all", "no")


def lot(lot_id, available, item_id=1, days=30):
    return LotPieces(lot_id, item_id, available, DAY + timedelta(days=days), DAY)


def test_the_tighter_of_quota_and_stock_cuts_and_names_itself():
    lines = [ClaimLine(1, 5)]
    (by_cap,) = plan_lines(lines, [lot(1, 9)], 2)
    (by_stock,) = plan_lines(lines, [lot(1, 3)], 20)
    (not_cut,) = plan_lines(lines, [lot(1, 9)], None)
    assert (by_cap.approved, by_cap.cut_code) == (2, HOUSEHOLD_CAP)
    assert (by_stock.approved, by_stock.cut_code) == (3, OUT_OF_STOCK)
    assert (not_cut.approved, not_cut.cut_code) == (5, None)


def test_a_quota_is_used_up_line_by_line():
    lines = [ClaimLine(1, 2), ClaimLine(2, 2), ClaimLine(3, 2)]
    planned = plan_lines(lines, [lot(1, 9), lot(2, 9, 2), lot(3, 9, 3)], 3)
    assert [line.approved for line in planned] == [2, 1, 0]
    assert [line.cut_code for line in planned] == [None, HOUSEHOLD_CAP, HOUSEHOLD_CAP]


@given(
    asked=st.lists(st.integers(1, 30), min_size=1, max_size=4),
    stock=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), max_size=8),
    quota=st.none() | st.integers(0, 40),
)
def test_no_plan_passes_what_is_asked_there_or_allowed(asked, stock, quota):
    lines = [ClaimLine(number, pieces) for number, pieces in enumerate(asked)]
    lots = [lot(100 + place, pieces, item) for place, (item, pieces) in enumerate(stock)]
    planned = plan_lines(lines, lots, quota)
    assert sum(line.approved for line in planned) <= (quota if quota is not None else 10**9)
    for line, told in zip(planned, lines, strict=True):
        there = sum(one.available for one in lots if one.item_id == told.item_id)
        assert 0 <= line.approved <= min(told.pieces, there)
        assert sum(pick.pieces for pick in line.picks) == line.approved
        assert (line.cut_code is not None) == (line.approved < line.asked)
    total = sum(line.approved for line in planned)
    if quota is None or total < quota:
        # Everything that both allow is approved.
        for line, told in zip(planned, lines, strict=True):
            there = sum(one.available for one in lots if one.item_id == told.item_id)
            assert line.approved == min(told.pieces, there)


def test_nothing_is_approved_of_what_a_person_decides():
    (line,) = nothing_of([ClaimLine(1, 3)], NOT_DECIDED)
    assert (line.asked, line.approved, line.cut_code, line.picks) == (3, 0, NOT_DECIDED, ())


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        ((), "lines"),
        ((ClaimLine(1, 1),) * 31, "lines"),
        ((ClaimLine(1, 0),), "lines.0.pieces"),
        ((ClaimLine(1, 1), ClaimLine(2, 1000)), "lines.1.pieces"),
        ((ClaimLine(1, 1), ClaimLine(1, 1)), "lines.1.item_id"),
    ],
)
def test_lines_of_a_wrong_shape_name_their_field(lines, field):
    with pytest.raises(BadInput) as refused:
        check_lines(lines)
    assert refused.value.facts["field"] == field


def test_an_answer_that_lets_something_out_is_no_refusal():
    cap = Reason("HOUSEHOLD_CAP", "fewer_than", {"next_on": "2025-06-20"})
    assert refusal_from(Answer("eligible", (cap,), 2, None, TRACE)) is None
    assert refusal_from(Answer("eligible", (), None, None, TRACE)) is None


def test_the_nearest_reason_is_the_refusal():
    reason = Reason("PROOF_EXPIRED", "has_document_ended", {"ended_on": "2025-05-31"})
    refusal = refusal_from(Answer("not_eligible", (reason,), 0, None, TRACE))
    assert refusal == Refusal(ProofExpired.code, {"ended_on": "2025-05-31"})
    assert isinstance(refusal.error(), ProofExpired)
    assert refusal.error().facts == {"ended_on": "2025-05-31"}


def test_a_claim_number_tells_the_store_and_not_what_it_is():
    assert claim_no("S1", 2025, 45) == "S1-Q2025-000045"


def test_booking_rests_from_the_third_no_show_on():
    closed = [booking_closed_until(DAY, count, most=3, days=30) for count in (2, 3, 4)]
    assert closed == [None, date(2025, 7, 12), date(2025, 7, 12)]


def test_what_expired_is_covered_claim_by_claim():
    needs = {(7, 1): 2, (5, 1): 3, (5, 2): 1}
    found = cover_again(needs, {1: [lot(1, 2), lot(2, 2, days=40)]})
    told = {key: [(pick.lot.lot_id, pick.pieces) for pick in picks] for key, picks in found.items()}
    assert told == {(5, 1): [(1, 2), (2, 1)], (5, 2): [], (7, 1): [(2, 1)]}


@given(
    needs=st.dictionaries(st.tuples(st.integers(1, 5), st.just(1)), st.integers(1, 6)),
    stock=st.lists(st.integers(0, 5), max_size=5),
)
def test_no_piece_covers_two_claims(needs, stock):
    lots = [lot(100 + place, pieces) for place, pieces in enumerate(stock)]
    found = cover_again(needs, {1: lots})
    for one in lots:
        used = sum(
            pick.pieces
            for picks in found.values()
            for pick in picks
            if pick.lot.lot_id == one.lot_id
        )
        assert used <= one.available
    covered = sum(pick.pieces for picks in found.values() for pick in picks)
    assert covered == min(sum(needs.values()), sum(stock))
