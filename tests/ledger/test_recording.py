"""What has happened is booked as far as the accounts go, and suspense has the rest."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.counts import repeats
from tests.ledger.test_rules import ANNA, BERT, FEN, FUND, MINUTES, SHUT, counters
from timebank.errors import BadInput, NotFound, WrongState
from timebank.ledger.recording import RecordingBooks
from timebank.ledger.refusals import AlreadyReversed, CommodityMismatch, InsufficientBalance
from timebank.ledger.rules import (
    AUTHORISE,
    GIVING,
    HOLD,
    POST,
    RECORD,
    TAKING,
    DecidedPosting,
    HeldLine,
    Lack,
    Move,
    PlaceHold,
    Request,
    ResolveHold,
)

ASIDE, FEN_ASIDE = 90, 91


def books_of(*rows, **told):
    aside = (counters(ASIDE, floor=None), counters(FEN_ASIDE, commodity_id=FEN, floor=None))
    kept = {row.account_id: row for row in (*rows, *aside)}
    return RecordingBooks(kept, suspense={MINUTES: ASIDE, FEN: FEN_ASIDE}, **told)


@pytest.fixture
def books():
    return books_of(
        counters(ANNA, 60),
        counters(BERT, ceiling=100),
        counters(FUND, 1000, commodity_id=FEN),
        counters(SHUT, 5, closed=True),
        holds={(7, 0): HeldLine(7, 0, ANNA, BERT, 40), (8, 0): HeldLine(8, 0, ANNA, BERT, 9, True)},
        originals={
            5: (DecidedPosting(0, POST, MINUTES, BERT, ANNA, 80),),
            6: (DecidedPosting(0, HOLD, MINUTES, ANNA, BERT, 10),),
        },
    )


def tell(books, *lines, **told):
    return books.decide(Request("kiosk", "key", "test", lines, mode=RECORD, **told), 200)


def moves(decision):
    assert decision.refusal is None
    assert [entry.line for entry in decision.entries] == list(range(len(decision.entries)))
    return [(entry.source, entry.destination, entry.quantity) for entry in decision.entries]


def test_a_fact_that_could_have_been_asked_for_is_booked_as_if_it_were(books):
    lines = Move(ANNA, BERT, 70), Move(BERT, ANNA, 70)
    assert moves(tell(books, *lines)) == [(ANNA, BERT, 70), (BERT, ANNA, 70)]


def test_what_the_source_lacks_comes_from_suspense(books):
    told = tell(books, Move(ANNA, BERT, 75))
    assert moves(told) == [(ANNA, BERT, 60), (ASIDE, BERT, 15)]
    assert told.lacks == (Lack(1, ANNA, GIVING, 15),)
    assert books.counters[ANNA].posted == 0


def test_what_is_set_aside_is_not_taken_for_a_fact(books):
    books.counters[ANNA] = counters(ANNA, 60, pending_out=40)
    assert moves(tell(books, Move(ANNA, BERT, 30))) == [(ANNA, BERT, 20), (ASIDE, BERT, 10)]


def test_an_overdraft_is_used_to_its_end(books):
    books.counters[ANNA] = counters(ANNA, 5, floor=-20)
    assert moves(tell(books, Move(ANNA, BERT, 30))) == [(ANNA, BERT, 25), (ASIDE, BERT, 5)]


def test_what_is_above_a_ceiling_goes_to_suspense(books):
    books.counters[ANNA] = counters(ANNA, 500)
    books.counters[BERT] = counters(BERT, pending_in=10, ceiling=100)
    told = tell(books, Move(ANNA, BERT, 120))
    assert moves(told) == [(ANNA, BERT, 90), (ANNA, ASIDE, 30)]
    assert told.lacks == (Lack(1, BERT, TAKING, 30),)


def test_what_both_sides_lack_moves_nothing_and_is_told_of_both(books):
    told = tell(books, Move(ANNA, BERT, 150))
    assert moves(told) == [(ANNA, BERT, 60), (ASIDE, BERT, 40)]
    assert told.lacks == (
        Lack(1, ANNA, GIVING, 40), Lack(2, ANNA, GIVING, 50), Lack(3, BERT, TAKING, 50),
    )  # fmt: skip


def test_what_suspense_would_owe_to_itself_is_told_behind_the_last_line(books):
    books.counters[FUND] = counters(FUND, ceiling=0)
    told = tell(books, Move(ANNA, ASIDE, 75), Move(ASIDE, FUND, 2), Move(ASIDE, BERT, 5))
    assert moves(told) == [(ANNA, ASIDE, 60), (ASIDE, BERT, 5)]
    assert told.lacks == (Lack(2, ANNA, GIVING, 15), Lack(3, FUND, TAKING, 2))


def test_a_closed_source_gives_nothing_and_a_closed_destination_takes_nothing(books):
    assert moves(tell(books, Move(SHUT, ANNA, 3))) == [(ASIDE, ANNA, 3)]
    assert moves(tell(books, Move(ANNA, SHUT, 3))) == [(ANNA, ASIDE, 3)]
    assert books.counters[SHUT].posted == 5


def test_between_two_that_can_do_nothing_a_fact_is_kept_without_a_line(books):
    books.counters[ANNA] = counters(ANNA)
    told = tell(books, Move(ANNA, SHUT, 3))
    assert moves(told) == []
    assert told.lacks == (Lack(0, ANNA, GIVING, 3), Lack(1, SHUT, TAKING, 3))


def test_a_hold_that_still_stands_is_captured(books):
    books.counters[ANNA] = counters(ANNA, 40, pending_out=40)
    books.counters[BERT] = counters(BERT, pending_in=40)
    entry = tell(books, ResolveHold(7, 0, 30)).entries[0]
    assert (entry.quantity, entry.released) == (30, 40)


def test_more_than_was_held_is_moved_beside_the_hold(books):
    books.counters[ANNA] = counters(ANNA, 45, pending_out=40)
    books.counters[BERT] = counters(BERT, pending_in=40)
    told = tell(books, ResolveHold(7, 0, 50))
    assert moves(told) == [(ANNA, BERT, 40), (ANNA, BERT, 5), (ASIDE, BERT, 5)]
    assert books.counters[ANNA].pending_out == 0


def test_what_a_hold_no_longer_covers_is_moved(books):
    assert moves(tell(books, ResolveHold(8, 0, 9))) == [(ANNA, BERT, 9)]
    assert moves(tell(books, ResolveHold(8, 0, 0))) == []


def test_a_hold_named_twice_in_one_fact_ends_once(books):
    books.counters[ANNA] = counters(ANNA, 70, pending_out=40)
    books.counters[BERT] = counters(BERT, pending_in=40)
    told = tell(books, ResolveHold(7, 0, 40), ResolveHold(7, 0, 40))
    assert moves(told) == [(ANNA, BERT, 40), (ANNA, BERT, 30), (ASIDE, BERT, 10)]


def test_a_reversal_of_what_was_spent_is_recorded_as_far_as_it_goes(books):
    told = tell(books, reverses_id=5)
    assert moves(told) == [(ANNA, BERT, 60), (ASIDE, BERT, 20)]
    assert isinstance(tell(books, reverses_id=5).refusal, AlreadyReversed)


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        (PlaceHold(ANNA, BERT, 1, 9), BadInput),
        (Move(ANNA, FUND, 1), CommodityMismatch),
        (Move(ANNA, 404, 1), NotFound),
        (Move(ANNA, BERT, 0), BadInput),
        (Move(ANNA, BERT, 1.5), BadInput),
        (Move(ANNA, ANNA, 1), BadInput),
        (ResolveHold(404, 0, 1), NotFound),
        (ResolveHold(8, 0, -1), BadInput),
    ],
)
def test_nonsense_is_no_fact(books, line, refusal):
    before = dict(books.counters)
    told = tell(books, Move(ANNA, BERT, 70), line)
    assert isinstance(told.refusal, refusal)
    assert (told.entries, told.lacks, books.counters) == ((), (), before)


def test_a_fact_says_something_and_points_at_what_is_there(books):
    assert isinstance(tell(books).refusal, BadInput)
    assert isinstance(tell(books, reverses_id=404).refusal, NotFound)
    assert isinstance(tell(books, reverses_id=6).refusal, WrongState)
    assert isinstance(tell(books, Move(ANNA, BERT, 1), relates_id=404).refusal, NotFound)


def test_what_is_asked_for_is_still_refused(books):
    asked = Request("test", "key", "test", (Move(ANNA, BERT, 75),), mode=AUTHORISE)
    assert isinstance(books.decide(asked, 200).refusal, InsufficientBalance)


_ACCOUNTS = st.builds(
    lambda posted, held, floor, room, closed: {
        "posted": posted + held, "pending_out": held, "floor": floor, "closed": closed,
        "ceiling": None if room is None else posted + held + room,
    },
    st.integers(0, 30), st.integers(0, 10), st.sampled_from([0, 0, -10, None]),
    st.none() | st.integers(0, 20), st.booleans(),
)  # fmt: skip
_LINES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 60)).filter(
        lambda line: line[0] != line[1]
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=repeats(75, 300))
@given(st.lists(_ACCOUNTS, min_size=4, max_size=4), _LINES)
def test_no_fact_breaks_a_limit_or_loses_a_minute(accounts, lines):
    books = books_of(*(counters(number, **told) for number, told in enumerate(accounts)))
    before = {a: row.posted for a, row in books.counters.items()}
    told = tell(books, *(Move(*line) for line in lines))
    changes = {a: row.posted - before[a] for a, row in books.counters.items()}
    assert sum(changes.values()) == 0
    for row in books.counters.values():
        assert row.floor is None or row.available >= row.floor
        assert row.ceiling is None or row.posted + row.pending_in <= row.ceiling
    # Each account has what was recorded, except its shortfall, which suspense covers.
    owed = dict.fromkeys(changes, 0)
    for source, destination, quantity in lines:
        owed[source] -= quantity
        owed[destination] += quantity
    for lack in told.lacks:
        sign = 1 if lack.side == GIVING else -1
        owed[lack.account_id] += sign * lack.quantity
        owed[ASIDE] -= sign * lack.quantity
    assert changes == owed
    numbers = [lack.line for lack in told.lacks]
    assert len(set(numbers)) == len(numbers)
