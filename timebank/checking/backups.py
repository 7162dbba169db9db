"""A copy of the database while it runs, with a paper beside it that says what is in it.

Not here: copies of the keys; they are kept elsewhere, or the copy is worth too much.
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
_ENDINGS = {"sqlite": ".sqlite", "postgresql": ".dump"}


class CannotSave(Exception):
    """No copy can be made, or none can be restored; the message says why."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What lies beside a backup. ``checkpoints`` are the newest signed notes that it holds."""

    file: str
    engine: str
    made_at: str
    sha256: str
    size: int
    checkpoints: tuple[str, ...]


def backup(url: str, folder: Path, *, now: datetime) -> tuple[Path, Manifest]:
    """Copy the database into a new file, only for its owner to read. Raises ``CannotSave``."""
    try:
        with reading_database(url) as books:  # Before the copy, which so holds at least this.
            notes = tuple(row.note for row in books.rows(_NEWEST))
    except NotReadable as fault:
        raise CannotSave(str(fault)) from fault
    engine = make_engine(url)
    name = engine.dialect.name
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"timebank-{now:%Y%m%dT%H%M%SZ}{_ENDINGS[name]}"
    _create(target, b"")
    try:
        (_copy_sqlite if name == "sqlite" else _dump_postgres)(engine, target)
        _sync(target)
        manifest = Manifest(
            target.name, name, f"{now:%Y-%m-%dT%H:%M:%SZ}", digest(target),
            target.stat().st_size, notes,
        )  # fmt: skip
        _create(paper_of(target), _written(manifest))
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    finally:
        engine.dispose()
    return target, manifest


def paper_of(file: Path) -> Path:
    return file.with_name(file.name + ".json")


def read_manifest(file: Path) -> Manifest:
    """Read the paper beside a backup. Raises ``CannotSave``."""
    try:
        told = json.loads(paper_of(file).read_text("utf-8"))
        if told.pop("format") != FORMAT:
            raise CannotSave("the paper beside the backup is of another kind")
        return Manifest(**{**told, "checkpoints": tuple(map(str, told["checkpoints"]))})
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise CannotSave(f"{paper_of(file).name} is missing or not whole") from fault


def newest(folder: Path) -> Path:
    """Name the last backup of a folder. Raises ``CannotSave`` where there is none."""
    papers = sorted(folder.glob("timebank-*.json"))
    if not papers:
        raise CannotSave(f"there is no backup in {folder}")
    return papers[-1].with_suffix("")


def digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _written(manifest: Manifest) -> bytes:
    told = {"format": FORMAT} | {key: getattr(manifest, key) for key in Manifest.__slots__}
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def _create(path: Path, content: bytes) -> None:
    """Write a new file that only its owner may read; what is there stays as it is."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as fault:
        raise CannotSave(f"{path.name} is there already") from fault
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
    """Let SQLite copy itself: the backup API waits for no writer and sees one moment."""
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
    """Run a tool of PostgreSQL on a database; the password goes by the environment."""
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
