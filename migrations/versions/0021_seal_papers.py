"""Columns for what names the papers of a household, which is sealed from now on.

SQL has no key: ``timebank migrate`` seals the old rows after this revision, before the next one
drops the columns in clear text. Until then the database lets it change history: the next revision
also creates the triggers again, which allow nothing but another key.

Follows 0020. The statements are in ``0021_seal_papers/``, one file for each engine.
"""

from alembic import op

from timebank.db.revisions import run_revision

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    run_revision(op.get_bind(), __file__)


def downgrade() -> None:
    raise NotImplementedError("A migration is never taken back: restore the backup made before it.")
