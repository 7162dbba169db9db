"""Backing up the database while it runs, with a manifest beside the copy.

Not here: copies of the keys. They must be stored elsewhere, not beside the backup.
"""

import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.engine import URL

from timebank.checking.reading import NotReadable, reading_database
from timebank.db import make_engine

FORMAT = "timebank-backup-1"
_NEWEST = """
SELECT note FROM checkpoint k WHERE size = (
    SELECT MAX(size) FROM checkpoint n WHERE n.community_id = k.community_id
) ORDER BY community_id
"""
_MADE = "last-backup"
_ENDINGS = {"sqlite": ".sqlite", "postgresql": ".dump"}


class CannotSave(Exception):
    """A backup cannot be made or restored; the message says why."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest of a backup. ``checkpoints`` are its newest signed notes."""

    file: str
    engine: str
    made_at: str
    sha256: str
    size: int
    checkpoints: tuple[str, ...]


def backup(url: str, folder: Path, *, now: datetime) -> tuple[Path, Manifest]:
    """Copy the database into a new file that only its owner may read. Raises ``CannotSave``."""
    try:
        with reading_database(url) as books:  # Before the copy, which so holds at least this.
            notes = tuple(row.note for row in books.rows(_NEWEST))
    except NotReadable as fault:
        raise CannotSave(str(fault)) from fault
    engine = make_engine(url)
    name = engine.dialect.name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / f"timebank-{now:%Y%m%dT%H%M%SZ}{_ENDINGS[name]}"
    _create(target, b"")
    try:
        (_copy_sqlite if name == "sqlite" else _dump_postgres)(engine, target)
        _sync(target)
        manifest = Manifest(
            file=target.name, engine=name, made_at=f"{now:%Y-%m-%dT%H:%M:%SZ}",
            sha256=digest(target), size=target.stat().st_size, checkpoints=notes,
        )  # fmt: skip
        _create(paper_of(target), _written(manifest))
    except BaseException:
        for left in (target, Path(f"{target}-journal")):
            left.unlink(missing_ok=True)
        raise
    finally:
        engine.dispose()
    return target, manifest


def note_made(data: Path, made: Path) -> None:
    """Note in the data folder that a backup was made, also one that lies elsewhere."""
    (data / _MADE).write_text(f"{made.name}\n", "utf-8")


def was_made(data: Path) -> bool:
    """Tell whether a backup was ever made from this data folder."""
    return (data / _MADE).exists() or any((data / "backups").glob("timebank-*.json"))


def paper_of(file: Path) -> Path:
    return file.with_name(file.name + ".json")


def read_manifest(file: Path) -> Manifest:
    """Read the manifest of a backup. Raises ``CannotSave``."""
    try:
        fields = json.loads(paper_of(file).read_text("utf-8"))
        if fields.pop("format") != FORMAT:
            raise CannotSave("the manifest of the backup has another format")
        return Manifest(**{**fields, "checkpoints": tuple(map(str, fields["checkpoints"]))})
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise CannotSave(f"{paper_of(file).name} is missing or incomplete") from fault


def newest(folder: Path) -> Path:
    """The newest backup in a folder. Raises ``CannotSave`` without one."""
    papers = sorted(folder.glob("timebank-*.json"))
    if not papers:
        raise CannotSave(f"there is no backup in {folder}")
    return papers[-1].with_suffix("")


def digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _written(manifest: Manifest) -> bytes:
    fields = {"format": FORMAT} | {key: getattr(manifest, key) for key in Manifest.__slots__}
    return (json.dumps(fields, ensure_ascii=False, indent=1) + "\n").encode()


def _create(path: Path, content: bytes) -> None:
    """Create a file that only its owner may read; an existing file is not overwritten."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as fault:
        raise CannotSave(f"{path.name} exists already") from fault
    with os.fdopen(file, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _copy_sqlite(engine: Engine, target: Path) -> None:
    """Copy with SQLite's backup API, which blocks no writer and copies one snapshot."""
    module: Any = engine.dialect.loaded_dbapi
    with engine.connect() as connection:
        source: Any = connection.connection.driver_connection
        copy = module.connect(str(target))
        try:
            source.backup(copy)
        except module.Error as fault:
            raise CannotSave(f"{engine.url.database} cannot be copied: {fault}") from fault
        finally:
            copy.close()


def _dump_postgres(engine: Engine, target: Path) -> None:
    run_tool("pg_dump", engine.url, "--format=custom", "--no-owner", f"--file={target}")


def run_tool(tool: str, url: URL, *options: str) -> None:
    """Run a PostgreSQL tool on a database; the password is passed in the environment."""
    plain = url.set(drivername="postgresql", password=None).render_as_string()
    secret: Mapping[str, str] = {"PGPASSWORD": url.password} if url.password else {}
    command = [tool, f"--dbname={plain}", *options]
    try:
        done = subprocess.run(
            command, env={**os.environ, **secret}, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as fault:
        raise CannotSave(f"{tool} is not installed") from fault
    if done.returncode:
        raise CannotSave(f"{tool}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
