"""What a posting may do to balances, on plain numbers."""

import pytest

from timebank.errors import BadInput, NotFound, WrongState
from timebank.ledger.refusals import (
    AboveCeiling,
    AccountClosed,
    AlreadyReversed,
    CaptureAboveHold,
    CommodityMismatch,
    HoldAlreadyResolved,
    InsufficientBalance,
)
from timebank.ledger.rules import (
    HOLD,
    POST,
    Counters,
    DecidedPosting,
    HeldLine,
    LockedBooks,
    Move,
    PlaceHold,
    Request,
    ResolveHold,
)
from timebank.values import LARGEST_QUANTITY

MINUTES, FEN = 1, 2
ANNA, BERT, FUND, SHUT = 10, 11, 20, 30


def counters(account_id, posted=0, *, commodity_id=MINUTES, closed=False, **told):
    zeros = {"posted_out": 0, "pending_in": 0, "pending_out": 0, "seq": 4, "last_us": 100}
    limits = {"floor": 0, "ceiling": None}
    return Counters(
        account_id, commodity_id, posted, **{**zeros, **limits, "closed": closed, **told}
    )


@pytest.fixture
def books():
    rows = (
        counters(ANNA, 60),
        counters(BERT, ceiling=100),
        counters(FUND, 1000, commodity_id=FEN),
        counters(SHUT, 5, closed=True),
    )
    return LockedBooks(
        {row.account_id: row for row in rows},
        holds={(7, 0): HeldLine(7, 0, ANNA, BERT, 40), (8, 0): HeldLine(8, 0, ANNA, BERT, 1, True)},
        originals={
            5: (DecidedPosting(0, POST, MINUTES, BERT, ANNA, 60),),
            6: (DecidedPosting(0, HOLD, MINUTES, ANNA, BERT, 10),),
        },
        reversed_ids=set(),
        related_ids={5},
    )


def ask(*lines, **told):
    return Request("test", "key", "test", lines, **told)


def refused(books, *lines, **told):
    decision = books.decide(ask(*lines, **told), 200)
    assert decision.entries == ()
    return decision.refusal


def test_a_move_takes_from_one_and_gives_to_the_other(books):
    entry = books.decide(ask(Move(ANNA, BERT, 25)), 200).entries[0]
    assert (entry.source_after, entry.destination_after) == (35, 25)
    assert (entry.source_seq, entry.destination_seq) == (5, 5)
    assert books.counters[ANNA].posted == 35


def test_the_last_minute_may_be_given_and_not_one_more(books):
    assert books.decide(ask(Move(ANNA, BERT, 60)), 200).refusal is None
    told = refused(books, Move(ANNA, BERT, 1))
    assert isinstance(told, InsufficientBalance)
    assert told.facts == {"short_by": 1}


def test_what_is_held_cannot_be_given_away(books):
    books.decide(ask(PlaceHold(ANNA, BERT, 40, 999)), 200)
    assert books.counters[ANNA].posted == 60
    assert refused(books, Move(ANNA, BERT, 21)).facts == {"short_by": 1}


def test_what_is_on_its_way_counts_for_the_ceiling(books):
    books.counters[ANNA] = counters(ANNA, 500)
    books.decide(ask(PlaceHold(ANNA, BERT, 90, 999)), 200)
    told = refused(books, Move(ANNA, BERT, 11))
    assert isinstance(told, AboveCeiling)
    assert told.facts == {"over_by": 1}


def test_limits_are_judged_after_the_whole_transaction(books):
    there_and_back = ask(Move(ANNA, BERT, 70), Move(BERT, ANNA, 70))
    assert books.decide(there_and_back, 200).refusal is None


def test_one_bad_line_undoes_the_lines_before_it(books):
    before = dict(books.counters)
    refused(books, Move(ANNA, BERT, 5), Move(ANNA, BERT, 70))
    assert books.counters == before


def test_hours_never_become_yuan(books):
    assert isinstance(refused(books, Move(ANNA, FUND, 1)), CommodityMismatch)


def test_one_deed_may_move_two_commodities_side_by_side(books):
    other = counters(21, commodity_id=FEN)
    books.counters[21] = other
    done = books.decide(ask(Move(ANNA, BERT, 60), Move(FUND, 21, 500)), 200)
    assert [entry.commodity_id for entry in done.entries] == [MINUTES, FEN]


@pytest.mark.parametrize("quantity", [0, -1, LARGEST_QUANTITY + 1])
def test_a_quantity_is_positive_and_exact_everywhere(books, quantity):
    told = refused(books, Move(ANNA, BERT, quantity))
    assert isinstance(told, BadInput)
    assert told.facts == {"field": "quantity", "why": "range"}


@pytest.mark.parametrize("quantity", [1.5, True, "3"])
def test_a_quantity_is_a_whole_number(books, quantity):
    told = refused(books, Move(ANNA, BERT, quantity))
    assert told.facts == {"field": "quantity", "why": "whole_number"}


def test_a_counter_never_outgrows_its_column(books):
    books.counters[BERT] = counters(BERT, 2**63 - 10, posted_out=2**63 - 10)
    assert isinstance(refused(books, Move(ANNA, BERT, 11)), BadInput)


@pytest.mark.parametrize(
    "told", [{"posted": 2**63 - 10, "posted_out": 2**63 - 10}, {"pending_in": 2**63 - 10}]
)
def test_what_is_set_aside_is_counted_with_it(books, told):
    books.counters[BERT] = counters(BERT, **told)
    assert isinstance(refused(books, PlaceHold(ANNA, BERT, 11, 9)), BadInput)
    assert books.decide(ask(PlaceHold(ANNA, BERT, 9, 9)), 200).refusal is None


def test_what_is_set_aside_at_its_source_is_counted_too(books):
    books.counters[ANNA] = counters(ANNA, pending_out=2**63 - 10, floor=None)
    assert isinstance(refused(books, PlaceHold(ANNA, BERT, 11, 9)), BadInput)
    assert isinstance(refused(books, Move(ANNA, BERT, 11)), BadInput)


def test_nothing_moves_from_an_account_to_itself(books):
    assert refused(books, Move(ANNA, ANNA, 1)).facts["field"] == "destination"


def test_a_transaction_moves_something(books):
    assert refused(books).facts["field"] == "lines"


def test_an_unknown_account_is_not_found(books):
    assert isinstance(refused(books, Move(ANNA, 999, 1)), NotFound)


@pytest.mark.parametrize(
    "line", [Move(SHUT, ANNA, 1), Move(ANNA, SHUT, 1), PlaceHold(ANNA, SHUT, 1, 9)]
)
def test_a_closed_account_neither_gives_nor_takes(books, line):
    assert isinstance(refused(books, line), AccountClosed)


def test_a_hold_ends_even_where_its_account_was_closed(books):
    books.counters[ANNA] = counters(ANNA, 60, pending_out=40, closed=True)
    books.counters[BERT] = counters(BERT, pending_in=40)
    assert books.decide(ask(ResolveHold(7, 0, 0)), 200).refusal is None


@pytest.fixture
def held(books):
    books.counters[ANNA] = counters(ANNA, 60, pending_out=40)
    books.counters[BERT] = counters(BERT, pending_in=40)
    return books


def test_a_captured_part_moves_and_the_rest_goes_back(held):
    entry = held.decide(ask(ResolveHold(7, 0, 30)), 200).entries[0]
    assert (entry.quantity, entry.released, entry.source_after) == (30, 40, 30)
    assert held.counters[ANNA].available == 30
    assert held.counters[BERT].pending_in == 0


def test_a_released_hold_moves_nothing(held):
    assert held.decide(ask(ResolveHold(7, 0, 0)), 200).entries[0].quantity == 0
    assert held.counters[ANNA].available == 60


def test_no_more_is_captured_than_was_held(held):
    told = refused(held, ResolveHold(7, 0, 41))
    assert isinstance(told, CaptureAboveHold)
    assert told.facts == {"held": 40, "asked": 41}


def test_less_than_nothing_is_not_captured(held):
    assert isinstance(refused(held, ResolveHold(7, 0, -1)), BadInput)


def test_a_hold_ends_once(held):
    assert isinstance(refused(held, ResolveHold(8, 0, 0)), HoldAlreadyResolved)
    held.decide(ask(ResolveHold(7, 0, 40)), 200)
    assert isinstance(refused(held, ResolveHold(7, 0, 0)), HoldAlreadyResolved)


def test_a_hold_that_could_not_end_is_still_open(held):
    refused(held, ResolveHold(7, 0, 40), Move(ANNA, BERT, 999))
    assert held.decide(ask(ResolveHold(7, 0, 40)), 200).refusal is None


def test_an_unknown_hold_is_not_found(books):
    assert refused(books, ResolveHold(99, 0, 0)).facts == {"what": "hold"}


def test_a_reversal_moves_the_other_way(books):
    entry = books.decide(ask(reverses_id=5), 200).entries[0]
    assert (entry.source, entry.destination, entry.quantity) == (ANNA, BERT, 60)


def test_a_reversal_happens_once(books):
    books.decide(ask(reverses_id=5), 200)
    books.counters[ANNA] = counters(ANNA, 60)
    assert isinstance(refused(books, reverses_id=5), AlreadyReversed)


def test_what_was_spent_cannot_be_reversed(books):
    books.decide(ask(Move(ANNA, BERT, 1)), 200)
    assert isinstance(refused(books, reverses_id=5), InsufficientBalance)
    books.counters[ANNA] = counters(ANNA, 60)
    assert books.decide(ask(reverses_id=5), 200).refusal is None


def test_a_hold_is_released_and_not_reversed(books):
    assert isinstance(refused(books, reverses_id=6), WrongState)


def test_a_reversal_brings_no_lines_of_its_own(books):
    assert refused(books, Move(ANNA, BERT, 1), reverses_id=5).facts["why"] == "reversal"


@pytest.mark.parametrize("told", [{"reverses_id": 404}, {"relates_id": 404}])
def test_what_is_pointed_at_must_be_there(books, told):
    lines = () if "reverses_id" in told else (Move(ANNA, BERT, 1),)
    assert refused(books, *lines, **told).facts == {"what": "transaction"}


def test_time_grows_along_an_account_even_when_a_clock_is_behind(books):
    first = books.decide(ask(Move(ANNA, BERT, 1)), 50)
    second = books.decide(ask(Move(BERT, ANNA, 1)), 50)
    assert (first.posted_us, second.posted_us) == (101, 102)


def test_a_fingerprint_is_the_same_in_every_version():
    """It is sealed, and a retry may come after an upgrade: no rename in the code may change it."""
    lines = Move(1, 2, 3), PlaceHold(1, 2, 3, 9), ResolveHold(7, 0, 3)
    request = ask(*lines, relates_id=5)
    assert request.fingerprint.hex() == (
        "4ea431d22feeb8e57e67f0b811bc358fd8625a8ab5bb82b4eb4322501da2c895"
    )


def test_a_fingerprint_tells_what_is_asked_and_not_when():
    line = PlaceHold(ANNA, BERT, 5, 1)
    assert ask(line).fingerprint == ask(PlaceHold(ANNA, BERT, 5, 2), effective_us=9).fingerprint
    others = [
        ask(Move(ANNA, BERT, 5)),
        ask(PlaceHold(BERT, ANNA, 5, 1)),
        ask(PlaceHold(ANNA, BERT, 6, 1)),
        ask(line, relates_id=5),
        ask(line, line),
    ]
    assert len({ask(line).fingerprint, *(other.fingerprint for other in others)}) == 6


def test_the_fingerprints_of_posted_requests_stay_valid():
    """They are in the books: a retry after an upgrade, or a renamed class, is the same request."""
    lines = (Move(1, 2, 3), PlaceHold(4, 5, 6, 7), ResolveHold(8, 9, 10))
    stored = "c5005aa6eef3683f7ac266260d8ca67cd3a5135dc98351d029157b692e412d1e"
    assert Request("user:1", "k", "gift", lines).fingerprint.hex() == stored
