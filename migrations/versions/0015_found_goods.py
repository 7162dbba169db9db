"""Found goods.

Follows 0014. The statements are in ``0015_found_goods/``, one file for each engine.
"""

from alembic import op

from timebank.db.revisions import run_revision

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run_revision(op.get_bind(), __file__)


def downgrade() -> None:
    raise NotImplementedError("A migration is never taken back: restore the backup made before it.")
