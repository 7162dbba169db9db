"""kill -9 in the middle of posting: every key exactly once, and correct books.

Four workers post fixed plans and are killed many times, and so is a sealer beside them. On
PostgreSQL the server's own processes are killed too: it disconnects everybody and recovers from
its log.
"""

import os
import signal
import time
from collections import Counter
from contextlib import contextmanager
from itertools import permutations

import pytest
from sqlalchemy import select, text

from tests.conftest import ON_CI
from tests.counts import repeats, seeded
from tests.databases import NoServer, PostgresCopies, own_postgres_server
from tests.factories.ledger import make_account, make_hold
from tests.factories.recount import broken_accounts
from tests.races.posting_worker import COMMUNITY_ID, PLAN, Stage, new_progress, plan_of, run
from tests.races.racing import address, nursery, patiently
from tests.races.sealer import Sealers
from tests.waiting import HANG_SECONDS, wait_until
from timebank.db import Database
from timebank.ledger.leaves import ACCOUNT, TXN
from timebank.ledger.queries import balances_of, find_account, sums_by_commodity
from timebank.ledger.rules import GIVING, POSTED, RECORD, HeldLine, Move, PlaceHold, ResolveHold
from timebank.ledger.shortfalls import open_shortfalls
from timebank.ledger.suspense import SUSPENSE
from timebank.ledger.tables import account, seal_queue, txn
from timebank.sealing.queries import sealing_state
from timebank.sealing.tables import log_leaf
from timebank.values import MINUTES

pytestmark = pytest.mark.slow
WORKERS, KILLS, SERVER_KILLS = 4, repeats(16, 40), 2
FILLED, HELD = 90, 5


@contextmanager
def a_database_of_an_own_server():
    with own_postgres_server() as (server, log):
        database = Database(PostgresCopies(server).fresh())
        yield database, log
        database.close()


@pytest.fixture
def place(engine_name, request):
    """A database and, on PostgreSQL, the log of a private server."""
    if engine_name == "sqlite":
        yield request.getfixturevalue("fresh_database"), None
        return
    try:
        with a_database_of_an_own_server() as found:
            yield found
    except NoServer as why:
        if ON_CI:
            pytest.fail(str(why))
        pytest.skip(str(why))


def lay_stage(database):
    """Open eight passbooks and a pool with a floor, so that some planned requests are refused.

    Each holds something for each other.
    """

    def lay(session, now):
        accounts = tuple(make_account(session, filled=FILLED) for _ in range(8))
        pool = make_account(session, kind="pool", filled=FILLED)
        holds = [
            HeldLine(*make_hold(session, a, b, HELD), a, b, HELD)
            for a, b in permutations(accounts, 2)
        ]
        return Stage(accounts, pool, tuple(holds))

    return database.write(lay)


class Workers:
    """The processes that post; each is restarted when it dies."""

    def __init__(self, database, stage, count, lot, *, is_torn=False):
        self.url, self.stage, self.lot, self.is_torn = address(database), stage, lot, is_torn
        self.progress = new_progress(count)
        self.killed = 0
        self.running = [self._start(n) for n in range(count)]

    def _start(self, number):
        told = (self.url, number, self.stage, self.progress, self.lot.getrandbits(32))
        worker = nursery.Process(target=run, args=(*told, self.is_torn))
        worker.start()
        return worker

    @property
    def done(self):
        return sum(self.progress)

    def wait_for(self, keys):
        """Wait until so many keys are posted; no worker may die except by our kills."""

        def is_done():
            exits = {worker.exitcode for worker in self.running}
            assert exits <= {None, 0}
            return self.done >= keys or None not in exits

        wait_until(is_done, lambda: f"{self.done} of {keys} keys", pause=0.002)

    def kill_one(self):
        """Kill whichever is at work, and start it again; one that has just ended is no kill."""
        for _ in self.running:
            at_work = [n for n, worker in enumerate(self.running) if worker.exitcode is None]
            number = self.lot.choice(at_work or range(len(self.running)))
            worker = self.running[number]
            worker.kill()
            worker.join()
            self.running[number] = self._start(number)
            if worker.exitcode == -signal.SIGKILL:
                self.killed += 1
                return

    def finish(self):
        for worker in self.running:
            worker.join(HANG_SECONDS)
        assert [worker.exitcode for worker in self.running] == [0] * len(self.running)

    def stop(self):
        for worker in self.running:
            worker.kill()
            worker.join()


_BUSY = text(
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND state <> 'idle' AND backend_type = 'client backend'"
)


def kill_a_backend(database, lot):
    """Kill a process of the server while it works for one of ours, with SIGKILL."""

    def is_killed():
        with database.reading() as session:
            pids = session.scalars(_BUSY).all()
        if pids:
            os.kill(lot.choice(pids), signal.SIGKILL)
        return pids

    wait_until(is_killed, "no backend was ever busy", pause=0)


def assert_each_key_once(database, stage):
    """Find every key of every plan exactly once, and no fact refused; return the posted ones."""
    wanted = [request for n in range(WORKERS) for request in plan_of(n, stage)]
    with database.reading() as session:
        found = session.execute(
            select(txn.c.client, txn.c.request_key, txn.c.status).where(txn.c.kind == "plan")
        ).all()
    assert Counter((row[0], row[1]) for row in found) == Counter(r.name for r in wanted)
    names = {(row[0], row[1]) for row in found if row[2] == POSTED}
    posted = [request for request in wanted if request.name in names]
    assert 0 < len(posted) < len(wanted)
    assert {r.name for r in wanted if r.mode == RECORD} <= names
    return posted


def assert_each_entry_has_one_place(database):
    """Find every transaction and account once, in the log or in the queue."""
    with database.reading() as session:
        sealed, waiting = (
            session.execute(select(place.c.entry, place.c.entry_id)).all()
            for place in (log_leaf, seal_queue)
        )
        there = [
            (entry, found)
            for entry, table in ((TXN, txn), (ACCOUNT, account))
            for found in session.scalars(select(table.c.id))
        ]
    assert sealed
    assert Counter(map(tuple, sealed + waiting)) == Counter(there)


def add_up(stage, posted):
    """Add up the posted requests of the plans: balances, incoming and outgoing holds."""
    has = Counter(dict.fromkeys((*stage.accounts, stage.pool), FILLED))
    held = {(hold.txn_id, hold.line): hold for hold in stage.holds}
    open_, placed = dict(held), []
    for line in (line for request in posted for line in request.lines):
        if isinstance(line, PlaceHold):
            placed.append(line)
            continue
        if isinstance(line, ResolveHold):
            name = line.hold_txn_id, line.hold_line
            open_.pop(name, None)
            line = Move(held[name].source, held[name].destination, line.capture)
        has[line.source] -= line.quantity
        has[line.destination] += line.quantity
    coming, going = Counter(), Counter()
    for hold in (*open_.values(), *placed):
        going[hold.source] += hold.quantity
        coming[hold.destination] += hold.quantity
    return has, coming, going


def assert_balances_follow_from_the_plans(database, stage, posted):
    """Compare balances with the plans and the shortfalls, without reading any posting."""
    has, coming, going = add_up(stage, posted)
    with database.reading() as session:
        lacks = session.execute(open_shortfalls(COMMUNITY_ID)).all()
        found = balances_of(session, COMMUNITY_ID, [*stage.accounts, stage.pool])
    assert lacks
    for lack in lacks:
        assert lack.side == GIVING  # Nobody here has a ceiling.
        has[lack.account_id] += lack.quantity
    for account_id in (*stage.accounts, stage.pool):
        one = found[account_id]
        assert (one.posted, one.pending_in, one.pending_out) == (
            has[account_id], coming[account_id], going[account_id],
        )  # fmt: skip


def faults(database):
    """Name what is wrong with the books at this moment."""
    with database.reading() as session:
        owed = sum(lack.quantity for lack in session.execute(open_shortfalls(COMMUNITY_ID)))
        aside = find_account(session, COMMUNITY_ID, SUSPENSE, MINUTES)  # The first fact opens it.
        given = -balances_of(session, COMMUNITY_ID, [aside])[aside].posted if aside else 0
        is_right = {
            "accounts": broken_accounts(session, COMMUNITY_ID) == [],
            "sums": set(sums_by_commodity(session, COMMUNITY_ID).values()) == {(0, 0)},
            "suspense": given == owed,
            "log": sealing_state(session, COMMUNITY_ID).is_whole,
        }
    return [name for name, is_so in is_right.items() if not is_so]


def kill_all_along(workers, sealers, database, *, server_too):
    """Kill a worker each time a fortieth of all is done, and the server at each third."""
    keys = WORKERS * PLAN
    at = {round(KILLS * (n + 1) / (SERVER_KILLS + 1)) for n in range(SERVER_KILLS)}
    for number in range(KILLS):
        workers.wait_for(keys * number // KILLS)
        time.sleep(workers.lot.uniform(0, 0.01))
        if server_too and number in at:
            kill_a_backend(database, workers.lot)
        workers.kill_one()
        if number % 4 == 0:
            sealers.kill_one()
        if number % 5 == 0:  # Also in the middle of it all.
            assert patiently(database, lambda: faults(database)) == []


def test_killed_posters_leave_each_key_once_and_the_books_whole(place):
    database, log = place
    stage = lay_stage(database)
    with seeded() as lot:
        workers = Workers(database, stage, WORKERS, lot)
        sealers = Sealers(database, 1)
        try:
            kill_all_along(workers, sealers, database, server_too=log is not None)
            workers.finish()
        finally:
            workers.stop()
            sealers.stop()
        assert workers.killed >= KILLS * 0.9  # One may have come to its end just then.
        assert sealers.ended_alone == 0
        posted = assert_each_key_once(database, stage)
        assert_each_entry_has_one_place(database)
        assert_balances_follow_from_the_plans(database, stage, posted)
        assert faults(database) == []
    if log is not None:
        told = log.read_text()
        assert told.count("all server processes terminated; reinitializing") == SERVER_KILLS


def test_a_poster_that_commits_in_two_units_is_caught(fresh_database):
    """The negative control: killed between postings and balances, the books do not add up."""
    stage = lay_stage(fresh_database)
    with seeded() as lot:
        workers = Workers(fresh_database, stage, 1, lot, is_torn=True)
        broken = False
        while not broken and workers.done < PLAN:
            workers.wait_for(workers.done + 5)
            time.sleep(lot.uniform(0, 0.02))
            workers.stop()
            broken = "accounts" in faults(fresh_database)
            workers.running = [workers._start(0)]
        workers.stop()
        assert broken
