"""Cards and pictures.

Follows 0008. The statements are in ``0009_cards_and_pictures/``, one file for each engine.
"""

from alembic import op

from timebank.db.revisions import run_revision

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run_revision(op.get_bind(), __file__)


def downgrade() -> None:
    raise NotImplementedError("A migration is never taken back: restore the backup made before it.")
