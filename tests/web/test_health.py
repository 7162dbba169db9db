"""``/healthz`` answers 503 with what fails: writing, the disk, the key, the schema, the clock."""

import shutil
from collections import namedtuple
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from tests.conftest import Clock
from tests.web.test_fault_pages import full_disk
from timebank.clock import SteadyClock
from timebank.keyfile import new_key
from timebank.schema import newest_revision
from timebank.vault.cipher import Vault
from timebank.vault.keys import put_in_force
from web import health

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def asked_anew(monkeypatch):
    monkeypatch.setattr(health, "SHARED_SECONDS", 0.0)


def failed(client):
    answer = client.get("/healthz")
    assert (answer.status_code == 200) == (answer.get_json() == {"status": "ok"})
    return answer.get_json().get("failed", [])


def test_a_sound_server_answers_200_and_leaves_one_row(client, database):
    for _ in range(3):
        assert failed(client) == []
    with database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM health_probe")) == 1


def test_a_disk_that_takes_no_write_is_told(client):
    with full_disk():
        assert "writing" in failed(client)
    assert failed(client) == []


def test_a_disk_that_is_nearly_full_is_told(client, monkeypatch):
    room = health.ROOM_MIN_BYTES
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(1, 1, room))
    assert failed(client) == []
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(1, 1, room - 1))
    assert failed(client) == ["disk"]


def test_a_key_that_was_replaced_elsewhere_is_told(client, database):
    database.write(lambda session, now: put_in_force(session, Vault(new_key()), now))
    assert failed(client) == ["key"]


def test_a_clock_that_has_jumped_is_told(client, database):
    wall = Clock(database.clock())
    database.clock = SteadyClock(wall, lambda: 0.0)
    assert failed(client) == []
    wall.move(days=3650)
    assert failed(client) == ["clock"]
    wall.move(days=-3650)
    assert failed(client) == []


def test_another_key_under_the_same_id_is_told(client, database, vault):
    database.write(lambda session, now: put_in_force(session, vault, now))
    assert failed(client) == []
    other = text("UPDATE data_key SET check_value = zeroblob(32)")
    database.write(lambda session, now: session.execute(text("DROP TRIGGER data_key_fixed")))
    database.write(lambda session, now: session.execute(other))
    assert failed(client) == ["key"]


def test_another_schema_is_told(client, database):
    def lay(revision):
        def work(session, now):
            session.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num TEXT)"))
            session.execute(text("DELETE FROM alembic_version"))
            session.execute(text("INSERT INTO alembic_version VALUES (:r)"), {"r": revision})

        database.write(work)

    lay(newest_revision())
    assert failed(client) == []
    lay("0000")
    assert failed(client) == ["schema"]


@contextmanager
def foreign_lock(database):
    """Hold the database as another program does."""
    other = type(database)(database.engine.url.render_as_string(hide_password=False))
    with other.engine.execution_options(writes=True).connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        yield
    other.close()


def test_a_database_that_another_program_holds_is_told(client, database, monkeypatch):
    monkeypatch.setattr(health, "WRITE_SECONDS", 0.1)
    with foreign_lock(database):
        assert failed(client) == ["writing"]
    assert failed(client) == []


def test_a_second_watchdog_does_not_make_a_second_write(client, database, monkeypatch):
    monkeypatch.setattr(health, "SHARED_SECONDS", 60.0)
    assert failed(client) == []
    with full_disk():
        assert failed(client) == []
