"""Known devices, and counts of failed attempts that keep nobody else out.

Follows 0009. Failures counted so far start from zero, because there was no limit to their number
before; delays that run go on. The statements are in ``0010_throttles/``, one file for each engine.
"""

from alembic import op

from timebank.db.revisions import run_revision

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run_revision(op.get_bind(), __file__)


def downgrade() -> None:
    raise NotImplementedError("A migration is never taken back: restore the backup made before it.")
