"""Create the first schema, as written in ``0001_first/`` for each engine.

These files never change: communities have run them. A change of the models is a new revision:
``make migration NAME=add_something``.
"""

from alembic import op

from timebank.db.revisions import run_revision

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_revision(op.get_bind(), __file__)


def downgrade() -> None:
    raise NotImplementedError("Before the first schema there is nothing: remove the database.")
