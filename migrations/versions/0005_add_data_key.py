"""Add data key.

Follows 0004. The statements are in ``0005_add_data_key/``, one file for each engine.
"""

from alembic import op

from timebank.db.revisions import run_revision

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_revision(op.get_bind(), __file__)


def downgrade() -> None:
    raise NotImplementedError("A migration is never taken back: restore the backup made before it.")
