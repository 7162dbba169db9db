"""The tables of the books. Every invariant is a constraint that one row can be checked by.

``community_id`` leads every key. Only ``balance`` is ever updated, and only by posting.
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

from timebank.db import RACED, append_only, fixed, table
from timebank.values import LARGEST_QUANTITY

commodity = append_only(
    table(
        "commodity",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("code", String(60), nullable=False),
        PrimaryKeyConstraint("community_id", "id"),
        UniqueConstraint("community_id", "code"),
    )
)

account = append_only(
    table(
        "account",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("commodity_id", BigInteger, nullable=False),
        Column("kind", String(20), nullable=False),
        # The person, lot or kiosk that owns it; 0 is the community.
        Column("owner_id", BigInteger, nullable=False),
        PrimaryKeyConstraint("community_id", "id"),
        # The target of the foreign keys below: both sides of a posting have one commodity.
        UniqueConstraint("community_id", "id", "commodity_id"),
        # One account of a kind per owner and commodity. Forbids: two passbooks for one person.
        UniqueConstraint(
            "community_id", "kind", "owner_id", "commodity_id", name="uq_account_named"
        ),
        ForeignKeyConstraint(
            ["community_id", "commodity_id"], ["commodity.community_id", "commodity.id"]
        ),
    )
)

balance = table(
    "balance",
    Column("community_id", BigInteger, nullable=False),
    Column("account_id", BigInteger, nullable=False, autoincrement=False),
    Column("commodity_id", BigInteger, nullable=False),
    Column("posted_in", BigInteger, nullable=False),
    Column("posted_out", BigInteger, nullable=False),
    Column("pending_in", BigInteger, nullable=False),
    Column("pending_out", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("last_us", BigInteger, nullable=False),
    Column("floor", BigInteger),
    Column("ceiling", BigInteger),
    Column("closed", Boolean, nullable=False),
    PrimaryKeyConstraint("community_id", "account_id"),
    ForeignKeyConstraint(
        ["community_id", "account_id", "commodity_id"],
        ["account.community_id", "account.id", "account.commodity_id"],
    ),
    CheckConstraint(
        "posted_in >= 0 AND posted_out >= 0 AND pending_in >= 0 AND pending_out >= 0",
        name="counters",
    ),
    # No overdraft, holds included. Forbids: 3 pieces in the lot, 2 held, 2 more issued.
    CheckConstraint("floor IS NULL OR posted_in - posted_out - pending_out >= floor", name="floor"),
    CheckConstraint(
        "ceiling IS NULL OR posted_in - posted_out + pending_in <= ceiling", name="ceiling"
    ),
    postgresql_with={"fillfactor": "70"},
)
# The limits are sealed with the opening. Forbids: a floor that is lowered for one evening.
fixed(balance, "floor", "ceiling")

txn = append_only(
    table(
        "txn",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("kind", String(40), nullable=False),
        Column("status", SmallInteger, nullable=False),
        Column("reason", Text),
        Column("client", String(80), nullable=False),
        Column("request_key", String(120), nullable=False),
        Column("fingerprint", LargeBinary(32), nullable=False),
        Column("effective_us", BigInteger, nullable=False),
        Column("posted_us", BigInteger, nullable=False),
        Column("reverses_id", BigInteger),
        Column("relates_id", BigInteger),
        Column("closes_id", BigInteger),
        Column("mode", SmallInteger, nullable=False),
        Column("note_hash", LargeBinary(32)),
        Column("leaf_hash", LargeBinary(32), nullable=False),  # What the log holds of it.
        # Two processes draw one id once in many years.
        PrimaryKeyConstraint("community_id", "id", info=RACED),
        # One request, one effect. Forbids: a second tap that posts twice.
        UniqueConstraint(
            "community_id", "client", "request_key", name="uq_txn_request", info=RACED
        ),
        CheckConstraint("status IN (1, 2)", name="status"),
        CheckConstraint("mode IN (1, 2)", name="mode"),  # Authorise, record.
        # A rejected transaction says why, a posted one has nothing to say.
        CheckConstraint("(status = 2) = (reason IS NOT NULL)", name="reason"),
        # A reversal or relation refers to a transaction of the same community.
        ForeignKeyConstraint(["community_id", "reverses_id"], ["txn.community_id", "txn.id"]),
        ForeignKeyConstraint(["community_id", "relates_id"], ["txn.community_id", "txn.id"]),
        ForeignKeyConstraint(["community_id", "closes_id"], ["account.community_id", "account.id"]),
    )
)
# A transaction is reversed at most once. Forbids: two corrections of one mistake.
Index(
    "uq_txn_reversal",
    txn.c.community_id,
    txn.c.reverses_id,
    unique=True,
    sqlite_where=text("status = 1 AND reverses_id IS NOT NULL"),
    postgresql_where=text("status = 1 AND reverses_id IS NOT NULL"),
)
# To find what relates to a transaction.
Index(
    "ix_txn_relates",
    txn.c.community_id,
    txn.c.relates_id,
    sqlite_where=text("relates_id IS NOT NULL"),
    postgresql_where=text("relates_id IS NOT NULL"),
)
# An account is closed once. Forbids: a passbook that ends on two days.
Index(
    "uq_txn_closing",
    txn.c.community_id,
    txn.c.closes_id,
    unique=True,
    sqlite_where=text("status = 1 AND closes_id IS NOT NULL"),
    postgresql_where=text("status = 1 AND closes_id IS NOT NULL"),
)

# Late items, such as the uploads of a kiosk: few, found by their day.
Index(
    "ix_txn_late",
    txn.c.community_id,
    txn.c.effective_us,
    sqlite_where=text("effective_us < posted_us"),
    postgresql_where=text("effective_us < posted_us"),
)

# A note on a transaction. It may be erased: the books contain only its salted hash.
txn_note = table(
    "txn_note",
    Column("community_id", BigInteger, nullable=False),
    Column("txn_id", BigInteger, nullable=False, autoincrement=False),
    Column("salt", LargeBinary(16), nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("community_id", "txn_id"),
    ForeignKeyConstraint(["community_id", "txn_id"], ["txn.community_id", "txn.id"]),
)

# The entries that are not in the log yet. One marker row each, so that no late commit is skipped.
seal_queue = table(
    "seal_queue",
    Column("community_id", BigInteger, nullable=False),
    Column("entry", SmallInteger, nullable=False),  # Transaction or account.
    Column("entry_id", BigInteger, nullable=False, autoincrement=False),
    PrimaryKeyConstraint("community_id", "entry", "entry_id"),
    CheckConstraint("entry IN (1, 2)", name="entry"),
)

hold = append_only(
    table(
        "hold",
        Column("community_id", BigInteger, nullable=False),
        Column("txn_id", BigInteger, nullable=False, autoincrement=False),
        Column("line", SmallInteger, nullable=False),
        Column("source_account_id", BigInteger, nullable=False),
        Column("destination_account_id", BigInteger, nullable=False),
        Column("commodity_id", BigInteger, nullable=False),
        Column("quantity", BigInteger, nullable=False),
        Column("expires_us", BigInteger, nullable=False),  # Every hold has a deadline.
        PrimaryKeyConstraint("community_id", "txn_id", "line"),
        # The target of the posting that ends it: same accounts, whole amount.
        UniqueConstraint(
            "community_id",
            "txn_id",
            "line",
            "source_account_id",
            "destination_account_id",
            "quantity",
            name="uq_hold_whole",
        ),
        ForeignKeyConstraint(["community_id", "txn_id"], ["txn.community_id", "txn.id"]),
        CheckConstraint("quantity > 0", name="quantity"),
    )
)
# The holds of an account by deadline, for the expiry.
Index("ix_hold_source", hold.c.community_id, hold.c.source_account_id, hold.c.expires_us)

posting = append_only(
    table(
        "posting",
        Column("community_id", BigInteger, nullable=False),
        Column("txn_id", BigInteger, nullable=False, autoincrement=False),
        Column("line", SmallInteger, nullable=False),
        Column("phase", SmallInteger, nullable=False),
        Column("commodity_id", BigInteger, nullable=False),
        Column("source_account_id", BigInteger, nullable=False),
        Column("destination_account_id", BigInteger, nullable=False),
        Column("quantity", BigInteger, nullable=False),
        Column("released", BigInteger, nullable=False),
        Column("hold_txn_id", BigInteger),
        Column("hold_line", SmallInteger),
        Column("source_seq", BigInteger, nullable=False),
        Column("destination_seq", BigInteger, nullable=False),
        Column("source_after", BigInteger, nullable=False),
        Column("destination_after", BigInteger, nullable=False),
        PrimaryKeyConstraint("community_id", "txn_id", "line"),
        CheckConstraint("source_account_id <> destination_account_id", name="sides"),
        CheckConstraint(f"quantity BETWEEN 0 AND {LARGEST_QUANTITY}", name="quantity"),
        CheckConstraint(
            "(phase IN (0, 1) AND quantity > 0 AND released = 0 AND hold_txn_id IS NULL)"
            " OR (phase = 2 AND released > 0 AND quantity <= released"
            " AND hold_txn_id IS NOT NULL AND hold_line IS NOT NULL)",
            name="phase",
        ),
        ForeignKeyConstraint(["community_id", "txn_id"], ["txn.community_id", "txn.id"]),
        # Both sides have the commodity of the posting. Forbids: 2 hours that become 2 yuan.
        ForeignKeyConstraint(
            ["community_id", "source_account_id", "commodity_id"],
            ["account.community_id", "account.id", "account.commodity_id"],
            name="fk_posting_source",
        ),
        ForeignKeyConstraint(
            ["community_id", "destination_account_id", "commodity_id"],
            ["account.community_id", "account.id", "account.commodity_id"],
            name="fk_posting_destination",
        ),
        # A posting that ends a hold has its accounts and its whole amount.
        ForeignKeyConstraint(
            [
                "community_id",
                "hold_txn_id",
                "hold_line",
                "source_account_id",
                "destination_account_id",
                "released",
            ],
            [
                "hold.community_id",
                "hold.txn_id",
                "hold.line",
                "hold.source_account_id",
                "hold.destination_account_id",
                "hold.quantity",
            ],
            name="fk_posting_hold",
        ),
        # No two postings share a position in an account's history; also the index for reading it.
        UniqueConstraint(
            "community_id",
            "source_account_id",
            "source_seq",
            name="uq_posting_source_seq",
            info=RACED,
        ),
        UniqueConstraint(
            "community_id",
            "destination_account_id",
            "destination_seq",
            name="uq_posting_destination_seq",
            info=RACED,
        ),
    )
)
# A hold ends once. Forbids: pieces that are captured at the counter and expired by the job.
Index(
    "uq_posting_hold",
    posting.c.community_id,
    posting.c.hold_txn_id,
    posting.c.hold_line,
    unique=True,
    sqlite_where=text("hold_txn_id IS NOT NULL"),
    postgresql_where=text("hold_txn_id IS NOT NULL"),
)

# The amount of a fact that an account could not give or take, for the worklist.
shortfall = append_only(
    table(
        "shortfall",
        Column("community_id", BigInteger, nullable=False),
        Column("txn_id", BigInteger, nullable=False, autoincrement=False),
        Column("line", SmallInteger, nullable=False),
        Column("account_id", BigInteger, nullable=False),
        Column("side", SmallInteger, nullable=False),
        Column("quantity", BigInteger, nullable=False),
        Column("found_us", BigInteger, nullable=False),
        PrimaryKeyConstraint("community_id", "txn_id", "line"),
        CheckConstraint("side IN (1, 2)", name="side"),  # It could not give; it could not take.
        CheckConstraint("quantity > 0", name="quantity"),
        ForeignKeyConstraint(["community_id", "txn_id"], ["txn.community_id", "txn.id"]),
        ForeignKeyConstraint(
            ["community_id", "account_id"], ["account.community_id", "account.id"]
        ),
    )
)
shortfall_settled = append_only(
    table(
        "shortfall_settled",
        Column("community_id", BigInteger, nullable=False),
        Column("txn_id", BigInteger, nullable=False, autoincrement=False),
        Column("line", SmallInteger, nullable=False),
        Column("settling_txn_id", BigInteger, nullable=False),
        Column("settled_us", BigInteger, nullable=False),
        # A shortfall is settled once. Forbids: settled from the passbook and written off as well.
        PrimaryKeyConstraint("community_id", "txn_id", "line"),
        ForeignKeyConstraint(
            ["community_id", "txn_id", "line"],
            ["shortfall.community_id", "shortfall.txn_id", "shortfall.line"],
        ),
        ForeignKeyConstraint(["community_id", "settling_txn_id"], ["txn.community_id", "txn.id"]),
    )
)
