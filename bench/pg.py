"""A durable PostgreSQL to measure on, and pgbench's TPC-B on the same server.

The server is that of ``TIMEBANK_TEST_PG`` where given, else one of our own with fsync on: a
figure taken without flushes to disk says nothing. Not here: what is measured.
"""

import os
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url, text


def binary(name: str) -> str:
    """Find a program of PostgreSQL; Debian keeps them off the path."""
    kept = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: int(p.parts[-3]))
    found = str(kept[-1]) if kept else shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} of PostgreSQL is needed for this measurement")
    return found


@contextmanager
def durable_server() -> Iterator[URL]:
    """Lend a server that flushes each commit to disk."""
    given = os.environ.get("TIMEBANK_TEST_PG")
    if given:
        _demand_flushes(make_url(given))
        yield make_url(given)
        return
    folder = Path(tempfile.mkdtemp(prefix="timebank-bench-"))
    # PostgreSQL never runs as root, so root lends the folder and the server to ``nobody``.
    lent = {"user": "nobody", "group": "nogroup"} if os.getuid() == 0 else {}
    if lent:
        shutil.chown(folder, **lent)
    data, log = folder / "data", folder / "log"
    control = [binary("pg_ctl"), "-D", str(data), "-w", "-l", str(log)]
    try:
        _run([binary("initdb"), "-D", str(data), "-U", "bench", "-A", "trust", "-E", "UTF8"], lent)
        _run([*control, "-o", f"-k {folder} -h ''", "start"], lent)
        yield make_url(f"postgresql+psycopg://bench@/postgres?host={folder}")
        _run([*control, "-m", "fast", "stop"], lent)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_database(server: URL) -> Iterator[URL]:
    """Lend an empty database on the server, and drop it afterwards."""
    name = f"timebank_bench_{secrets.token_hex(4)}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield server.set(database=name)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def lay_tpcb(url: URL, *, scale: int) -> None:
    """Make the tables of TPC-B: 100,000 accounts, 10 tellers and 1 branch a scale."""
    _run([binary("pgbench"), "-i", "-q", "-s", str(scale)], _reach(url))


def tpcb(url: URL, *, clients: int, seconds: int) -> float:
    """Run TPC-B with prepared statements; transactions a second."""
    said = _run(
        [binary("pgbench"), "-M", "prepared", "-n", "-c", str(clients), "-j", "2",
         "-T", str(seconds)],
        _reach(url),
    )  # fmt: skip
    found = re.search(r"tps = ([0-9.]+)", said)
    if found is None:
        raise SystemExit(f"pgbench said something new:\n{said}")
    return float(found[1])


def _demand_flushes(server: URL) -> None:
    engine = create_engine(server)
    with engine.connect() as connection:
        for setting in ("fsync", "synchronous_commit"):
            if connection.scalar(text(f"SHOW {setting}")) == "off":
                raise SystemExit(f"the server runs with {setting}=off: nothing to learn from it")
    engine.dispose()


def _reach(url: URL) -> dict[str, object]:
    """Tell pgbench where the database is, by the variables it knows."""
    host = url.host or url.query.get("host")
    told = {
        "PGHOST": host,
        "PGPORT": url.port,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    return {"env": {**os.environ, **{k: str(v) for k, v in told.items() if v is not None}}}


def _run(command: list[str], options: Mapping[str, object]) -> str:
    done = subprocess.run(  # type: ignore[call-overload]
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        cwd="/", text=True, **options,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{done.stdout}")
    return str(done.stdout)
