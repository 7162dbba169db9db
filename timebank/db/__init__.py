"""Engines, reading and writing units of work, column types, constraint names.

The books run on two engines: SQLite (WAL, FULL, STRICT, ``BEGIN IMMEDIATE``) and PostgreSQL. The
differences between them are handled here, and where the ledger writes.
"""

from timebank.db.bulk import as_json, insert_rows
from timebank.db.columns import (
    RACED,
    Instant,
    among,
    append_only,
    append_only_statements,
    fixed,
    guarded,
    metadata,
    table,
)
from timebank.db.engines import EngineUnfit, check_engine, database_file, make_engine, wal_is_safe
from timebank.db.states import state_among, state_is
from timebank.db.units import (
    FIRST_TRY,
    Busy,
    Database,
    StaleRow,
    insert_new,
    is_retryable,
    utc_now,
    violates,
)
from timebank.db.waiting import NOW, waiting_row

__all__ = [
    "FIRST_TRY",
    "NOW",
    "RACED",
    "Busy",
    "Database",
    "EngineUnfit",
    "Instant",
    "StaleRow",
    "among",
    "append_only",
    "append_only_statements",
    "as_json",
    "check_engine",
    "database_file",
    "fixed",
    "guarded",
    "insert_new",
    "insert_rows",
    "is_retryable",
    "make_engine",
    "metadata",
    "state_among",
    "state_is",
    "table",
    "utc_now",
    "violates",
    "waiting_row",
    "wal_is_safe",
]
