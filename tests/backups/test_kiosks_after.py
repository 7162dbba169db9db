"""After a restore a kiosk may have done more than the books know: what it does, and what helps."""

import random
import uuid

import pytest

from kiosk.outbox import NewEvent
from kiosk.server import ServerDown
from tests.factories.kiosks import carry_to, make_agent, pair_agent, whole_web_for
from tests.factories.restoring import PASS, make_machine
from tests.kiosk.test_chaos import Person
from timebank.backups.staging import Offered, stage
from timebank.backups.switching import switch
from timebank.kiosks import wire
from timebank.kiosks.queries import kiosk_standings
from timebank.sealer import seal_all
from timebank.sealing.keys import SIGNER

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True, scope="session")


class Shop:
    """A server, and a kiosk that is paired with it."""

    def __init__(self, machine, folder, now):
        self.machine, self.now = machine, now
        self.carry = carry_to(whole_web_for(machine.database))
        self.kiosk = make_agent(folder, lambda call: self.carry(call))
        pair_agent(self.kiosk, machine.database, machine.stand)
        self.person = Person(random.Random(1), self.kiosk, machine.stand)

    def work(self):
        """Somebody leaves goods; it is sent, sealed, and the kiosk sees the seal."""
        self.person.give()
        self.kiosk.sync.round()
        seal_all(self.machine.database, self.machine.database.info[SIGNER])
        self.kiosk.sync.round()

    def restore(self, path):
        target = self.machine.place
        ready = stage(target, Offered(bundle=path, typed=PASS), now=self.now)
        switch(target, ready, by_whom="test", now=self.now)

    def waiting(self):
        return self.kiosk.outbox.count_waiting()

    def head(self):
        with self.machine.database.reading() as session:
            return kiosk_standings(session, 1)[0].head_seq


@pytest.fixture
def shop(tmp_path, clock, now, engine_name):
    machine = make_machine(tmp_path / "server", clock)
    yield Shop(machine, tmp_path / "kiosk", now)
    machine.database.close()


def test_a_kiosk_that_sent_nothing_since_goes_on(shop, now):
    shop.work()
    path = shop.machine.backup(now)
    shop.restore(path)
    shop.work()
    assert shop.waiting() == 0 and shop.kiosk.sync.trouble is None


def test_a_kiosk_that_is_ahead_sends_nothing_until_it_is_paired_again(shop, now):
    shop.work()
    path = shop.machine.backup(now)
    shop.work()
    books = shop.machine.counts()
    shop.restore(path)
    shop.person.give()
    with pytest.raises(ServerDown):
        shop.kiosk.sync.round()
    assert shop.kiosk.sync.trouble == "BOOKS_UNPROVEN" and shop.waiting() == 1
    pair_agent(shop.kiosk, shop.machine.database, shop.machine.stand)
    shop.work()
    assert shop.kiosk.sync.trouble is None
    assert [faults for _, _, faults in shop.machine.counts()] == [[], [], []]
    assert shop.machine.counts() != books


def test_what_it_sent_and_no_posting_shows_is_asked_for_again(shop, now):
    """The books are the same, but its chain is longer than the server knows."""
    shop.work()
    path = shop.machine.backup(now)
    before = shop.head()
    started = NewEvent(str(uuid.uuid4()), wire.DeviceStarted("3", "wal"), "visit")
    shop.kiosk.outbox.record(started)
    shop.kiosk.sync.round()
    assert (shop.waiting(), shop.head()) == (0, before + 1)
    shop.restore(path)
    assert shop.head() == before
    shop.work()
    assert (shop.waiting(), shop.head()) == (0, before + 2)
