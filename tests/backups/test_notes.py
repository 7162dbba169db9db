"""What the data folder says about backups and drills."""

from datetime import UTC, datetime

from timebank.backups.notes import drill_notes, last_backup_at, note_drill
from timebank.checking.backups import note_made

AT = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)


def test_the_newest_backup_counts_also_one_that_lies_elsewhere(tmp_path):
    assert last_backup_at(tmp_path) is None
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "timebank-20261130T040000Z.sqlite").touch()
    (tmp_path / "backups" / "timebank-20261202T040000Z.sqlite.part").touch()
    assert last_backup_at(tmp_path) == datetime(2026, 11, 30, 4, tzinfo=UTC)
    note_made(tmp_path, tmp_path / "timebank-20261201T040000Z.sqlite")
    assert last_backup_at(tmp_path) == AT


def test_each_drill_keeps_its_last_outcome(tmp_path):
    note_drill(tmp_path, "restore", at=AT, is_good=False)
    note_drill(tmp_path, "lost-key", at=AT, is_good=True)
    note_drill(tmp_path, "restore", at=AT, is_good=True)
    notes = drill_notes(tmp_path)
    assert {name: note.is_good for name, note in notes.items()} == {
        "restore": True, "lost-key": True,
    }  # fmt: skip
    assert notes["restore"].at == AT
    assert [path.name for path in tmp_path.iterdir()] == ["last-drills.json"]


def test_a_damaged_note_counts_as_none(tmp_path):
    for content in ("", "[]", '{"restore": 1}', '{"restore": {"at": "x", "is_good": true}}'):
        (tmp_path / "last-drills.json").write_text(content)
        assert drill_notes(tmp_path) == {}
