"""Representatives.

Follows 0032. The statements are in ``0033_representatives/``, one file for each engine.
"""

from alembic import op

from timebank.db.revisions import run_revision

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    run_revision(op.get_bind(), __file__)


def downgrade() -> None:
    raise NotImplementedError("A migration is never taken back: restore the backup made before it.")
