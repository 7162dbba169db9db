"""Cards and pictures.

Follows 0011. The statements are in ``0012_cards_and_pictures/``, one file for each engine.
"""

from alembic import op

from timebank.db.revisions import run_revision

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    run_revision(op.get_bind(), __file__)


def downgrade() -> None:
    raise NotImplementedError("A migration is never taken back: restore the backup made before it.")
