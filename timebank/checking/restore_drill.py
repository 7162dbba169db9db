"""Restoring a backup beside the running system, and comparing the two up to its last leaf.

Only a restored backup is known to be good. The restored copy is deleted afterwards.
"""

import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import make_url

from timebank.checking.backups import CannotSave, Manifest, digest, read_manifest, run_tool
from timebank.checking.books import check_books, report
from timebank.checking.notes import Keys, Unfit, read_note
from timebank.checking.reading import Books, reading_database
from timebank.db import make_engine

_LEAVES = """
SELECT idx, entry, entry_id, leaf_hash FROM log_leaf
WHERE community_id = :c AND idx < :size ORDER BY idx
"""
_SIZES = "SELECT id, code, (SELECT COUNT(*) FROM log_leaf WHERE community_id = id) AS size"
_SIZES += " FROM community ORDER BY id"


Opens = Callable[[str], Iterable[str]]


def drill(
    url: str, file: Path, keys: Keys, *, opens: Opens = lambda beside: ()
) -> tuple[list[str], bool]:
    """Restore a backup, check its books and the running books, and compare their logs.

    ``opens`` tries the key on the sealed values of the restored database, and returns findings; one
    that begins with ✗ is a fault.

    A leaf covers its whole entry. So if both books pass the check and their logs are equal up to
    a leaf, their entries are equal up to it. If only one side passes, equal logs prove nothing.

    **Shape**: the findings, line by line, and whether all is well. Raises ``CannotSave``.
    """
    manifest = read_manifest(file)
    if not file.is_file() or digest(file) != manifest.sha256:
        raise CannotSave(f"{file.name} does not match its manifest")
    with restored(url, file, manifest) as beside, reading_database(beside) as books:
        lines, is_whole = report(check_books(books, keys))
        with reading_database(url) as live:
            faults = [*_held(books, manifest), *_differences(books, live)]
            faults += _running_faults(live, keys)
            lines += [f"✗ {fault}" for fault in faults]
            if not faults:
                lines += list(_equal(books))
        opened = list(opens(beside))
    lines += opened
    is_good = is_whole and not faults and not any(line.startswith("✗") for line in opened)
    lines.append(f"{'GOOD' if is_good else 'BAD'}: {file.name} of {manifest.made_at}")
    return lines, is_good


@contextmanager
def restored(url: str, file: Path, manifest: Manifest) -> Iterator[str]:
    """Restore a backup into a temporary database and yield its URL."""
    if manifest.engine == "sqlite":
        with tempfile.TemporaryDirectory(prefix="timebank-drill-") as folder:
            copy = Path(folder) / "restored.sqlite"
            shutil.copyfile(file, copy)
            yield f"sqlite:///{copy}"
        return
    server = make_url(url)
    name = f"{(server.database or '')[:40]}_drill_{secrets.token_hex(6)}"
    if server.get_backend_name() != "postgresql":
        raise CannotSave("a backup of PostgreSQL can be restored only beside PostgreSQL")
    engine = make_engine(url).execution_options(isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE template0'))
        try:
            beside = server.set(database=name)
            run_tool("pg_restore", beside, "--no-owner", "--exit-on-error", str(file))
            yield beside.render_as_string(hide_password=False)
        finally:
            with engine.connect() as connection:
                connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    finally:
        engine.dispose()


def _held(books: Books, manifest: Manifest) -> Iterator[str]:
    """Check that the backup contains the checkpoints of its manifest."""
    held = {row.note for row in books.rows("SELECT note FROM checkpoint")}
    for note in manifest.checkpoints:
        if note not in held:
            try:
                _, checkpoint = read_note(note)
                name = f"checkpoint {checkpoint.size} of {checkpoint.origin}"
            except Unfit:
                name = "a malformed checkpoint of its manifest"
            yield f"the backup does not hold {name}"


def _differences(books: Books, live: Books) -> Iterator[str]:
    """List where the live log differs from that of the backup, leaf by leaf."""
    for community in list(books.rows(_SIZES)):
        told_ = {"c": community.id, "size": community.size}
        pairs = zip_longest(books.rows(_LEAVES, **told_), live.rows(_LEAVES, **told_))
        for own, running in pairs:
            if running is None:
                yield f"{community.code}: the live log ends before leaf {own.idx} of the backup"
                break
            if own is None or _plain(own) != _plain(running):
                idx = running.idx if own is None else own.idx
                yield f"{community.code}: log_leaf {idx} is not the same in the live log"
                break


def _running_faults(live: Books, keys: Keys) -> Iterator[str]:
    for found in check_books(live, keys):
        if found.faults:
            first, more = found.faults[0], len(found.faults) - 1
            what = f"{first}; and {more} more" if more else f"{first}"
            yield f"{found.community}: the live books are not correct: {what}"


def _plain(row: Any) -> tuple[int, int, int, bytes]:
    idx, entry, entry_id, leaf = row
    return idx, entry, entry_id, bytes(leaf)


def _equal(books: Books) -> Iterator[str]:
    for community in books.rows(_SIZES):
        if community.size:
            yield f"✓ {community.code}: equal to the live books up to leaf {community.size}"
        else:
            yield f"! {community.code}: nothing was sealed yet, so nothing could be compared"
