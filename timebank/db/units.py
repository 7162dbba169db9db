"""Units of work: reading, and writing with a retry when only concurrency is at fault."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Engine, Index, PrimaryKeyConstraint, Table, UniqueConstraint, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from timebank.db.columns import metadata
from timebank.db.engines import PATIENCE_SECONDS as _PATIENCE_SECONDS
from timebank.db.engines import make_engine
from timebank.db.sessions import Unit

T = TypeVar("T")

# The reading unit that this thread shares now, and whose it is; see ``Database.sharing``.
_SHARED: ContextVar["tuple[Database, Session] | None"] = ContextVar("shared_reading", default=None)


class Busy(Exception):
    """The database stayed busy through every retry. The caller may try again later."""


class StaleRow(Exception):
    """A row changed between reading and writing; the unit of work is retried."""


def utc_now() -> datetime:
    return datetime.now(UTC)


# Sample every table in part. With full samples (STAT4) SQLite would plan a statement again for
# every value.
_LEARN_SIZES = text("PRAGMA optimize=0x10012")
_RETRIES = 12
# A writer that waits longer than this for the file waits for another program, not for us.
_FOREIGN_SECONDS = 1.0
_KEYS = (UniqueConstraint, PrimaryKeyConstraint, Index)
FIRST_TRY = "first_try"  # In ``session.info``: a duplicate request key retries the unit.


def violates(error: IntegrityError, *names: str) -> bool:
    """Tell whether one of the named constraints (or SQLite's column names) was violated."""
    message = str(error.orig)
    return any(name in message for name in names)


def breaks_raced_key(error: IntegrityError) -> bool:
    """Tell whether the violated constraint is declared as ``RACED`` by its table.

    The message of PostgreSQL has the name of the constraint, that of SQLite its columns.
    """
    message = str(error.orig)
    return any(f'"{key.name}"' in message or message.endswith(_columns(key)) for key in _raced())


def _raced() -> Iterator[UniqueConstraint | PrimaryKeyConstraint | Index]:
    for declared in metadata.tables.values():
        for key in (*declared.constraints, *declared.indexes):
            if isinstance(key, _KEYS) and key.info.get("raced"):
                yield key


def _columns(key: UniqueConstraint | PrimaryKeyConstraint | Index) -> str:
    return ": " + ", ".join(f"{column.table.name}.{column.name}" for column in key.columns)


def _is_retryable(error: StaleRow | DBAPIError, *, lost_line: bool) -> bool:
    if isinstance(error, StaleRow):
        return True
    if isinstance(error, IntegrityError):
        return breaks_raced_key(error)
    if error.connection_invalidated:
        return lost_line
    state = getattr(error.orig, "sqlstate", None)
    return state in ("40001", "40P01") or "database is locked" in str(error.orig)


def is_retryable(error: Exception) -> bool:
    """Tell a concurrency fault, which retries the whole unit of work, from a bug.

    Code that catches faults in a savepoint must re-raise these, up to ``Database.write``.
    """
    return isinstance(error, StaleRow | DBAPIError) and _is_retryable(error, lost_line=True)


class Database:
    """One database: reading units, writing units with retry, one clock.

    ``info`` is passed to every session; it holds the vault for the encrypted columns.
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
        self._queue = threading.Lock() if self.engine.dialect.name == "sqlite" else None
        self._waiting_since: float | None = None  # The writer at the head waits for the file.
        self._hasty: Engine | None = None
        if self.engine.dialect.name == "postgresql":
            # As on SQLite: a page reads one snapshot and cannot write.
            self._reader = self.engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a read-only unit of work on a consistent snapshot, without locks.

        Within ``sharing`` it is the shared unit.
        """
        shared = self._shared()
        if shared is None:
            with Unit(self._reader, info=dict(self.info)) as session:
                yield session
            return
        try:
            yield shared
        except DBAPIError:
            self._end_shared()  # PostgreSQL reads nothing more in a unit that failed.
            raise

    @contextmanager
    def sharing(self) -> Iterator[None]:
        """Let everything that is read within this block be one unit, such as one page.

        A write within the block ends the unit: what is read afterwards sees what was written.
        """
        with Unit(self._reader, info=dict(self.info)) as session:
            token = _SHARED.set((self, session))
            try:
                yield
            finally:
                _SHARED.reset(token)

    def _shared(self) -> Session | None:
        shared = _SHARED.get()
        return shared[1] if shared is not None and shared[0] is self else None

    def _end_shared(self) -> None:
        """Give back the connection of the shared unit; its next use begins a new one."""
        shared = self._shared()
        if shared is not None:
            shared.close()
            shared.info.clear()
            shared.info.update(self.info)

    def write(self, work: Callable[[Session, datetime], T], *, at_most_once: bool = False) -> T:
        """Run ``work`` in one unit of work with one ``now``; retry it on a concurrency fault.

        If the connection breaks during the commit, the outcome is unknown. Only work that first
        looks up its own request id may then be retried: pass ``at_most_once``.
        """
        self._end_shared()
        give_up = time.monotonic() + _PATIENCE_SECONDS
        for attempt in range(_RETRIES):
            has_ended = False
            try:
                info = {**self.info, FIRST_TRY: attempt == 0}
                with self._turn(), Unit(self._writer, info=info) as session, session.begin():
                    self._begin(session)
                    answer = work(session, self.clock())
                    has_ended = True
                return answer
            except (StaleRow, DBAPIError) as error:
                if not _is_retryable(error, lost_line=at_most_once or not has_ended):
                    raise
                last = error
            if time.monotonic() > give_up:
                break
            time.sleep(random.uniform(0, 0.004 * 2 ** min(attempt, 6)))
        raise Busy(f"still busy after {attempt + 1} tries") from last

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Queue the writers of this process on SQLite, which allows one writer at a time.

        Without the queue they would poll for the file lock, and an unlucky one would wait for
        seconds. While another program holds the file, only the head of the queue waits for it: the
        others give up, so that their threads can serve readers.
        """
        if self._queue is None:
            yield
            return
        self._take_queue(_PATIENCE_SECONDS)
        try:
            self._waiting_since = time.monotonic()
            yield
        finally:
            self._waiting_since = None
            self._queue.release()

    def _take_queue(self, seconds: float) -> None:
        assert self._queue is not None
        end = time.monotonic() + seconds
        while not self._queue.acquire(timeout=min(seconds, _FOREIGN_SECONDS / 4)):
            since = self._waiting_since
            if since is not None and time.monotonic() - since > _FOREIGN_SECONDS:
                raise Busy("another program holds the database")
            if time.monotonic() > end:
                raise Busy(f"another unit of work has been writing for {seconds} s")

    def _begin(self, session: Unit) -> None:
        """Take the lock of the file now, and note that the wait for it is over."""
        if self._queue is not None:
            session.connection()
            self._waiting_since = None

    def write_once(self, work: Callable[[Session, datetime], T], *, within_seconds: float) -> T:
        """Run ``work`` in one unit of work, without a retry and without a long wait for others.

        To learn whether writing works now. **Refuses**: ``Busy``.
        """
        if self._hasty is None:
            url = self.engine.url.render_as_string(hide_password=False)
            self._hasty = make_engine(url, patience_seconds=within_seconds)
        if self._queue is not None:
            self._take_queue(within_seconds)
        try:
            hasty = self._hasty.execution_options(writes=True)
            with Unit(hasty, info=dict(self.info)) as session, session.begin():
                if self._queue is None:
                    for name in ("lock_timeout", "statement_timeout"):
                        session.execute(text(f"SET LOCAL {name} = {int(within_seconds * 1000)}"))
                return work(session, self.clock())
        finally:
            if self._queue is not None:
                self._queue.release()

    def learn_sizes(self) -> None:
        """Let SQLite update its statistics; it scans only tables that have grown much.

        Every key begins with the community. Without statistics all indexes look equally good to
        SQLite, and pages become many times slower. PostgreSQL does this by itself.
        """
        if self._queue is not None:
            self.write(lambda session, now: session.execute(_LEARN_SIZES), at_most_once=True)

    def close(self) -> None:
        self.engine.dispose()
        if self._hasty is not None:
            self._hasty.dispose()


def insert_new(session: Session, into: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert rows whose key does not exist yet; return how many were inserted."""
    if not rows:
        return 0
    statement = _insert_new(into, session.get_bind().dialect.name)
    return int(session.execute(statement, list(rows)).rowcount)  # type: ignore[attr-defined]


@cache
def _insert_new(into: Table, dialect: str) -> Any:
    """Write the statement once for each table."""
    dialect_insert: Any = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return dialect_insert(into).on_conflict_do_nothing()
