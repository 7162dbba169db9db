"""Posting has four guards of its own: lock, order of locks, sequence, fingerprint. Each is needed.

The guards of the tables are removed in ``tests/ledger/test_guards_taken_out.py``.
"""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import fields, replace
from itertools import pairwise

import pytest
from sqlalchemy import event, select
from sqlalchemy.dialects import postgresql

from tests.factories.ledger import make_account, make_request, post_now
from tests.factories.recount import broken_accounts
from tests.races.racing import address
from tests.races.unguarded import take_out_begin_immediate, take_out_the_guard
from tests.waiting import HANG_SECONDS
from timebank.db import Database, StaleRow, among
from timebank.deeds.action import action
from timebank.deeds.deed import Deed
from timebank.deeds.refusals import RequestKeyReused
from timebank.deeds.running import _Asked, perform_in
from timebank.ledger import rows
from timebank.ledger.actions import post
from timebank.ledger.queries import balances_of, sums_by_commodity
from timebank.ledger.rules import Counters, Move, Request
from timebank.ledger.tables import balance

THREADS, POSTS = 4, 20
_UNLOCKED = select(*(balance.c[field.name] for field in fields(Counters))).where(
    among(balance.c.account_id, "account_ids")
)


def read_unlocked(connection, community_id, account_ids):
    """The mutant: read the balances without a lock, and let others change them."""
    found = connection.execute(_UNLOCKED, {"account_ids": account_ids})
    return {row[0]: Counters(*row) for row in found}


@pytest.fixture
def unlocked(fresh_database, monkeypatch):
    """The books without the lock: on SQLite that is BEGIN IMMEDIATE, on PostgreSQL FOR UPDATE."""
    accounts = fresh_database.write(lambda s, now: [make_account(s, filled=500) for _ in "abc"])
    monkeypatch.setattr(rows, "lock_balances", read_unlocked)
    take_out_begin_immediate(monkeypatch)
    opened = Database(address(fresh_database))
    yield opened, accounts
    opened.close()


def faults(database):
    with database.reading() as session:
        sums = set(sums_by_commodity(session, 1).values()) - {(0, 0)}
        return broken_accounts(session, 1), sums


def cross(database, accounts, monkeypatch):
    """Let Carl pay Anna just after Anna, who pays Bert, was read; return the tries that it took."""
    anna, bert, carl = accounts
    other = Database(address(database))
    tries = []

    def read(connection, community_id, account_ids):
        found = read_unlocked(connection, community_id, account_ids)
        if len(tries) == 1 and anna in found:
            monkeypatch.setattr(rows, "lock_balances", read_unlocked)
            other.write(lambda s, now: post(s, 1, [make_request(Move(carl, anna, 7))], now=now))
        return found

    def pay(session, now):
        tries.append(now)
        return post(session, 1, [make_request(Move(anna, bert, 10), key="pay")], now=now)

    monkeypatch.setattr(rows, "lock_balances", read)
    try:
        database.write(pay)
    finally:
        other.close()
    return len(tries)


def test_without_the_lock_a_moved_row_costs_a_retry_and_nothing_else(unlocked, monkeypatch):
    database, accounts = unlocked
    assert cross(database, accounts, monkeypatch) == 2
    with database.reading() as session:
        found = balances_of(session, 1, accounts)
    assert [found[account].posted for account in accounts] == [497, 510, 493]
    assert faults(database) == ([], set())


def test_without_lock_and_sequence_guard_a_history_breaks(unlocked, monkeypatch):
    """UNIQUE alone does not see it: Anna's number is taken once as source, once as destination."""
    database, accounts = unlocked
    take_out_the_guard(monkeypatch)
    assert cross(database, accounts, monkeypatch) == 1
    assert faults(database)[0] == [accounts[0]]


def crowd(url, accounts):
    """Let four threads post over three accounts; return how often a unit was retried."""
    tries = Counter()

    def work(number):
        own = Database(url)
        for index in range(POSTS):
            source, destination = accounts[index % 3], accounts[(index + 1 + number % 2) % 3]
            request = make_request(Move(source, destination, 1), key=f"{number}:{index}")

            def one(session, now, request=request):
                tries[request.key] += 1
                return post(session, 1, [request], now=now)

            own.write(one)
        own.close()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    assert len(tries) == THREADS * POSTS
    return tries.total() - THREADS * POSTS


@pytest.mark.slow
def test_without_the_lock_a_crowd_leaves_no_fault_only_retries(unlocked):
    database, accounts = unlocked
    assert crowd(address(database), accounts) > 0
    assert faults(database) == ([], set())


@pytest.fixture
def postgres(postgres_copies):
    """SQLite has no lock of a row, so no order of them either."""
    url = postgres_copies.fresh()
    opened = Database(url)
    yield opened
    opened.close()
    postgres_copies.drop(url)


def deadlocks(database, monkeypatch, lock):
    """Let two post over the same accounts at once, ten times; return the number of deadlocks."""
    accounts = database.write(lambda s, now: [make_account(s, filled=50) for _ in range(6)])
    met = []
    together = threading.Barrier(2, timeout=HANG_SECONDS)

    def work(number):
        own = Database(address(database))

        @event.listens_for(own.engine, "connect")
        def _be_quick(connection, record):
            connection.execute("SET deadlock_timeout = '50ms'")
            connection.commit()

        @event.listens_for(own.engine, "handle_error")
        def _note(context):
            met.append(getattr(context.original_exception, "sqlstate", None))

        threading.current_thread().name = f"racer {number}"
        for _ in range(10):
            lines = [Move(a, b, 1) for a, b in pairwise(accounts)]
            request = make_request(*lines)
            own.write(lambda s, now, request=request: post(s, 1, [request], now=now))
        together.abort()  # The other one has nobody to wait for any more.
        own.close()

    def meet():
        with suppress(threading.BrokenBarrierError):
            together.wait()

    def lock_together(connection, community_id, account_ids):
        meet()
        return lock(connection, community_id, account_ids, meet)

    monkeypatch.setattr(rows, "lock_balances", lock_together)
    racers = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert faults(database) == ([], set())
    return met.count("40P01")


def test_two_who_take_the_same_accounts_never_block_each_other(postgres, monkeypatch):
    whole = rows.lock_balances
    assert deadlocks(postgres, monkeypatch, lambda *told: whole(*told[:-1])) == 0


def test_locks_without_an_order_end_in_deadlocks(postgres, monkeypatch):
    """The mutant: each locks the rows in the order of the request."""
    whole = rows.lock_balances

    def lock_as_they_come(connection, community_id, account_ids, meet):
        is_second = threading.current_thread().name == "racer 1"
        first, *others = sorted(account_ids, reverse=is_second)
        found = whole(connection, community_id, [first])
        meet()  # Now each holds what the other wants.
        for account_id in others:
            found |= whole(connection, community_id, [account_id])
        return found

    assert deadlocks(postgres, monkeypatch, lock_as_they_come) > 0


def test_rows_are_locked_in_the_order_of_their_ids():
    told = str(rows._LOCK.compile(dialect=postgresql.dialect()))
    assert told.endswith("ORDER BY balance.account_id FOR NO KEY UPDATE")


def misuse_a_key(session):
    """Send other content under a used key; return the result."""
    anna, bert = make_account(session, filled=60), make_account(session)
    post_now(session, make_request(Move(anna, bert, 10), key="used"))
    outcome = post_now(session, make_request(Move(anna, bert, 30), key="used"))[0]
    return outcome.refusal


def test_a_key_used_for_something_else_is_told_from_a_retry(session, monkeypatch):
    assert isinstance(misuse_a_key(session), RequestKeyReused)


def test_without_the_fingerprint_it_passes_for_a_retry(session, monkeypatch):
    monkeypatch.setattr(Request, "fingerprint", property(lambda request: bytes(32)))
    assert misuse_a_key(session) is None


@action("say")
def _say(deed, *, word) -> str:
    return word


def misuse_a_request_id(session, now, by):
    perform_in(Deed(session, by, now, "used"), _say, word="yes")
    return perform_in(Deed(session, by, now, "used"), _say, word="no")


def test_a_request_id_used_for_something_else_is_told_from_a_retry(session, now, by_stranger):
    with pytest.raises(RequestKeyReused):
        misuse_a_request_id(session, now, by_stranger)


def test_without_its_fingerprint_a_deed_passes_for_a_retry(session, now, by_stranger, monkeypatch):
    monkeypatch.setattr(_Asked, "_fingerprints", lambda asked, session: (bytes(32),))
    assert misuse_a_request_id(session, now, by_stranger) == "yes"


def test_a_stale_row_is_what_the_sequence_guard_tells(session):
    """The guard alone, without a race: with a wrong sequence number nothing changes."""
    anna, bert = make_account(session, filled=60), make_account(session)

    def read_old(connection, community_id, account_ids, real=rows.lock_balances):
        found = real(connection, community_id, account_ids)
        return {key: replace(row, seq=row.seq + (key == anna)) for key, row in found.items()}

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rows, "lock_balances", read_old)
        with session.begin_nested(), pytest.raises(StaleRow):
            post_now(session, make_request(Move(anna, bert, 5)))
