"""A calendar of its own for each community, opening hours of shops, visits of households.

Follows 0012. Reservations made before have no end by their goods. The statements are in
``0013_calendar_and_opening/``, one file for each engine.
"""

from alembic import op

from timebank.db.revisions import run_revision

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    run_revision(op.get_bind(), __file__)


def downgrade() -> None:
    raise NotImplementedError("A migration is never taken back: restore the backup made before it.")
