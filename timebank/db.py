"""Engines, reading and writing units of work, column types, constraint names.

Two engines carry the same books: SQLite (WAL, FULL, STRICT, ``BEGIN IMMEDIATE``) and
PostgreSQL. What differs between them stands here and nowhere else.
"""

import json
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    Date,
    Dialect,
    Engine,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    bindparam,
    create_engine,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeEngine

from timebank.values import from_us, to_us

T = TypeVar("T")

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

_STRICT_NAMES = {
    BigInteger: "INTEGER",
    SmallInteger: "INTEGER",
    Boolean: "INTEGER",
    Date: "TEXT",
    String: "TEXT",
    Text: "TEXT",
    LargeBinary: "BLOB",
}
for _kind, _name in _STRICT_NAMES.items():
    # A STRICT table of SQLite knows four type names only.
    compiles(_kind, "sqlite")(lambda type_, compiler, _name=_name, **kw: _name)


class Instant(TypeDecorator[datetime]):
    """An instant in UTC, kept as whole micro-seconds so that both engines agree on it."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        return None if value is None else to_us(value)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        return None if value is None else from_us(value)


class _ListOf(TypeDecorator[Sequence[Any]]):
    """A list in one parameter: an array on PostgreSQL, JSON on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.ARRAY(self.item))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> Any:
        listed = list(value or ())
        return listed if dialect.name == "postgresql" else json.dumps(listed)


class among(ColumnElement[bool]):  # noqa: N801
    """``column IN (list)`` with the whole list as the one parameter ``name``.

    However long the list, the statement stays the same: it can be a constant, the server
    plans it once, and no limit on parameters is met. The column holds whole numbers or text.
    """

    inherit_cache = True
    _traverse_internals = [
        ("column", InternalTraversal.dp_clauseelement),
        ("listed", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        self.type = Boolean()
        self.column = column
        self.listed = bindparam(name, type_=_ListOf(column.type))


@compiles(among, "postgresql")
def _among_array(element: among, compiler: Any, **options: Any) -> str:
    column, listed = (compiler.process(e, **options) for e in (element.column, element.listed))
    return f"{column} = ANY({listed})"


@compiles(among, "sqlite")
def _among_json(element: among, compiler: Any, **options: Any) -> str:
    column, listed = (compiler.process(e, **options) for e in (element.column, element.listed))
    return f"{column} IN (SELECT value FROM json_each({listed}))"


def table(name: str, *parts: Any, **options: Any) -> Table:
    """Declare a table the way every table here is declared."""
    return Table(name, metadata, *parts, sqlite_strict=True, **options)


_REFUSE_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'history is never changed: %', TG_TABLE_NAME; END $$
"""


def append_only_statements(name: str, dialect: str) -> list[str]:
    """Write the statements that make a table refuse UPDATE, DELETE and TRUNCATE."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {name}_no_{verb} BEFORE {verb} ON {name} "
            f"BEGIN SELECT RAISE(ABORT, 'history is never changed: {name}'); END"
            for verb in ("update", "delete")
        ]
    return [
        _REFUSE_FUNCTION,
        f"CREATE TRIGGER {name}_no_change BEFORE UPDATE OR DELETE ON {name} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name} "
        "EXECUTE FUNCTION refuse_change()",
    ]


def append_only(history: Table) -> Table:
    """Let the database itself refuse any change of a row once written."""
    history.info["append_only"] = True
    for dialect in ("sqlite", "postgresql"):
        for statement in append_only_statements(history.name, dialect):
            ddl: Any = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
            ddl = ddl.execute_if(dialect=dialect)
            event.listen(history, "after_create", ddl)
    return history


class EngineUnfit(Exception):
    """The database underneath cannot carry the books; the message says why."""


class Busy(Exception):
    """The database stayed busy through every retry: a fault to retry, never a refusal."""


class StaleRow(Exception):
    """A row moved between reading and writing; the unit of work starts again."""


def _sqlite_module() -> Any:
    try:
        from pysqlite3 import dbapi2 as module  # Carries a SQLite without the WAL-reset bug.
    except ImportError:
        import sqlite3 as module
    return module


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Tell whether this SQLite is free of the WAL-reset corruption bug (fixed in 3.51.3)."""
    return version >= (3, 51, 3)


def _sqlite_engine(url: str) -> Engine:
    module = _sqlite_module()
    journal = "WAL" if wal_is_safe(module.sqlite_version_info) else "DELETE"
    engine = create_engine(url, module=module, pool_size=32, connect_args={"timeout": 20})

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

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def make_engine(url: str) -> Engine:
    """Make an engine with our hooks; without them the books are not safe on SQLite."""
    if url.startswith("sqlite"):
        return _sqlite_engine(url)
    return create_engine(url, pool_size=10, max_overflow=30, pool_pre_ping=True)


def check_engine(engine: Engine) -> None:
    """Refuse to start on a SQLite that lacks our hooks, and say which."""
    if engine.dialect.name != "sqlite":
        return
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


def _check_journal(connection: Connection) -> None:
    version = connection.exec_driver_sql("SELECT sqlite_version()").scalar_one()
    is_safe = wal_is_safe(tuple(int(part) for part in version.split(".")))
    mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    if (mode == "wal") != is_safe:
        wanted = "WAL" if is_safe else "DELETE: its WAL may lose what was written"
        raise EngineUnfit(f"SQLite {version} runs with journal_mode={mode}, it needs {wanted}")


def _check_write_lock(engine: Engine) -> None:
    """See that a writing unit takes the write lock before it reads anything."""
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


def utc_now() -> datetime:
    return datetime.now(UTC)


_RETRIES = 12
# Two senders of one request; or, once in many years, two processes that drew one id.
_REQUEST_KEYS = (
    "uq_txn_request", "txn.request_key", "pk_deed", "deed.request_id", "pk_txn", "txn.id",
)  # fmt: skip


def violates(error: IntegrityError, *names: str) -> bool:
    """Tell whether one of the named constraints (or SQLite's column names) was broken."""
    text = str(error.orig)
    return any(name in text for name in names)


def _is_retryable(error: StaleRow | DBAPIError, *, lost_line: bool) -> bool:
    if isinstance(error, StaleRow):
        return True
    if isinstance(error, IntegrityError):
        return violates(error, *_REQUEST_KEYS)
    if error.connection_invalidated:
        return lost_line
    state = getattr(error.orig, "sqlstate", None)
    return state in ("40001", "40P01") or "database is locked" in str(error.orig)


def is_retryable(error: Exception) -> bool:
    """Tell a fault of concurrency from a bug: the whole unit must start again for it.

    Whoever catches faults in a savepoint lets these pass, up to ``Database.write``.
    """
    return isinstance(error, StaleRow | DBAPIError) and _is_retryable(error, lost_line=True)


class Database:
    """One database: reading units, writing units with retry, one clock.

    ``info`` is handed to every session (the vault for sealed columns lives there).
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], datetime] = utc_now,
        info: Mapping[str, Any] | None = None,
    ) -> None:
        self.engine = make_engine(url)
        self.clock = clock
        self.info = dict(info or {})
        self._writer = self.engine.execution_options(writes=True)
        self._reader = self.engine
        if self.engine.dialect.name == "postgresql":
            # As on SQLite: what a page reads is of one moment, and it cannot write.
            self._reader = self.engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a unit that only reads, as things stand at one moment; it takes no lock."""
        with Session(self._reader, info=dict(self.info)) as session:
            yield session

    def write(self, work: Callable[[Session, datetime], T], *, at_most_once: bool = False) -> T:
        """Run ``work`` as one unit with one ``now``; start again on a fault of concurrency.

        A line lost while committing leaves the outcome open. Then only work that looks its
        own request id up first may start again: it says so by ``at_most_once``.
        """
        for attempt in range(_RETRIES):
            done = False
            try:
                with Session(self._writer, info=dict(self.info)) as session, session.begin():
                    answer = work(session, self.clock())
                    done = True
                return answer
            except (StaleRow, DBAPIError) as error:
                if not _is_retryable(error, lost_line=at_most_once or not done):
                    raise
                last = error
            time.sleep(random.uniform(0, 0.004 * 2 ** min(attempt, 6)))
        raise Busy(f"still busy after {_RETRIES} tries") from last

    def close(self) -> None:
        self.engine.dispose()


def insert_new(session: Session, into: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, leaving alone those whose key exists already."""
    if not rows:
        return
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    dialect_insert: Any = sqlite.insert if is_sqlite else postgresql.insert
    session.execute(dialect_insert(into).on_conflict_do_nothing(), list(rows))
