"""The two engines, the hooks that make them safe, and the check that the hooks are installed."""

import math
import time
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DisconnectionError

from timebank.db.direct import use_direct_connections
from timebank.private_files import private_database


class EngineUnfit(Exception):
    """The database is not safe for the books; the message says why."""


_RESTED_SECONDS = 2.0
PATIENCE_SECONDS = 20.0  # How long a unit of work waits for a lock, or for a free connection.
# A server that went away without a word must not hold a thread for minutes (libpq's own terms).
_LINE = {
    "connect_timeout": 5, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}  # fmt: skip


def _sqlite_module() -> Any:
    try:
        from pysqlite3 import dbapi2 as module  # Carries a SQLite without the WAL-reset bug.
    except ImportError:
        import sqlite3 as module
    return module


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Tell whether this SQLite has the fix of the WAL-reset corruption bug (3.51.3)."""
    return version >= (3, 51, 3)


def database_file(url: str) -> Path | None:
    """The file of an SQLite database; None in memory and for another engine."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite" or address.database in (None, "", ":memory:"):
        return None
    return Path(str(address.database))


def _sqlite_engine(url: str, patience_seconds: float) -> Engine:
    module = _sqlite_module()
    journal = "WAL" if wal_is_safe(module.sqlite_version_info) else "DELETE"
    # Keep parameters out of errors, and so out of logs: they may contain names of people.
    engine = create_engine(
        url,
        module=module,
        pool_size=32,
        connect_args={"timeout": patience_seconds},
        hide_parameters=True,
    )

    file = database_file(url)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # We say BEGIN ourselves, below.
        for pragma in (
            f"journal_mode={journal}",
            "synchronous=FULL",
            "foreign_keys=ON",
            "recursive_triggers=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")
        if file is not None:
            private_database(file)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres_engine(url: str, patience_seconds: float) -> Engine:
    options = make_url(url).query  # What an operator says in the address comes first.
    engine = create_engine(
        url,
        pool_size=10,
        max_overflow=30,
        pool_timeout=patience_seconds,
        connect_args={name: most for name, most in _LINE.items() if name not in options},
        hide_parameters=True,
    )

    @event.listens_for(engine, "checkin")
    def _rest(connection: Any, record: Any) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _wake(connection: Any, record: Any, proxy: Any) -> None:
        """Check that the server of an idle connection still answers."""
        if time.monotonic() - record.info.get("idle_since", math.inf) < _RESTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except psycopg.Error as gone:
            raise DisconnectionError from gone

    return engine


def make_engine(url: str, *, patience_seconds: float = PATIENCE_SECONDS) -> Engine:
    """Create an engine with our hooks. Without them the books are not safe on SQLite."""
    make = _sqlite_engine if url.startswith("sqlite") else _postgres_engine
    return use_direct_connections(make(url, patience_seconds))


def check_engine(engine: Engine) -> None:
    """Refuse a missing database, an engine that could lose a commit, or one without our hooks."""
    if engine.dialect.name != "sqlite":
        with engine.connect() as connection:
            if connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "off":
                raise EngineUnfit(
                    "PostgreSQL runs with synchronous_commit=off: set it to on, or lose commits"
                )
        return
    _require_file(engine)
    wanted = {"synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}
    with engine.connect() as connection:
        _check_journal(connection)
        for pragma, value in wanted.items():
            found = connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()
            if found != value:
                raise EngineUnfit(f"SQLite runs with {pragma}={found}, the books need {value}")
        loose = connection.exec_driver_sql(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
            " AND strict = 0 AND name NOT LIKE 'sqlite_%' AND name <> 'alembic_version'"
        ).scalars()
        if names := sorted(loose):
            raise EngineUnfit(f"SQLite tables without STRICT: {', '.join(names)}")
    _check_write_lock(engine)


def _require_file(engine: Engine) -> None:
    """Refuse a missing file: SQLite would create an empty one and hide the loss of the books."""
    path = engine.url.database
    if path and not Path(path).is_file():
        raise EngineUnfit(
            f"There is no database {path}. Put it back, or restore a backup; for a new community"
            " run `timebank migrate`."
        )


def _check_journal(connection: Connection) -> None:
    version = connection.exec_driver_sql("SELECT sqlite_version()").scalar_one()
    is_safe = wal_is_safe(tuple(int(part) for part in version.split(".")))
    mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    if (mode == "wal") != is_safe:
        wanted = "WAL" if is_safe else "DELETE, because its WAL mode can lose commits"
        raise EngineUnfit(f"SQLite {version} runs with journal_mode={mode}, it needs {wanted}")


def _check_write_lock(engine: Engine) -> None:
    """Check that a writing unit of work takes the write lock before it reads."""
    statements: list[str] = []

    def listen(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", listen)
    try:
        with engine.connect().execution_options(writes=True) as connection:
            connection.exec_driver_sql("SELECT 1")
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    if statements[:1] != ["BEGIN IMMEDIATE"]:
        raise EngineUnfit("SQLite writes do not start with BEGIN IMMEDIATE")
