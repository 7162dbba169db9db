"""Make the first schema, as written out in ``0001_first/`` for each engine.

The files are written by ``make first-migration`` until the first release. Later changes of the
models are revisions of their own: communities have run this one.
"""

import hashlib
from pathlib import Path

from alembic import op

_WRITTEN = Path(__file__).with_suffix("")
_TEXT = b"".join(path.read_bytes() for path in sorted(_WRITTEN.glob("*.sql")))
# Until the first release the files may still change. The revision carries their digest, so that a
# database made by an earlier version of them is refused.
revision = f"first_{hashlib.sha256(_TEXT).hexdigest()[:8]}"
down_revision = None


def upgrade() -> None:
    connection = op.get_bind()
    written = _WRITTEN / f"{connection.dialect.name}.sql"
    for statement in written.read_text("utf-8").split("\n\n"):
        # Straight to the driver: a colon or a percent sign in a statement means itself.
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def downgrade() -> None:
    raise NotImplementedError("Before the first schema there is nothing: remove the database.")
