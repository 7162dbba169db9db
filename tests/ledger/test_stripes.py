"""A pool with stripes is one pool: nothing is lost among them, nothing given twice."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.factories import make_by
from tests.factories.ledger import make_account, make_hold, make_issue, make_request, post_now
from timebank.db import FIRST_TRY, StaleRow
from timebank.errors import InsufficientBalance, NotFound, WrongState
from timebank.ledger import rows
from timebank.ledger.actions import ensure_account
from timebank.ledger.queries import (
    AccountName,
    balance_of,
    balances_of,
    balances_owned,
    broken_accounts,
    find_account,
    statement,
    sums_by_commodity,
)
from timebank.ledger.readings import readings
from timebank.ledger.rules import RECORD, Move, Place
from timebank.ledger.stripes import level_stripes, open_stripes
from timebank.ledger.striping import stripe_of
from timebank.values import MINUTES


@pytest.fixture(autouse=True)
def whole_books(session):
    yield
    assert broken_accounts(session, 1) == []
    assert set(sums_by_commodity(session, 1).values()) <= {(0, 0)}


@pytest.fixture
def pool(session):
    return ensure_account(session, 1, "pool", MINUTES, floor=0)


@pytest.fixture
def stripes(session, pool):
    return open_stripes(session, 1, pool, count=4)


def striped(*lines, **told):
    return make_request(*lines, striped=True, **told)


def fill(session, stripes, *quantities):
    issue = make_issue(session)
    lines = [Move(issue, a, q) for a, q in zip(stripes, quantities, strict=True) if q]
    assert post_now(session, make_request(*lines))[0].refusal is None


def posted(session, accounts):
    found = balances_of(session, 1, accounts)
    return [found[a].posted for a in accounts]


def asking_first(stripes, number, *lines, **told):
    """A request whose key falls on one stripe."""
    for _ in range(1000):
        request = striped(*lines, **told)
        if stripe_of(request, stripes) == stripes[number]:
            return request
    raise AssertionError


def test_stripes_are_opened_once_and_the_pool_is_the_first(session, pool, stripes):
    assert (len(stripes), stripes[0]) == (4, pool)
    assert open_stripes(session, 1, pool, count=4) == stripes
    assert find_account(session, 1, "pool", MINUTES) == pool
    assert len(open_stripes(session, 1, pool, count=6)) == 6


def test_what_cannot_be_parted_gets_no_stripes(session, stripes):
    capped = make_account(session, ceiling=9)
    for account_id in (capped, stripes[1]):
        with pytest.raises(WrongState):
            open_stripes(session, 1, account_id)
    with pytest.raises(NotFound):
        open_stripes(session, 1, 404)


def test_deposits_fall_on_stripes_by_their_key(session, pool, stripes):
    issue = make_issue(session)
    requests = [striped(Move(issue, pool, 10)) for _ in range(40)]
    post_now(session, *requests)
    assert sum(posted(session, stripes)) == 400
    for account_id, has in zip(stripes, posted(session, stripes), strict=True):
        assert has == 10 * sum(stripe_of(one, stripes) == account_id for one in requests)


def test_a_pool_is_read_as_one(session, stripes):
    fill(session, stripes, 5, 6, 7, 0)
    make_hold(session, stripes[1], make_account(session), 4)
    for found in (
        balance_of(session, 1, "pool", MINUTES), balances_owned(session, 1, "pool", 0)[MINUTES],
    ):  # fmt: skip
        assert (found.posted, found.pending_out, found.available) == (18, 4, 14)


def test_a_withdrawal_takes_its_stripe_where_it_has_enough(session, pool, stripes):
    fill(session, stripes, 9, 9, 9, 9)
    post_now(session, asking_first(stripes, 2, Move(pool, make_account(session), 9)))
    assert posted(session, stripes) == [9, 9, 0, 9]


def test_a_withdrawal_takes_all_stripes_where_its_own_has_too_little(session, pool, stripes):
    fill(session, stripes, 9, 3, 4, 2)
    taker = make_account(session)
    request = asking_first(stripes, 2, Move(pool, taker, 15))
    assert post_now(session, request)[0].refusal is None
    assert posted(session, [*stripes, taker]) == [0, 0, 1, 2, 15]
    assert post_now(session, request)[0].replayed


def test_a_withdrawal_above_all_stripes_is_refused_by_what_the_pool_lacks(session, pool, stripes):
    fill(session, stripes, 9, 3, 4, 2)
    told = post_now(session, asking_first(stripes, 1, Move(pool, make_account(session), 20)))[0]
    assert isinstance(told.refusal, InsufficientBalance)
    assert told.refusal.facts == {"short_by": 2}


def test_a_stripe_that_runs_dry_meanwhile_starts_the_unit_again(
    session, pool, stripes, monkeypatch
):
    """It looked full enough without a lock; behind the lock it is not."""
    session.info[FIRST_TRY] = True
    fill(session, stripes, 1, 9, 9, 9)
    request = asking_first(stripes, 0, Move(pool, make_account(session), 5))
    monkeypatch.setattr(rows, "stripes_wanted", lambda requests, found: {stripes[0]})
    with pytest.raises(StaleRow):
        post_now(session, request)


@pytest.mark.parametrize(
    "emptying",
    [
        lambda pool, taker: make_request(Move(pool, taker, 9)),
        lambda pool, taker: make_request(Move(pool, taker, 9), mode=RECORD),
        lambda pool, taker: make_request(Place(pool, taker, 9, 5)),
    ],
    ids=["asked", "fact", "hold"],
)
def test_a_stripe_emptied_by_its_own_batch_does_not_hold_it_up(fresh_database, emptying):
    """Who does not know the stripes moves the first: each new look would find it full."""

    def work(session, now):
        pool = ensure_account(session, 1, "pool", MINUTES, floor=0)
        stripes = open_stripes(session, 1, pool, count=4)
        fill(session, stripes, 9, 9, 9, 9)
        taker = make_account(session)
        requests = emptying(pool, taker), asking_first(stripes, 0, Move(pool, taker, 5))
        return [one.refusal for one in post_now(session, *requests)]

    assert fresh_database.write(work) == [None, None]


def test_several_withdrawals_of_a_batch_see_each_other(session, pool, stripes):
    fill(session, stripes, 5, 5, 5, 5)
    taker = make_account(session)
    requests = [asking_first(stripes, 0, Move(pool, taker, 4))]
    requests += [replace(requests[0], key=f"more-{n}") for n in range(5)]
    outcomes = post_now(session, *requests)
    assert [one.refusal is None for one in outcomes] == [True] * 5 + [False]


def test_what_is_set_aside_stands_on_one_stripe(session, pool, stripes):
    fill(session, stripes, 2, 8, 3, 0)
    taker = make_account(session)
    held = post_now(session, asking_first(stripes, 0, Place(pool, taker, 8, 5)))[0]
    assert held.refusal is None
    assert balances_of(session, 1, stripes)[stripes[1]].pending_out == 8
    told = post_now(session, asking_first(stripes, 0, Place(pool, taker, 4, 5)))[0]
    assert isinstance(told.refusal, InsufficientBalance)


def test_a_fact_takes_all_stripes_and_then_suspense(session, pool, stripes):
    fill(session, stripes, 2, 2, 2, 2)
    taker = make_account(session)
    request = asking_first(stripes, 3, Move(pool, taker, 11), mode=RECORD)
    assert post_now(session, request)[0].refusal is None
    assert posted(session, [*stripes, taker]) == [0, 0, 0, 0, 11]
    assert balance_of(session, 1, "suspense", MINUTES).posted == -3


def test_who_does_not_know_the_stripes_moves_the_account_itself(session, pool, stripes):
    fill(session, stripes, 1, 9, 9, 9)
    told = post_now(session, make_request(Move(pool, make_account(session), 2)))[0]
    assert told.refusal.facts == {"short_by": 1}


def test_an_account_without_stripes_may_be_asked_for_as_a_pool(session):
    anna = make_account(session, filled=5)
    assert post_now(session, striped(Move(anna, make_account(session), 5)))[0].refusal is None


def test_stripes_are_levelled_by_an_ordinary_transaction(session, now, pool, stripes):
    fill(session, stripes, 10, 0, 1, 0)
    make_hold(session, stripes[0], make_account(session), 4)
    told = {"by": make_by("coordinator"), "now": now, "account_id": pool}
    done = level_stripes(session, key="a", **told)
    assert done.moved == 4
    assert sorted(one.available for one in balances_of(session, 1, stripes).values()) == [
        1,
        2,
        2,
        2,
    ]
    assert level_stripes(session, key="b", **told).txn_id is None
    with pytest.raises(NotFound):
        level_stripes(session, key="c", **{**told, "account_id": 404})


def read(session, accounts):
    """What a statement of another subject reads of some accounts: (posted, held)."""
    told = readings()
    rows = session.execute(select(told).where(told.c.community_id == 1))
    found = {row.account_id: (row.posted, row.pending_out) for row in rows}
    return [found[a] for a in accounts]


def test_a_pool_is_read_as_one_and_a_stripe_alone(session, pool, stripes):
    fill(session, stripes, 10, 20, 30, 40)
    alone = make_account(session, filled=7)
    make_hold(session, stripes[2], alone, 5)
    assert read(session, [pool, stripes[1], stripes[2], alone]) == [
        (100, 5), (20, 0), (30, 5), (7, 0),
    ]  # fmt: skip


def test_a_statement_of_a_pool_is_of_its_first_stripe(session, pool, stripes):
    fill(session, stripes, 10, 20, 0, 0)
    name = AccountName("pool", MINUTES)
    assert [line.after for line in statement(session, 1, name)] == [10]
    assert [line.after for line in statement(session, 1, stripes[1])] == [20]
    assert balance_of(session, 1, "pool", MINUTES).posted == 30
