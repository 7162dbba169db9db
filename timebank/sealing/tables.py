"""The log of the books: leaves in order, the frontier of the tree, signed checkpoints.

Only ``log_head`` is ever updated, and only by the sealer that holds its lock.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)

from timebank.db import append_only, table

log_leaf = append_only(
    table(
        "log_leaf",
        Column("community_id", BigInteger, nullable=False),
        Column("idx", BigInteger, nullable=False, autoincrement=False),
        Column("entry", SmallInteger, nullable=False),  # Transaction or account.
        Column("entry_id", BigInteger, nullable=False, autoincrement=False),
        Column("leaf_hash", LargeBinary(32), nullable=False),
        PrimaryKeyConstraint("community_id", "idx"),
        # An entry is in the log once. Forbids: a transaction that two sealers append.
        UniqueConstraint("community_id", "entry", "entry_id", name="uq_log_leaf_entry"),
        CheckConstraint("entry IN (1, 2)", name="entry"),
        CheckConstraint("idx >= 0", name="idx"),
    )
)

# A tile is a full subtree of 256 leaves. Its root lets a proof read few rows; the times of its
# postings let a past instant be found by few rows.
log_tile = append_only(
    table(
        "log_tile",
        Column("community_id", BigInteger, nullable=False),
        Column("idx", BigInteger, nullable=False, autoincrement=False),
        Column("root", LargeBinary(32), nullable=False),
        # The latest time of posting up to its end.
        Column("at_us", BigInteger, nullable=False),
        # The earliest of its own postings, if that is before ``at_us`` of the tile two before it.
        Column("behind_us", BigInteger),
        PrimaryKeyConstraint("community_id", "idx"),
        CheckConstraint("behind_us IS NULL OR behind_us < at_us", name="behind"),
    )
)
Index("ix_log_tile_at", log_tile.c.community_id, log_tile.c.at_us, log_tile.c.idx)
Index(
    "ix_log_tile_behind",
    log_tile.c.community_id,
    log_tile.c.idx,
    sqlite_where=text("behind_us IS NOT NULL"),
    postgresql_where=text("behind_us IS NOT NULL"),
)

# The totals of all leaves up to the end of a tile, by kind of account and commodity, for each tile
# that moved one. A late leaf may make a figure negative for a while.
tile_total = append_only(
    table(
        "tile_total",
        Column("community_id", BigInteger, nullable=False),
        Column("commodity_id", BigInteger, nullable=False, autoincrement=False),
        Column("kind", String(20), nullable=False),
        Column("idx", BigInteger, nullable=False, autoincrement=False),
        Column("is_first", Boolean, nullable=False),
        Column("accounts", BigInteger, nullable=False),  # Accounts whose first posting is included.
        Column("posted_in", BigInteger, nullable=False),
        Column("posted_out", BigInteger, nullable=False),
        Column("pending_in", BigInteger, nullable=False),
        Column("pending_out", BigInteger, nullable=False),
        PrimaryKeyConstraint("community_id", "commodity_id", "kind", "idx"),
        ForeignKeyConstraint(["community_id", "idx"], ["log_tile.community_id", "log_tile.idx"]),
        ForeignKeyConstraint(
            ["community_id", "commodity_id"], ["commodity.community_id", "commodity.id"]
        ),
    )
)
# Finds all pairs without reading every tile. Forbids: a pair with two first rows.
Index(
    "uq_tile_total_first",
    tile_total.c.community_id,
    tile_total.c.commodity_id,
    tile_total.c.kind,
    unique=True,
    sqlite_where=text("is_first = 1"),
    postgresql_where=text("is_first"),
)

log_head = table(
    "log_head",
    Column("community_id", BigInteger, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    # The roots of the full subtrees, largest first.
    Column("frontier", LargeBinary, nullable=False),
    CheckConstraint("size >= 0", name="size"),
)

checkpoint = append_only(
    table(
        "checkpoint",
        Column("community_id", BigInteger, nullable=False),
        Column("size", BigInteger, nullable=False, autoincrement=False),
        Column("root", LargeBinary(32), nullable=False),
        Column("note", Text, nullable=False),  # The whole signed note.
        Column("signed_us", BigInteger, nullable=False),
        # One root per size. Forbids: two histories of the same length.
        PrimaryKeyConstraint("community_id", "size"),
    )
)

# The state of an account after a past posting, so that reads need not start at the first one.
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
        Column("seq", BigInteger, nullable=False),  # Of the last posting included.
        Column("at_us", BigInteger, nullable=False),  # The time of that posting.
        PrimaryKeyConstraint("community_id", "account_id", "log_size"),
        # The index for past instants. Forbids: two answers for one instant.
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
