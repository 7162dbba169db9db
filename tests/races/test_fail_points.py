"""Posting is struck before and after each of its steps: nothing is left, and a retry is right."""

import multiprocessing
from contextlib import contextmanager, nullcontext
from unittest.mock import patch

import pytest
from sqlalchemy import Table, event, select

from tests.factories.ledger import START, make_account, make_hold, make_request, post_now
from tests.races.fail_points import (
    COMMUNITY_ID,
    Points,
    Struck,
    die_at,
    look_up_and_post,
    watched,
)
from tests.races.racing import address
from timebank.db import Database
from timebank.ledger import tables, writing
from timebank.ledger.actions import post
from timebank.ledger.queries import balances_of, broken_accounts, sums_by_commodity
from timebank.ledger.rules import Move, Place, Resolve
from timebank.values import to_us

LEDGER = [found for found in vars(tables).values() if isinstance(found, Table)]
FUTURE_US = to_us(START) + 86_400_000_000
nursery = multiprocessing.get_context("forkserver")
nursery.set_forkserver_preload(["tests.races.poster", "tests.races.fail_points"])


class World:
    """Anna has 60 of which 20 are held for Bert, who has 10 of hers by mistake."""

    def __init__(self, session, now):
        self.anna = make_account(session, filled=70)
        self.bert = make_account(session)
        self.empty = make_account(session)
        move = make_request(Move(self.anna, self.bert, 10))
        self.given = post_now(session, move)[0].txn_id
        self.hold = make_hold(session, self.anna, self.bert, 20)

    def requests(self, kind):
        """Ask for one thing of a kind, under a key that is always the same in one world."""
        told = {"key": f"{kind}:{self.anna}", "kind": kind}
        anna, bert = self.anna, self.bert
        return {
            "move": [make_request(Move(anna, bert, 5), **told)],
            "lines": [make_request(Move(anna, bert, 5), Move(bert, anna, 3), **told)],
            "noted": [
                make_request(Move(anna, bert, 5), note="bread", relates_id=self.given, **told)
            ],
            "hold": [make_request(Place(anna, bert, 7, FUTURE_US), **told)],
            "capture": [make_request(Resolve(*self.hold, 15), **told)],
            "release": [make_request(Resolve(*self.hold, 0), **told)],
            "reversal": [make_request(reverses_id=self.given, **told)],
            "close": [make_request(closes_id=self.empty, **told)],
            "rejected": [make_request(Move(anna, bert, 999), **told)],
        }[kind]

    def batch(self):
        """One of each kind in one batch; a release comes too late behind its capture."""
        return [request for kind in KINDS for request in self.requests(kind)]

    def state(self, session):
        """What Anna has and has set aside, the same of Bert, and whether the third is closed."""
        found = balances_of(session, COMMUNITY_ID, [self.anna, self.bert])
        anna, bert = found[self.anna], found[self.bert]
        closed = session.scalar(
            select(tables.balance.c.closed).where(tables.balance.c.account_id == self.empty)
        )
        return anna.posted, anna.pending_out, bert.posted, bert.pending_in, bool(closed)


BEFORE = (60, 20, 10, 20, False)
# What each kind must come to: the state, and the refusal of each request.
KINDS = {
    "move": (55, 20, 15, 20, False),
    "lines": (58, 20, 12, 20, False),
    "noted": (55, 20, 15, 20, False),
    "hold": (60, 27, 10, 27, False),
    "capture": (45, 0, 25, 0, False),
    "release": (60, 0, 10, 0, False),
    "reversal": (70, 20, 0, 20, False),
    "close": (60, 20, 10, 20, True),
    "rejected": BEFORE,
}
REFUSED = {"rejected": ["INSUFFICIENT_BALANCE"]}
ALL_AT_ONCE = (43, 7, 27, 7, True)
each_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(scope="module")
def database(copies, info):
    """One database for all: whatever is struck leaves nothing, and each test has a world."""
    url = copies.fresh()
    opened = Database(url, clock=lambda: START, info=info)
    yield opened
    opened.close()
    copies.drop(url)


@pytest.fixture
def world(database):
    return database.write(World)


@contextmanager
def table_by_table():
    """Let PostgreSQL write as SQLite does, and not everything in one statement."""
    with patch.object(writing, "_write_at_once", writing._write_in_turn):
        yield


def styles_of(database):
    """Name the ways in which an engine writes what was decided."""
    is_sqlite = database.engine.dialect.name == "sqlite"
    return [table_by_table] if is_sqlite else [nullcontext, table_by_table]


def everything(database):
    """Every row of every table of the books."""
    with database.reading() as session:
        return {
            table.name: sorted(map(repr, session.execute(select(table)).all())) for table in LEDGER
        }


class Undone(Exception):
    """A unit that is taken back whatever it came to."""


def codes(outcomes):
    return [outcome.refusal.code if outcome.refusal else None for outcome in outcomes]


def try_out(database, world, requests):
    """Post twice in a unit that is taken back: the answers, how things stand, and what is wrong."""
    found = []

    def work(session, now):
        answers = post(session, COMMUNITY_ID, requests, now=now)
        session.info.clear()
        again = post(session, COMMUNITY_ID, requests, now=now)
        assert [outcome.txn_id for outcome in again] == [outcome.txn_id for outcome in answers]
        assert all(outcome.replayed for outcome in again)
        assert not any(outcome.replayed for outcome in answers)
        found.extend([codes(answers), world.state(session)])
        assert broken_accounts(session, COMMUNITY_ID) == []
        assert set(sums_by_commodity(session, COMMUNITY_ID).values()) == {(0, 0)}
        raise Undone

    with pytest.raises(Undone):
        database.write(work)
    return found


def strike_everywhere(database, world, requests, expected):
    """Strike at every point in turn; each time nothing is left and a retry comes to the same."""
    before = everything(database)
    points = Points()
    with watched(database, points), pytest.raises(Undone):
        database.write(lambda s, now: (look_up_and_post(requests)(s, now), _undo()))
    for number, point in enumerate([*points.passed, "before commit"]):
        strike_at = point if point == "before commit" else number
        with watched(database, Points(strike_at)), pytest.raises(Struck, match=point):
            database.write(look_up_and_post(requests))
        assert everything(database) == before, point
        assert try_out(database, world, requests) == expected, point
    return points.passed


def _undo():
    raise Undone


@each_kind
def test_a_strike_at_any_step_leaves_nothing_and_a_retry_is_right(database, world, kind):
    expected = [REFUSED.get(kind, [None]), KINDS[kind]]
    for style in styles_of(database):
        with style():
            passed = strike_everywhere(database, world, world.requests(kind), expected)
        assert {"before known_requests", "after lock_balances", "before decide"} <= set(passed)


def test_a_strike_at_any_step_of_a_batch_leaves_nothing_of_it(database, world):
    wrong = [None] * len(KINDS)
    wrong[list(KINDS).index("release")] = "HOLD_ALREADY_RESOLVED"
    wrong[list(KINDS).index("rejected")] = "INSUFFICIENT_BALANCE"
    for style in styles_of(database):
        with style():
            passed = strike_everywhere(database, world, world.batch(), [wrong, ALL_AT_ONCE])
        for step in ("holds_named", "originals_of", "ended_holds", "reversed_among", "related_to"):
            assert f"after {step}" in passed
    # Written in turn, each table that posting fills has a point before and after it.
    for table in ("txn", "hold", "posting", "txn_note", "seal_queue"):
        assert {f"before INSERT INTO {table}", f"after INSERT INTO {table}"} <= set(passed)
    assert {"before UPDATE balance", "after UPDATE balance"} <= set(passed)


@each_kind
def test_an_answer_lost_after_the_commit_is_given_again(database, world, kind):
    requests = world.requests(kind)
    with watched(database, Points("after commit")), pytest.raises(Struck):
        database.write(lambda s, now: post(s, COMMUNITY_ID, requests, now=now))
    once = everything(database)
    again = database.write(lambda s, now: post(s, COMMUNITY_ID, requests, now=now))
    assert [outcome.replayed for outcome in again] == [True]
    assert codes(again) == REFUSED.get(kind, [None])
    assert everything(database) == once
    with database.reading() as session:
        assert world.state(session) == KINDS[kind]
        assert broken_accounts(session, COMMUNITY_ID) == []


@pytest.mark.slow
@pytest.mark.parametrize("point", ["after lock_balances", "before commit", "after commit"])
@pytest.mark.parametrize("kind", ["move", "capture", "reversal", "close", "rejected"])
def test_a_process_that_is_gone_in_the_middle(database, world, kind, point):
    before, requests = everything(database), world.requests(kind)
    child = nursery.Process(target=die_at, args=(address(database), requests, point))
    child.start()
    child.join(30)
    assert child.exitcode == 9
    is_done = point == "after commit"
    assert (everything(database) == before) is not is_done
    again = database.write(lambda s, now: post(s, COMMUNITY_ID, requests, now=now))
    assert [outcome.replayed for outcome in again] == [is_done]
    assert codes(again) == REFUSED.get(kind, [None])
    with database.reading() as session:
        assert world.state(session) == KINDS[kind]
        assert broken_accounts(session, COMMUNITY_ID) == []


def test_a_posting_that_commits_in_the_middle_is_caught(fresh_database):
    """The negative control: something is left behind as soon as one step stands by itself."""
    world = fresh_database.write(World)

    @event.listens_for(fresh_database.engine, "after_cursor_execute")
    def _commit(connection, cursor, statement, *rest):
        if "INSERT INTO txn " in statement:
            connection.connection.dbapi_connection.commit()

    requests = world.requests("move")
    with pytest.raises(AssertionError):
        strike_everywhere(fresh_database, world, requests, [[None], KINDS["move"]])
