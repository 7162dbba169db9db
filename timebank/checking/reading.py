"""Opening the database to be checked, in one consistent snapshot.

Not here: an export, which is loaded into a database first (``export_reader.py``).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, inspect, text
from sqlalchemy.exc import DBAPIError

from timebank.db import make_engine

ROWS_AT_ONCE = 2_000


class NotReadable(Exception):
    """The input cannot be checked; the message says why."""


class Books:
    """The books in one consistent snapshot; every query streams its rows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        is_sqlite = connection.dialect.name == "sqlite"
        self.kind_of = "typeof({})" if is_sqlite else "CAST(pg_typeof({}) AS text)"

    def rows(self, question: str, **values: Any) -> Iterator[Row[Any]]:
        """Run a query in plain SQL with at most some thousand rows in memory.

        Raises ``NotReadable`` if the database fails: a missing table, a damaged page.
        """
        try:
            yield from self._connection.execute(
                text(question),
                values,
                execution_options={"stream_results": True, "yield_per": ROWS_AT_ONCE},
            )
        except DBAPIError as fault:
            raise _not_readable(self._connection.engine, fault) from fault

    def naming(self, *targets: str) -> Iterator[tuple[str, str]]:
        """List each table and column that refers to one of these tables."""
        known = inspect(self._connection).get_multi_foreign_keys()
        for (_, table), keys in sorted(known.items(), key=str):
            for key in keys:
                columns = zip(key["constrained_columns"], key["referred_columns"], strict=True)
                if key["referred_table"] in targets:
                    yield from ((table, own) for own, there in columns if there == "id")


class Grouped:
    """Rows in groups, read along with ascending keys.

    A row whose key is never asked for is passed to ``stray``.
    """

    def __init__(
        self, rows: Iterator[Any], key: Callable[[Any], int], stray: Callable[[Any], None]
    ) -> None:
        self._groups, self._stray = groupby(rows, key), stray
        self._next: tuple[int, list[Any]] | None = None
        self._advance()

    def _advance(self) -> None:
        group = next(self._groups, None)
        self._next = None if group is None else (group[0], list(group[1]))

    def of(self, key: int) -> list[Any]:
        while self._next is not None and self._next[0] < key:
            self._pass_over(self._next[1])
        if self._next is None or self._next[0] != key:
            return []
        rows = self._next[1]
        self._advance()
        return rows

    def end(self) -> None:
        while self._next is not None:
            self._pass_over(self._next[1])

    def _pass_over(self, rows: list[Any]) -> None:
        for row in rows:
            self._stray(row)
        self._advance()


@contextmanager
def reading_database(url: str) -> Iterator[Books]:
    """Read a database as it is now; later writes are not visible.

    Raises ``NotReadable`` if there is no database, or if the file is not one.
    """
    engine = make_engine(url)
    try:
        _require_database(engine)
        if engine.dialect.name == "postgresql":
            engine = engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with engine.connect() as connection:
            yield Books(connection)
    finally:
        engine.dispose()


def _require_database(engine: Engine) -> None:
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").is_file():
        raise NotReadable(f"there is no database {engine.url.database}")  # SQLite would make one.
    try:
        engine.connect().close()
    except DBAPIError as fault:
        raise _not_readable(engine, fault) from fault


def _not_readable(engine: Engine, fault: DBAPIError) -> NotReadable:
    return NotReadable(f"the database {engine.url.database} cannot be read: {reason(fault)}")


def reason(fault: DBAPIError) -> str:
    """The first line of the database's own message."""
    return (str(fault.orig).splitlines() or ["it does not say why"])[0]
