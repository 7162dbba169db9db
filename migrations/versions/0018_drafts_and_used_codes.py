"""Drafts and used codes.

Follows 0017. The statements are in ``0018_drafts_and_used_codes/``, one file for each engine.
"""

from alembic import op

from timebank.db.revisions import run_revision

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    run_revision(op.get_bind(), __file__)


def downgrade() -> None:
    raise NotImplementedError("A migration is never taken back: restore the backup made before it.")
