"""A recorded reversal returns what it can, and the checker counts the shortfall it reports."""

import pytest

from tests.checking.planting import Intruder
from tests.factories.ledger import START, make_account, make_issue, make_request, post_now
from tests.factories.other_sealer import Sealer
from timebank.db import Database
from timebank.ledger.queries import find_account
from timebank.ledger.rules import RECORD, Move
from timebank.values import MINUTES


def tell(session, *lines, **told):
    outcome = post_now(session, make_request(*lines, mode=RECORD, **told))[0]
    assert outcome.refusal is None
    return outcome.txn_id


def make_facts(session):
    """Facts that need suspense at either end, two of them reversed after everything was spent."""
    poor, taker = make_account(session, filled=4), make_account(session)
    fact = tell(session, Move(poor, taker, 10))
    shut = make_account(session)
    post_now(session, make_request(closes_id=shut))
    nowhere = tell(session, Move(make_account(session, filled=1), taker, 1), Move(poor, shut, 3))
    post_now(session, make_request(Move(taker, make_issue(session), 11)))
    tell(session, reverses_id=nowhere)
    capped, free = make_account(session, ceiling=0), make_account(session, floor=None)
    aside = find_account(session, 1, "suspense", MINUTES)
    tell(session, Move(aside, capped, 5), Move(free, taker, 7))
    post_now(session, make_request(Move(taker, make_issue(session), 7)))
    back = tell(session, reverses_id=fact)
    Sealer(session.connection()).seal()
    return back, poor, free


@pytest.fixture
def facts(copies, info):
    url = copies.fresh()
    database = Database(url, clock=lambda: START, info=info)
    yield database, database.write(lambda session, now: make_facts(session))
    database.close()
    copies.drop(url)


def test_honest_facts_are_whole(facts):
    with Intruder.enters(facts[0].engine) as entered:
        assert entered.faults() == []


def test_what_was_given_back_to_somebody_else_is_seen(facts):
    database, (back, poor, other) = facts
    with Intruder.enters(database.engine) as entered:
        entered.run(
            "UPDATE posting SET destination_account_id = :other"
            " WHERE txn_id = :back AND destination_account_id = :poor",
            other=other, back=back, poor=poor,
        )  # fmt: skip
        told = [fault.what for fault in entered.faults() if fault.key == str(back)]
    assert any("are not the opposite of" in what for what in told)
