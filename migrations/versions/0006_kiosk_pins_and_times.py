"""Kiosk pins and times.

Follows 0005. The statements are in ``0006_kiosk_pins_and_times/``, one file for each engine.
"""

from alembic import op

from timebank.db.revisions import run_revision

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_revision(op.get_bind(), __file__)


def downgrade() -> None:
    raise NotImplementedError("A migration is never taken back: restore the backup made before it.")
