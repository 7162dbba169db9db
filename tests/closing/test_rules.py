"""What a count may contain, and the figures of a day."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timebank.closing.refusals import CountOutdated
from timebank.closing.rules import (
    COUNTED_MAX,
    LINES_MAX,
    REASONS,
    Counted,
    Judged,
    KioskDay,
    LotHeld,
    digest_of,
    judge_count,
    kiosk_days,
    moved,
    sheet_text,
    short_digest,
    spread,
)
from timebank.errors import BadInput


def judge(*lines, books=None):
    return judge_count(lines, books or {1: 10})


def test_what_agrees_needs_no_reason():
    (line,) = judge(Counted(1, 10, 10, "lost", "never mind"))
    assert (line.difference, line.reason, line.note) == (0, None, "")


@pytest.mark.parametrize(
    ("counted", "reason"),
    [(8, "lost"), (8, "damaged"), (8, "miscounted"), (12, "found"), (12, "miscounted")],
)
def test_a_difference_has_its_reason(counted, reason):
    (line,) = judge(Counted(1, counted, 10, reason))
    assert (line.difference, line.reason) == (counted - 10, reason)


@pytest.mark.parametrize(
    ("counted", "reason", "note", "field", "why"),
    [
        (8, None, "", "reason", "needed"),
        (8, "", "", "reason", "needed"),
        (8, "found", "", "reason", "choice"),
        (12, "lost", "", "reason", "choice"),
        (12, "damaged", "", "reason", "choice"),
        (8, "stolen", "", "reason", "choice"),
        (8, "other", "  ", "note", "needed"),
        (-1, "lost", "", "counted", "range"),
        (COUNTED_MAX + 1, "found", "", "counted", "range"),
        (True, "lost", "", "counted", "range"),
    ],
)
def test_a_difference_without_a_fitting_reason_is_refused(counted, reason, note, field, why):
    with pytest.raises(BadInput) as refused:
        judge(Counted(1, counted, 10, reason, note))
    assert (refused.value.facts["field"], refused.value.facts["why"]) == (field, why)


def test_books_that_have_moved_are_looked_at_again():
    with pytest.raises(CountOutdated) as refused:
        judge(Counted(1, 10, 10), books={1: 9})
    assert refused.value.facts == {"line": 1, "was": 10, "is_now": 9}


@pytest.mark.parametrize(("is_now", "moved_fen"), [(9, {"paid_fen": 1}), (12, {"taken_fen": 2})])
def test_of_a_till_that_has_moved_is_told_what_went_or_came(is_now, moved_fen):
    with pytest.raises(CountOutdated) as refused:
        judge_count([Counted(1, 10, 10)], {1: is_now}, is_till=True)
    assert refused.value.facts == {"line": 1, "is_now_fen": is_now, **moved_fen}


def test_a_till_holds_more_than_a_lot():
    line = Counted(1, COUNTED_MAX + 1, COUNTED_MAX + 1)
    books = {1: COUNTED_MAX + 1}
    assert judge_count([line], books, is_till=True)[0].difference == 0
    with pytest.raises(BadInput):
        judge_count([line], books)


def test_a_lot_that_is_gone_is_looked_at_again():
    with pytest.raises(CountOutdated):
        judge(Counted(2, 3, 3))


def test_a_lot_is_counted_once():
    with pytest.raises(BadInput):
        judge(Counted(1, 10, 10), Counted(1, 9, 10, "lost"))


def test_a_count_has_an_end():
    with pytest.raises(BadInput):
        judge(*(Counted(n, 0, 0) for n in range(LINES_MAX + 1)))


_PASSED = st.tuples(st.integers(0, 999), st.integers(0, 999))


@given(_PASSED, _PASSED, st.integers(-50, 50))
def test_a_day_always_adds_up(before, passed, variance):
    came, went = passed
    after = (
        before[0] + came + max(variance, 0),
        before[1] + went + max(-variance, 0),
    )
    told = moved(before, after, variance)
    assert (told.came_in, told.went_out) == (came, went)
    assert told.opening + told.came_in - told.went_out + told.variance == told.closing


def test_a_sheet_is_written_in_one_way():
    assert sheet_text({"b": 1, "a": {"d": 2, "c": 3}}) == sheet_text(
        {"a": {"c": 3, "d": 2}, "b": 1}
    )
    digest = digest_of("")
    assert digest.startswith("e3b0c44298fc1c14") and len(digest) == 64
    assert short_digest(digest) == "e3b0 c442 98fc 1c14"


def test_every_reason_can_be_given_to_something():
    for reason in REASONS:
        counted = 12 if reason == "found" else 8
        assert judge(Counted(1, counted, 10, reason, "a word"))


def item(difference, reason="miscounted"):
    return Judged(7, 10, 10 + difference, difference, reason, "a word")


LOTS = (LotHeld(1, 4, 1), LotHeld(2, 6, 6))


@pytest.mark.parametrize(
    ("difference", "changes"),
    [(0, [0, 0]), (3, [0, 3]), (-1, [-1, 0]), (-7, [-1, -6]), (-9, [-3, -6]), (-10, [-4, -6])],
)
def test_missing_pieces_are_taken_where_nobody_was_promised_them(difference, changes):
    shares = spread(item(difference), LOTS)
    assert [share.difference for share in shares] == changes
    assert all((share.reason is None) == (share.difference == 0) for share in shares)


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), min_size=1, max_size=6),
    st.integers(0, 60),
)
def test_lots_share_exactly_what_an_item_differs_by(told, counted):
    lots = [LotHeld(n, has, min(free, has)) for n, (has, free) in enumerate(told)]
    total = sum(lot.on_hand for lot in lots)
    shares = spread(Judged(1, total, counted, counted - total, "miscounted", ""), lots)
    assert sum(share.counted for share in shares) == counted
    assert all(share.counted >= 0 for share in shares)


def test_clearing_is_added_up_by_kiosk_and_by_the_day_of_the_community():
    evening, night = datetime(2025, 6, 9, 15, tzinfo=UTC), datetime(2025, 6, 9, 16, tzinfo=UTC)
    waiting = [(2, night, 4), (1, night, 1), (2, evening, 3), (2, evening, 5)]
    assert kiosk_days(waiting) == [
        KioskDay(2, date(2025, 6, 9), 2, 8),
        KioskDay(1, date(2025, 6, 10), 1, 1),
        KioskDay(2, date(2025, 6, 10), 1, 4),
    ]
    assert kiosk_days([]) == []
