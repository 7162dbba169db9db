"""The tables of sealing. All of it is history: nothing here is changed once written, but the head.

``community_id`` leads every key, as in the books.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    UniqueConstraint,
)

from timebank.db import append_only, table

# The log: which entry stands at which place, and its hash.
log_leaf = append_only(
    table(
        "log_leaf",
        Column("community_id", BigInteger, nullable=False),
        Column("idx", BigInteger, nullable=False, autoincrement=False),
        Column("entry", SmallInteger, nullable=False),  # Transaction or account.
        Column("entry_id", BigInteger, nullable=False),
        Column("leaf_hash", LargeBinary(32), nullable=False),
        PrimaryKeyConstraint("community_id", "idx"),
        # An entry stands in the log once. Forbids: one gift that is counted in two places.
        UniqueConstraint("community_id", "entry", "entry_id", name="uq_log_leaf_entry"),
        CheckConstraint("entry IN (1, 2)", name="entry"),
    )
)

# How an account stood after a posting of the past, so that nobody counts from the first one.
balance_snapshot = append_only(
    table(
        "balance_snapshot",
        Column("community_id", BigInteger, nullable=False),
        Column("account_id", BigInteger, nullable=False, autoincrement=False),
        Column("log_size", BigInteger, nullable=False, autoincrement=False),
        Column("posted_in", BigInteger, nullable=False),
        Column("posted_out", BigInteger, nullable=False),
        Column("pending_in", BigInteger, nullable=False),
        Column("pending_out", BigInteger, nullable=False),
        Column("seq", BigInteger, nullable=False),  # Of the last posting that it counts.
        Column("at_us", BigInteger, nullable=False),  # When that one was posted.
        PrimaryKeyConstraint("community_id", "account_id", "log_size"),
        # The index by which the past is found. Forbids: two answers for one instant.
        UniqueConstraint("community_id", "account_id", "at_us", name="uq_balance_snapshot_at"),
        ForeignKeyConstraint(
            ["community_id", "account_id"], ["account.community_id", "account.id"]
        ),
        CheckConstraint(
            "posted_in >= 0 AND posted_out >= 0 AND pending_in >= 0 AND pending_out >= 0",
            name="counters",
        ),
        CheckConstraint("seq > 0", name="seq"),
    )
)
