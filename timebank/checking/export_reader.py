"""Reading an export into a temporary database, so that the same checks run on both.

That database has no constraint and no trigger, so that the check finds every fault of the books.
A line that is not a row, or a truncated file, is refused here.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from timebank.checking.columns import EXPORTED, SHAPES
from timebank.checking.export_writer import END, FORMAT, first_line
from timebank.checking.reading import ROWS_AT_ONCE, Books, NotReadable
from timebank.db import make_engine

_WHOLE = range(-(2**63), 2**63)
_NAMES = {int: "whole number", str: "text", bytes: "bytes in hexadecimal"}


@contextmanager
def reading_export(path: Path) -> Iterator[Books]:
    """Read an exported file. Raises ``NotReadable`` with the number of the malformed line."""
    with tempfile.TemporaryDirectory(prefix="timebank-check-") as folder:
        engine = make_engine(f"sqlite:///{folder}/export.sqlite")
        try:
            with engine.execution_options(writes=True).begin() as connection:
                _load(connection, path)
            with engine.connect() as connection:
                yield Books(connection)
        finally:
            engine.dispose()


def _load(connection: Connection, path: Path) -> None:
    for name, shape in SHAPES.items():
        connection.exec_driver_sql(f"CREATE TABLE {name} ({', '.join(shape.columns)})")
    waiting: dict[str, list[dict[str, Any]]] = {name: [] for name in EXPORTED}
    with path.open("rb") as lines:
        for name, row in _rows(lines):
            waiting[name].append(row)
            if len(waiting[name]) >= ROWS_AT_ONCE:
                _insert(connection, name, waiting.pop(name))
                waiting[name] = []
    for name, rows in waiting.items():
        _insert(connection, name, rows)
    _index(connection)


def _index(connection: Connection) -> None:
    for name, shape in SHAPES.items():
        connection.exec_driver_sql(f"CREATE INDEX ix_{name} ON {name} ({', '.join(shape.keys)})")
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


class _MalformedLine(ValueError):
    """The line is not a valid line of an export; the message says why."""


def _rows(lines: Iterable[bytes]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Read the rows with the names of their tables, and check that the file is complete."""
    counts = Counter(dict.fromkeys(EXPORTED, 0))
    is_ended, number = False, 0
    for number, line in enumerate(lines, 1):
        try:
            name, content = _line(line)
            if is_ended:
                raise _MalformedLine("the export has ended before it")
            if number == 1:
                _require_first({"table": name, **content})
            elif name == END:
                _require_counts(content, counts)
                is_ended = True
            else:
                row = _row(name, content)
                counts[name] += 1
                yield name, row
        except _MalformedLine as fault:
            raise NotReadable(f"line {number} of the export is wrong: {fault}") from fault
    if not is_ended:
        raise NotReadable(f"the export was cut: it stops at line {number}, and the last is missing")


def _line(line: bytes) -> tuple[str, dict[str, Any]]:
    try:
        fields = json.loads(line.decode())
        return str(fields.pop("table")), fields
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as fault:
        raise _MalformedLine("it is no JSON that names a table") from fault


def _require_first(header: dict[str, Any]) -> None:
    if header != first_line():
        raise _MalformedLine(f"it is not the first line of an export in the format {FORMAT}")


def _require_counts(footer: dict[str, Any], counts: Counter[str]) -> None:
    if footer != {"rows": dict(counts)}:
        raise _MalformedLine(
            "the rows before it are not as many as it says; the file was cut or mended"
        )


def _row(name: str, content: dict[str, Any]) -> dict[str, Any]:
    if name not in EXPORTED:
        raise _MalformedLine("there is no such table")
    shape = SHAPES[name]
    if content.keys() != shape.kinds.keys():
        raise _MalformedLine(f"the columns of {name} are others")
    row = {}
    for column, kind in shape.kinds.items():
        try:
            is_empty = content[column] is None and column in shape.optional
            row[column] = None if is_empty else _value(kind, content[column])
        except (ValueError, TypeError) as fault:
            raise _MalformedLine(f"{name}.{column} holds no {_NAMES[kind]}") from fault
    return row


def _value(kind: type, text: Any) -> Any:
    """Accept a value only as it is: nothing is rounded or converted."""
    if kind is bytes:
        found = bytes.fromhex(text)
        if found.hex() != text:
            raise ValueError(text)
        return found
    if type(text) is not kind or (kind is int and text not in _WHOLE):
        raise TypeError(text)
    if isinstance(text, str):
        text.encode()  # Half of a surrogate pair is not valid text.
    return text
