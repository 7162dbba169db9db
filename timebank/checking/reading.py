"""Opening what is to be checked, as it stands at one moment: a database, or an export.

An export is laid into a database of its own that has neither constraint nor trigger, so that
the same questions are put to it, whatever is wrong with it.
"""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, text
from sqlalchemy.exc import OperationalError

from timebank.checking.columns import SHAPES
from timebank.db import make_engine

_ROWS_AT_ONCE = 2_000


class NotReadable(Exception):
    """What was given cannot be checked at all; the message says why."""


class Books:
    """The books of one moment; every question streams its rows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, question: str, **told: Any) -> Iterator[Row[Any]]:
        """Ask in plain SQL; never more than some thousand rows are in memory."""
        yield from self._connection.execute(
            text(question),
            told,
            execution_options={"stream_results": True, "yield_per": _ROWS_AT_ONCE},
        )


class Grouped:
    """Rows that come group by group, read along with keys that rise as theirs do.

    A row whose key does not come is handed to ``stray``.
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
    """Read a database as it stands now: it may be written to meanwhile, nothing of it is seen.

    Raises ``NotReadable`` where there is none.
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
    path = engine.url.database or ""
    if engine.dialect.name == "sqlite" and not Path(path).is_file():
        raise NotReadable(f"there is no database {Path(path).name}")  # Else SQLite would make one.
    try:
        engine.connect().close()
    except OperationalError as fault:
        raise NotReadable("the database does not answer") from fault


@contextmanager
def reading_export(path: Path) -> Iterator[Books]:
    """Read an exported file. Raises ``NotReadable`` with the line that is no row."""
    with tempfile.TemporaryDirectory(prefix="timebank-check-") as folder:
        engine = make_engine(f"sqlite:///{folder}/export.sqlite")
        try:
            with engine.execution_options(writes=True).begin() as connection:
                _lay(connection, path)
            with engine.connect() as connection:
                yield Books(connection)
        finally:
            engine.dispose()


def _lay(connection: Connection, path: Path) -> None:
    for name, shape in SHAPES.items():
        connection.exec_driver_sql(f"CREATE TABLE {name} ({', '.join(shape.columns)})")
    waiting: dict[str, list[dict[str, Any]]] = {name: [] for name in SHAPES}
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            name, row = _row(number, line)
            if not name:
                continue
            waiting[name].append(row)
            if len(waiting[name]) >= _ROWS_AT_ONCE:
                _insert(connection, name, waiting.pop(name))
                waiting[name] = []
    for name, rows in waiting.items():
        _insert(connection, name, rows)
    _index(connection)


def _index(connection: Connection) -> None:
    for name, shape in SHAPES.items():
        key = ", ".join(shape.columns[: shape.key])
        connection.exec_driver_sql(f"CREATE INDEX ix_{name} ON {name} ({key})")
    for name, columns in (
        ("log_leaf", "community_id, entry, entry_id"),
        ("posting", "community_id, hold_txn_id, hold_line"),
    ):
        connection.exec_driver_sql(f"CREATE INDEX ix_{name}_more ON {name} ({columns})")


def _insert(connection: Connection, name: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        columns = SHAPES[name].columns
        marks = ", ".join(f":{column}" for column in columns)
        connection.execute(
            text(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})"), rows
        )


def _row(number: int, line: str) -> tuple[str, dict[str, Any]]:
    """Read one line; the first has no table of the books, and so no name."""
    try:
        told = json.loads(line)
        name = told.pop("table")
        if name == "export":  # The first line says what the file is.
            return "", {}
        shape = SHAPES[name]
        row = {column: told[column] for column in shape.columns}
        for column in shape.bytes_:
            row[column] = None if row[column] is None else bytes.fromhex(row[column])
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise NotReadable(f"line {number} is no row of the books: {fault!r}") from fault
    return name, row
