"""Databases for tests: one server per run, one schema per worker, one fresh copy per test.

SQLite copies a template file; PostgreSQL copies a template database. Not here: fixtures (see
``conftest.py``) and code of the program itself.
"""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, create_engine, insert, text
from sqlalchemy.engine import make_url

from timebank.db import make_engine
from timebank.deeds.tables import community
from timebank.schema import every_table

ROOT = Path(__file__).resolve().parent.parent
COMMUNITY_ID = 1
NEIGHBOUR_ID = 2


_MEMORY_DISK, _ROOM_BYTES = Path("/dev/shm"), 3 << 30


@contextmanager
def quick_folder(name: str) -> Iterator[Path]:
    """Make a folder for databases that no test pulls the plug of: in memory where there is room.

    Half of a run was spent waiting for the disk to confirm what the test then throws away.
    """
    fits = os.access(_MEMORY_DISK, os.W_OK) and shutil.disk_usage(_MEMORY_DISK).free > _ROOM_BYTES
    folder = Path(tempfile.mkdtemp(prefix=f"timebank-{name}-", dir=_MEMORY_DISK if fits else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def lay_schema(url: str) -> None:
    """Create all tables, and the two communities of every test."""
    engine = make_engine(url)
    with engine.execution_options(writes=True).begin() as connection:
        every_table().create_all(connection)
        _found_communities(connection)
    engine.dispose()


def _found_communities(connection: Connection) -> None:
    rows = [
        {"id": COMMUNITY_ID, "code": "ours", "name_zh": "本社区", "name_en": "Ours"},
        {"id": NEIGHBOUR_ID, "code": "neighbour", "name_zh": "邻社区", "name_en": "Neighbour"},
    ]
    connection.execute(insert(community), rows)


class Copies(Protocol):
    """Creates fresh databases."""

    def fresh(self) -> str: ...

    def drop(self, url: str) -> None: ...


class SqliteCopies:
    """Fresh databases as copies of one file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.sqlite"
        lay_schema(f"sqlite:///{self._template}")

    def fresh(self) -> str:
        copy = self._folder / f"{secrets.token_hex(6)}.sqlite"
        shutil.copyfile(self._template, copy)
        return f"sqlite:///{copy}"

    def drop(self, url: str) -> None:
        path = make_url(url).database or ""
        for ending in ("", "-wal", "-shm", "-journal"):
            Path(path + ending).unlink(missing_ok=True)


class PostgresCopies:
    """Fresh databases as copies of one template database on a server."""

    def __init__(self, server_url: str) -> None:
        self._server = create_engine(server_url, isolation_level="AUTOCOMMIT")
        self._prefix = f"timebank_test_{os.getpid()}_{secrets.token_hex(3)}"
        self._made = 0
        self._template = self._create("template1")
        lay_schema(self._url(self._template))

    def fresh(self) -> str:
        return self._url(self._create(self._template))

    def drop(self, url: str) -> None:
        self._drop(make_url(url).database or "")

    def close(self) -> None:
        self._drop(self._template)
        self._server.dispose()

    def _create(self, template: str) -> str:
        name = f"{self._prefix}_{self._made}"
        self._made += 1
        with self._server.connect() as connection:
            is_new = connection.dialect.server_version_info >= (15,)
            # Three times quicker than through the log; before 15 there is no other way.
            how = " STRATEGY FILE_COPY" if is_new else ""
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}{how}"))
        return name

    def _drop(self, name: str) -> None:
        with self._server.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))

    def _url(self, name: str) -> str:
        return self._server.url.set(database=name).render_as_string(hide_password=False)


class NoServer(Exception):
    """No PostgreSQL is available for the tests; the message says what was tried."""


def _server_binaries() -> Path:
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0,
    )
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path and shutil.which("postgres"):
        return Path(on_path).resolve().parent
    raise NoServer(
        "no PostgreSQL: TIMEBANK_TEST_PG is not set and no server is in /usr/lib/postgresql"
    )


def _as_unprivileged() -> dict[str, object]:
    """PostgreSQL does not run as root, so root starts the server as ``nobody``."""
    if os.getuid() != 0:
        return {}
    return {"user": "nobody", "group": "nogroup", "extra_groups": []}


@contextmanager
def postgres_server() -> Iterator[str]:
    """Yield the address of a PostgreSQL server; start one if no address is given."""
    if given := os.environ.get("TIMEBANK_TEST_PG"):
        yield given
        return
    with own_postgres_server() as (url, _):
        yield url


@contextmanager
def own_postgres_server() -> Iterator[tuple[str, Path]]:
    """Start a private server that a test may crash; yield its address and its log."""
    binaries = _server_binaries()
    with quick_folder("pg") as folder, _running(binaries, folder) as url:
        yield url, folder / "log"


@contextmanager
def _running(binaries: Path, folder: Path) -> Iterator[str]:
    lent = _as_unprivileged()
    if lent:
        shutil.chown(folder, "nobody", "nogroup")
    data, log = folder / "data", folder / "log"
    _run(
        [binaries / "initdb", "-N", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8",
         "--locale=C.UTF-8"], lent,
    )  # fmt: skip
    options = f"-k {folder} -h '' -F -c full_page_writes=off -c max_connections=200"
    control = [binaries / "pg_ctl", "-D", data, "-w", "-l", log]
    _run([*control, "-o", options, "start"], lent)
    try:
        yield f"postgresql+psycopg://tester@/postgres?host={folder}"
    finally:
        _run([*control, "-m", "immediate", "stop"], lent)


def _run(command: list[object], lent: dict[str, object]) -> None:
    done = subprocess.run(  # type: ignore[call-overload]
        [str(part) for part in command],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        cwd="/", text=True, **lent,
    )  # fmt: skip
    if done.returncode:
        raise NoServer(f"{command[0]} failed:\n{done.stdout}")
