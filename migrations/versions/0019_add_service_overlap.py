"""Add service overlap.

Follows 0018. The statements are in ``0019_add_service_overlap/``, one file for each engine.
"""

from alembic import op

from timebank.db.revisions import run_revision

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    run_revision(op.get_bind(), __file__)


def downgrade() -> None:
    raise NotImplementedError("A migration is never taken back: restore the backup made before it.")
