"""Engines, reading and writing units of work, column types, constraint names.

The books run on two engines: SQLite (WAL, FULL, STRICT, ``BEGIN IMMEDIATE``) and PostgreSQL. The
differences between them are handled here, and where the ledger writes.
"""

from timebank.db.building import built
from timebank.db.bulk import as_json, insert_rows
from timebank.db.columns import (
    RACED,
    Instant,
    among,
    day_no_of,
    each_of,
    metadata,
    sealed_as,
    table,
)
from timebank.db.engines import EngineUnfit, check_engine, database_file, make_engine, wal_is_safe
from timebank.db.faults import is_away, is_too_large
from timebank.db.histories import append_only, append_only_statements, fixed, guarded
from timebank.db.kept_totals import Summed, kept_total
from timebank.db.keyset import Cursor, Keyset
from timebank.db.references import first_reference
from timebank.db.states import state_among, state_is, up_to, written
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
    "Cursor",
    "Database",
    "EngineUnfit",
    "Instant",
    "Keyset",
    "StaleRow",
    "Summed",
    "among",
    "append_only",
    "append_only_statements",
    "as_json",
    "built",
    "check_engine",
    "database_file",
    "day_no_of",
    "each_of",
    "first_reference",
    "fixed",
    "guarded",
    "insert_new",
    "insert_rows",
    "is_away",
    "is_retryable",
    "is_too_large",
    "kept_total",
    "make_engine",
    "metadata",
    "sealed_as",
    "state_among",
    "state_is",
    "table",
    "up_to",
    "utc_now",
    "violates",
    "waiting_row",
    "wal_is_safe",
    "written",
]
