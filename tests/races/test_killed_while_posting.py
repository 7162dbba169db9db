"""kill -9 in the middle of posting: every key exactly once, and the books whole."""

import multiprocessing
import random
import time
from collections import Counter

import pytest
from sqlalchemy import select, text

from tests.factories.ledger import make_account
from tests.races.poster import COMMUNITY_ID, PLAN, plan_of, run
from tests.races.racing import address
from timebank.ledger.queries import balances_of, broken_accounts, sums_by_commodity
from timebank.ledger.tables import txn

pytestmark = pytest.mark.slow
WORKERS, KILLS, BACKENDS = 3, 12, 4
# A child is forked from a small process that has read the code already: born in an instant.
nursery = multiprocessing.get_context("forkserver")
nursery.set_forkserver_preload(["tests.races.poster"])


@pytest.fixture
def accounts(fresh_database):
    """Eight passbooks with a floor, so that some of what is planned is refused."""

    def lay(session, now):
        return tuple(make_account(session, filled=90) for _ in range(8))

    return fresh_database.write(lay)


class Workers:
    """The processes that post, each started again as often as it dies."""

    def __init__(self, database, accounts, count, *, is_torn=False):
        self.told = [(address(database), n, accounts, is_torn) for n in range(count)]
        self.running = [self._start(n) for n in range(count)]
        self.killed = self.failed = 0

    def _start(self, number):
        worker = nursery.Process(target=run, args=self.told[number])
        worker.start()
        return worker

    def kill_one(self):
        """Kill whichever is at work, and start it again."""
        at_work = [n for n, worker in enumerate(self.running) if worker.exitcode is None]
        number = random.choice(at_work or range(len(self.running)))
        worker = self.running[number]
        worker.kill()
        worker.join()
        self._note_end(worker)
        self.running[number] = self._start(number)

    def _note_end(self, worker):
        self.killed += worker.exitcode == -9
        self.failed += worker.exitcode not in (0, -9)

    def finish(self):
        """Let all come to the end of their plans; one that found no server starts again."""
        for number, worker in enumerate(self.running):
            worker.join(60)
            while worker.exitcode != 0 and self.failed < BACKENDS:
                self._note_end(worker)
                worker = self._start(number)
                worker.join(60)
            assert worker.exitcode == 0

    def stop(self):
        for worker in self.running:
            worker.kill()
            worker.join()


def end_a_backend(database):
    """End one of the server's own processes that serve the workers."""
    with database.reading() as session:
        pids = session.scalars(
            text(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
        ).all()
        if pids:
            session.scalar(text("SELECT pg_terminate_backend(:pid)"), {"pid": random.choice(pids)})
    return len(pids[:1])


def assert_each_key_once(database, accounts):
    wanted = [request.name for n in range(WORKERS) for request in plan_of(n, accounts)]
    with database.reading() as session:
        found = session.execute(
            select(txn.c.client, txn.c.request_key, txn.c.status).where(txn.c.kind == "plan")
        ).all()
    assert Counter((row[0], row[1]) for row in found) == Counter(wanted)
    posted = {(row[0], row[1]) for row in found if row[2] == 1}
    assert 0 < len(posted) < WORKERS * PLAN
    return posted


def assert_balances_follow_from_the_plans(database, accounts, posted):
    """Add up the plans themselves, without looking at any posting."""
    sums = dict.fromkeys(accounts, 90)
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


def test_a_killed_poster_leaves_each_key_once_and_the_books_whole(
    fresh_database, accounts, engine_name
):
    workers = Workers(fresh_database, accounts, WORKERS)
    ended, give_up = 0, time.monotonic() + 6
    while workers.killed < KILLS // 3 or (workers.killed < KILLS and time.monotonic() < give_up):
        time.sleep(random.uniform(0.02, 0.15))
        workers.kill_one()
        if engine_name == "postgresql" and ended < BACKENDS:
            ended += end_a_backend(fresh_database)
        assert faults(fresh_database) == ([], {(0, 0)})  # Also in the middle of it all.
    workers.finish()
    assert ended > 0 or engine_name == "sqlite"
    assert workers.failed <= ended  # Nobody dies of anything but us.
    posted = assert_each_key_once(fresh_database, accounts)
    assert_balances_follow_from_the_plans(fresh_database, accounts, posted)
    assert faults(fresh_database) == ([], {(0, 0)})


def test_a_poster_that_commits_in_two_units_is_caught(fresh_database, accounts):
    """The negative control: killed between postings and balances, the books do not add up."""
    workers = Workers(fresh_database, accounts, 1, is_torn=True)
    broken, give_up = [], time.monotonic() + 15
    while not broken and time.monotonic() < give_up:
        time.sleep(random.uniform(0.02, 0.12))
        workers.kill_one()
        workers.stop()
        broken = faults(fresh_database)[0]
        workers.running = [workers._start(0)]
    workers.stop()
    assert broken
