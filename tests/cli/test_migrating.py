"""``timebank migrate`` makes a backup first, and what serves refuses an old schema."""

import re
import shutil
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from migrations.write_next import Revision, write
from tests.conftest import only_on
from tests.factories.revisions import TRIAL_NUMBER, looking, stamp, use_folder
from timebank import cli, schema
from timebank.checking.backups import read_manifest
from timebank.checking.restore_drill import restored
from timebank.schema import SchemaOld, newest_revision, revision_of
from web.app import create_app


@pytest.fixture
def url(copies):
    """A database of before the upgrade."""
    fresh = copies.fresh()
    stamp(fresh)
    yield fresh
    copies.drop(fresh)


@pytest.fixture
def old(url, tmp_path, monkeypatch):
    """Add a revision, as an upgrade does; gives the revision of before."""
    before = newest_revision()
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    added = ["ALTER TABLE community ADD COLUMN motto TEXT"]
    write("add_motto", Revision({"sqlite": added, "postgresql": added}), folder)
    use_folder(monkeypatch, folder)
    return before


@pytest.fixture
def environ(url, tmp_path):
    return {"TIMEBANK_DATABASE": url, "TIMEBANK_DATA": str(tmp_path / "data")}


@pytest.fixture
def run(environ):
    """Run the command; gives exit code and what was said."""

    def runs(*words, **told):
        result = CliRunner().invoke(cli.main, list(words), env={**environ, **told})
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    return runs


def backups(tmp_path):
    return sorted((tmp_path / "data" / "backups").glob("timebank-*.json"))


def revision(url):
    return looking(url, revision_of)


def test_a_backup_of_the_old_schema_is_made_and_named(url, old, run, tmp_path):
    code, said = run("migrate")
    assert (code, revision(url)) == (0, TRIAL_NUMBER)
    assert f"The database has the newest schema now: {TRIAL_NUMBER}." in said
    made = Path(re.search("Backup: (.*)", said)[1])
    assert made.with_name(made.name + ".json") == backups(tmp_path)[0]
    with restored(url, made, read_manifest(made)) as beside:
        assert revision(beside) == old
        assert looking(beside, lambda c: c.scalar(text("SELECT count(*) FROM community"))) == 2


def test_where_the_schema_is_the_newest_nothing_happens(url, run, tmp_path):
    code, said = run("migrate")
    assert (code, said.splitlines()) == (
        0, [f"The database has the newest schema already: {newest_revision()}."],
    )  # fmt: skip
    assert backups(tmp_path) == []


def test_a_new_database_needs_no_backup(tmp_path, run):
    address = f"sqlite:///{tmp_path / 'new.sqlite'}"
    code, said = run("migrate", TIMEBANK_DATABASE=address)
    assert (code, "Backup" in said) == (0, False)
    assert backups(tmp_path) == []


def test_the_operator_may_have_made_a_backup_already(url, old, run, tmp_path):
    assert run("migrate", "--no-backup")[0] == 0
    assert (revision(url), backups(tmp_path)) == (TRIAL_NUMBER, [])


def test_the_backup_goes_where_the_operator_says(url, old, run, tmp_path):
    assert run("migrate", "--backup-to", str(tmp_path / "elsewhere"))[0] == 0
    assert len(list((tmp_path / "elsewhere").iterdir())) == 2


@only_on("postgresql")
def test_without_pg_dump_nothing_is_changed(url, old, run):
    code, said = run("migrate", PATH="")
    assert (code, revision(url)) == (1, old)
    assert "nothing was changed: pg_dump is not installed" in said
    assert "run `timebank migrate --no-backup`" in said


def test_where_the_backup_cannot_be_written_nothing_is_changed(url, old, run, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "backups").write_text("in the way")
    assert run("migrate")[0] == 1
    assert revision(url) == old


def test_a_revision_that_fails_says_so_and_the_old_schema_stays(url, old, run, tmp_path):
    for file in (tmp_path / "migrations").glob(f"versions/{TRIAL_NUMBER}_add_motto/*.sql"):
        file.write_text(f"{file.read_text('utf-8')}\n\nALTER TABLE nowhere ADD COLUMN motto TEXT\n")
    code, said = run("migrate")
    assert (code, revision(url)) == (1, old)
    assert "Error: The migration failed and nothing was lost: " in said
    assert "nowhere" in said
    assert len(backups(tmp_path)) == 1


@pytest.mark.parametrize("command", ["serve", "seal", "tidy", "check"])
def test_an_old_schema_is_refused_with_the_command_that_helps(url, old, run, command, tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    code, said = run(command, PORT=port)
    assert code == 1
    assert said == "Error: The schema is not the newest: run `timebank migrate`.\n"
    assert not (tmp_path / "data" / "key").exists()


def test_the_web_does_not_start_on_an_old_schema(old, environ, monkeypatch):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SchemaOld, match="run `timebank migrate`"):
        create_app()
