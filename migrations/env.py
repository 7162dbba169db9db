"""How Alembic meets our databases: our engines and hooks, batch mode for SQLite.

The address comes from the program (``timebank migrate``) or, for Alembic's own command,
from the settings in the environment. No table is declared here.
"""

import os

from alembic import context
from sqlalchemy import Connection

from timebank.config import read_settings
from timebank.db import make_engine
from timebank.schema import every_table


def _address() -> str:
    return context.config.attributes.get("url") or read_settings(os.environ).database_url


def _run() -> None:
    lent = context.config.attributes.get("connection")
    if lent is not None:  # What becomes of it is for the lender to say.
        _lay(lent)
        return
    engine = make_engine(_address())
    # On SQLite the write lock is taken first: two programs that start together take turns.
    with engine.execution_options(writes=True).connect() as connection:
        _lay(connection)
        connection.commit()
    engine.dispose()


def _lay(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=every_table(),
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations run against a database; print the files in versions/ instead.")
_run()
