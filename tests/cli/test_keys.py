"""A server without its key does not start; ``rotate-key`` and ``drill lost-key`` say what holds."""

import base64
import os

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text, update

from tests.factories.kiosks import commit_stand
from timebank import cli
from timebank.backups.notes import drill_notes
from timebank.db import Database
from timebank.keyfile import KeyUnfit, as_text, new_key
from timebank.people.tables import person
from timebank.schema import migrate
from timebank.vault.cipher import Vault
from web.app import create_app

KEY = bytes(range(32))
pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True, scope="session")


@pytest.fixture
def run(tmp_path):
    def runs(*words, typed=None, **environ):
        told = {"TIMEBANK_DATA": str(tmp_path), "TIMEBANK_KEY": None, "TIMEBANK_SEAL_KEY": None}
        result = CliRunner().invoke(cli.main, list(words), env=told | environ, input=typed)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    return runs


@pytest.fixture
def filled(tmp_path, info, clock, engine_name):
    """A migrated community with people and a kiosk, and its key beside it."""
    url = f"sqlite:///{tmp_path / 'timebank.sqlite'}"
    migrate(url)
    (tmp_path / "key").write_bytes(base64.b64encode(KEY))
    (tmp_path / "key").chmod(0o600)
    database = Database(url, clock=clock, info=info)
    ours = "INSERT INTO community (id, code, name_zh, name_en) VALUES (1, 'ours', '本社区', 'Ours')"
    database.write(lambda session, now: session.execute(text(ours)))
    commit_stand(database)
    yield database
    database.close()


def test_nothing_starts_without_the_key_and_none_is_made(run, filled, tmp_path, monkeypatch):
    assert run("check")[0] == 0
    kept = (tmp_path / "key").rename(tmp_path / "kept")
    for command in ("check", "tidy", "seal", "serve", "rotate-key"):
        code, said = run(command, PORT="1")
        assert (code == 1 and f"put the file {tmp_path / 'key'} back" in said) or command == "serve"
    monkeypatch.setenv("TIMEBANK_DATA", str(tmp_path))
    monkeypatch.delenv("TIMEBANK_KEY", raising=False)
    with pytest.raises(KeyUnfit, match="No new key was made"):
        create_app()
    assert not (tmp_path / "key").exists()
    kept.rename(tmp_path / "key")
    assert run("check")[0] == 0


def test_nothing_starts_with_another_key(run, filled, monkeypatch, tmp_path):
    assert run("check")[0] == 0
    wrong = as_text(new_key())
    code, said = run("check", TIMEBANK_KEY=wrong)
    assert code == 1 and "but TIMEBANK_KEY holds" in said and "Traceback" not in said
    monkeypatch.setenv("TIMEBANK_DATA", str(tmp_path))
    monkeypatch.setenv("TIMEBANK_KEY", wrong)
    with pytest.raises(KeyUnfit, match="put the right key there"):
        create_app()


def test_check_opens_samples_and_names_what_cannot_be_read(run, filled):
    assert "sealed values were opened, from 35 columns" in run("check")[1]
    row = {"phone_sealed": Vault(new_key()).seal("1", "person.phone")}
    filled.write(lambda session, now: session.execute(update(person).values(row)))
    code, said = run("check")
    assert code == 1 and "Sealed values cannot be read: person.phone in person " in said


def test_a_key_is_replaced_and_the_server_starts_with_the_new_one(run, filled, tmp_path):
    code, said = run("rotate-key")
    assert code == 0 and "sealed again by key" in said and "safe place" in said
    assert (tmp_path / "key").read_bytes() != base64.b64encode(KEY) + b"\n"
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
    assert run("check")[0] == 0
    assert run("check", TIMEBANK_KEY=as_text(KEY))[0] == 1
    new = Vault(base64.b64decode((tmp_path / "key").read_bytes()))
    with filled.reading() as session:
        rows = session.execute(select(person.c.birth_sealed, person.c.birth_digest)).all()
    born = [(new.open(sealed, "person.birth"), bytes(digest)) for sealed, digest in rows]
    assert born and all(new.digest("person.birth", day) == digest for day, digest in born)


def test_a_lost_key_is_given_up_only_deliberately(run, filled, tmp_path):
    assert run("check")[0] == 0
    assert "only for a key that is lost" in run("rotate-key", "--lost", typed="y\n")[1]
    (tmp_path / "key").unlink()
    assert run("rotate-key", "--lost", typed="n\n")[0] == 1
    assert not (tmp_path / "key").exists()
    code, said = run("rotate-key", "--lost", typed="y\n")
    assert code == 0 and "Issue new cards" in said
    assert "cannot be read" in run("check")[1]


def test_the_drill_is_good_with_the_copy_of_the_key(run, filled, tmp_path):
    assert run("check")[0] == 0
    before = (tmp_path / "timebank.sqlite").stat().st_size, (tmp_path / "key").read_bytes()
    (tmp_path / "stick").write_bytes(base64.b64encode(KEY))
    code, said = run("drill", "lost-key", "--copy", str(tmp_path / "stick"))
    assert code == 0 and said.endswith("GOOD: the copy of the key.\n") and said.count("✓") == 7
    assert "stopped half-way" in said and "✗" not in said
    assert (tmp_path / "timebank.sqlite").stat().st_size, (tmp_path / "key").read_bytes() == before
    code, said = run("drill", "lost-key")
    assert code == 0 and "pass the one that you keep elsewhere" in said


def test_the_drill_is_bad_with_a_copy_of_another_key(run, filled, tmp_path):
    assert run("check")[0] == 0
    (tmp_path / "stick").write_text(as_text(new_key()))
    code, said = run("drill", "lost-key", "--copy", str(tmp_path / "stick"))
    assert code == 1 and said.endswith("BAD: the copy of the key.\n")
    (tmp_path / "stick").write_bytes(os.urandom(40))
    assert run("drill", "lost-key", "--copy", str(tmp_path / "stick"))[0] == 1


def test_the_drill_is_bad_where_a_server_would_start_without_its_key(run, filled, monkeypatch):
    assert run("check")[0] == 0
    filled.write(lambda session, now: session.execute(text("DELETE FROM data_key")))
    monkeypatch.setattr("timebank.keyring.is_any_sealed", lambda *told: False)
    code, said = run("drill", "lost-key")
    assert code == 1 and "✗ a new key was made in silence" in said and "BAD" in said


def test_the_restore_drill_opens_what_it_restored_with_the_key(run, filled, tmp_path):
    assert run("check")[0] == 0
    assert run("backup")[0] == 0
    kept, other = tmp_path / "kept", tmp_path / "other"
    kept.write_bytes((tmp_path / "key").read_bytes())
    other.write_text(as_text(new_key()), "ascii")
    for copy in (kept, other):
        copy.chmod(0o600)
    code, said = run("restore-drill", "--copy", str(kept))
    assert "✓ the key opens" in said and "BAD" not in said
    bad_code, bad = run("restore-drill", "--copy", str(other))
    assert bad_code == 1 and "✗ The database uses key" in bad and bad.splitlines()[-1][:3] == "BAD"
    code, said = run("restore-drill", TIMEBANK_KEY=as_text(new_key()))
    assert code == 1 and "✗ The database uses key" in said
    (tmp_path / "key").unlink()
    code, said = run("restore-drill")
    assert code == 1 and "✗ there is no key" in said and not (tmp_path / "key").exists()


def test_the_restore_drill_is_bad_where_the_restored_samples_cannot_be_read(run, filled, tmp_path):
    assert run("check")[0] == 0
    row = {"phone_sealed": Vault(new_key()).seal("1", "person.phone")}
    filled.write(lambda session, now: session.execute(update(person).values(row)))
    assert run("backup")[0] == 0
    code, said = run("restore-drill")
    assert code == 1 and "sealed values cannot be read" in said


def test_a_drill_notes_how_it_ended(run, filled, tmp_path):
    assert run("drill", "lost-key")[0] == 0
    note = drill_notes(tmp_path)["lost-key"]
    assert note.is_good and run("backup")[0] == 0
    (tmp_path / "copy").write_text(as_text(new_key()))
    assert run("drill", "lost-key", "--copy", str(tmp_path / "copy"))[0] == 1
    assert run("restore-drill", "--copy", str(tmp_path / "copy"))[0] == 1
    notes = drill_notes(tmp_path)
    assert not notes["lost-key"].is_good and not notes["restore"].is_good
    assert notes["lost-key"].at >= note.at
