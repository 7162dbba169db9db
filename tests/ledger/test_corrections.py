"""A correction is listed beside what it corrects."""

import pytest

from tests.factories.ledger import make_account, make_request, post_now
from timebank.ledger.corrections import corrections_of
from timebank.ledger.rules import Move


@pytest.fixture
def moved(session):
    return make_account(session, filled=60), make_account(session)


def test_a_transaction_is_read_with_its_reversal_and_what_belongs_to_it(session, moved):
    first = post_now(session, make_request(Move(*moved, 30)))[0].txn_id
    other = post_now(session, make_request(Move(*moved, 5)))[0].txn_id
    part = make_request(Move(moved[1], moved[0], 3), relates_id=first, kind="part_refund")
    refund = post_now(session, part)[0].txn_id
    undone = post_now(session, make_request(reverses_id=first, kind="undo"))[0].txn_id
    told = [(one.txn_id, one.kind, one.is_reversal) for one in corrections_of(session, 1, first)]
    assert told == [(refund, "part_refund", False), (undone, "undo", True)]
    assert corrections_of(session, 1, other) == []
    assert corrections_of(session, 2, first) == []


def test_a_refused_correction_is_none(session, moved):
    first = post_now(session, make_request(Move(*moved, 30)))[0].txn_id
    post_now(session, make_request(Move(moved[1], moved[0], 99), relates_id=first))
    assert corrections_of(session, 1, first) == []
