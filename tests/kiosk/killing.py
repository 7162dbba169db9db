"""Real programs that are killed while a neighbour gives at the kiosk, over HTTP on loopback.

The neighbour notes each slip number that the screen has shown; those are the promises to keep.
"""

import http.client
import os
import random
import re
import socket
import threading
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from sqlalchemy import func, select

from kiosk.app import pair
from kiosk.config import read_config
from tests.counts import seeded
from tests.factories.kiosks import code_for, commit_stand
from tests.kiosk.serve import logged, serve_agent, serve_web
from tests.races.racing import nursery
from tests.waiting import HANG_SECONDS, wait_until
from timebank.db import utc_now
from timebank.goods import queries as goods
from timebank.kiosks import wire
from timebank.kiosks.queries import devices
from timebank.kiosks.rules import ACTIVE
from timebank.kiosks.tables import inbox, quarantine, review
from timebank.ledger.queries import sums_by_commodity


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Program:
    """A process that is killed and started again."""

    def __init__(self, port, log, *told):
        self.port, self.log, self.told = port, log, told
        self.process = None

    def start(self):
        self.process = nursery.Process(target=logged, args=(self.log, *self.told))
        self.process.start()
        wait_until(self.answers, lambda: f"no answer: {self.said()}")

    def said(self):
        return self.log.read_text()[-2000:] if self.log.exists() else ""

    def answers(self):
        assert self.process.exitcode is None, self.said()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.join()


class Neighbour:
    """Somebody at the screen: one page after the other, as a browser would send them."""

    def __init__(self, port):
        self.port, self.cookie, self.slips = port, "", set()

    def ask(self, path, **form):
        """Load a page, or send a form and follow to the next page."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=HANG_SECONDS)
        body = urllib.parse.urlencode(form) if form else None
        headers = {"Cookie": self.cookie} if self.cookie else {}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        line.request("POST" if form else "GET", path, body, headers)
        answer = line.getresponse()
        page = answer.read().decode()
        line.close()
        if told := answer.getheader("Set-Cookie"):
            self.cookie = told.split(";")[0]
        if answer.status == 303:
            return self.ask(urllib.parse.urlsplit(answer.getheader("Location")).path)
        assert answer.status == 200, page
        return page

    def give(self, item_id):
        """Give two pieces of something, and remember the number on the slip."""
        csrf = self._field(self.ask("/deposit/list"), "csrf")
        self.ask("/deposit/pick", csrf=csrf, item_id=item_id)
        self.ask("/deposit/pieces", csrf=csrf, pieces=2)
        self.ask("/deposit/condition", csrf=csrf, condition="new")
        check = self.ask("/deposit/check")
        event_id = self._field(check, "event_id")
        for _ in range(random.choice((1, 2))):
            done = self.ask("/deposit/confirm", csrf=csrf, event_id=event_id)
        self.slips.add(self._find(done, r"(S1-K2-\d{5})"))

    def _field(self, page, name):
        return self._find(page, rf'name="{name}" value="([^"]+)"')

    def _find(self, page, pattern):
        found = re.search(pattern, page)
        if found is None:
            raise ConnectionError("the machine was started anew: this is its first page")
        return found[1]

    def give_until(self, stop, item_id):
        while not stop.is_set():
            try:
                self.give(item_id)
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)  # The machine is off: wait and begin again.


@contextmanager
def running_place(new_database, tmp_path):
    """A server and a paired kiosk, both running; both are always stopped at the end."""
    database = new_database(utc_now)
    stand = commit_stand(database)
    url = database.engine.url.render_as_string(hide_password=False)
    ports = free_port(), free_port()
    environ = os.environ | {
        "TIMEBANK_DATA": str(tmp_path),
        "KIOSK_SERVER": f"http://127.0.0.1:{ports[0]}",
        "KIOSK_PORT": str(ports[1]),
    }
    server = Program(ports[0], tmp_path / "server.log", serve_web, url, ports[0])
    agent = Program(ports[1], tmp_path / "agent.log", serve_agent, dict(environ))
    try:
        server.start()
        pair(read_config(environ), code_for(database, stand))
        agent.start()
        yield database, stand, server, agent
    finally:
        for program in (server, agent):
            program.kill()


def waiting(agent):
    """How many events the agent has still to send; None while it does not answer."""
    line = http.client.HTTPConnection("127.0.0.1", agent.port, timeout=HANG_SECONDS)
    try:
        line.request("GET", "/healthz")
        text = line.getresponse().read().decode()
    finally:
        line.close()
    return int(re.search(r'"waiting":\s*(\d+)', text)[1])


def settle(agent):
    wait_until(
        lambda: waiting(agent) == 0, lambda: f"{waiting(agent)} deeds were never sent", pause=0.1
    )


def kill_while_people_give(place, victims):
    """Kill one program after the other while a neighbour gives; every slip is kept, once."""
    database, stand, _, agent = place
    item_id, neighbour, stop = stand.shop.item("洗衣液"), Neighbour(agent.port), threading.Event()
    settle(agent)
    with seeded() as rng, ThreadPoolExecutor(1) as pool:
        at_screen = pool.submit(neighbour.give_until, stop, item_id)
        try:
            for victim in victims:
                wait_for_slips(neighbour, at_screen)
                time.sleep(rng.uniform(0, 0.2))
                victim.kill()
                time.sleep(rng.uniform(0, 0.2))
                victim.start()
            wait_for_slips(neighbour, at_screen)
        finally:
            stop.set()
        at_screen.result()
    settle(agent)
    check(database, neighbour)
    check_whole(database)


def wait_for_slips(neighbour, at_screen):
    """Wait until the screen has shown two more slips, however slow the machine is."""
    enough = len(neighbour.slips) + 2
    wait_until(lambda: len(neighbour.slips) >= enough or at_screen.done(), "no more slips")
    assert not at_screen.done(), at_screen.exception()


def check_whole(database):
    """No upload was taken for a second history, and nothing waits for staff."""
    with database.reading() as session:
        (kiosk,) = (one for one in devices(session, 1) if one.epoch == 2)
        strays = session.scalar(select(func.count()).select_from(quarantine))
        reviews = session.scalar(select(func.count()).select_from(review))
    assert (kiosk.state, strays, reviews) == (ACTIVE, 0, 0)


def check(database, neighbour):
    with database.reading() as session:
        rows = session.execute(select(inbox.c.seq, inbox.c.raw).order_by(inbox.c.seq)).all()
        deposits = goods.announced_deposits(session, 1)
        sums = set(sums_by_commodity(session, 1).values())
    envelopes = [wire.read_envelope(bytes(row.raw)) for row in rows]
    given = [one for one in envelopes if one.type == "deposit.recorded"]
    kept = {wire.slip_no("S1", one.epoch, one.seq) for one in given}
    assert neighbour.slips <= kept
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert len({one.event_id for one in envelopes}) == len(rows)
    assert len(deposits) == len(given)
    assert sums == {(0, 0)}
