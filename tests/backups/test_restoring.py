"""A backup is restored whole or not at all, and a file that is unfit changes nothing."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections import namedtuple
from datetime import timedelta

import pytest
from sqlalchemy import insert, text

from tests.factories.restoring import PASS, lay_one_older, make_machine, revisions
from timebank import schema
from timebank.backups import bundle, staging, switching
from timebank.backups.bundle import DATABASE, read_header, unpack, write_bundle
from timebank.backups.staging import CannotRestore, Offered, Target, stage
from timebank.backups.switching import switch
from timebank.keyfile import as_text, new_key, parse_keys
from timebank.keyring import Keyring, open_vault, rotate
from timebank.people.tables import visit
from timebank.sealing.keys import SIGNER

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True, scope="session")
Usage = namedtuple("Usage", "total used free")
PICTURE = b"a picture of rice"
NAME = hashlib.sha256(PICTURE).hexdigest() + ".jpg"


@pytest.fixture
def old(tmp_path, clock, engine_name):
    """The community whose backup is restored."""
    machine = make_machine(tmp_path / "old", clock)
    (machine.folder / "files" / NAME).write_bytes(PICTURE)
    yield machine
    machine.database.close()


@pytest.fixture
def new(tmp_path, clock, engine_name):
    """An empty server."""
    machine = make_machine(tmp_path / "new", clock, is_empty=True)
    yield machine
    machine.database.close()


@pytest.fixture
def made(old, now):
    return old.backup(now)


def staged(machine, path, now, *, keys=(), typed=PASS):
    return stage(machine.place, Offered(bundle=path, typed=typed, keys=keys), now=now)


def state(machine):
    """Everything that a restore could change, but the clean-up of what was brought."""
    files = [
        file
        for file in machine.folder.rglob("*")
        if file.is_file() and file.suffix not in (".sqlite-wal", ".sqlite-shm")
    ]
    database = _dump(machine)
    rest = {
        str(file.relative_to(machine.folder)): file.read_bytes()
        for file in files
        if not file.name.startswith("timebank.sqlite")
    }
    return database, rest


def _dump(machine):
    """Every row, by the connections of the machine itself.

    A second SQLite library in this process would release their locks when it closes the file.
    """
    tables = machine.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [(name, machine.rows(f'SELECT * FROM "{name}"')) for (name,) in tables]


def why(machine, path, now, **options):
    """Why a file is refused; nothing of the server has changed."""
    before = state(machine)
    with pytest.raises(CannotRestore) as refused:
        staged(machine, path, now, **options)
    assert state(machine) == before
    assert refused.value.why in _sentences()
    return refused.value.why


def _sentences():
    from web.oversight.restore_words import WHY_WORDS

    return WHY_WORDS


def repacked(made, tmp_path, change, **header):
    """The same backup with another database in it, as somebody with the pass could make it."""
    folder = tmp_path / "opened"
    folder.mkdir()
    kept = unpack(made, folder, typed=PASS, most_bytes=10**9)
    change(folder / DATABASE)
    values = {name: getattr(kept, name) for name in bundle.Header.__slots__} | header
    members = {file.name: file for file in folder.iterdir() if "-" not in file.name}
    values["size"] = sum(file.stat().st_size for file in members.values())
    path = tmp_path / "other.tbk"
    write_bundle(path, bundle.Header(**values), members, typed=PASS, report=lambda a, b: None)
    return path


def by_sql(*statements):
    def change(path):
        with sqlite3.connect(path) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    return change


def test_an_empty_server_becomes_the_community(old, new, made, now):
    books = old.counts()
    ready = staged(new, made, now, keys=old.keys())
    assert ready.names == ("本社区",) and ready.counts["transactions"] > 0
    assert new.counts() != books
    assert switch(new.place, ready, by_whom="set-up", now=now) is None
    assert new.counts() == books
    assert (new.folder / "files" / NAME).read_bytes() == PICTURE
    for name in ("key", "seal.key"):
        assert (new.folder / name).read_bytes() == (old.folder / name).read_bytes()
        assert (new.folder / name).stat().st_mode & 0o077 == 0
    assert not (new.folder / staging.FOLDER).exists()
    assert new.rows("SELECT name FROM audit_line WHERE name = 'restore_backup'")


def test_the_books_go_on_under_the_key_that_signed_them(old, new, made, now):
    switch(new.place, staged(new, made, now, keys=old.keys()), by_whom="set-up", now=now)
    new.post(2)  # Sealed by the running signer, which was made before the restore.
    assert [faults for _, _, faults in new.counts()] == [[], [], []]
    again = open_vault(new.database, Keyring({}, new.folder / "key"))
    assert again.key_ids == new.database.info["vault"].key_ids


def test_every_visit_in_it_is_ended(old, new, now, clock):
    stand = old.stand
    row = {
        "community_id": 1, "id": 5, "token_digest": bytes(32), "kind": "web",
        "person_id": stand.volunteer.person_id, "user_id": None, "card_id": stand.card.id,
        "device": "", "opened_at": now, "last_seen_at": now, "proven_at": now,
        "ends_at": now + timedelta(hours=1),
    }  # fmt: skip
    old.database.write(lambda session, at: session.execute(insert(visit).values(row)))
    made = old.backup(now)
    switch(new.place, staged(new, made, now, keys=old.keys()), by_whom="set-up", now=now)
    assert new.rows("SELECT count(*) FROM visit WHERE ended_at IS NULL") == [(0,)]
    assert old.rows("SELECT count(*) FROM visit WHERE ended_at IS NULL") == [(1,)]


def test_a_running_community_goes_back_and_what_was_there_is_kept(old, made, now):
    books = old.counts()
    old.post(5)
    later = old.counts()
    assert later != books
    ready = staged(old, made, now)  # Its keys are here.
    assert old.counts() == later
    kept = switch(old.place, ready, by_whom="one + two", now=now + timedelta(minutes=5))
    assert old.counts() == books
    shutil.copyfile(kept, old.folder / "timebank.sqlite")  # The way back of the operator.
    for ending in ("-wal", "-shm"):
        (old.folder / f"timebank.sqlite{ending}").unlink(missing_ok=True)


def test_a_key_that_was_replaced_since_is_asked_for(old, new, made, now):
    first = old.keys()[0]
    assert why(new, made, now) == "key"
    assert why(new, made, now, keys=(new_key(),)) == "key"
    assert why(new, made, now, keys=(first,)) == "seal_key"
    assert why(new, made, now, keys=(first, new_key())) == "seal_key"


def test_a_key_that_was_replaced_since_stays_for_what_was_there(old, made, now):
    (first, _), keyring = old.keys(), Keyring({}, old.folder / "key")
    rotate(old.database, keyring)
    (second,) = keyring.read()
    assert second != first and why(old, made, now) == "key"
    ready = staged(old, made, now, keys=(first,))
    switch(old.place, ready, by_whom="one + two", now=now + timedelta(minutes=5))
    assert keyring.read() == (first,) == parse_keys((old.folder / "key").read_bytes(), "key")
    assert parse_keys((old.folder / "key.before-restore").read_bytes(), "key") == (second,)
    assert open_vault(old.database, keyring).key_ids == old.database.info["vault"].key_ids


def test_a_key_from_the_environment_cannot_be_replaced(old, new, made, now):
    data, seal = old.keys()
    environ = {"TIMEBANK_KEY": as_text(parse_keys((new.folder / "key").read_bytes(), "key")[0])}
    offered = Offered(bundle=made, typed=PASS, keys=old.keys())
    with pytest.raises(CannotRestore) as refused:
        stage(Target(new.database, new.folder, environ), offered, now=now)
    assert refused.value.why == "key_place"
    with pytest.raises(CannotRestore) as refused:
        environ = {"TIMEBANK_SEAL_KEY": as_text(new_key())}
        stage(Target(new.database, new.folder, environ), offered, now=now)
    assert refused.value.why == "key_place"
    environ = {"TIMEBANK_KEY": as_text(data), "TIMEBANK_SEAL_KEY": as_text(seal)}
    stage(Target(new.database, new.folder, environ), offered, now=now)


def test_another_community_is_never_put_over_this_one(old, made, now, tmp_path, clock):
    other = make_machine(tmp_path / "other", clock)
    rename = text("UPDATE community SET code = 'theirs'")
    other.database.write(lambda session, at: session.execute(rename))
    assert why(other, made, now, keys=old.keys()) == "other"
    other.database.close()


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "too_new"),
        ("UPDATE alembic_version SET version_num = '0001'", "too_old"),
        ("UPDATE alembic_version SET version_num = 'abc'", "too_old"),
        ("DROP TABLE alembic_version", "too_old"),
        ("DROP TRIGGER posting_is_append_only_update", "changed"),
        ("CREATE TRIGGER bad AFTER INSERT ON posting BEGIN SELECT 1; END", "changed"),
        ("CREATE VIEW bad AS SELECT 1", "changed"),
        ("CREATE TABLE extra (a INTEGER) STRICT", "changed"),
    ],
)
def test_a_database_of_another_version_or_with_foreign_parts(
    old, new, made, now, tmp_path, statement, expected
):
    if "posting_is" in statement:
        names = old.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        statement = f"DROP TRIGGER {sorted(names)[0][0]}"
    path = repacked(made, tmp_path, by_sql(statement))
    assert why(new, path, now, keys=old.keys()) == expected


def test_a_clock_that_does_not_fit_the_books_is_said_so(old, new, made, now):
    """The server would not start again with it."""
    for wrong in (now - timedelta(days=30), now + timedelta(days=3 * 365)):
        assert why(new, made, wrong, keys=old.keys()) == "clock"


def test_what_is_no_database_is_said_so(old, new, made, now, tmp_path):
    path = repacked(made, tmp_path, lambda file: file.write_bytes(b"not a database" * 1000))
    assert why(new, path, now, keys=old.keys()) == "not_sqlite"


def test_a_damaged_database_is_said_so(old, new, made, now, tmp_path):
    def damage(file):
        content = bytearray(file.read_bytes())
        content[len(content) // 2 :] = os.urandom(len(content) - len(content) // 2)
        file.write_bytes(bytes(content))

    path = repacked(made, tmp_path, damage)
    assert why(new, path, now, keys=old.keys()) in ("damaged", "not_sqlite")


def test_wrong_books_are_not_put_in_place(old, new, made, now, tmp_path):
    def change(file):
        with sqlite3.connect(file) as connection:
            triggers = connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'txn'"
            ).fetchall()
            for name, _ in triggers:
                connection.execute(f"DROP TRIGGER {name}")
            connection.execute("UPDATE txn SET posted_us = posted_us + 1")
            for _, sql in triggers:
                connection.execute(sql)
        connection.close()

    path = repacked(made, tmp_path, change)
    assert why(new, path, now, keys=old.keys()) == "books"


def test_a_backup_of_the_other_engine_needs_the_command(old, new, made, now, tmp_path):
    path = repacked(made, tmp_path, lambda file: None, engine="postgresql")
    assert why(new, path, now, keys=old.keys()) == "engine"


def test_a_file_that_does_not_fit_on_the_disk_is_said_so(new, old, made, now, monkeypatch):
    free = staging.ROOM_KEPT_BYTES + read_header(made).size
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(1, 1, free))
    assert why(new, made, now, keys=old.keys()) == "full"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda content: b"PK" + content[2:], "foreign"),
        (lambda content: content[:-100], "truncated"),
        (lambda content: content[:-100] + bytes(100), "damaged"),
        (lambda content: content.replace(b"bundle-1", b"bundle-7", 1), "too_new"),
    ],
)
def test_a_file_that_is_unfit_gets_its_own_sentence(old, new, made, now, change, expected):
    made.write_bytes(change(made.read_bytes()))
    assert why(new, made, now, keys=old.keys()) == expected
    assert why(new, made, now, keys=old.keys(), typed="x") in ("pass", expected)


def test_an_older_backup_is_brought_to_the_newest_schema(old, new, now, tmp_path):
    assert schema.before_sealed(revisions()[-2]) is None  # So that it can be migrated.
    made = old.backup(now)
    path = repacked(made, tmp_path, lay_one_older)
    ready = staged(new, path, now, keys=old.keys())
    switch(new.place, ready, by_whom="set-up", now=now)
    assert new.counts() == old.counts()


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from timebank.backups.staging import Offered, Target, stage
from timebank.backups.switching import switch
from timebank.db import Database
from timebank.keyfile import parse_keys
from timebank.keyring import Keyring, open_vault, rotate
folder, bundle, where, *keys = sys.argv[1:]
now = datetime(2025, 6, 10, 3, tzinfo=UTC)
database = Database(f"sqlite:///{folder}/timebank.sqlite", clock=lambda: now)
database.info["vault"] = open_vault(database, Keyring({}, Path(folder) / "key"))
place = Target(database, Path(folder), {})
found = tuple(parse_keys(key, "key")[0] for key in keys)
def step(name):
    if name == where:
        os.kill(os.getpid(), signal.SIGKILL)
if where == "copying":
    import timebank.backups.switching as switching
    def dies():
        def ask(status, remaining, total):
            os.kill(os.getpid(), signal.SIGKILL)
        return ask
    switching._patient = dies
offered = Offered(bundle=Path(bundle), typed="0123456789ABCDEFGHJKMNPQR", keys=found)
ready = stage(place, offered, now=now)
step("staged")
switch(place, ready, by_whom="set-up", now=now, step=step)
"""
STEPS = ("staged", "noted", "kept", "keys", "files", "copying", "switched", "settled")


@pytest.mark.slow
@pytest.mark.parametrize("where", STEPS)
@pytest.mark.parametrize("onto", ["empty", "running"])
def test_killed_at_any_step_it_is_the_old_or_the_new(old, new, made, where, onto):
    machine = new if onto == "empty" else old
    wanted = old.counts()
    if onto == "running":
        old.post(4)
    before = machine.counts()
    machine.database.close()
    keys = list(map(as_text, old.keys()))
    words = [sys.executable, "-c", KILLED, str(machine.folder), str(made), where, *keys]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ended.returncode == -9, ended.stderr
    counts = machine.counts()
    is_new = where in ("switched", "settled")
    assert counts == (wanted if is_new else before) or (where == "copying" and counts == wanted)
    machine.database.info["vault"] = open_vault(
        machine.database, Keyring({}, machine.folder / "key")
    )  # The server starts: the key of what is there is at hand.
    ready = staged(machine, made, machine.database.clock(), keys=old.keys())
    switch(machine.place, ready, by_whom="again", now=machine.database.clock())
    assert machine.counts() == wanted


def test_a_disk_that_fills_up_leaves_the_old_one(old, made, now, monkeypatch):
    old.post(2)
    before = old.counts()
    ready = staged(old, made, now)

    def full(*rest, **more):
        raise OSError(28, "no space")

    monkeypatch.setattr(switching, "backup", full)
    with pytest.raises(CannotRestore) as refused:
        switch(old.place, ready, by_whom="one", now=now)
    assert refused.value.why == "full" and old.counts() == before
    assert json.dumps(before) == json.dumps(old.counts())
    assert SIGNER in old.database.info
