"""The kiosk is a witness: it sends nothing to books that do not extend those it has seen."""

import json
import random
import shutil
from pathlib import Path

import pytest

from kiosk.server import Reply, ServerDown
from tests.factories.kiosks import (
    carry_to,
    commit_stand,
    make_agent,
    pair_agent,
    web_for,
    whole_web_for,
)
from tests.factories.sealing import SIGNER, move_some, seal_in
from tests.kiosk.test_chaos import Person
from timebank.db import Database
from timebank.kiosks import wire
from timebank.sealing.keys import SIGNER as NAME
from timebank.sealing.keys import Signer


@pytest.fixture
def database(fresh_database):
    """A database whose server signs its books."""
    fresh_database.info[NAME] = SIGNER
    return fresh_database


class Shop:
    """A paired kiosk whose server can be replaced."""

    def __init__(self, database, folder):
        self.stand = commit_stand(database)
        self.serve(database)
        self.kiosk = make_agent(folder, lambda call: self.carry(call))
        pair_agent(self.kiosk, database, self.stand)
        self.person = Person(random.Random(1), self.kiosk, self.stand)

    def serve(self, database):
        self.carry = carry_to(whole_web_for(database))

    def seen(self):
        name = f"checkpoint:{self.kiosk.outbox.identity.device}"
        return self.kiosk.outbox.remembered(name)

    def is_refused(self):
        """Record and send one event more: it stays on the kiosk, and the trouble is shown."""
        self.person.give()
        waiting = self.kiosk.outbox.count_waiting()
        with pytest.raises(ServerDown):
            self.kiosk.sync.round()
        assert self.kiosk.outbox.count_waiting() == waiting > 0
        assert not self.kiosk.sync.is_up
        return self.kiosk.sync.trouble == "BOOKS_UNPROVEN"


@pytest.fixture
def shop(database, tmp_path):
    return Shop(database, tmp_path / "kiosk")


def grow(database, count=3):
    database.write(lambda session, now: move_some(session, count))
    return seal_in(database).note


def test_books_that_grow_are_followed(shop, database):
    shop.kiosk.sync.round()  # Before the first checkpoint there is nothing to prove.
    assert shop.seen() == ""
    for _ in range(3):
        note = grow(database)
        shop.person.give()
        shop.kiosk.sync.round()
        assert shop.seen() == note
    assert shop.kiosk.outbox.count_waiting() == 0 and shop.kiosk.sync.trouble is None


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True, scope="session")
def test_an_older_backup_put_in_place_is_noticed_and_gets_nothing(
    shop, database, tmp_path, clock, info
):
    grow(database)
    shop.kiosk.sync.round()
    path, backup = Path(database.engine.url.database), tmp_path / "backup.sqlite"
    raw = database.engine.raw_connection()
    raw.driver_connection.execute(f"VACUUM INTO '{backup}'")
    raw.close()
    grow(database)
    shop.person.give()
    shop.kiosk.sync.round()
    seen = shop.seen()
    database.close()
    assert not path.with_name(f"{path.name}-wal").exists()  # The file is whole now.
    shutil.move(path, tmp_path / "right.sqlite")
    shutil.copyfile(backup, path)
    old = Database(f"sqlite:///{path}", clock=clock, info={**info, NAME: SIGNER})
    shop.serve(old)
    assert shop.is_refused()
    grow(old, 9)  # Also when it has grown beyond the checkpoint with other entries.
    assert shop.is_refused()
    assert shop.seen() == seen
    old.close()
    # The right books are back: sending continues, and nothing was lost.
    right = Database(f"sqlite:///{tmp_path / 'right.sqlite'}", clock=clock, info=old.info)
    shop.serve(right)
    shop.kiosk.sync.round()
    assert shop.kiosk.sync.trouble is None and shop.kiosk.outbox.count_waiting() == 0
    right.close()


def test_the_same_backup_would_pass_where_nobody_remembers(shop, database):
    """The negative control: a kiosk without a remembered checkpoint accepts any books."""
    grow(database)
    shop.kiosk.sync.round()
    device = shop.kiosk.outbox.identity.device
    forged = Signer(bytes(range(1, 33)))
    shop.kiosk.outbox.remember(f"checkpoint:{device}", b"")
    shop.kiosk.sync.round()
    shop.kiosk.outbox.remember(f"seal-key:{device}", forged.verifier("timebank/ours").encode())
    assert shop.is_refused()  # Signed by another key than the one from the pairing.


@pytest.mark.parametrize("spoil", ["proof", "note", "nothing"])
def test_a_server_that_cannot_prove_it_is_refused(shop, database, spoil):
    grow(database)
    shop.kiosk.sync.round()
    grow(database)
    honest = shop.carry

    def carry(call):
        reply = honest(call)
        if not call.path.startswith(wire.GROWTH_PATH):
            return reply
        if spoil == "nothing":
            return Reply(404, b'{"code":"NOT_FOUND","facts":{}}', {})
        told = wire.canonical(
            wire.Growth("forged\n\n", ())
            if spoil == "note"
            else wire.Growth(json.loads(reply.body)["checkpoint"], ("00" * 32,))
        )
        return Reply(200, told, {})

    shop.carry = carry
    assert shop.is_refused()
    shop.carry = honest
    shop.kiosk.sync.round()
    assert shop.kiosk.sync.trouble is None


def test_a_kiosk_of_books_that_are_not_sealed_asks_for_nothing(fresh_database, tmp_path):
    stand = commit_stand(fresh_database)
    kiosk = make_agent(tmp_path, carry_to(web_for(fresh_database)))
    pair_agent(kiosk, fresh_database, stand)
    kiosk.sync.round()
    assert kiosk.sync.trouble is None


@pytest.mark.parametrize("name", ["seal-key", "checkpoint"])
def test_what_this_disk_remembers_of_the_books_is_damaged_and_nothing_is_sent(shop, database, name):
    grow(database)
    shop.kiosk.sync.round()
    device = shop.kiosk.outbox.identity.device
    shop.kiosk.outbox.remember(f"{name}:{device}", b"\xff\xfe")
    assert shop.is_refused()
