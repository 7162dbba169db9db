"""Insert many rows in one statement. On PostgreSQL they are sent as JSON, in one round trip."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from psycopg.types.json import Json
from sqlalchemy import Connection, Table, insert


def insert_rows(connection: Connection, into: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows. Each row gives every column of its table."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        taken = f"SELECT * FROM json_populate_recordset(NULL::{into.name}, %(rows)s)"
        connection.exec_driver_sql(f"INSERT INTO {into.name} {taken}", {"rows": as_json(rows)})
    else:
        connection.execute(insert(into), rows)


def as_json(rows: Sequence[Mapping[str, Any]]) -> Json:
    """Encode rows as JSON that PostgreSQL can read; bytes become hexadecimal text."""
    return Json([{n: _told(v) for n, v in row.items()} for row in rows], dumps=msgspec.json.encode)


def _told(value: Any) -> Any:
    return "\\x" + value.hex() if type(value) is bytes else value
