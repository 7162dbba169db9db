"""Password resets.

Follows 0028. The statements are in ``0029_password_resets/``, one file for each engine.
"""

from alembic import op

from timebank.db.revisions import run_revision

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    run_revision(op.get_bind(), __file__)


def downgrade() -> None:
    raise NotImplementedError("A migration is never taken back: restore the backup made before it.")
