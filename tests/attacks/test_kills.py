"""SIGKILL in the midst of deeds, often: no acknowledged deed is lost, and none is done twice.

The kiosk is killed while a neighbour gives at its screen, the server while programs spend hours.
``tests/kiosk/test_kill`` kills both in turn, ``tests/races`` the ones who post.
"""

import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from tests.conftest import only_on
from tests.counts import repeats, seeded
from tests.factories import people
from tests.factories.ledger import make_account
from tests.factories.recount import broken_accounts
from tests.kiosk.killing import kill_while_people_give, running_place
from tests.races.racing import address
from tests.races.spending import PATH, token_for
from tests.races.test_spending_over_http import Server
from tests.waiting import HANG_SECONDS, wait_until
from timebank.db import Database, utc_now
from timebank.ledger.queries import balances_of, sums_by_commodity
from timebank.ledger.tables import txn

pytestmark = pytest.mark.slow
KIOSK_KILLS, SERVER_KILLS = repeats(3, 30), repeats(3, 20)
SPENDERS, HAS = 4, 100_000


@dataclass
class Spender:
    """A program that spends a minute at a time, and sends a key again until it is answered."""

    token: str
    accounts: list[int]
    name: int
    answers: dict[str, str] = field(default_factory=dict)

    def spend_until(self, stop: threading.Event, server: Server) -> None:
        while not stop.is_set():
            key = f"spender-{self.name}-{len(self.answers):06}"
            self.answers[key] = self._until_told(server, key)

    def _until_told(self, server: Server, key: str) -> str:
        give_up = time.monotonic() + HANG_SECONDS
        while True:
            try:
                return self._spend(server, key)
            except (OSError, http.client.HTTPException):
                assert time.monotonic() < give_up
                time.sleep(0.02)  # The server is dead: it is started again.

    def _spend(self, server: Server, key: str) -> str:
        line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=HANG_SECONDS)
        try:
            body = {"source": self.accounts[0], "destination": self.accounts[1], "quantity": 1}
            headers = {
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "Idempotency-Key": key,
            }
            line.request("POST", PATH, json.dumps(body), headers)
            answer = line.getresponse()
            told = json.loads(answer.read())
            assert answer.status == 201, told
            return str(told["txn_id"])
        finally:
            line.close()


def lay(session, now):
    by = people.resident(session, people.make_town(session))
    return by, [make_account(session, filled=HAS), make_account(session)]


@pytest.fixture
def spenders(new_database):
    database = new_database(utc_now)
    by, accounts = database.write(lay)
    token = token_for(database, by)
    return database, [Spender(token, accounts, name) for name in range(SPENDERS)]


def test_killing_the_server_loses_and_doubles_no_deed(spenders):
    database, programs = spenders
    server, stop = Server(address(database)), threading.Event()
    try:
        with seeded() as rng, ThreadPoolExecutor(SPENDERS) as pool:
            running = [pool.submit(one.spend_until, stop, server) for one in programs]
            try:
                for _ in range(SERVER_KILLS):
                    wait_for_answers(programs, running)
                    time.sleep(rng.uniform(0, 0.1))
                    server.stop()
                    server.start()
                wait_for_answers(programs, running)
            finally:
                stop.set()
            for one in running:
                one.result()
    finally:
        server.stop()
    assert_each_once(database, programs)


def wait_for_answers(programs, running):
    enough = sum(len(one.answers) for one in programs) + 2 * SPENDERS

    def is_enough():
        ended = [one.exception() for one in running if one.done()]
        assert not ended, ended
        return sum(len(one.answers) for one in programs) >= enough

    wait_until(is_enough, "nobody is answered any more")


def assert_each_once(database: Database, programs):
    told = [txn_id for one in programs for txn_id in one.answers.values()]
    with database.reading() as session:
        kept = session.scalars(select(txn.c.id).where(txn.c.kind == "take")).all()
        left = balances_of(session, 1, programs[0].accounts)
        assert broken_accounts(session, 1) == []
        assert set(sums_by_commodity(session, 1).values()) == {(0, 0)}
    assert sorted(told) == sorted(map(str, kept))
    assert [left[one].posted for one in programs[0].accounts] == [HAS - len(told), len(told)]


@pytest.fixture
def place(new_database, tmp_path, engine_name):
    with running_place(new_database, tmp_path) as running:
        yield running


@only_on("sqlite")  # The outbox is the same, whatever the server keeps its books in.
def test_killing_the_kiosk_loses_and_doubles_no_deed(place):
    kill_while_people_give(place, [place[3]] * KIOSK_KILLS)
