"""Lay the first schema, as written out in ``0001_first/`` for each engine.

The statements are frozen there by ``make migration``: later changes of the code do not
reach back into a migration that a community has already run.
"""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    connection = op.get_bind()
    written = Path(__file__).with_suffix("") / f"{connection.dialect.name}.sql"
    for statement in written.read_text("utf-8").split("\n\n"):
        # Straight to the driver: a colon or a percent sign in a statement means itself.
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def downgrade() -> None:
    raise NotImplementedError("Before the first schema there is nothing: remove the database.")
