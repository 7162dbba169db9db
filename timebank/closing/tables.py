"""The tables of closing: days opened and closed, counts. All of them are append-only.

The days of a store are numbered without gaps. A day opens only after the previous one is closed,
so at most one is open. What the shelf holds is in the books.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)

from timebank.closing.rules import OVER_REASONS, REASONS, SHORT_REASONS
from timebank.db import RACED, Instant, append_only, table


def _one_of(column: str, names: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(name) for name in names)})"


_DIFFERENCE = (
    # Every difference is correct and has a reason that fits it.
    CheckConstraint("difference = counted - expected", name="difference"),
    CheckConstraint("(difference = 0) = (reason IS NULL)", name="reason"),
    CheckConstraint(f"reason IS NULL OR {_one_of('reason', REASONS)}", name="reason_known"),
    # Forbids: the reason "found" where three bags are missing.
    CheckConstraint(
        f"difference >= 0 OR {_one_of('reason', SHORT_REASONS)}", name="reason_short"
    ),
    CheckConstraint(f"difference <= 0 OR {_one_of('reason', OVER_REASONS)}", name="reason_over"),
    # Forbids: a difference whose reason is "other" without a note.
    CheckConstraint("reason IS NULL OR reason <> 'other' OR note <> ''", name="reason_told"),
    CheckConstraint("counted >= 0", name="counted"),
)  # fmt: skip


def _difference() -> list[CheckConstraint]:
    """The same constraints for another table."""
    return [CheckConstraint(check.sqltext, name=check.name) for check in _DIFFERENCE]


day_opening = append_only(
    table(
        "day_opening",
        Column("community_id", BigInteger, nullable=False),
        Column("store_id", BigInteger, nullable=False),
        Column("no", Integer, nullable=False),
        Column("day", Date, nullable=False),
        Column("opened_by", String(80), nullable=False),
        Column("opened_person_id", BigInteger),
        Column("opened_at", Instant, nullable=False),
        # Two people who open, count or sign a day at once: the second starts again and sees
        # what the first did. So is each constraint below that is marked ``RACED``.
        PrimaryKeyConstraint("community_id", "store_id", "no", info=RACED),
        # Forbids: a second opening of the same Tuesday.
        UniqueConstraint("community_id", "store_id", "day", name="uq_day_opening_day", info=RACED),
        ForeignKeyConstraint(["community_id", "store_id"], ["store.community_id", "store.id"]),
        ForeignKeyConstraint(
            ["community_id", "opened_person_id"], ["person.community_id", "person.id"]
        ),
        CheckConstraint("no > 0", name="no"),
    )
)

count_round = append_only(
    table(
        "count_round",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("store_id", BigInteger, nullable=False),
        Column("no", Integer, nullable=False),
        # The first count of a day is 1; each recount adds one.
        Column("round", SmallInteger, nullable=False),
        Column("counted_by", String(80), nullable=False),
        Column("counted_person_id", BigInteger),
        Column("counted_at", Instant, nullable=False),
        PrimaryKeyConstraint("community_id", "id"),
        UniqueConstraint(
            "community_id", "store_id", "no", "round", name="uq_count_round", info=RACED
        ),
        # The target of a closing's foreign key; it includes who counted.
        UniqueConstraint(
            "community_id", "store_id", "no", "id", "counted_by", name="uq_count_round_whole"
        ),
        ForeignKeyConstraint(
            ["community_id", "store_id", "no"],
            ["day_opening.community_id", "day_opening.store_id", "day_opening.no"],
        ),
        ForeignKeyConstraint(
            ["community_id", "counted_person_id"], ["person.community_id", "person.id"]
        ),
        CheckConstraint("round > 0", name="round"),
    )
)

day_count = append_only(
    table(
        "day_count",
        Column("community_id", BigInteger, nullable=False),
        Column("round_id", BigInteger, nullable=False),
        Column("lot_id", BigInteger, nullable=False),
        Column("expected", Integer, nullable=False),
        Column("counted", Integer, nullable=False),
        Column("difference", Integer, nullable=False),
        Column("reason", String(12)),
        Column("note", String(200), nullable=False),
        PrimaryKeyConstraint("community_id", "round_id", "lot_id"),
        ForeignKeyConstraint(
            ["community_id", "round_id"], ["count_round.community_id", "count_round.id"]
        ),
        ForeignKeyConstraint(["community_id", "lot_id"], ["lot.community_id", "lot.id"]),
        *_difference(),
    )
)

# Items that were counted where the books have no lot. The signature opens a lot for each.
found_count = append_only(
    table(
        "found_count",
        Column("community_id", BigInteger, nullable=False),
        Column("round_id", BigInteger, nullable=False),
        Column("item_id", BigInteger, nullable=False),
        Column("counted", Integer, nullable=False),
        Column("condition", String(12), nullable=False),
        Column("best_before_on", Date),
        Column("reason", String(12), nullable=False),
        Column("note", String(200), nullable=False),
        PrimaryKeyConstraint("community_id", "round_id", "item_id"),
        ForeignKeyConstraint(
            ["community_id", "round_id"], ["count_round.community_id", "count_round.id"]
        ),
        ForeignKeyConstraint(["community_id", "item_id"], ["item.community_id", "item.id"]),
        # Forbids: a lot without pieces.
        CheckConstraint("counted > 0", name="counted"),
        # Forbids: pieces that are there and were lost.
        CheckConstraint(_one_of("reason", OVER_REASONS), name="reason"),
        CheckConstraint("reason <> 'other' OR note <> ''", name="reason_told"),
    )
)

cash_count = append_only(
    table(
        "cash_count",
        Column("community_id", BigInteger, nullable=False),
        Column("round_id", BigInteger, nullable=False),
        Column("account_id", BigInteger, nullable=False),
        Column("expected", BigInteger, nullable=False),
        Column("counted", BigInteger, nullable=False),
        Column("difference", BigInteger, nullable=False),
        Column("reason", String(12)),
        Column("note", String(200), nullable=False),
        PrimaryKeyConstraint("community_id", "round_id", "account_id"),
        ForeignKeyConstraint(
            ["community_id", "round_id"], ["count_round.community_id", "count_round.id"]
        ),
        ForeignKeyConstraint(
            ["community_id", "account_id"], ["account.community_id", "account.id"]
        ),
        *_difference(),
    )
)

day_closing = append_only(
    table(
        "day_closing",
        Column("community_id", BigInteger, nullable=False),
        Column("store_id", BigInteger, nullable=False),
        Column("no", Integer, nullable=False),
        Column("round_id", BigInteger, nullable=False),
        Column("counted_by", String(80), nullable=False),
        Column("closed_by", String(80), nullable=False),
        Column("closed_person_id", BigInteger),
        Column("closed_at", Instant, nullable=False),
        # The transaction of the differences; NULL without differences.
        Column("variance_txn_id", BigInteger),
        Column("sheet", Text, nullable=False),
        Column("digest", String(64), nullable=False),
        # A day is closed once. Forbids: two signatures that each post the difference.
        PrimaryKeyConstraint("community_id", "store_id", "no", info=RACED),
        ForeignKeyConstraint(
            ["community_id", "store_id", "no"],
            ["day_opening.community_id", "day_opening.store_id", "day_opening.no"],
        ),
        # A closing refers to a count of the same day, and to who counted.
        ForeignKeyConstraint(
            ["community_id", "store_id", "no", "round_id", "counted_by"],
            [
                "count_round.community_id",
                "count_round.store_id",
                "count_round.no",
                "count_round.id",
                "count_round.counted_by",
            ],
            name="fk_day_closing_round",
        ),
        ForeignKeyConstraint(
            ["community_id", "closed_person_id"], ["person.community_id", "person.id"]
        ),
        ForeignKeyConstraint(["community_id", "variance_txn_id"], ["txn.community_id", "txn.id"]),
        # The digest is in the books. Forbids: a sheet without a transaction.
        ForeignKeyConstraint(
            ["community_id", "closed_by", "digest"],
            ["txn.community_id", "txn.client", "txn.request_key"],
            name="fk_day_closing_sealed",
        ),
        # Two people. Forbids: a keeper who signs their own count.
        CheckConstraint("closed_by <> counted_by", name="two_people"),
        CheckConstraint("length(digest) = 64", name="digest"),
    )
)

# The counters of an account when the first day opened, or when a day closed. The movements of the
# next day are computed from here, however long the history is.
day_cut = append_only(
    table(
        "day_cut",
        Column("community_id", BigInteger, nullable=False),
        Column("store_id", BigInteger, nullable=False),
        Column("no", Integer, nullable=False),  # 0 means before the first day.
        Column("account_id", BigInteger, nullable=False),
        Column("lot_id", BigInteger),  # NULL for the till.
        Column("posted_in", BigInteger, nullable=False),
        Column("posted_out", BigInteger, nullable=False),
        PrimaryKeyConstraint("community_id", "store_id", "no", "account_id", info=RACED),
        ForeignKeyConstraint(["community_id", "store_id"], ["store.community_id", "store.id"]),
        ForeignKeyConstraint(
            ["community_id", "account_id"], ["account.community_id", "account.id"]
        ),
        CheckConstraint("no >= 0 AND posted_in >= 0 AND posted_out >= 0", name="counters"),
    )
)
