"""What a revision of the schema needs to run: its statements, its turn, its foreign keys.

Not here: which revisions there are (``migrations/versions``), and how the next one is written
(``migrations/write_next.py``).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from timebank.db.engines import EngineUnfit

PATIENCE_SECONDS = 20  # As long as SQLite waits for its write lock: see ``engines.py``.
_FAULTS_SHOWN = 5
# Columns as Alembic makes them.
_VERSION_TABLE = """
CREATE TABLE IF NOT EXISTS alembic_version (
    version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
)
"""
_LOCK_TIMEOUT = "55P03"
_MADE_BY_ANOTHER = ("23505", "42P07")  # Two processes made the version table at the same time.


_BUSY = (
    "Another migration or a server uses the database. Nothing was changed: stop the server, or wait"
    " until the other migration ends, and run the command again."
)


class CannotMigrate(EngineUnfit):
    """The schema cannot be changed now; the database is as it was before."""


def run_revision(connection: Connection, file: str, unconfirmed: Sequence[str] = ()) -> None:
    """Run the statements in the folder beside a revision file, those of the right engine.

    **Refuses**: ``CannotMigrate`` while the author has not confirmed what the revision drops.
    """
    if unconfirmed:
        raise CannotMigrate(
            f"{Path(file).name} drops {', '.join(unconfirmed)}. Read its statements; if they are"
            " meant, empty its list UNCONFIRMED."
        )
    written = Path(file).with_suffix("") / f"{connection.dialect.name}.sql"
    for statement in statements_in(written):
        run_statement(connection, statement)


def require_no_rows(connection: Connection, conditions: Mapping[str, str]) -> None:
    """See that no row still holds a value in clear text that a revision drops.

    **Refuses**: ``CannotMigrate``.
    """
    for name, condition in conditions.items():
        if connection.exec_driver_sql(f"SELECT 1 FROM {name} WHERE {condition} LIMIT 1").first():
            raise CannotMigrate(
                f"Values of an older version stand in clear text in {name}. Nothing was changed:"
                " run `timebank migrate`, which seals them first."
            )


def statements_in(file: Path) -> list[str]:
    """Read a file of statements; a blank line separates them."""
    return [part for part in file.read_text("utf-8").strip().split("\n\n") if part.strip()]


def run_statement(connection: Connection, statement: str) -> None:
    """Run a statement as it is written: a colon or a percent sign in it means itself."""
    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


@contextmanager
def migrating(engine: Engine) -> Iterator[Connection]:
    """Open the one transaction of a migration, alone among all processes that migrate.

    What happens inside is committed as a whole or not at all. On SQLite foreign keys are off
    inside, so that a table can be rebuilt: call ``check_foreign_keys`` before it ends.

    **Refuses**: ``CannotMigrate`` while another process migrates or holds what must change.
    """
    with engine.execution_options(writes=True).connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:  # SQLite ignores this pragma inside a transaction.
            connection.connection.execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                if not is_sqlite:
                    _take_turn(connection)
                yield connection
        except DBAPIError as fault:
            if _is_busy(fault):
                raise CannotMigrate(_BUSY) from fault
            raise
        finally:
            connection.invalidate()  # The next user of the engine wants its foreign keys on.


def _take_turn(connection: Connection) -> None:
    """Lock the version table of PostgreSQL; others may still read it. SQLite locks at BEGIN."""
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE_SECONDS}s'")
    try:
        connection.exec_driver_sql(_VERSION_TABLE)
    except DBAPIError as fault:
        if getattr(fault.orig, "sqlstate", None) in _MADE_BY_ANOTHER:
            raise CannotMigrate(_BUSY) from fault
        raise
    connection.exec_driver_sql("LOCK TABLE alembic_version IN EXCLUSIVE MODE")


def _is_busy(fault: DBAPIError) -> bool:
    is_locked = "database is locked" in str(fault.orig)
    return is_locked or getattr(fault.orig, "sqlstate", None) == _LOCK_TIMEOUT


def check_foreign_keys(connection: Connection) -> None:
    """See that every row of a SQLite database refers to rows that exist.

    PostgreSQL checks each statement itself. **Refuses**: ``CannotMigrate`` with the first rows.
    """
    if connection.dialect.name != "sqlite":
        return
    faults = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if faults:
        named = [f"row {row[1]} of {row[0]} names no row of {row[2]}" for row in faults]
        more = f"; and {len(named) - _FAULTS_SHOWN} more" if len(named) > _FAULTS_SHOWN else ""
        raise CannotMigrate(
            f"Rows refer to rows that do not exist: {'; '.join(named[:_FAULTS_SHOWN])}{more}."
            " Nothing was changed: run `timebank check` with the program of before the upgrade."
        )
