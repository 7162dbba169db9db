"""Kept totals of the shelf and of each day, filled from what is there already.

Follows 0003. The statements are in ``0004_kept_totals/``, one file for each engine. The indexes
that go served only the sums by month; the index of living lots gets the order of the shelf.
"""

from alembic import op

from timebank.db.revisions import run_revision

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_revision(op.get_bind(), __file__)


def downgrade() -> None:
    raise NotImplementedError("A migration is never taken back: restore the backup made before it.")
