"""kill -9 in the middle of posting: every key exactly once, and the books whole.

Four workers post fixed plans and are killed forty times. On PostgreSQL the server's own
processes are killed too: it throws everybody out and recovers from its log.
"""

import multiprocessing
import os
import signal
import time
from collections import Counter
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from tests.conftest import ON_CI
from tests.databases import NoServer, PostgresCopies, own_postgres_server
from tests.factories.ledger import make_account
from tests.lots import LONGER, drawn_lots
from tests.races.poster import COMMUNITY_ID, PLAN, new_progress, plan_of, run
from tests.races.racing import address
from timebank.db import Database
from timebank.ledger.queries import balances_of, broken_accounts, sums_by_commodity
from timebank.ledger.tables import account, seal_queue, txn

pytestmark = pytest.mark.slow
WORKERS, KILLS, SERVER_KILLS = 4, 40 * LONGER, 2
FILLED = 90
PATIENCE = 90 * LONGER
# A child is forked from a small process that has read the code already: born in an instant.
nursery = multiprocessing.get_context("forkserver")
nursery.set_forkserver_preload(["tests.races.poster"])


@contextmanager
def a_database_of_an_own_server():
    with own_postgres_server() as (server, log):
        database = Database(PostgresCopies(server).fresh())
        yield database, log
        database.close()


@pytest.fixture
def place(engine_name, request):
    """A database and, on PostgreSQL, the log of the server that is there for it alone."""
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


def lay_accounts(database):
    """Open eight passbooks with a floor, so that some of what is planned is refused."""

    def lay(session, now):
        return tuple(make_account(session, filled=FILLED) for _ in range(8))

    return database.write(lay)


class Workers:
    """The processes that post, each started again as often as it dies."""

    def __init__(self, database, accounts, count, lot, *, is_torn=False):
        self.url, self.accounts, self.lot, self.is_torn = address(database), accounts, lot, is_torn
        self.progress = new_progress(count)
        self.killed = 0
        self.running = [self._start(n) for n in range(count)]

    def _start(self, number):
        told = (self.url, number, self.accounts, self.progress, self.lot.getrandbits(32))
        worker = nursery.Process(target=run, args=(*told, self.is_torn))
        worker.start()
        return worker

    @property
    def done(self):
        return sum(self.progress)

    def wait_for(self, keys):
        """Wait until so many keys are posted; nobody may die of anything but us meanwhile."""
        give_up = time.monotonic() + PATIENCE
        while self.done < keys and any(worker.exitcode is None for worker in self.running):
            assert time.monotonic() < give_up, f"{self.done} of {keys} keys"
            assert {worker.exitcode for worker in self.running} <= {None, 0}
            time.sleep(0.002)

    def kill_one(self):
        """Kill whichever is at work, and start it again."""
        at_work = [n for n, worker in enumerate(self.running) if worker.exitcode is None]
        number = self.lot.choice(at_work or range(len(self.running)))
        worker = self.running[number]
        worker.kill()
        worker.join()
        self.killed += worker.exitcode == -signal.SIGKILL
        self.running[number] = self._start(number)

    def finish(self):
        for worker in self.running:
            worker.join(PATIENCE)
        assert [worker.exitcode for worker in self.running] == [0] * len(self.running)

    def stop(self):
        for worker in self.running:
            worker.kill()
            worker.join()


def patiently(ask):
    """Ask a server that may be recovering just now."""
    give_up = time.monotonic() + 30
    while True:
        try:
            return ask()
        except OperationalError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.05)


_BUSY = text(
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND state <> 'idle' AND backend_type = 'client backend'"
)


def kill_a_backend(database, lot):
    """Kill a process of the server while it works for one of ours: -9, as a bad memory would."""
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up:
        with database.reading() as session:
            pids = session.scalars(_BUSY).all()
        if pids:
            os.kill(lot.choice(pids), signal.SIGKILL)
            return
    raise AssertionError("no backend was ever busy")


def assert_each_key_once(database, accounts):
    """Find every key of every plan exactly once, each marked for the log; name the posted."""
    wanted = [request.name for n in range(WORKERS) for request in plan_of(n, accounts)]
    with database.reading() as session:
        found = session.execute(
            select(txn.c.client, txn.c.request_key, txn.c.status).where(txn.c.kind == "plan")
        ).all()
        rows = [session.scalar(select(func.count()).select_from(t)) for t in (txn, account)]
        queued = session.scalar(select(func.count()).select_from(seal_queue))
    assert Counter((row[0], row[1]) for row in found) == Counter(wanted)
    assert queued == sum(rows)
    posted = {(row[0], row[1]) for row in found if row[2] == 1}
    assert 0 < len(posted) < WORKERS * PLAN
    return posted


def assert_balances_follow_from_the_plans(database, accounts, posted):
    """Add up the plans themselves, without looking at any posting."""
    sums = dict.fromkeys(accounts, FILLED)
    for number in range(WORKERS):
        for request in plan_of(number, accounts):
            for line in request.lines if request.name in posted else ():
                sums[line.source] -= line.quantity
                sums[line.destination] += line.quantity
    with database.reading() as session:
        found = balances_of(session, COMMUNITY_ID, list(accounts))
    assert {account: found[account].posted for account in accounts} == sums


def faults(database):
    with database.reading() as session:
        sums = set(sums_by_commodity(session, COMMUNITY_ID).values())
        return broken_accounts(session, COMMUNITY_ID), sums


def kill_all_along(workers, database, *, server_too):
    """Kill a worker each time a fortieth of all is done, and the server at each third."""
    keys = WORKERS * PLAN
    at = {round(KILLS * (n + 1) / (SERVER_KILLS + 1)) for n in range(SERVER_KILLS)}
    for number in range(KILLS):
        workers.wait_for(keys * number // KILLS)
        time.sleep(workers.lot.uniform(0, 0.01))
        if server_too and number in at:
            kill_a_backend(database, workers.lot)
        workers.kill_one()
        if number % 5 == 0:  # Also in the middle of it all.
            assert patiently(lambda: faults(database)) == ([], {(0, 0)})


def test_killed_posters_leave_each_key_once_and_the_books_whole(place):
    database, log = place
    accounts = lay_accounts(database)
    with drawn_lots() as lot:
        workers = Workers(database, accounts, WORKERS, lot)
        try:
            kill_all_along(workers, database, server_too=log is not None)
            workers.finish()
        finally:
            workers.stop()
        assert workers.killed >= KILLS * 0.9  # One may have come to its end just then.
        posted = assert_each_key_once(database, accounts)
        assert_balances_follow_from_the_plans(database, accounts, posted)
        assert faults(database) == ([], {(0, 0)})
    if log is not None:
        told = log.read_text()
        assert told.count("all server processes terminated; reinitializing") == SERVER_KILLS


def test_a_poster_that_commits_in_two_units_is_caught(fresh_database):
    """The negative control: killed between postings and balances, the books do not add up."""
    accounts = lay_accounts(fresh_database)
    with drawn_lots() as lot:
        workers = Workers(fresh_database, accounts, 1, lot, is_torn=True)
        broken = []
        while not broken and workers.done < PLAN:
            workers.wait_for(workers.done + 5)
            time.sleep(lot.uniform(0, 0.02))
            workers.stop()
            broken = faults(fresh_database)[0]
            workers.running = [workers._start(0)]
        workers.stop()
        assert broken
