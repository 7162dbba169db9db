"""Households over time.

Follows 0031. The statements are in ``0032_households_over_time/``, one file for each engine.
"""

from alembic import op

from timebank.db.revisions import run_revision

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    run_revision(op.get_bind(), __file__)


def downgrade() -> None:
    raise NotImplementedError("A migration is never taken back: restore the backup made before it.")
