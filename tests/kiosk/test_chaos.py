"""Kiosks and server under lost requests, lost answers, crashes and double taps.

Whatever goes wrong, an acknowledged event is in the inbox once and in the books once. Two
deliberate bugs must make the same check fail.
"""

import contextlib
import random
import uuid

import pytest
from sqlalchemy import select

from kiosk.outbox import NewEvent, Outbox
from kiosk.server import ServerDown
from tests.counts import seeds
from tests.factories.kiosks import carry_to, commit_stand, make_agent, pair_agent, web_for
from timebank.deeds.deed import Deed
from timebank.goods import queries as goods
from timebank.goods.actions import announce_deposit
from timebank.goods.rules import AnnouncedLine
from timebank.kiosks import wire
from timebank.kiosks.actions import intake
from timebank.kiosks.tables import inbox
from timebank.ledger.queries import sums_by_commodity
from timebank.values import By

DEEDS = 14


class ServerDied(Exception):
    """The server process crashed here."""


class Weather:
    """A carrier that loses and repeats, a server that crashes, and people who tap meanwhile."""

    def __init__(self, rng, carry, database):
        self.rng, self.carry, self.database = rng, carry, database
        self.meanwhile = lambda: None  # A tap while a request is in transit.
        self.last_tap = lambda: None
        self.is_calm = False
        self._write = database.write
        database.write = self._write_unless_dead
        self._units_left = None

    def _write_unless_dead(self, work, **options):
        if self._units_left is not None:
            if self._units_left == 0:
                raise ServerDied
            self._units_left -= 1
        return self._write(work, **options)

    def __call__(self, call):
        if self.is_calm:
            if call.path.endswith("/events"):
                self.last_tap()
                self.last_tap = lambda: None
            return self.carry(call)
        fate = self.rng.choice(["fine", "fine", "lost", "unheard", "twice", "dies", "half"])
        if fate == "lost":
            raise ServerDown("the request was lost")
        if self.rng.random() < 0.3:
            self.meanwhile()
        self._units_left = self.rng.randrange(1, 8) if fate == "dies" else None
        try:
            reply = self.carry(call)
        finally:
            self._units_left = None
        if fate == "twice":
            self.carry(call)
        if fate == "unheard":
            raise ServerDown("the answer was lost")
        if fate == "half":
            return type(reply)(reply.status, reply.body[: len(reply.body) // 2], reply.headers)
        return reply


class Person:
    """Somebody who donates goods at a kiosk, and sometimes taps twice."""

    def __init__(self, rng, kiosk, stand):
        self.rng, self.kiosk, self.stand = rng, kiosk, stand
        self.told = {}  # event id -> bytes, once the screen has said "saved"

    def give(self):
        event_id = str(uuid.UUID(int=self.rng.getrandbits(128)))
        body = self.stand.rice(self.rng.randrange(1, 9))
        for _ in range(self.rng.choice([1, 1, 2, 3])):
            kept = self.kiosk.outbox.record(NewEvent(event_id, body, "visit"))
            self.told[event_id] = kept.raw


def restarted(kiosk, folder, carrier):
    """The agent crashes and restarts from its disk."""
    kind = type(kiosk.outbox)
    kiosk.outbox.close()
    fresh = make_agent(folder, carrier)
    if kind is not Outbox:
        fresh.outbox.close()
        fresh.outbox = kind(folder, clock=fresh.clock)
        fresh.sync.outbox = fresh.known._outbox = fresh.outbox
    return fresh


def run(seed, database, folder, *, outbox_kind=Outbox):
    """Let two kiosks work on an unreliable network, then on a reliable one."""
    rng = random.Random(seed)
    stand = commit_stand(database)
    carry = carry_to(web_for(database))
    weather = Weather(rng, carry, database)
    people = []
    for number in range(2):
        kiosk = make_agent(folder / str(number), carry)
        pair_agent(kiosk, database, stand)
        people.append(Person(rng, kiosk, stand))
    for number, person in enumerate(people):
        if outbox_kind is not Outbox:
            person.kiosk.outbox.close()
            person.kiosk.outbox = outbox_kind(folder / str(number), clock=person.kiosk.clock)
        person.kiosk = restarted(person.kiosk, folder / str(number), weather)
    for _ in range(DEEDS):
        person = rng.choice(people)
        weather.meanwhile = person.give
        person.give()
        if rng.random() < 0.6:
            attempt(person.kiosk)
        if rng.random() < 0.15:
            place = folder / str(people.index(person))
            person.kiosk = restarted(person.kiosk, place, weather)
    weather.is_calm = True
    for person in people:
        person.give()
        weather.last_tap = person.give
        for _ in range(3):
            attempt(person.kiosk)
    check(database, people)


def attempt(kiosk):
    with contextlib.suppress(ServerDown):
        kiosk.sync.round()


def check(database, people):
    """Acknowledged means: in the inbox once, byte for byte, and in the books once."""
    told = {raw: event_id for person in people for event_id, raw in person.told.items()}
    with database.reading() as session:
        kept = [bytes(raw) for raw in session.scalars(select(inbox.c.raw))]
        deposits = goods.announced_deposits(session, 1)
        sums = sums_by_commodity(session, 1)
    assert sorted(kept) == sorted(told)
    assert len(deposits) == len(told)
    given = sum(line["pieces"] for raw in told for line in wire.read_envelope(raw).body["lines"])
    assert sum(one.pieces for one in deposits) == given
    assert set(sums.values()) <= {(0, 0)}
    for person in people:
        states = {person.kiosk.outbox.find(event_id).state for event_id in person.told}
        assert states <= {"posted"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(2, 12))
def test_bad_weather_loses_nothing_and_doubles_nothing(seed, fresh_database, tmp_path):
    run(seed, fresh_database, tmp_path)


class WideOutbox(Outbox):
    """The bug: one answer marks everything that waits."""

    def mark(self, identity, result):
        outcome = result.first if result.outcome == "duplicate" else result.outcome
        self._write("UPDATE event SET state=?", (outcome,))


def fails(seed, database, folder, **options):
    try:
        run(seed, database, folder, **options)
    except AssertionError:
        return True
    return False


@pytest.mark.slow
def test_an_over_wide_mark_is_caught(new_database, clock, tmp_path):
    assert fails(1, new_database(clock), tmp_path, outbox_kind=WideOutbox)


def forgetful(session, *, now, sender, item, sent_at):
    """The bug: a server that applies every arriving event, even a repeated one."""
    raw = wire.to_bytes(item.raw)
    for line in wire.read_envelope(raw).body["lines"]:
        announce_deposit(
            Deed(session, By(1, "device:x", channel="kiosk"), now, "x"),
            store_id=sender.store_id,
            lines=(AnnouncedLine(line["item_id"], line["pieces"]),),
        )
    return wire.Result(item.epoch, item.seq, wire.digest(raw), "posted")


@pytest.mark.slow
def test_a_server_that_keeps_no_inbox_is_caught(new_database, clock, tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "receive_event", forgetful)
    assert fails(1, new_database(clock), tmp_path)


def test_a_disk_from_an_old_image_is_noticed_at_the_start(fresh_database, tmp_path):
    stand = commit_stand(fresh_database)
    carry = carry_to(web_for(fresh_database))
    kiosk = make_agent(tmp_path / "now", carry)
    pair_agent(kiosk, fresh_database, stand)
    person = Person(random.Random(1), kiosk, stand)
    person.give()
    kiosk.sync.round()
    kiosk.outbox._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    old = tmp_path / "old"
    old.mkdir()
    for file in (tmp_path / "now").iterdir():
        (old / file.name).write_bytes(file.read_bytes())
    person.give()
    kiosk.sync.round()
    restored = make_agent(old, carry)
    restored.sync.round()
    assert restored.sync.trouble == "DISK_RESTORED"
    assert kiosk.sync.trouble is None


def test_two_machines_with_one_disk_are_found_and_frozen(fresh_database, tmp_path):
    stand = commit_stand(fresh_database)
    carry = carry_to(web_for(fresh_database))
    kiosk = make_agent(tmp_path / "one", carry)
    pair_agent(kiosk, fresh_database, stand)
    kiosk.sync.round()
    kiosk.outbox._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (tmp_path / "two").mkdir()
    for file in (tmp_path / "one").iterdir():
        (tmp_path / "two" / file.name).write_bytes(file.read_bytes())
    twin = make_agent(tmp_path / "two", carry)
    twin.sync.round()
    for one in (kiosk, twin):
        Person(random.Random(id(one)), one, stand).give()
        one.sync.round()
    assert twin.sync.trouble == "DISK_RESTORED"
    with fresh_database.reading() as session:
        assert len(goods.announced_deposits(session, 1)) == 1


def test_a_server_restored_from_a_backup_gets_again_what_it_lost(new_database, clock, tmp_path):
    """The backup has the device but not its last events: the gap asks for them."""
    database = new_database(clock)
    stand = commit_stand(database)
    kiosk = make_agent(tmp_path, carry_to(web_for(database)))
    pair_agent(kiosk, database, stand)
    person = Person(random.Random(2), kiosk, stand)
    for _ in range(3):
        person.give()
    for seq in (1, 2, 3):  # Marked as if the server had confirmed them an hour ago.
        kept = kiosk.outbox.at(kiosk.outbox.identity, seq)
        done = wire.Result(kept.epoch, seq, kept.digest, "posted")
        kiosk.outbox.mark(kiosk.outbox.identity, done)
    person.give()
    kiosk.sync.round()
    kiosk.sync.round()
    assert kiosk.outbox.count_waiting() == 0
    check(database, [person])
