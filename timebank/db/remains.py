"""What deleted text leaves in the files of a database, and how it is removed.

A cleared column is still readable in free space until the tables are rewritten. The database
itself notes that this is due, in the unit of work that cleared the text: a killed process forgets
nothing. Not here: what is cleared (``timebank/clear_text.py``).
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from timebank.db.engines import EngineUnfit
from timebank.db.revisions import PATIENCE_SECONDS

_NOTE = "deleted text is still in the files"
_IN_USE = (
    "Everything is sealed, but other programs read the database, so the deleted text is still in"
    " its files. Stop the server, and run `timebank migrate` again."
)
_LOCK_TIMEOUT = "55P03"


class CannotClean(EngineUnfit):
    """The files cannot be rewritten now; the data is not concerned."""


def note_remains(session: Session) -> None:
    """Note in the database that its files have to be rewritten."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    comment = f"COMMENT ON TABLE alembic_version IS '{_NOTE}'"
    session.execute(text("PRAGMA user_version = 1" if is_sqlite else comment))


def has_remains(connection: Connection) -> bool:
    """Tell whether the files have to be rewritten."""
    if connection.dialect.name == "sqlite":
        return bool(connection.scalar(text("PRAGMA user_version")))
    noted = text("SELECT obj_description('alembic_version'::regclass, 'pg_class')")
    return bool(connection.scalar(noted) == _NOTE)


def remove_remains(engine: Engine, tables: Iterable[str]) -> None:
    """Rewrite the files: on SQLite the whole file and its log, on PostgreSQL some tables.

    The write-ahead log of PostgreSQL and the backups made before keep the text until they expire.
    PostgreSQL also keeps rows that a transaction on the same server may still see.

    **Refuses**: ``CannotClean`` while other programs use the database.
    """
    if engine.dialect.name == "sqlite":
        _rewrite_file(engine)
    else:
        _rewrite_tables(engine, tables)


def _rewrite_file(engine: Engine) -> None:
    """Rewrite the file and empty its log. None of this may run inside a transaction."""
    raw = engine.raw_connection()
    try:
        file: Any = raw.driver_connection
        file.execute("VACUUM")
        is_busy = file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if is_busy:
            raise CannotClean(_IN_USE)
        file.execute("PRAGMA user_version = 0")
    except engine.dialect.loaded_dbapi.OperationalError as fault:
        if "locked" in str(fault):
            raise CannotClean(_IN_USE) from fault
        raise
    finally:
        raw.close()


def _rewrite_tables(engine: Engine, tables: Iterable[str]) -> None:
    alone = engine.execution_options(isolation_level="AUTOCOMMIT")
    with alone.connect() as connection:
        connection.execute(text(f"SET lock_timeout = '{PATIENCE_SECONDS}s'"))
        try:
            for name in tables:
                connection.execute(text(f"VACUUM (FULL) {name}"))
        except DBAPIError as fault:
            if getattr(fault.orig, "sqlstate", None) == _LOCK_TIMEOUT:
                raise CannotClean(_IN_USE) from fault
            raise
        finally:
            connection.execute(text("RESET lock_timeout"))
        connection.execute(text("COMMENT ON TABLE alembic_version IS NULL"))
