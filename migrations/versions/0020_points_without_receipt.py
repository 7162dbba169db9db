"""Points without receipt.

Follows 0019. The statements are in ``0020_points_without_receipt/``, one file for each engine.
"""

from alembic import op

from timebank.db.revisions import run_revision

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    run_revision(op.get_bind(), __file__)


def downgrade() -> None:
    raise NotImplementedError("A migration is never taken back: restore the backup made before it.")
