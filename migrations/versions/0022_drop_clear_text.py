"""Drop the columns in which older versions stored private values in clear text.

Before it ``timebank migrate`` seals what they hold; it refuses while anything is left. History may
change in nothing but the key of its sealed values from here on.

Follows 0021. The statements are in ``0022_drop_clear_text/``, one file for each engine.
"""

from alembic import op

from timebank.db.revisions import require_no_rows, run_revision

revision = "0022"
down_revision = "0021"
SEALED_FIRST = True
_CLEAR = {
    "person": "birth_on IS NOT NULL",
    "proof": "kind IS NOT NULL",
    "claim": "pickup_code IS NOT NULL OR refusal_facts IS NOT NULL",
    "decision": "facts <> '' OR trace <> '' OR reasons <> '' OR missing <> ''",
    "deed": "answer <> '' AND name IN ('claim_goods', 'issue_at_counter', 'issue_goods')",
    "kiosk_review": "facts <> ''",
}


def upgrade() -> None:
    require_no_rows(op.get_bind(), _CLEAR)
    run_revision(op.get_bind(), __file__)


def downgrade() -> None:
    raise NotImplementedError("A migration is never taken back: restore the backup made before it.")
