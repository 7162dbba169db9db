"""``post()`` on both engines: what it writes, what it refuses, what it answers again."""

import pytest
from sqlalchemy import event, func, select

from tests.factories.ledger import make_account, make_hold, make_issue, make_request, post_now
from tests.factories.recount import broken_accounts, open_holds
from timebank.deeds.deed import Deed
from timebank.deeds.refusals import RequestKeyReused
from timebank.errors import BadInput, NotFound
from timebank.ledger.actions import ensure_account, post_one
from timebank.ledger.queries import balances_of, sums_by_commodity
from timebank.ledger.refusals import (
    AboveCeiling,
    AlreadyReversed,
    CommodityMismatch,
    HoldAlreadyResolved,
    InsufficientBalance,
)
from timebank.ledger.rules import Move, PlaceHold, ResolveHold
from timebank.ledger.statements import StatementLine, statement
from timebank.ledger.tables import posting, txn
from timebank.values import FEN, MINUTES


@pytest.fixture(autouse=True)
def whole_books(session):
    """Whatever a test did, the books are whole afterwards."""
    yield
    for community_id in (1, 2):
        assert broken_accounts(session, community_id) == []
        assert set(sums_by_commodity(session, community_id).values()) <= {(0, 0)}


@pytest.fixture
def anna(session):
    return make_account(session, filled=60)


@pytest.fixture
def bert(session):
    return make_account(session)


def posted(session, *accounts):
    found = balances_of(session, 1, list(accounts))
    return [found[account].posted for account in accounts]


def test_a_batch_is_posted_request_by_request(session, anna, bert):
    outcomes = post_now(
        session,
        make_request(Move(anna, bert, 50)),
        make_request(Move(anna, bert, 20)),
        make_request(Move(anna, bert, 10)),
    )
    assert [type(outcome.refusal) for outcome in outcomes] == [
        type(None), InsufficientBalance, type(None),
    ]  # fmt: skip
    assert posted(session, anna, bert) == [0, 60]


def test_an_empty_batch_is_nothing(session):
    assert post_now(session) == []


def test_a_refused_request_is_kept_with_its_reason(session, anna, bert):
    outcome = post_now(session, make_request(Move(anna, bert, 61)))[0]
    row = session.execute(select(txn).where(txn.c.id == outcome.txn_id)).one()
    assert row.status == 2
    assert row.reason == '{"code":"INSUFFICIENT_BALANCE","facts":{"short_by":1}}'
    lines = select(func.count()).where(posting.c.txn_id == outcome.txn_id)
    assert session.scalar(lines) == 0


def test_a_refusal_is_answered_again_even_when_it_could_now_be_done(session, anna, bert):
    request = make_request(Move(anna, bert, 61))
    first = post_now(session, request)[0]
    post_now(session, make_request(Move(make_issue(session), anna, 100)))
    again = post_now(session, request)[0]
    assert again.replayed
    assert (again.txn_id, again.refusal.facts) == (first.txn_id, {"short_by": 1})


def test_the_same_request_twice_in_a_batch_is_one_deed(session, anna, bert):
    request = make_request(Move(anna, bert, 60))
    first, second = post_now(session, request, request)
    assert (first.txn_id, first.replayed, second.replayed) == (second.txn_id, False, True)
    assert posted(session, anna, bert) == [0, 60]


def test_a_key_with_another_content_is_refused_now_and_later(session, anna, bert):
    request = make_request(Move(anna, bert, 1), key="mine")
    other = make_request(Move(anna, bert, 2), key="mine")
    for outcomes in (post_now(session, request, other), post_now(session, request, other)):
        assert outcomes[0].refusal is None
        assert isinstance(outcomes[1].refusal, RequestKeyReused)
    assert posted(session, bert) == [1]


def test_two_senders_may_use_one_key(session, anna, bert):
    post_now(session, *(make_request(Move(anna, bert, 1), key="k", client=c) for c in "ab"))
    assert posted(session, bert) == [2]


def test_two_communities_may_use_one_key(session, anna, bert):
    theirs = make_account(session, community_id=2, filled=5)
    other = make_account(session, community_id=2)
    post_now(session, make_request(Move(anna, bert, 1), key="k"))
    outcome = post_now(session, make_request(Move(theirs, other, 1), key="k"), community_id=2)[0]
    assert (outcome.refusal, outcome.replayed) == (None, False)


def test_the_accounts_of_a_neighbour_are_not_found(session, anna):
    theirs = make_account(session, community_id=2, filled=5)
    for line in (Move(theirs, anna, 1), Move(anna, theirs, 1)):
        assert isinstance(post_now(session, make_request(line))[0].refusal, NotFound)


def test_the_holds_and_transactions_of_a_neighbour_are_not_found(session, anna, bert):
    hold = make_hold(session, anna, bert, 5)
    theirs = [make_account(session, community_id=2, filled=5) for _ in "ab"]
    requests = [
        make_request(ResolveHold(*hold, 5)),
        make_request(reverses_id=hold[0]),
        make_request(Move(*theirs, 1), relates_id=hold[0]),
    ]
    for outcome in post_now(session, *requests, community_id=2):
        assert isinstance(outcome.refusal, NotFound)


def test_one_bad_request_leaves_the_others_of_its_batch_alone(session, anna, bert):
    fen = make_account(session, commodity=FEN)
    outcomes = post_now(
        session,
        make_request(Move(anna, fen, 1)),
        make_request(Move(anna, bert, 1.5)),
        make_request(Move(anna, bert, 1), relates_id=404),
        make_request(ResolveHold(404, 0, 0)),
        make_request(Move(anna, bert, 1)),
    )
    assert [type(outcome.refusal) for outcome in outcomes] == [
        CommodityMismatch, BadInput, NotFound, NotFound, type(None),
    ]  # fmt: skip
    assert posted(session, bert) == [1]


def test_a_capped_account_takes_what_fits(session, anna):
    capped = make_account(session, ceiling=10)
    make_hold(session, anna, capped, 4)
    assert isinstance(
        post_now(session, make_request(Move(anna, capped, 7)))[0].refusal, AboveCeiling
    )
    assert post_now(session, make_request(Move(anna, capped, 6)))[0].refusal is None


def test_a_hold_is_open_until_it_ends(session, anna, bert):
    hold = make_hold(session, anna, bert, 40)
    assert [found[:3] for found in open_holds(session, 1, source_account_id=anna)] == [(*hold, 40)]
    assert balances_of(session, 1, [anna])[anna].available == 20
    first, second = post_now(
        session, make_request(ResolveHold(*hold, 30)), make_request(ResolveHold(*hold, 0))
    )
    assert first.refusal is None
    assert isinstance(second.refusal, HoldAlreadyResolved)
    assert isinstance(
        post_now(session, make_request(ResolveHold(*hold, 0)))[0].refusal, HoldAlreadyResolved
    )
    assert open_holds(session, 1) == []
    assert posted(session, anna, bert) == [30, 30]


def test_what_was_captured_can_be_reversed_once(session, anna, bert):
    hold = make_hold(session, anna, bert, 40)
    captured = post_now(session, make_request(ResolveHold(*hold, 30)))[0].txn_id
    first, second = post_now(
        session, make_request(reverses_id=captured), make_request(reverses_id=captured)
    )
    assert first.refusal is None
    assert isinstance(second.refusal, AlreadyReversed)
    assert isinstance(
        post_now(session, make_request(reverses_id=captured))[0].refusal, AlreadyReversed
    )
    assert posted(session, anna, bert) == [60, 0]


def test_a_reversal_may_itself_be_reversed(session, anna, bert):
    first = post_now(session, make_request(Move(anna, bert, 10)))[0].txn_id
    back = post_now(session, make_request(reverses_id=first))[0].txn_id
    assert post_now(session, make_request(reverses_id=back))[0].refusal is None
    assert posted(session, anna, bert) == [50, 10]


def test_a_refused_reversal_does_not_use_up_the_right_to_reverse(session, anna, bert):
    given = post_now(session, make_request(Move(anna, bert, 10)))[0].txn_id
    spent = post_now(session, make_request(Move(bert, anna, 10)))[0].txn_id
    refused = post_now(session, make_request(reverses_id=given))[0]
    assert isinstance(refused.refusal, InsufficientBalance)
    post_now(session, make_request(reverses_id=spent))
    assert post_now(session, make_request(reverses_id=given))[0].refusal is None


def test_one_transaction_within_a_deed_raises_its_refusal(session, now, anna, bert, by_stranger):
    told = {"kind": "gift"}
    lines = [Move(anna, bert, 60)]
    txn_id = post_one(Deed(session, by_stranger, now, "a"), lines=lines, **told)
    assert post_one(Deed(session, by_stranger, now, "a"), lines=lines, **told) == txn_id
    with pytest.raises(InsufficientBalance):
        post_one(Deed(session, by_stranger, now, "b"), lines=lines, **told)


def test_a_statement_tells_what_moved_newest_first(session, now, anna, bert):
    post_now(session, make_request(Move(anna, bert, 10), kind="gift"))
    make_hold(session, anna, bert, 5)
    lines = statement(session, 1, anna)
    assert [(line.kind, line.change, line.after) for line in lines] == [
        ("gift", -10, 50), ("test", 60, 60),
    ]  # fmt: skip
    assert isinstance(lines[0], StatementLine)
    assert lines[0].other_account_id == bert
    assert [line.change for line in statement(session, 1, anna, before_seq=2)] == [60]
    assert [line.change for line in statement(session, 1, anna, direction=-1)] == [-10]


def test_many_requests_take_as_many_statements_as_one(session, anna, bert):
    statements = []

    def listen(conn, cursor, statement, *rest):
        statements.append(statement)

    event.listen(session.get_bind(), "before_cursor_execute", listen)
    counts = []
    for size in (1, 50):
        requests = [
            make_request(Move(anna, bert, 1), PlaceHold(anna, bert, 1, 5)) for _ in range(size)
        ]
        statements.clear()
        post_now(session, *requests)
        counts.append(len(statements))
    event.remove(session.get_bind(), "before_cursor_execute", listen)
    assert counts[0] == counts[1] <= 7


def test_an_account_is_opened_once_and_keeps_its_limits(session):
    told = {"owner_id": 5, "floor": 0}
    first = ensure_account(session, 1, "person", MINUTES, **told)
    assert ensure_account(session, 1, "person", MINUTES, owner_id=5, floor=None) == first
    assert ensure_account(session, 1, "person", FEN, **told) != first
    assert ensure_account(session, 2, "person", MINUTES, **told) != first
    assert isinstance(
        post_now(session, make_request(Move(first, make_issue(session), 1)))[0].refusal,
        InsufficientBalance,
    )


def test_nothing_belongs_to_what_was_refused(session, anna, bert):
    refused = post_now(session, make_request(Move(anna, bert, 99)))[0].txn_id
    for told in ({"relates_id": refused}, {"relates_id": 404}):
        outcome = post_now(session, make_request(Move(anna, bert, 1), **told))[0]
        assert isinstance(outcome.refusal, NotFound)
    assert isinstance(post_now(session, make_request(reverses_id=refused))[0].refusal, NotFound)
