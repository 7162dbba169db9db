"""Sixteen expiry jobs over the same holds, and sixteen who take from one pool."""

import itertools
from datetime import timedelta

import pytest

from tests.factories.ledger import START, make_account, make_hold, make_request, post_now
from tests.factories.recount import broken_accounts
from tests.races.racing import RACERS, address, race
from tests.races.unguarded import (
    drop_constraints,
    take_out_begin_immediate,
    take_out_the_guard,
    take_out_the_lock,
)
from timebank.ledger import expiry
from timebank.ledger.actions import ensure_account, post
from timebank.ledger.expiry import expire_holds
from timebank.ledger.queries import balance_of, balances_of, sums_by_commodity
from timebank.ledger.refusals import InsufficientBalance
from timebank.ledger.rules import Move, Request
from timebank.values import MINUTES

pytestmark = pytest.mark.slow

LATER = START + timedelta(days=4)
HOLDS = 6


def lay_holds(database):
    def lay(session, now):
        sides = make_account(session, filled=60), make_account(session)
        for _ in range(HOLDS):
            make_hold(session, *sides, 10)
        return sides[0]

    return database.write(lay)


def sweep(database, number):
    return database.write(lambda session, now: expire_holds(session, 1, now=LATER)).ended


def held(database, account_id):
    with database.reading() as session:
        return balances_of(session, 1, [account_id])[account_id].pending_out


def test_sixteen_sweepers_end_each_hold_once(fresh_database):
    source = lay_holds(fresh_database)
    assert sum(race(address(fresh_database), sweep)) == HOLDS
    assert held(fresh_database, source) == 0
    with fresh_database.reading() as session:
        assert broken_accounts(session, 1) == []


def test_without_the_guards_a_hold_is_ended_many_times(fresh_database, monkeypatch):
    """The negative control: only the key of the hold and the guards keep it to once."""
    drop_constraints(fresh_database)
    source = lay_holds(fresh_database)
    numbers = itertools.count()

    def with_a_key_of_its_own(client, key, kind, lines):
        return Request(client, f"{key}:{next(numbers)}", kind, lines)

    monkeypatch.setattr(expiry, "Request", with_a_key_of_its_own)
    take_out_the_lock(monkeypatch)
    take_out_the_guard(monkeypatch)
    take_out_begin_immediate(monkeypatch)
    assert sum(race(address(fresh_database), sweep)) > HOLDS
    assert held(fresh_database, source) < 0


def lay_pool(database):
    def lay(session, now):
        pool = ensure_account(session, 1, "pool", MINUTES, floor=0)
        issue = ensure_account(session, 1, "issue", MINUTES)
        post_now(session, make_request(Move(issue, pool, 24)))
        return pool, [make_account(session) for _ in range(RACERS)]

    return database.write(lay)


def takers_of(pool, takers):
    """Each takes three of twenty-four; half of them have some."""

    def take(database, number):
        line = Move(pool, takers[number], 3)
        request = Request(f"r{number}", "take", "take", (line,))
        outcome = database.write(lambda session, now: post(session, 1, [request], now=now))[0]
        return outcome.refusal

    return take


def left_of(database):
    with database.reading() as session:
        return balance_of(session, 1, "pool", MINUTES).posted


def test_a_pool_gives_all_it_has_and_no_more(fresh_database):
    answers = race(address(fresh_database), takers_of(*lay_pool(fresh_database)))
    assert answers.count(None) == RACERS // 2
    assert sum(isinstance(one, InsufficientBalance) for one in answers) == RACERS // 2
    assert left_of(fresh_database) == 0
    with fresh_database.reading() as session:
        assert broken_accounts(session, 1) == []
        assert set(sums_by_commodity(session, 1).values()) == {(0, 0)}


def test_without_the_guards_a_pool_gives_too_much(fresh_database, monkeypatch):
    """The negative control: the race is real."""
    drop_constraints(fresh_database)
    pool, takers = lay_pool(fresh_database)
    take_out_the_lock(monkeypatch)
    take_out_the_guard(monkeypatch)
    take_out_begin_immediate(monkeypatch)
    answers = race(address(fresh_database), takers_of(pool, takers))
    assert answers.count(None) > RACERS // 2
    assert left_of(fresh_database) < 0
