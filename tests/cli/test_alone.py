"""One server on one SQLite file, and files that only their owner may read."""

import os
import socket
import stat
import subprocess
import sys
from contextlib import contextmanager

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from tests.cli.test_launch import free_port
from tests.waiting import wait_until
from timebank import cli, launch
from timebank.db import Database
from timebank.private_files import InUse, hold_alone, private_folder


@pytest.fixture
def told(tmp_path):
    """The settings of a community whose database is migrated."""
    found = {
        **os.environ,
        "TIMEBANK_DATA": str(tmp_path / "data"),
        "TIMEBANK_DATABASE": "",
        "TIMEBANK_KEY": "",
    }
    assert CliRunner().invoke(cli.main, ["migrate"], env=found).exit_code == 0
    return found


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_database_and_its_folder_are_the_owners_alone(told, tmp_path):
    assert mode(tmp_path / "data") == 0o700
    assert mode(tmp_path / "data" / "timebank.sqlite") == 0o600


def test_a_database_of_an_earlier_version_is_closed_when_it_is_opened(told, tmp_path):
    file = tmp_path / "data" / "timebank.sqlite"
    file.chmod(0o644)
    database = Database(f"sqlite:///{file}")
    with database.reading() as session:
        session.execute(text("SELECT 1"))
        written = [one for one in file.parent.glob("timebank.sqlite*") if mode(one) != 0o600]
    database.close()
    assert written == []


@contextmanager
def serving(told, port):
    """A server in its own process, once it answers or has ended."""
    process = subprocess.Popen(
        [sys.executable, "-m", "timebank.cli", "serve"],
        env={**told, "PORT": str(port)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        wait_until(lambda: process.poll() is not None or answers(port), "it neither runs nor ends")
        yield process
    finally:
        process.kill()
        process.wait()


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_second_server_on_one_file_is_refused_and_a_killed_one_leaves_it_free(told, tmp_path):
    (tmp_path / "data").chmod(0o755)
    file = tmp_path / "data" / "timebank.sqlite"
    with serving(told, free_port()) as first, serving(told, free_port()) as second:
        assert (first.poll(), second.poll()) == (None, 1)
        said = second.stdout.read()
        assert f"timebank.sqlite is in use by another program (process {first.pid})" in said
        assert "Traceback" not in said
        assert mode(tmp_path / "data") == 0o700
        assert mode(tmp_path / "data" / "timebank.sqlite.lock") == 0o600
        with pytest.raises(launch.CannotStart), launch.holding_database(f"sqlite:///{file}"):
            pass
    with launch.holding_database(f"sqlite:///{file}"):
        pass


def test_other_commands_run_beside_the_server(told, tmp_path):
    with launch.holding_database(f"sqlite:///{tmp_path / 'data' / 'timebank.sqlite'}"):
        assert CliRunner().invoke(cli.main, ["check"], env=told).exit_code == 0


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///nowhere/lost.sqlite", "postgresql:///x"])
def test_where_there_is_no_file_nothing_is_locked(url):
    with launch.holding_database(url), launch.holding_database(url):
        pass


def test_a_second_kiosk_is_told_in_one_sentence(tmp_path):
    folder = tmp_path / "data" / "kiosk"
    private_folder(folder)
    with hold_alone(folder / "outbox.lock", "The outbox"):
        told = {"TIMEBANK_DATA": str(tmp_path / "data"), "KIOSK_PORT": str(free_port())}
        result = CliRunner().invoke(cli.main, ["kiosk"], env=told)
    assert result.exit_code == 1
    assert f"is in use by another program (process {os.getpid()})" in result.output


def test_a_lock_is_free_again_when_it_is_closed(tmp_path):
    with hold_alone(tmp_path / "lock", "The file"), pytest.raises(InUse):
        hold_alone(tmp_path / "lock", "The file")
    hold_alone(tmp_path / "lock", "The file").close()
