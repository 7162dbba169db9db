"""A backup is made in the background, whole or not at all, and says how it ended."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections import namedtuple

import pytest

from tests.checking.planting import TILE, make_books
from tests.factories import make_by
from tests.waiting import wait_until
from timebank.backups import making
from timebank.backups.bundle import read_header, unpack
from timebank.backups.making import CannotMake, Source, begin, kept_backups, making_state
from timebank.backups.notes import last_backup_at
from timebank.checking import log
from timebank.private_files import hold_alone

PASS = "0123456789ABCDEFGHJKMNPQR"
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def source(fresh_database, tmp_path, monkeypatch):
    monkeypatch.setattr(log, "TILE", TILE)
    by = make_by("keeper")
    fresh_database.write(lambda session, now: make_books(session, by=by, now=now))
    return Source(fresh_database.engine.url.render_as_string(hide_password=False), tmp_path)


@pytest.fixture
def at(now):
    return now


def make(source, at):
    begin(source, typed=PASS, now=at).join()
    return making_state(source)


def names(source):
    return sorted(file.name for file in source.folder.iterdir())


def test_a_backup_is_made_listed_and_opened(source, at, tmp_path):
    assert making_state(source) is None and kept_backups(source) == []
    state = make(source, at)
    assert (state.stage, state.name) == (making.MADE, "timebank-20250610T020000Z.tbk")
    (kept,) = kept_backups(source)
    assert (kept.name, kept.made_at, kept.is_bundle) == (state.name, at, True)
    assert last_backup_at(source.data) == at
    assert names(source) == ["making.json", "making.lock", state.name]
    into = tmp_path / "into"
    into.mkdir()
    path = source.folder / state.name
    unpack(path, into, typed=PASS, most_bytes=10**9)
    assert read_header(path).engine in source.url


def test_the_files_beside_the_database_are_in_it(source, at, tmp_path):
    name = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
    (source.data / making.FILES).mkdir()
    (source.data / making.FILES / name).write_bytes(b"foo")
    (source.data / making.FILES / "key").write_bytes(b"not one of them")
    state = make(source, at)
    into = tmp_path / "into"
    into.mkdir()
    unpack(source.folder / state.name, into, typed=PASS, most_bytes=10**9)
    assert sorted(file.name for file in into.iterdir()) == [name, "database"]


def test_a_second_one_at_once_is_refused(source, at):
    source.folder.mkdir()
    with hold_alone(source.folder / "making.lock", "a test"), pytest.raises(CannotMake) as refused:
        begin(source, typed=PASS, now=at)
    assert refused.value.why == "busy"
    assert make(source, at).stage == making.MADE


def test_no_room_is_said_before_anything_is_written(source, at, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(1, 1, 1000))
    with pytest.raises(CannotMake) as refused:
        begin(source, typed=PASS, now=at)
    assert (refused.value.why, making_state(source).why) == ("full", "full")
    assert kept_backups(source) == []
    monkeypatch.undo()
    assert make(source, at).stage == making.MADE


@pytest.mark.parametrize(
    ("fault", "why"), [(OSError(errno.ENOSPC, "no room"), "full"), (OSError(5, "io"), "fault")]
)
def test_a_disk_that_fails_on_the_way_leaves_nothing_half(source, at, monkeypatch, fault, why):
    def fails(path, *rest, **options):
        path.write_bytes(b"half")
        raise fault

    monkeypatch.setattr(making, "write_bundle", fails)
    state = make(source, at)
    assert (state.stage, state.why) == (making.FAILED, why)
    assert names(source) == ["making.json", "making.lock"]
    assert last_backup_at(source.data) is None


def test_a_state_that_cannot_be_read_counts_as_none(source, at):
    source.folder.mkdir()
    for content in ("", "[]", '{"stage": "made", "other": 1}'):
        (source.folder / "making.json").write_text(content)
        assert making_state(source) is None


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from timebank.backups import making
url, data = sys.argv[1:]
whole = making.write_bundle
def dies(path, header, members, **options):
    def report(done, total):
        options["report"](done, total)
        print("packing", flush=True)
        os.kill(os.getpid(), signal.SIGSTOP)
    whole(path, header, members, typed=options["typed"], report=report)
making.write_bundle = dies
source = making.Source(url, Path(data))
making.begin(source, typed="0" * 25, now=datetime(2025, 6, 10, tzinfo=UTC)).join()
"""


@pytest.mark.slow
def test_a_killed_one_leaves_nothing_half_and_the_next_one_cleans_up(source, at):
    words = [sys.executable, "-c", KILLED, source.url, str(source.data)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "packing\n"
    wait_until(lambda: making_state(source) is not None)
    assert making_state(source).is_running
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert making_state(source).stage == making.STOPPED
    assert kept_backups(source) == [] and last_backup_at(source.data) is None
    state = make(source, at)
    assert names(source) == ["making.json", "making.lock", state.name]
