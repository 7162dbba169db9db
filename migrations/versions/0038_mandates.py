"""Who acts for whom.

Follows 0037. The statements are in ``0038_mandates/``, one file for each engine.
"""

from alembic import op

from timebank.db.revisions import run_revision

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    run_revision(op.get_bind(), __file__)


def downgrade() -> None:
    raise NotImplementedError("A migration is never taken back: restore the backup made before it.")
