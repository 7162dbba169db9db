"""A backup is made from the live system, and is proved only by restoring it."""

import json
import stat
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from tests.checking.planting import TILE, Intruder, keys, make_books
from tests.factories import make_by
from tests.factories.ledger import make_account
from tests.factories.other_sealer import Sealer
from timebank.checking import log
from timebank.checking.backups import CannotSave, backup, newest, paper_of, read_manifest
from timebank.checking.restore_drill import drill

AT = datetime(2025, 6, 10, 2, 0, tzinfo=UTC)


@pytest.fixture
def running(fresh_database, monkeypatch):
    monkeypatch.setattr(log, "TILE", TILE)
    by = make_by("keeper")
    fresh_database.write(lambda session, now: make_books(session, by=by, now=now))
    return fresh_database


@pytest.fixture
def url(running):
    return running.engine.url.render_as_string(hide_password=False)


def go_on(running):
    def more(session, now):
        make_account(session, filled=3)
        Sealer(session.connection(), tile=TILE).seal()

    running.write(more)


def test_a_backup_is_restored_and_found_equal_while_the_books_go_on(running, url, tmp_path):
    made, manifest = backup(url, tmp_path, now=AT)
    go_on(running)
    lines, is_good = drill(url, newest(tmp_path), keys())
    assert is_good, lines
    assert lines[-1] == f"GOOD: {made.name} of 2025-06-10T02:00:00Z"
    assert any("equal to the live books up to leaf" in line for line in lines)
    assert len(manifest.checkpoints) == 1
    assert _strays(running) == []


def test_only_its_owner_may_read_a_backup_and_none_is_overwritten(url, tmp_path):
    made, _ = backup(url, tmp_path, now=AT)
    for path in (made, paper_of(made)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = made.read_bytes()
    with pytest.raises(CannotSave, match="exists already"):
        backup(url, tmp_path, now=AT)
    assert made.read_bytes() == before


def test_books_that_were_changed_since_are_not_those_of_the_backup(running, url, tmp_path):
    made, _ = backup(url, tmp_path, now=AT)
    with Intruder.enters(running.engine, stays=True) as intruder:
        intruder.run(
            "UPDATE log_leaf SET entry_id = entry_id + 1 WHERE community_id = 1 AND idx = 2"
        )
    lines, is_good = drill(url, made, keys())
    assert not is_good
    assert "✗ ours: log_leaf 2 is not the same in the live log" in lines


def test_books_older_than_the_backup_are_noticed(running, url, tmp_path):
    made, _ = backup(url, tmp_path, now=AT)
    with Intruder.enters(running.engine, stays=True) as intruder:
        intruder.run("DELETE FROM log_leaf WHERE community_id = 1 AND idx > 10")
    lines, is_good = drill(url, made, keys())
    assert not is_good
    assert "✗ ours: the live log ends before leaf 11 of the backup" in lines


@pytest.mark.parametrize("table", ["posting", "hold"])
def test_running_books_that_lost_rows_are_noticed_though_the_log_is_the_same(
    running, url, tmp_path, table
):
    made, _ = backup(url, tmp_path, now=AT)
    with Intruder.enters(running.engine, stays=True) as intruder:
        intruder.run(f"DELETE FROM {table}")
    lines, is_good = drill(url, made, keys())
    assert not is_good and lines[-1].startswith("BAD: ")
    assert any("ours: the live books are not correct: " in line for line in lines)


def test_a_backup_that_was_changed_is_refused(url, tmp_path):
    made, _ = backup(url, tmp_path, now=AT)
    made.write_bytes(made.read_bytes() + b"x")
    with pytest.raises(CannotSave, match="does not match its manifest"):
        drill(url, made, keys())


def test_a_backup_without_what_its_paper_names_is_bad(url, tmp_path):
    made, _ = backup(url, tmp_path, now=AT)
    told = json.loads(paper_of(made).read_text())
    told["checkpoints"] = [told["checkpoints"][0].replace("time 1", "time 2")]
    paper_of(made).write_text(json.dumps(told))
    lines, is_good = drill(url, made, keys())
    assert not is_good
    assert any("the backup does not hold checkpoint" in line for line in lines)


def test_where_there_is_no_backup_the_drill_says_so(tmp_path):
    with pytest.raises(CannotSave, match="no backup"):
        newest(tmp_path)
    with pytest.raises(CannotSave, match="missing"):
        read_manifest(tmp_path / "timebank-x.sqlite")


def test_a_database_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(CannotSave, match="no database"):
        backup(f"sqlite:///{tmp_path}/none.sqlite", tmp_path, now=AT)
    assert list(tmp_path.iterdir()) == []


def _strays(running):
    """Databases of drills that were left on the server."""
    if running.engine.dialect.name == "sqlite":
        return []
    with running.engine.connect() as connection:
        asked = text("SELECT datname FROM pg_database WHERE datname LIKE :own")
        own = f"{running.engine.url.database}_drill_%"
        return list(connection.execute(asked, {"own": own}).scalars())
