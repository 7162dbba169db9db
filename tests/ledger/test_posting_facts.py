"""Facts as ``post()`` writes them, on both engines."""

import pytest
from sqlalchemy import event, select

from tests.factories import make_by
from tests.factories.ledger import make_account, make_hold, make_issue, make_request, post_now
from tests.factories.recount import broken_accounts
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, WrongState
from timebank.ledger import rows
from timebank.ledger.actions import post_one
from timebank.ledger.leaves import LackEntry, LineEntry, TxnEntry, leaf_hash, txn_bytes
from timebank.ledger.queries import balance_of, balances_of, find_account, sums_by_commodity
from timebank.ledger.refusals import FactSettled, HoldAlreadyResolved, InsufficientBalance
from timebank.ledger.rules import AUTHORISE, GIVING, RECORD, TAKING, Move, PlaceHold, ResolveHold
from timebank.ledger.shortfalls import open_shortfalls, settle, shortfall_of, write_off
from timebank.ledger.tables import balance, posting, seal_queue, shortfall, txn
from timebank.values import FEN, MINUTES


@pytest.fixture(autouse=True)
def whole_books(session):
    """Whatever a test did, the books are whole afterwards, and no account is below its floor."""
    yield
    assert broken_accounts(session, 1) == []
    assert set(sums_by_commodity(session, 1).values()) <= {(0, 0)}


@pytest.fixture
def anna(session):
    return make_account(session, filled=60)


@pytest.fixture
def bert(session):
    return make_account(session)


def tell(session, *lines, **told):
    return post_now(session, make_request(*lines, mode=RECORD, **told))[0]


def lacks_of(session, outcome):
    query = select(shortfall).where(shortfall.c.txn_id == outcome.txn_id)
    rows = session.execute(query.order_by(shortfall.c.line))
    return [(row.line, row.account_id, row.side, row.quantity) for row in rows]


def test_a_fact_is_booked_and_what_was_lacking_is_flagged(session, anna, bert):
    told = tell(session, Move(anna, bert, 75))
    assert told.refusal is None
    aside = find_account(session, 1, "suspense", MINUTES)
    found = balances_of(session, 1, [anna, bert, aside])
    assert [found[a].posted for a in (anna, bert, aside)] == [0, 75, -15]
    assert lacks_of(session, told) == [(1, anna, GIVING, 15)]


def test_the_suspense_account_is_opened_once_and_told_to_the_log(session, anna, bert):
    for _ in range(2):
        tell(session, Move(anna, bert, 40))
    aside = find_account(session, 1, "suspense", MINUTES)
    queued = select(seal_queue.c.entry).where(seal_queue.c.entry_id == aside)
    assert session.scalars(queued).all() == [2]
    row = session.execute(select(balance).where(balance.c.account_id == aside)).one()
    assert (row.floor, row.ceiling, row.closed) == (None, None, False)


def test_two_commodities_have_a_suspense_account_each(session, anna, bert):
    fen = [make_account(session, commodity=FEN) for _ in "ab"]
    told = tell(session, Move(*fen, 7), Move(anna, bert, 61))
    assert [lack[1:] for lack in lacks_of(session, told)] == [
        (fen[0], GIVING, 7), (anna, GIVING, 1),
    ]  # fmt: skip
    assert balance_of(session, 1, "suspense", FEN).posted == -7
    assert balance_of(session, 1, "suspense", MINUTES).posted == -1


def test_facts_and_requests_stand_in_one_batch(session, anna, bert):
    outcomes = post_now(
        session,
        make_request(Move(anna, bert, 50)),
        make_request(Move(anna, bert, 20)),
        make_request(Move(anna, bert, 20), mode=RECORD),
        make_request(PlaceHold(anna, bert, 1, 5), mode=RECORD),
    )
    assert [type(outcome.refusal) for outcome in outcomes] == [
        type(None), InsufficientBalance, type(None), BadInput,
    ]  # fmt: skip
    assert lacks_of(session, outcomes[2]) == [(1, anna, GIVING, 10)]


def test_a_fact_told_again_is_the_same_fact(session, anna, bert):
    request = make_request(Move(anna, bert, 75), mode=RECORD)
    first, again = post_now(session, request)[0], post_now(session, request)[0]
    assert (again.txn_id, again.replayed) == (first.txn_id, True)
    assert lacks_of(session, again) == [(1, anna, GIVING, 15)]


def test_what_was_set_aside_and_lapsed_is_still_handed_over(session, anna, bert):
    hold = make_hold(session, anna, bert, 40)
    post_now(session, make_request(ResolveHold(*hold, 0)))
    asked = post_now(session, make_request(ResolveHold(*hold, 40)))[0]
    assert isinstance(asked.refusal, HoldAlreadyResolved)
    assert tell(session, ResolveHold(*hold, 40)).refusal is None
    assert balances_of(session, 1, [bert])[bert].posted == 40


def test_a_closed_account_neither_gives_nor_takes_a_fact(session, anna, bert):
    post_now(session, make_request(closes_id=bert))
    told = tell(session, Move(anna, bert, 5))
    assert lacks_of(session, told) == [(0, bert, TAKING, 5)]
    assert balances_of(session, 1, [bert])[bert].posted == 0


def test_a_fact_that_moves_nothing_is_kept_all_the_same(session, bert):
    empty = make_account(session)
    post_now(session, make_request(closes_id=bert))
    told = tell(session, Move(empty, bert, 5))
    assert told.refusal is None
    assert lacks_of(session, told) == [(0, empty, GIVING, 5), (1, bert, TAKING, 5)]


@pytest.mark.parametrize("mode", [AUTHORISE, RECORD])
def test_a_fact_that_moved_nothing_is_written_off_and_not_reversed(session, now, bert, mode):
    empty = make_account(session)
    post_now(session, make_request(closes_id=bert))
    fact = tell(session, Move(empty, bert, 5)).txn_id
    refusal = reverse(session, fact, mode=mode).refusal
    assert refusal.facts == {"field": "lines", "why": "empty"}
    close(session, now, fact, write_off, note="it never came")
    assert (in_suspense(session), open_cases(session)) == (0, [])


def test_a_reversal_of_what_was_spent_is_told_as_a_fact(session, now, anna, bert, by_stranger):
    given = post_now(session, make_request(Move(anna, bert, 60)))[0].txn_id
    post_now(session, make_request(Move(bert, anna, 45)))
    told = {"kind": "correction", "reverses_id": given}
    with pytest.raises(InsufficientBalance):
        post_one(Deed(session, by_stranger, now, "a"), **told)
    post_one(Deed(session, by_stranger, now, "b"), mode=RECORD, note="told at the desk", **told)
    assert balances_of(session, 1, [anna, bert])[anna].posted == 105
    assert balance_of(session, 1, "suspense", MINUTES).posted == -45


def test_the_leaf_of_a_fact_tells_its_lines(session, anna, bert):
    told = tell(session, Move(anna, bert, 75))
    row = session.execute(select(txn).where(txn.c.id == told.txn_id)).one()._asdict()
    query = select(posting).where(posting.c.txn_id == told.txn_id).order_by(posting.c.line)
    lines = [
        LineEntry(
            one.line, one.phase, one.commodity_id, one.source_account_id,
            one.destination_account_id, one.quantity, one.released, None, None, None,
            one.source_seq, one.destination_seq, one.source_after, one.destination_after,
        )
        for one in session.execute(query)
    ]  # fmt: skip
    header = {name: row[name] for name in TxnEntry.__dataclass_fields__}
    assert [line.line for line in lines] == [0, 1]
    lacks = [LackEntry(1, anna, GIVING, 15)]
    assert leaf_hash(txn_bytes(TxnEntry(**header), lines, lacks)) == row["leaf_hash"]
    assert row["mode"] == RECORD


def test_what_is_asked_for_takes_no_statement_more(session, anna, bert):
    make_issue(session)
    statements = []

    def listen(conn, cursor, statement, *rest):
        statements.append(statement)

    event.listen(session.get_bind(), "before_cursor_execute", listen)
    post_now(session, make_request(Move(anna, bert, 1)))
    event.remove(session.get_bind(), "before_cursor_execute", listen)
    assert not [s for s in statements if "shortfall" in s or "account.kind" in s]
    assert find_account(session, 1, "suspense", MINUTES) is None


def test_a_fact_that_suspense_helped_with_is_undone_after_all_was_spent(session, anna, bert):
    """Suspense is a side of both lines of the reversal, and neither of its lacks has a line."""
    carl, dora = make_account(session, filled=4), make_account(session)
    fact = tell(session, Move(anna, bert, 70), Move(carl, dora, 10)).txn_id
    issue = make_issue(session)
    post_now(session, make_request(Move(bert, issue, 70), Move(dora, issue, 10)))
    back, beside = post_now(
        session,
        make_request(reverses_id=fact, mode=RECORD),
        make_request(Move(issue, make_account(session), 1)),
    )
    assert (back.refusal, beside.refusal) == (None, None)
    assert lacks_of(session, back) == [
        (0, bert, GIVING, 60), (1, dora, GIVING, 4), (2, bert, GIVING, 10), (3, dora, GIVING, 6),
    ]  # fmt: skip


@pytest.fixture
def fact(session, anna, bert):
    """A fact of 75 for which Anna lacked 15; Anna has 20 since."""
    told = tell(session, Move(anna, bert, 75))
    post_now(session, make_request(Move(make_issue(session), anna, 20)))
    return told.txn_id


def reverse(session, txn_id, **told):
    return post_now(session, make_request(reverses_id=txn_id, **told))[0]


def in_suspense(session):
    return balance_of(session, 1, "suspense", MINUTES).posted


def open_cases(session):
    return [row.txn_id for row in session.execute(open_shortfalls(1))]


def close(session, now, fact, how=settle, **told):
    case = shortfall_of(session, 1, fact)
    return how(Deed(session, make_by("coordinator"), now, how.__name__), case=case, **told)


@pytest.mark.parametrize(("how", "told"), [(settle, {}), (write_off, {"note": "lost"})])
def test_a_settled_fact_is_not_reversed_before_its_settling(session, now, fact, how, told):
    settling = close(session, now, fact, how, **told)
    refusal = reverse(session, fact, mode=RECORD).refusal
    assert isinstance(refusal, FactSettled)
    assert refusal.facts == {"settling_txn_id": settling}
    assert reverse(session, settling).refusal is None
    assert (in_suspense(session), open_cases(session)) == (-15, [fact])
    assert reverse(session, fact).refusal is None
    assert (in_suspense(session), open_cases(session)) == (0, [])


def test_a_fact_is_settled_once_and_its_settling_reversed_for_good(session, now, fact):
    settling = close(session, now, fact)
    back = reverse(session, settling).txn_id
    with pytest.raises(WrongState) as told, session.begin_nested():
        close(session, now, fact, write_off, note="lost")
    assert told.value.facts == {"state": "settling_reversed"}
    assert reverse(session, back).refusal.facts == {"state": "settling_reversed"}
    assert (in_suspense(session), open_cases(session)) == (-15, [fact])


def test_a_case_is_open_while_its_fact_stands(session, fact):
    """Each reversal turns what the one before it did."""
    newest = fact
    for left in ([], [fact], [], [fact]):
        newest = reverse(session, newest).txn_id
        assert open_cases(session) == left
        assert in_suspense(session) == -15 * len(left)


def test_a_settled_fact_is_not_undone_by_turning_a_reversal_either(session, now, fact):
    again = reverse(session, reverse(session, fact).txn_id).txn_id
    close(session, now, fact)
    assert isinstance(reverse(session, again).refusal, FactSettled)
    assert in_suspense(session) == 0


def test_undoing_takes_suspense_even_where_no_line_of_the_fact_did(
    session, anna, bert, monkeypatch
):
    """Else a settling beside it would share no row with it, and both would pass."""
    shut = make_account(session)
    post_now(session, make_request(closes_id=shut))
    empty = make_account(session)
    told = tell(session, Move(anna, bert, 1), Move(empty, shut, 3))
    taken = set()
    lock = rows.lock_balances

    def watched(connection, community_id, account_ids):
        taken.update(account_ids)
        return lock(connection, community_id, account_ids)

    monkeypatch.setattr(rows, "lock_balances", watched)
    assert reverse(session, told.txn_id).refusal is None
    assert find_account(session, 1, "suspense", MINUTES) in taken
