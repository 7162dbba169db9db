"""A released migration never changes: communities have run it.

With each release, add the files of its new revisions here. If this test fails, restore the file
and write a new revision instead: ``make migration NAME=add_something``.
"""

import hashlib
from pathlib import Path

from tests.house.sources import nothing
from timebank.schema import MIGRATIONS, newest_revision

VERSIONS = MIGRATIONS / "versions"
FROZEN = {
    "0001_first/postgresql.sql": (
        "90eff1d28c604cdfaf34d27ed837d227536fd109cc58753abf35cfa3fb3b2e54"
    ),
    "0001_first/sqlite.sql": ("56936191d9a09ff718a7fd232dc3f26cd59dbf66086fe40bf935290a851ef52e"),
    "0001_first.py": ("a517a4db21d947c86c5f8d911bb720cbe83ec072008daf376476c9c62fea1255"),
}


def faults_of(versions: Path) -> list[str]:
    """Name each frozen file that was changed or removed, and each one added beside them."""
    found = {
        path.relative_to(versions).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in versions.glob("0001_first*")
        for path in ([path] if path.is_file() else sorted(path.iterdir()))
    }
    return sorted(
        f"{name} is frozen: restore it, and write a new revision"
        for name in FROZEN.keys() | found.keys()
        if found.get(name) != FROZEN.get(name)
    )


def test_the_first_migration_is_as_released():
    nothing(faults_of(VERSIONS))


def test_a_change_of_a_frozen_file_is_found(tmp_path):
    for name in FROZEN:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((VERSIONS / name).read_bytes())
    nothing(faults_of(tmp_path))
    for name in FROZEN:
        file = tmp_path / name
        text = file.read_text("utf-8")
        file.write_text(text + "\n", "utf-8")
        assert faults_of(tmp_path) == [f"{name} is frozen: restore it, and write a new revision"]
        file.write_text(text, "utf-8")
    (tmp_path / "0001_first" / "mysql.sql").write_text("SELECT 1\n", "utf-8")
    assert len(faults_of(tmp_path)) == 1


def test_revisions_are_numbered_without_gaps():
    files = sorted(path.name for path in VERSIONS.glob("*.py"))
    assert [name[:4] for name in files] == [f"{n:04}" for n in range(1, len(files) + 1)]
    assert newest_revision() == f"{len(files):04}"
