"""While others write, readers see a consistent snapshot: zero per commodity, always.

A reader sums everything in several statements, as reports and pages do. Two controls must be
caught by the same check: a reader without a snapshot, and a writer that commits twice.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from tests.counts import repeats, seeded
from tests.factories.ledger import START, make_account, make_issue, make_request
from tests.factories.recount import broken_accounts, open_holds
from tests.races.posting_worker import _post_torn
from tests.races.racing import address
from timebank.db import Database, engines
from timebank.ledger.actions import post
from timebank.ledger.queries import sums_by_commodity
from timebank.ledger.rules import Move, PlaceHold, ResolveHold
from timebank.ledger.tables import balance
from timebank.values import FEN, MINUTES, to_us

WRITERS, READERS, UNITS = 2, 2, repeats(40, 120)
LOOKS = 5
FUTURE_US = to_us(START) + 10**15


@pytest.fixture
def town(fresh_database):
    """Four passbooks and four purses, and their source."""

    def lay(session, now):
        of = {
            code: [make_account(session, commodity=code, filled=500) for _ in range(4)]
            for code in (MINUTES, FEN)
        }
        return SimpleNamespace(
            of=of, every=[a for ids in of.values() for a in ids],
            sources=[make_issue(session, code) for code in of],
        )  # fmt: skip

    return fresh_database.write(lay)


def write_often(database, town, lot, is_enough):
    """Move, hold and end holds without a pause."""
    placed, units = [], 0
    while not is_enough(units):
        units += 1
        requests = [_drawn(town, placed, lot) for _ in range(lot.randint(1, 6))]
        outcomes = database.write(lambda s, now, batch=requests: post(s, 1, batch, now=now))
        for request, outcome in zip(requests, outcomes, strict=True):
            if isinstance(request.lines[0], PlaceHold) and outcome.refusal is None:
                placed.append((outcome.txn_id, 0, request.lines[0].quantity))


def _drawn(town, placed, lot):
    if placed and lot.random() < 0.4:
        txn_id, line, quantity = placed.pop()
        return make_request(ResolveHold(txn_id, line, lot.randint(0, quantity)))
    source, destination = lot.sample(town.of[lot.choice((MINUTES, FEN))], 2)
    if lot.random() < 0.5:
        return make_request(PlaceHold(source, destination, lot.randint(1, 30), FUTURE_US))
    back = Move(destination, source, lot.randint(1, 20))
    return make_request(Move(source, destination, lot.randint(1, 30)), back)


def _added_up(session, account_ids):
    columns = [getattr(balance.c, f"{what}_{side}") for what in ("posted", "pending")
               for side in ("in", "out")]  # fmt: skip
    query = select(*map(func.sum, columns)).where(balance.c.account_id.in_(account_ids))
    posted_in, posted_out, pending_in, pending_out = map(int, session.execute(query).one())
    return posted_in - posted_out, pending_in - pending_out, pending_out


def faults_seen(session, town, *, meanwhile=lambda: None):
    """Sum in several statements; return what does not match."""
    first = _added_up(session, town.every[::2])
    meanwhile()
    second = _added_up(session, town.every[1::2] + town.sources)
    held = sum(quantity for _, _, quantity, _ in open_holds(session, 1))
    seen = {
        "posted": first[0] + second[0],
        "pending": first[1] + second[1],
        "held": first[2] + second[2] - held,
        "broken": broken_accounts(session, 1),
        "sums": set(sums_by_commodity(session, 1).values()) - {(0, 0)},
    }
    return {what: found for what, found in seen.items() if found}


@contextmanager
def without_a_moment(database):
    """Read statement by statement without a snapshot, the default of the engine."""
    url = address(database)
    bare = {"module": engines._sqlite_module()} if url.startswith("sqlite") else {}
    engine = create_engine(url, **bare)
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.mark.slow
def test_readers_always_see_zero_while_writers_write(fresh_database, town):
    is_over = threading.Event()
    looks = [0] * READERS

    def read(number):
        try:
            while not is_over.is_set():
                with fresh_database.reading() as session:
                    assert faults_seen(session, town) == {}
                looks[number] += 1
        finally:
            is_over.set()

    def is_enough(units):
        return is_over.is_set() or (units >= UNITS and min(looks) >= LOOKS)

    with seeded() as lot, ThreadPoolExecutor(WRITERS + READERS) as pool:
        readers = [pool.submit(read, number) for number in range(READERS)]
        lots = [type(lot)(lot.getrandbits(32)) for _ in range(WRITERS)]
        writers = [pool.submit(write_often, fresh_database, town, own, is_enough) for own in lots]
        try:
            for writer in writers:
                writer.result()
        finally:
            is_over.set()
        for reader in readers:
            reader.result()
    with fresh_database.reading() as session:
        assert faults_seen(session, town) == {}


def move_and_hold(database, town):
    """Move and hold something between the two halves of a read."""
    source, destination = town.of[MINUTES][:2]
    requests = [
        make_request(Move(source, destination, 7)),
        make_request(PlaceHold(source, destination, 9, FUTURE_US)),
    ]
    database.write(lambda session, now: post(session, 1, requests, now=now))


def test_a_reader_sees_nothing_of_what_is_committed_while_he_reads(fresh_database, town):
    with fresh_database.reading() as session:
        move = partial(move_and_hold, fresh_database, town)
        assert faults_seen(session, town, meanwhile=move) == {}


def test_a_reader_without_a_moment_of_his_own_is_caught(fresh_database, town):
    """The negative control: half of the read is from before a posting, half from after it."""
    with without_a_moment(fresh_database) as session:
        move = partial(move_and_hold, fresh_database, town)
        seen = faults_seen(session, town, meanwhile=move)
    assert (seen["posted"], seen["pending"]) == (7, 9)


def test_a_writer_that_commits_in_two_units_is_caught(fresh_database, town):
    """The negative control: a reader comes between the postings and their balances."""
    own = Database(address(fresh_database))
    source, destination = town.of[MINUTES][:2]

    def write():
        for _ in range(20):
            _post_torn(own, [make_request(Move(source, destination, 1))])

    writer = threading.Thread(target=write)
    writer.start()
    seen = []
    while writer.is_alive():
        with fresh_database.reading() as session:
            seen.append(faults_seen(session, town).get("broken"))
    writer.join()
    own.close()
    assert any(seen)
