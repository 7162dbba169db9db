"""The file of the outbox: schema, pragmas, and the private keys beside it.

The pragmas are set and read back. A kiosk whose SQLite does not honour them refuses to start.
"""

import importlib
import importlib.util
import logging
import os
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from timebank.kiosks import wire
from timebank.private_files import private_database, private_folder

log = logging.getLogger("kiosk")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS identity (
    device TEXT NOT NULL, epoch INTEGER NOT NULL, store_code TEXT NOT NULL,
    store_zh TEXT NOT NULL, store_en TEXT NOT NULL, card_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL, paired_at INTEGER NOT NULL,
    PRIMARY KEY (device, epoch)
) STRICT;
CREATE TABLE IF NOT EXISTS event (
    device TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL CHECK (seq > 0),
    event_id TEXT NOT NULL UNIQUE, visit_id TEXT NOT NULL, type TEXT NOT NULL, actor TEXT,
    occurred_at INTEGER NOT NULL, raw BLOB NOT NULL, signature BLOB NOT NULL,
    digest TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('saved', 'posted', 'review', 'fork', 'damaged')),
    reason TEXT,
    PRIMARY KEY (device, epoch, seq),
    FOREIGN KEY (device, epoch) REFERENCES identity
) STRICT;
CREATE INDEX IF NOT EXISTS event_waiting ON event (device, epoch, seq) WHERE state = 'saved';
CREATE INDEX IF NOT EXISTS event_actor ON event (actor, occurred_at);
CREATE TABLE IF NOT EXISTS told (
    name TEXT PRIMARY KEY, content BLOB NOT NULL, at INTEGER NOT NULL, knows_seq INTEGER NOT NULL
) STRICT;
"""
KEY_BYTES = 32
_SYNCHRONOUS = {"NORMAL": 1, "FULL": 2, "EXTRA": 3}


class DiskUnfit(Exception):
    """The outbox cannot be used; the message says why, and what not to do."""


class KeyLost(Exception):
    """The private key of an identity is missing or damaged; pair this kiosk again."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The identity of this kiosk since pairing; only the server also knows ``card_key``."""

    device: str
    epoch: int
    store_code: str
    store_zh: str
    store_en: str
    card_key: str
    fingerprint: str

    @property
    def secret(self) -> bytes:
        return wire.to_bytes(self.card_key)


def _sqlite_module() -> ModuleType:
    for name in ("pysqlite3.dbapi2", "sqlite3"):
        if importlib.util.find_spec(name.partition(".")[0]):
            return importlib.import_module(name)
    raise DiskUnfit("this Python has no SQLite")


def journal_for(version: tuple[int, ...]) -> str:
    """WAL, or a rollback journal on a SQLite with the WAL-reset bug (3.7.0 to 3.51.2)."""
    return "wal" if version >= (3, 51, 3) else "delete"


def open_connection(path: Path, pragmas: dict[str, str]) -> tuple[Any, str, str]:
    """Open the only connection; return it with its journal mode and the SQLite version."""
    module = _sqlite_module()
    journal = journal_for(module.sqlite_version_info)
    if journal == "delete":
        log.warning(
            "SQLite %s has the WAL-reset bug; this kiosk keeps a rollback journal instead",
            module.sqlite_version,
        )
        # Without EXTRA a deleted rollback journal may reappear after a power cut.
        pragmas = pragmas | {"synchronous": "EXTRA"}
    _create_private(path)
    db = module.connect(str(path), isolation_level=None, check_same_thread=False)
    try:
        db.execute(f"PRAGMA journal_mode={journal}")
        for name, value in pragmas.items():
            db.execute(f"PRAGMA {name}={value}")
        db.execute("PRAGMA foreign_keys=ON")
        db.execute("PRAGMA secure_delete=ON")  # An old snapshot leaves no names in free pages.
        db.executescript(_SCHEMA)
    except module.DatabaseError as fault:
        db.close()
        raise DiskUnfit(
            f"{path} cannot be used: {fault}. Keep the file, because deeds may wait in it: put"
            " back a copy of it, or move it away and pair this kiosk again."
        ) from fault
    _check(db, journal, pragmas)
    _sync_folder(path.parent)
    return db, journal, module.sqlite_version


def _create_private(path: Path) -> None:
    """Create the file before SQLite does, which would let everybody read it."""
    if path.name != ":memory:":
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        private_database(path)


def _sync_folder(folder: Path) -> None:
    """Flush the folder, so that after a power cut new files exist and deleted files do not."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _check(db: Any, journal: str, pragmas: dict[str, str]) -> None:
    settings = {
        name: db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys")
    }
    wanted = {
        "journal_mode": journal,
        "synchronous": _SYNCHRONOUS[pragmas["synchronous"]],
        "foreign_keys": 1,
    }
    if settings != wanted:
        raise DiskUnfit(f"SQLite runs with {settings}; the outbox needs {wanted}")


def write_key(folder: Path, key: bytes) -> str:
    """Write a private key, readable by this user only, and flush it before its public half is
    sent.
    """
    private_folder(folder)
    name = wire.fingerprint(wire.public_key(key))
    if _key_path(folder, name).exists():
        return name
    handle = os.open(_key_path(folder, name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, key)
        os.fsync(handle)
    finally:
        os.close(handle)
    _sync_folder(folder)
    return name


def read_key(folder: Path, fingerprint: str) -> bytes:
    """**Refuses**: ``KeyLost`` if the file is missing, cut off or of another key."""
    path = _key_path(folder, fingerprint)
    key = path.read_bytes() if path.is_file() else b""
    if len(key) != KEY_BYTES or wire.fingerprint(wire.public_key(key)) != fingerprint:
        raise KeyLost(f"{path} is missing or damaged")
    return key


def keys_in(folder: Path) -> list[tuple[str, bytes]]:
    """List the complete keys of a folder with their fingerprints; skip a file cut off while
    written.
    """
    found = [path.read_bytes() for path in sorted(folder.glob("key-*"))]
    return [(wire.fingerprint(wire.public_key(key)), key) for key in found if len(key) == KEY_BYTES]


def _key_path(folder: Path, fingerprint: str) -> Path:
    return folder / f"key-{fingerprint}"


def boot() -> tuple[str, Callable[[], int]]:
    """Identify this boot of the machine, and count milliseconds by a clock that cannot be set.

    Where the system offers it, the clock also counts while the machine sleeps.
    """
    file = Path("/proc/sys/kernel/random/boot_id")
    name = file.read_text("ascii").strip() if file.exists() else str(uuid.uuid4())
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return name, lambda: time.clock_gettime_ns(clock) // 1_000_000
