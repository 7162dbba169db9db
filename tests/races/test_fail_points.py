"""A fault before and after each step of posting: nothing is left, and a retry gives the same
result.
"""

import re
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import NamedTuple
from unittest.mock import patch

import pytest
from sqlalchemy import Table, event, select

from tests.counts import PROOF
from tests.factories import make_by
from tests.factories.ledger import (
    START,
    make_account,
    make_hold,
    make_issue,
    make_request,
    post_now,
)
from tests.factories.recount import broken_accounts
from tests.races.fail_points import (
    COMMUNITY_ID,
    Points,
    Struck,
    die_at,
    look_up_and_post,
    watched,
)
from tests.races.racing import address, nursery
from tests.waiting import HANG_SECONDS
from timebank.deeds.deed import Deed
from timebank.ledger import tables, writing
from timebank.ledger.actions import ensure_account, post
from timebank.ledger.queries import balances_of, find_account, sums_by_commodity
from timebank.ledger.rules import RECORD, Move, PlaceHold, ResolveHold
from timebank.ledger.shortfalls import open_shortfalls, settle, shortfall_of, write_off
from timebank.ledger.suspense import SUSPENSE
from timebank.values import new_id, to_us

LEDGER = [found for found in vars(tables).values() if isinstance(found, Table)]
FUTURE_US = to_us(START) + 86_400_000_000


class State(NamedTuple):
    """The state of the books: balances, holds, open shortfalls."""

    anna: int = 60
    anna_going: int = 20
    bert: int = 10
    bert_coming: int = 20
    is_closed: bool = False  # The third passbook.
    suspense: int = 0
    new_suspense: int | None = None  # Of what no fact was short of yet.
    shortfalls: int = 0


class World:
    """Anna has 60, of which 20 are held for Bert; Bert has 10 of Anna's by mistake.

    Beside them are two people who hold nothing of a second commodity. Both commodities belong to
    this world alone, so its suspense accounts do too.
    """

    def __init__(self, session, now):
        number = new_id()
        self.codes = [f"piece:{number}", f"crate:{number}"]
        told = {"commodity": self.codes[0]}
        self.anna = make_account(session, filled=70, **told)
        self.bert = make_account(session, **told)
        self.empty = make_account(session, **told)
        move = make_request(Move(self.anna, self.bert, 10))
        self.given = post_now(session, move)[0].txn_id
        self.hold = make_hold(session, self.anna, self.bert, 20)
        self.poor = [make_account(session, commodity=self.codes[1]) for _ in "ab"]
        ensure_account(session, COMMUNITY_ID, SUSPENSE, self.codes[0])

    def requests(self, kind):
        """One request of each kind, under a key that is always the same in one world."""
        told = {"key": f"{kind}:{self.anna}", "kind": kind}
        anna, bert = self.anna, self.bert
        return {
            "move": [make_request(Move(anna, bert, 5), **told)],
            "lines": [make_request(Move(anna, bert, 5), Move(bert, anna, 3), **told)],
            "noted": [
                make_request(Move(anna, bert, 5), note="bread", relates_id=self.given, **told)
            ],
            "hold": [make_request(PlaceHold(anna, bert, 7, FUTURE_US), **told)],
            "capture": [make_request(ResolveHold(*self.hold, 15), **told)],
            "release": [make_request(ResolveHold(*self.hold, 0), **told)],
            "reversal": [make_request(reverses_id=self.given, **told)],
            "close": [make_request(closes_id=self.empty, **told)],
            "rejected": [make_request(Move(anna, bert, 999), **told)],
            "fact": [make_request(Move(anna, bert, 5), mode=RECORD, **told)],
            "lack": [make_request(Move(anna, bert, 45), mode=RECORD, **told)],
            "lack_anew": [make_request(Move(*self.poor, 3), mode=RECORD, **told)],
            "overcapture": [make_request(ResolveHold(*self.hold, 65), mode=RECORD, **told)],
        }[kind]

    def batch(self):
        """One of each kind in one batch; a release comes too late after its capture."""
        return [request for kind in KINDS for request in self.requests(kind)]

    def state(self, session):
        found = balances_of(session, COMMUNITY_ID, [self.anna, self.bert])
        anna, bert = found[self.anna], found[self.bert]
        is_closed = session.scalar(
            select(tables.balance.c.closed).where(tables.balance.c.account_id == self.empty)
        )
        lacks = open_shortfalls(COMMUNITY_ID).where(
            tables.shortfall.c.account_id.in_([self.anna, self.bert, *self.poor])
        )
        return State(
            anna.posted, anna.pending_out, bert.posted, bert.pending_in, bool(is_closed),
            *(self._posted_in_suspense(session, code) for code in self.codes),
            len(session.execute(lacks).all()),
        )  # fmt: skip

    def _posted_in_suspense(self, session, code):
        aside = find_account(session, COMMUNITY_ID, SUSPENSE, code)
        return aside and balances_of(session, COMMUNITY_ID, [aside])[aside].posted


BEFORE = State()
# What each kind must come to: the state, and the refusal of each request.
KINDS = {
    "move": BEFORE._replace(anna=55, bert=15),
    "lines": BEFORE._replace(anna=58, bert=12),
    "noted": BEFORE._replace(anna=55, bert=15),
    "hold": BEFORE._replace(anna_going=27, bert_coming=27),
    "capture": BEFORE._replace(anna=45, anna_going=0, bert=25, bert_coming=0),
    "release": BEFORE._replace(anna_going=0, bert_coming=0),
    "reversal": BEFORE._replace(anna=70, bert=0),
    "close": BEFORE._replace(is_closed=True),
    "rejected": BEFORE,
    "fact": BEFORE._replace(anna=55, bert=15),
    "lack": BEFORE._replace(anna=20, bert=55, suspense=-5, shortfalls=1),
    "lack_anew": BEFORE._replace(new_suspense=-3, shortfalls=1),
    "overcapture": BEFORE._replace(
        anna=0, anna_going=0, bert=75, bert_coming=0, suspense=-5, shortfalls=1
    ),
}
REFUSED = {"rejected": ["INSUFFICIENT_BALANCE"]}
ALL_AT_ONCE = State(7, 7, 142, 7, True, -79, -3, 3)
RETRY_EACH = 1 if PROOF else 4
each_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def database(new_database):
    """A database with one world and nothing else, because it is read completely at every point."""
    return new_database(lambda: START)


@pytest.fixture
def world(database):
    return database.write(World)


@contextmanager
def table_by_table():
    """Let PostgreSQL write table by table as SQLite does, not in one statement."""
    with patch.object(writing, "_write_at_once", writing._write_in_turn):
        yield


def styles_of(database, *, is_batch=False):
    """Name the ways in which an engine writes what was decided.

    `make test` tries the second way of PostgreSQL with the batch alone, which holds every kind.
    """
    if database.engine.dialect.name == "sqlite":
        return [table_by_table]
    return [nullcontext, table_by_table] if is_batch or PROOF else [nullcontext]


def everything(database):
    """Every row of every table of the books."""
    with database.reading() as session:
        return {
            table.name: sorted(map(repr, session.execute(select(table)).all())) for table in LEDGER
        }


class Undone(Exception):
    """A unit of work that is always rolled back."""


def codes(outcomes):
    return [outcome.refusal.code if outcome.refusal else None for outcome in outcomes]


def assert_whole(session):
    assert broken_accounts(session, COMMUNITY_ID) == []
    assert set(sums_by_commodity(session, COMMUNITY_ID).values()) == {(0, 0)}


def try_out(database, world, requests):
    """Post twice in a unit that is taken back: the answers, and how things stand."""
    found = []

    def work(session, now):
        answers = post(session, COMMUNITY_ID, requests, now=now)
        session.info.clear()
        again = post(session, COMMUNITY_ID, requests, now=now)
        assert [outcome.txn_id for outcome in again] == [outcome.txn_id for outcome in answers]
        assert all(outcome.replayed for outcome in again)
        assert not any(outcome.replayed for outcome in answers)
        found.extend([codes(answers), world.state(session)])
        assert_whole(session)
        raise Undone

    with pytest.raises(Undone):
        database.write(work)
    return found


def strike_everywhere(database, work, retry, expected):
    """Fail at every point in turn; each time nothing is left, and a retry gives the same result.

    The retry costs most: `make test` tries it at every fourth point, `make test-long` at each.
    """
    before = everything(database)
    points = Points()
    with watched(database, points), pytest.raises(Undone):
        database.write(lambda s, now: (work(s, now), _undo()))
    for number, point in enumerate([*points.passed, "before commit"]):
        strike_at = point if point == "before commit" else number
        with watched(database, Points(strike_at)), pytest.raises(Struck, match=re.escape(point)):
            database.write(work)
        assert everything(database) == before, point
        if number % RETRY_EACH == 0 or point == "before commit":
            assert retry() == expected, point
    return points.passed


def strike_posting(database, world, requests, expected):
    retry = partial(try_out, database, world, requests)
    return strike_everywhere(database, look_up_and_post(requests), retry, expected)


def _undo():
    raise Undone


@each_kind
def test_a_strike_at_any_step_leaves_nothing_and_a_retry_is_right(database, world, kind):
    expected = [REFUSED.get(kind, [None]), KINDS[kind]]
    for style in styles_of(database):
        with style():
            passed = strike_posting(database, world, world.requests(kind), expected)
        assert {"before known_requests", "after lock_balances", "before decide"} <= set(passed)


def test_a_strike_at_any_step_of_a_batch_leaves_nothing_of_it(database, world):
    wrong = [None] * len(KINDS)
    wrong[list(KINDS).index("release")] = "HOLD_ALREADY_RESOLVED"
    wrong[list(KINDS).index("rejected")] = "INSUFFICIENT_BALANCE"
    for style in styles_of(database, is_batch=True):
        with style():
            passed = strike_posting(database, world, world.batch(), [wrong, ALL_AT_ONCE])
        for step in (
            "holds_named", "originals_of", "accounts_for", "ended_holds",
            "reversed_among", "related_to",
        ):  # fmt: skip
            assert f"after {step}" in passed
    # Written in turn, each table that posting fills has a point before and after it.
    for table in (
        "account", "balance", "txn", "hold", "posting", "txn_note", "seal_queue", "shortfall",
    ):  # fmt: skip
        assert {f"before INSERT INTO {table}", f"after INSERT INTO {table}"} <= set(passed)
    assert {"before UPDATE balance", "after UPDATE balance"} <= set(passed)


def settle_with(how):
    """Make the deed that sees to what was short in a world."""

    def work(world, deed):
        case = shortfall_of(deed.session, COMMUNITY_ID, world.short)
        return how(deed, case=case)

    return work


# What posts from within, and what it must come to where something was short and has come since.
DEEDS = {
    "settle": (settle_with(settle), State(new_suspense=0)),
    "write_off": (settle_with(partial(write_off, note="lost")), State(new_suspense=0)),
}


@pytest.mark.parametrize("name", DEEDS)
def test_a_strike_at_any_step_of_what_posts_from_within_leaves_nothing(database, world, name):
    deed, expected = DEEDS[name]

    def lay(session, now):
        world.short = post_now(session, *world.requests("lack_anew"))[0].txn_id
        issue = make_issue(session, world.codes[1])
        post_now(session, make_request(Move(issue, world.poor[0], 3)))

    def work(session, now):
        deed(world, Deed(session, make_by("coordinator"), now, f"{name}:{world.anna}"))

    def retry():
        found = []

        def look(session, now):
            work(session, now)
            found.append(world.state(session))
            assert_whole(session)
            raise Undone

        with pytest.raises(Undone):
            database.write(look)
        return found[0]

    database.write(lay)
    for style in styles_of(database):
        with style():
            strike_everywhere(database, work, retry, expected)


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
@pytest.mark.parametrize("kind", ["move", "capture", "reversal", "close", "rejected", "lack_anew"])
def test_a_process_that_is_gone_in_the_middle(database, world, kind, point):
    before, requests = everything(database), world.requests(kind)
    child = nursery.Process(target=die_at, args=(address(database), requests, point))
    child.start()
    child.join(HANG_SECONDS)
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
    """The negative control: something is left behind as soon as one step commits by itself."""
    world = fresh_database.write(World)

    @event.listens_for(fresh_database.engine, "after_cursor_execute")
    def _commit(connection, cursor, statement, *rest):
        if "INSERT INTO txn " in statement:
            connection.connection.dbapi_connection.commit()

    requests = world.requests("move")
    with pytest.raises(AssertionError):
        strike_posting(fresh_database, world, requests, [[None], KINDS["move"]])
