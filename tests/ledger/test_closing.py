"""An account is closed once, when it is empty, and nothing moves on it afterwards."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from tests.factories.ledger import make_account, make_hold, make_issue, make_request, post_now
from tests.factories.recount import broken_accounts
from timebank.ledger.rules import Move, ResolveHold
from timebank.ledger.tables import balance, txn


def close(session, account_id, **told):
    return post_now(session, make_request(closes_id=account_id, kind="close", **told))[0]


def is_closed(session, account_id):
    return session.scalar(select(balance.c.closed).where(balance.c.account_id == account_id))


def test_an_empty_account_is_closed_and_takes_nothing_more(session):
    anna = make_account(session)
    assert close(session, anna).refusal is None
    assert is_closed(session, anna)
    refused = post_now(session, make_request(Move(make_issue(session), anna, 10)))[0].refusal
    assert refused.code == "ACCOUNT_CLOSED"
    assert close(session, anna).refusal.code == "ACCOUNT_CLOSED"
    assert broken_accounts(session, 1) == []


def test_an_account_that_holds_something_stays_open(session):
    anna = make_account(session, filled=10)
    refused = close(session, anna).refusal
    assert (refused.code, refused.facts) == ("WRONG_STATE", {"state": "not_empty"})
    assert not is_closed(session, anna)


def test_an_account_that_expects_something_stays_open(session):
    bert = make_account(session)
    hold_id, line = make_hold(session, make_account(session, filled=20), bert, 20)
    assert close(session, bert).refusal.code == "WRONG_STATE"
    post_now(session, make_request(ResolveHold(hold_id, line, 0)))
    assert close(session, bert).refusal is None


def test_what_is_moved_out_and_closed_in_one_batch(session):
    anna, issue = make_account(session, filled=10), make_issue(session)
    outcomes = post_now(
        session,
        make_request(Move(anna, issue, 10)),
        make_request(closes_id=anna),
        make_request(Move(issue, anna, 1)),
    )
    assert [one.refusal and one.refusal.code for one in outcomes] == [None, None, "ACCOUNT_CLOSED"]
    assert is_closed(session, anna)
    assert broken_accounts(session, 1) == []


def test_a_closing_moves_nothing(session):
    anna, issue = make_account(session), make_issue(session)
    for lines, more in (((Move(issue, anna, 1),), {}), ((), {"reverses_id": 1})):
        asked = make_request(*lines, closes_id=anna, **more)
        assert post_now(session, asked)[0].refusal.code == "BAD_INPUT"
    assert close(session, 1).refusal.code == "NOT_FOUND"


def test_a_closing_sent_twice_is_one(session):
    anna = make_account(session)
    first, second = close(session, anna, key="end"), close(session, anna, key="end")
    assert second.replayed and second.txn_id == first.txn_id


def test_the_database_closes_an_account_once(session):
    anna = make_account(session)
    closed = close(session, anna).txn_id
    names = ", ".join(column.name for column in txn.c if column.name not in ("id", "request_key"))
    copied = f"INSERT INTO txn (id, request_key, {names}) SELECT 1, 'raw', {names} FROM txn"
    with pytest.raises(IntegrityError, match=r"closing|closes_id"):
        session.execute(text(f"{copied} WHERE id = :closed"), {"closed": closed})
