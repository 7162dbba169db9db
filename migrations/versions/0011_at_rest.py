"""At rest: columns for what is sealed from now on, and no one-time code in a stored answer.

SQL has no key, so ``timebank migrate`` seals the old values after this revision, row by row. It
wipes the codes that older versions stored with the answers of deeds: the one change of history that
is meant. A pairing code that waits for its kiosk is worth nothing afterwards: make another.

Follows 0010. The statements are in ``0011_at_rest/``, one file for each engine.
"""

from alembic import op

from timebank.db.revisions import run_revision

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run_revision(op.get_bind(), __file__)


def downgrade() -> None:
    raise NotImplementedError("A migration is never taken back: restore the backup made before it.")
