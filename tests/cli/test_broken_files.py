"""Files and databases that are missing, empty, truncated or nonsense give one clear sentence."""

import base64
import errno
import json
import resource
import shutil

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from tests.checking.planting import TILE, make_books
from tests.factories import make_by
from tests.factories.ledger import START
from tests.factories.other_sealer import verifier
from timebank.checking import log
from timebank.cli import main
from timebank.commands import exporting
from timebank.db import Database, make_engine
from timebank.goods.rules import receipt_code
from timebank.schema import newest_revision

NONSENSE = bytes(range(256)) * 40
KEY = ("--key", verifier("timebank/ours"))


@pytest.fixture
def folder(sqlite_copies, info, tmp_path, monkeypatch):
    """A data folder with books in its database."""
    source = sqlite_copies.fresh()
    monkeypatch.setattr(log, "TILE", TILE)
    monkeypatch.setenv("TIMEBANK_DATA", str(tmp_path))
    monkeypatch.delenv("TIMEBANK_DATABASE", raising=False)
    opened = Database(source, clock=lambda: START, info=info)
    opened.write(lambda session, now: make_books(session, by=make_by("keeper"), now=now))
    with opened.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num TEXT PRIMARY KEY)")
        stamp = text("INSERT INTO alembic_version VALUES (:revision)")
        connection.execute(stamp, {"revision": newest_revision()})
    opened.close()  # The last connection merges the journal into the file.
    shutil.move(opened.engine.url.database, tmp_path / "timebank.sqlite")
    return tmp_path


def run(*words):
    result = CliRunner().invoke(main, list(words))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def refusal(*words):
    """Run a command that must fail; return its one sentence."""
    code, said = run(*words)
    assert code == 1, said
    assert said.startswith("Error: ") and said.count("\n") == 1, said
    return said


def spoil(database, how):
    for beside in ("-wal", "-shm"):
        database.with_name(database.name + beside).unlink(missing_ok=True)
    if how == "empty":
        database.write_bytes(b"")
    elif how == "nonsense":
        database.write_bytes(NONSENSE)
    elif how == "cut":
        database.write_bytes(database.read_bytes()[: database.stat().st_size // 3])
    elif how == "without tables":
        engine = make_engine(f"sqlite:///{database}")
        with engine.begin() as connection:
            for name in ("checkpoint", "log_leaf", "posting"):
                connection.exec_driver_sql(f"DROP TABLE {name}")
        engine.dispose()


@pytest.mark.parametrize("how", ["gone", "empty", "nonsense", "cut", "without tables"])
def test_a_database_that_is_none_is_told_in_one_sentence(folder, how):
    assert run("backup")[0] == 0
    database = folder / "timebank.sqlite"
    database.unlink() if how == "gone" else spoil(database, how)
    for words in (("check-books",), ("backup",), ("restore-drill", *KEY)):
        assert str(database) in refusal(*words)
    for shape in ("jsonl", "beancount"):
        target = folder / f"books.{shape}"
        words = ("--format", shape, "--community", "ours", "--to", str(target))
        assert str(database) in refusal("export", *words)
        assert not target.exists()
    assert not [path for path in folder.iterdir() if path.name.startswith(".books")]
    assert database.exists() == (how != "gone")


@pytest.mark.parametrize("how", ["nonsense", "cut"])
def test_check_tells_a_broken_database_in_one_sentence(folder, how):
    spoil(folder / "timebank.sqlite", how)
    assert "The database cannot be used" in refusal("check")


def test_a_key_that_is_no_text_is_told_in_one_sentence(folder):
    (folder / "seal.key").write_bytes(NONSENSE)
    (folder / "seal.key").chmod(0o600)
    assert "seal.key is not a key" in refusal("check-books")
    assert "the key is not base64" in refusal("seal")
    told = refusal("check-books", "--key", str(folder / "seal.key"))
    assert "seal.key holds no verifier key" in told
    torn = f"\udcff+00+{base64.b64encode(bytes([1] + [0] * 32)).decode()}"
    assert "the verifier key is not a key" in refusal("check-books", "--key", torn)


def test_a_proof_that_is_no_text_is_told_in_one_sentence(folder):
    (folder / "proof.json").write_bytes(NONSENSE)
    code = receipt_code("GZR1:0123456789ABCDEF", 1, bytes(32))
    refusal("verify-receipt", code, "--proof", str(folder / "proof.json"), *KEY)


def test_a_backup_that_does_not_fit_on_the_disk_leaves_nothing(folder):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, hard))  # As if the disk were full.
    try:
        said = refusal("backup")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "timebank.sqlite cannot be copied" in said
    assert list((folder / "backups").iterdir()) == []


def test_where_no_file_can_be_written_the_sentence_names_the_folder(folder):
    target = folder / "missing" / "books.jsonl"
    assert "missing" in refusal("export", "--format", "jsonl", "--to", str(target))
    (folder / "file").write_text("")
    assert str(folder / "file") in refusal("backup", "--to", str(folder / "file"))


def test_an_export_has_its_name_only_when_it_is_whole(folder, monkeypatch):
    def breaks(books):
        yield "{}"
        assert not target.exists()
        raise OSError(errno.ENOSPC, "No space left on device")

    target = folder / "books.jsonl"
    monkeypatch.setattr(exporting, "jsonl", breaks)
    assert "No space left" in refusal("export", "--format", "jsonl", "--to", str(target))
    assert [path.name for path in folder.iterdir() if "books" in path.name] == []
    monkeypatch.undo()


def test_an_export_overwrites_nothing(folder):
    target = folder / "books.jsonl"
    target.write_text("kept")
    assert "exists already" in refusal("export", "--format", "jsonl", "--to", str(target))
    assert target.read_text() == "kept"


def test_a_community_that_was_mistyped_is_named(folder):
    told = refusal("export", "--format", "beancount", "--community", "nope")
    assert told == "Error: there is no community nope; choose one of these: ours, neighbour.\n"


@pytest.mark.parametrize(
    "paper", ["", "[]", '"x"', "null", "[" * 100_000, '{"format": "timebank-backup-1"}']
)
def test_a_paper_beside_a_backup_that_is_none_is_told(folder, paper):
    assert run("backup")[0] == 0
    (written,) = (folder / "backups").glob("*.json")
    written.write_text(paper)
    assert "is missing or incomplete" in refusal("restore-drill")


def test_a_checkpoint_on_the_paper_that_is_no_text_is_told(folder):
    assert run("backup")[0] == 0
    (written,) = (folder / "backups").glob("*.json")
    told = json.loads(written.read_text()) | {"checkpoints": [7]}
    written.write_text(json.dumps(told))
    code, said = run("restore-drill", *KEY)
    assert (code, "a malformed checkpoint of its manifest" in said) == (1, True), said
