"""Sixteen concurrent requests spend the same hours over real HTTP: one succeeds, fifteen are
refused.

Four server processes on PostgreSQL, the threads of one on SQLite, as each is deployed. A person
has ten and a half hours, and each request costs ten.
"""

import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select

from tests.factories import people
from tests.factories.ledger import make_account
from tests.factories.recount import broken_accounts
from tests.races.racing import RACERS, address, nursery
from tests.races.spending import (
    DIES_AFTER_COMMIT,
    DIES_BEFORE_COMMIT,
    PATH,
    UNGUARDED,
    serve,
    token_for,
)
from tests.races.unguarded import drop_constraints
from tests.waiting import HANG_SECONDS
from timebank.db import utc_now
from timebank.deeds.tables import deed
from timebank.ledger.queries import balances_of, sums_by_commodity
from timebank.ledger.tables import txn

pytestmark = pytest.mark.slow
HAS, COSTS = 630, 600
SENDS = 50
SERVERS = {"postgresql": 4, "sqlite": 1}


class Server:
    """One server process, restarted when it is killed."""

    def __init__(self, url, flaw=""):
        self.url = url
        self.start(flaw)

    def start(self, flaw=""):
        ours, theirs = nursery.Pipe()
        self.process = nursery.Process(target=serve, args=(self.url, theirs, flaw))
        self.process.start()
        assert ours.poll(HANG_SECONDS), "the server did not start"
        self.port = ours.recv()

    def stop(self):
        self.process.kill()
        self.process.join()


@dataclass(frozen=True, slots=True)
class Told:
    status: int
    body: dict
    is_replay: bool


class Street:
    """One passbook, a shop that takes its hours, and servers in between."""

    def __init__(self, database, count):
        self.database, self.count = database, count
        self.servers = []
        by, *self.accounts = database.write(self._lay)
        self.token = token_for(database, by)

    @staticmethod
    def _lay(session, now):
        by = people.resident(session, people.make_town(session))
        return by, make_account(session, filled=HAS), make_account(session)

    def open(self, *flaws):
        """Start the servers, the first ones with the flaws given."""
        url = address(self.database)
        told = [*flaws, *[""] * self.count][: self.count]
        self.servers += [Server(url, flaw) for flaw in told]

    def close(self):
        for server in self.servers:
            server.stop()

    def spend(self, number, key, start=None):
        """Spend at one of the servers, over a connection that is open before the race begins."""
        port = self.servers[number % self.count].port
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=HANG_SECONDS)
        try:
            line.connect()
            if start is not None:
                start.wait()
            body = {"source": self.accounts[0], "destination": self.accounts[1], "quantity": COSTS}
            headers = {
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "Idempotency-Key": key,
                "Accept-Language": "en",
            }
            line.request("POST", PATH, json.dumps(body), headers)
            answer = line.getresponse()
            is_replay = answer.getheader("Idempotency-Replayed") == "true"
            return Told(answer.status, json.loads(answer.read()), is_replay)
        finally:
            line.close()

    def send_until_told(self, number, key):
        """Send again until there is an answer, as a browser or a kiosk does."""
        give_up = time.monotonic() + HANG_SECONDS
        while True:
            try:
                return self.spend(number, key)
            except (OSError, http.client.HTTPException):
                assert time.monotonic() < give_up
                time.sleep(0.05)

    def race(self):
        start = threading.Barrier(RACERS, timeout=HANG_SECONDS)
        with ThreadPoolExecutor(RACERS) as pool:
            asked = [pool.submit(self.spend, n, f"spend-{n:04}", start) for n in range(RACERS)]
            return [each.result() for each in asked]

    def left(self):
        with self.database.reading() as session:
            found = balances_of(session, 1, self.accounts)
        return [found[account].posted for account in self.accounts]

    def count_of(self, table, *conditions):
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(table).where(*conditions))


@pytest.fixture
def street(new_database, engine_name, request):
    database = new_database(utc_now)
    if "without" in request.node.name:
        drop_constraints(database)
    laid = Street(database, SERVERS[engine_name])
    yield laid
    laid.close()


def assert_whole(street):
    with street.database.reading() as session:
        assert broken_accounts(session, 1) == []
        assert set(sums_by_commodity(session, 1).values()) == {(0, 0)}


def assert_one_spent(answers):
    statuses = [told.status for told in answers]
    assert (statuses.count(201), statuses.count(409)) == (1, RACERS - 1), answers


def test_one_of_sixteen_spends_the_hours_and_fifteen_are_told_why(street):
    street.open()
    answers = street.race()
    assert_one_spent(answers)
    for told in answers:
        if told.status == 409:
            assert told.body["code"] == "INSUFFICIENT_BALANCE"
            assert told.body["facts"] == {"short_by": COSTS - (HAS - COSTS)}
            assert told.body["message"]
    assert street.left() == [HAS - COSTS, COSTS]
    assert street.count_of(txn, txn.c.kind == "take", txn.c.status == 1) == 1
    assert_whole(street)


def test_without_the_guards_more_than_one_spends_the_same_hours(street):
    """The negative control: the race is real, and only the guards prevent overspending."""
    street.open(*[UNGUARDED] * street.count)
    answers = street.race()
    assert [told.status for told in answers].count(201) > 1, answers
    assert street.left()[0] < 0
    with pytest.raises(AssertionError):
        assert_one_spent(answers)


def assert_one_effect(street, answers):
    assert len(answers) == SENDS
    assert {(told.status, json.dumps(told.body)) for told in answers} == {
        (201, json.dumps(answers[0].body))
    }
    assert street.left() == [HAS - COSTS, COSTS]
    assert street.count_of(txn, txn.c.kind == "take") == 1
    assert street.count_of(deed, deed.c.name == "take") == 1
    assert_whole(street)


def test_fifty_sends_of_one_key_are_one_effect_and_fifty_equal_answers(street):
    street.open()
    with ThreadPoolExecutor(RACERS) as pool:
        answers = list(pool.map(lambda n: street.spend(n, "one-key-only"), range(SENDS)))
    assert_one_effect(street, answers)
    assert [told.is_replay for told in answers].count(False) == 1


@pytest.mark.parametrize("moment", [DIES_BEFORE_COMMIT, DIES_AFTER_COMMIT])
def test_fifty_sends_across_the_death_of_a_server_are_one_effect(street, moment):
    """It is killed around its first commit and restarted; senders without an answer send again."""
    street.open(moment)
    dying = street.servers[0]
    with ThreadPoolExecutor(RACERS) as pool:
        asked = [pool.submit(street.send_until_told, n, "one-key-only") for n in range(SENDS)]
        dying.process.join(HANG_SECONDS)
        assert dying.process.exitcode == -9
        dying.start()
        answers = [each.result() for each in asked]
    assert_one_effect(street, answers)
    if street.count == 1:  # No other server could have given the first answer.
        firsts = [told.is_replay for told in answers].count(False)
        assert firsts == (1 if moment == DIES_BEFORE_COMMIT else 0)
