"""Why goods were refused.

Follows 0015. The statements are in ``0016_why_goods_were_refused/``, one file for each engine.
"""

from alembic import op

from timebank.db.revisions import run_revision

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    run_revision(op.get_bind(), __file__)


def downgrade() -> None:
    raise NotImplementedError("A migration is never taken back: restore the backup made before it.")
