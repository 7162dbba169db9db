"""What deleted text leaves in the files of a database, and how it is removed.

A cleared column is still readable in free space until the tables are written anew. The database
itself notes that this is due, in the unit of work that cleared the text: a killed process forgets
nothing. Not here: what is cleared (``timebank/clear_text.py``).
"""

from collections.abc import Iterable

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from timebank.db.engines import EngineUnfit

_NOTE = "deleted text is still in the files"
_IN_USE = (
    "Everything is sealed, but other programs read the database, so the deleted text is still in"
    " its files. Stop the server, and run `timebank migrate` again."
)
_LOCK_TIMEOUT = "55P03"


class CannotClean(EngineUnfit):
    """The files cannot be written anew now; the data is not concerned."""


def note_remains(session: Session) -> None:
    """Note in the database that its files have to be written anew."""
    _note(session.connection(), is_due=True)


def has_remains(connection: Connection) -> bool:
    """Tell whether the files have to be written anew."""
    if connection.dialect.name == "sqlite":
        return bool(connection.scalar(text("PRAGMA user_version")))
    noted = text("SELECT obj_description('alembic_version'::regclass, 'pg_class')")
    return bool(connection.scalar(noted) == _NOTE)


def remove_remains(engine: Engine, tables: Iterable[str]) -> None:
    """Write the files anew: on SQLite the whole file and its log, on PostgreSQL some tables.

    The write-ahead log of PostgreSQL and the backups made before keep the text until they expire.

    **Refuses**: ``CannotClean`` while other programs use the database.
    """
    alone = engine.execution_options(isolation_level="AUTOCOMMIT")
    with alone.connect() as connection:
        try:
            if connection.dialect.name == "sqlite":
                _rewrite_file(connection)
            else:
                connection.execute(text("SET lock_timeout = '20s'"))
                for name in tables:
                    connection.execute(text(f"VACUUM (FULL) {name}"))
                connection.execute(text("RESET lock_timeout"))
        except DBAPIError as fault:
            is_locked = "locked" in str(fault.orig)
            if is_locked or getattr(fault.orig, "sqlstate", None) == _LOCK_TIMEOUT:
                raise CannotClean(_IN_USE) from fault
            raise
        _note(connection, is_due=False)


def _rewrite_file(connection: Connection) -> None:
    connection.execute(text("VACUUM"))
    is_busy = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0]
    if is_busy:
        raise CannotClean(_IN_USE)


def _note(connection: Connection, *, is_due: bool) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(text(f"PRAGMA user_version = {int(is_due)}"))
        return
    told = f"'{_NOTE}'" if is_due else "NULL"
    connection.execute(text(f"COMMENT ON TABLE alembic_version IS {told}"))
