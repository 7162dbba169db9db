"""Two records of one person.

Follows 0035. The statements are in ``0036_merges/``, one file for each engine.
"""

from alembic import op

from timebank.db.revisions import run_revision

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    run_revision(op.get_bind(), __file__)


def downgrade() -> None:
    raise NotImplementedError("A migration is never taken back: restore the backup made before it.")
