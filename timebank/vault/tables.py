"""The table of the vault: which keys seal the private columns."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    text,
)

from timebank.db import Instant, fixed, table
from timebank.vault.rules import CURRENT, KEY_STATES

# The keys of the sealed columns, and by what each is recognised. The check value reveals nothing of
# its key. One database has one key, so no community leads it; a key that is removed keeps its row.
data_key = fixed(
    table(
        "data_key",
        Column("key_id", String(8), nullable=False),
        Column("check_value", LargeBinary(32), nullable=False),
        Column("state", String(8), nullable=False),
        Column("added_at", Instant, nullable=False),
        Column("removed_at", Instant),
        PrimaryKeyConstraint("key_id"),
        CheckConstraint(f"state IN {KEY_STATES}", name="state"),
        # Forbids: a removed key without its day.
        CheckConstraint("(state = 'removed') = (removed_at IS NOT NULL)", name="removed"),
    ),
    "key_id",
    "check_value",
)
# One key seals. Forbids: two servers that start on one database, each with a key of its own.
Index(
    "uq_data_key_current",
    data_key.c.state,
    unique=True,
    sqlite_where=text(f"state = '{CURRENT}'"),
    postgresql_where=text(f"state = '{CURRENT}'"),
)
