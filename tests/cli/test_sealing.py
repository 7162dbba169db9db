"""``timebank seal``, ``seal-key`` and ``check``: everything is sealed, and faults are reported."""

import threading

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from tests.factories.sealing import SIGNER as OURS
from tests.factories.sealing import move_some
from timebank import cli, sealer
from timebank.db import Database
from timebank.keyfile import KeyUnfit
from timebank.schema import migrate
from timebank.sealing.keys import SIGNER
from timebank.sealing.notes import read_checkpoint
from timebank.sealing.queries import sealing_state
from web.app import create_app

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True, scope="session")


@pytest.fixture
def run(tmp_path):
    """Run a command on a separate data folder; return exit code and output."""

    def runs(*words):
        told = {"TIMEBANK_DATA": str(tmp_path), "TIMEBANK_KEY": None, "TIMEBANK_SEAL_KEY": None}
        result = CliRunner().invoke(cli.main, list(words), env=told)
        return result.exit_code, result.output

    return runs


@pytest.fixture
def database(tmp_path, engine_name):
    """A migrated database with one community and a few transactions."""
    url = f"sqlite:///{tmp_path / 'timebank.sqlite'}"
    migrate(url)
    made = Database(url)

    def lay(session, now):
        session.execute(
            text(
                "INSERT INTO community (id, code, name_zh, name_en)"
                " VALUES (1, 'ours', '本社区', 'Ours')"
            )
        )
        move_some(session, 4)

    made.write(lay)
    yield made
    made.close()


def test_seal_seals_all_and_prints_what_the_key_opens(run, database, tmp_path):
    assert "0 entries sealed, 8 wait, the oldest for" in run("check")[1]
    code, note = run("seal")
    assert code == 0
    verifier = run("seal-key")[1].strip()
    assert read_checkpoint(note.rstrip("\n") + "\n", verifier).size == 8
    assert (tmp_path / "seal.key").stat().st_mode & 0o077 == 0
    assert "8 entries sealed, 0 wait\n" in run("check")[1]
    assert run("seal")[1] == note  # Nothing waits any more: the same checkpoint is printed.


@pytest.mark.parametrize("command", ["seal", "seal-key"])
def test_no_new_key_is_made_where_the_books_are_signed(run, database, tmp_path, command):
    note = run("seal")[1]
    kept = (tmp_path / "seal.key").rename(tmp_path / "kept")
    code, said = run(command)
    assert code == 1 and f"The books are signed, but {tmp_path / 'seal.key'} is missing" in said
    assert not (tmp_path / "seal.key").exists()
    kept.rename(tmp_path / "seal.key")
    assert run("seal") == (0, note)


def test_the_web_makes_no_new_key_where_the_books_are_signed(run, database, tmp_path, monkeypatch):
    note = run("seal")[1]
    monkeypatch.setenv("TIMEBANK_DATA", str(tmp_path))
    app = create_app()
    verifier = app.config["DATABASE"].info[SIGNER].verifier("timebank/ours")
    app.config["DATABASE"].close()
    assert read_checkpoint(note.rstrip("\n") + "\n", verifier).size == 8
    (tmp_path / "seal.key").unlink()
    with pytest.raises(KeyUnfit, match="The books are signed"):
        create_app()
    assert not (tmp_path / "seal.key").exists()


def test_seal_names_the_row_that_was_changed(run, database):
    database.write(lambda session, now: session.execute(text("DROP TRIGGER txn_no_update")))
    database.write(lambda session, now: session.execute(text("UPDATE txn SET kind = 'x'")))
    code, said = run("seal")
    assert code == 1 and "Sealing stopped: txn " in said and "Traceback" not in said


def test_check_misses_what_is_neither_sealed_nor_waiting(run, database):
    database.write(lambda session, now: session.execute(text("DELETE FROM seal_queue")))
    code, said = run("check")
    assert code == 1 and "but the books have 8" in said


def test_the_clock_seals_and_a_stopped_sealer_does_not_stop_the_clock(
    database, monkeypatch, caplog
):
    monkeypatch.setattr(sealer, "SEALING_SECONDS", 0.01)
    monkeypatch.setattr(sealer, "STOPPED_SECONDS", 0.01)
    stopped = threading.Event()
    clock = threading.Thread(target=sealer.keep_sealing, args=(database, OURS, stopped))
    clock.start()
    try:
        assert wait_until(lambda: state(database).waiting == 0)
        database.write(lambda session, now: session.execute(text("DROP TRIGGER txn_no_update")))

        def lie(session, now):
            [txn_id] = move_some(session, 1)
            session.execute(text("UPDATE txn SET kind = 'x' WHERE id = :id"), {"id": txn_id})

        database.write(lie)
        assert wait_until(lambda: "the books were changed" in caplog.text)
        assert clock.is_alive() and state(database).waiting > 0
    finally:
        stopped.set()
        clock.join()


def state(database):
    with database.reading() as session:
        return sealing_state(session, 1)


def wait_until(happened):
    for _ in range(500):
        if happened():
            return True
        threading.Event().wait(0.02)
    return False
