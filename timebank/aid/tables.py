"""The tables of aid. A claim moves through its states; withdrawals are append-only.

Reserved pieces are holds in the books; ``claim_hold`` says which of them belong to which claim.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)

from timebank.aid.rules import (
    CLAIM_STATES,
    CUT_CODES,
    END_REASONS,
    OPEN_CLAIM_STATES,
    READY,
    REVIEW,
    WITHDRAWAL_SOURCES,
)
from timebank.db import (
    RACED,
    Instant,
    Summed,
    append_only,
    kept_total,
    sealed_as,
    state_among,
    state_is,
    table,
)


def _one_of(column: str, names: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(name) for name in names)})"


# One row per household. A unit of work that promises or hands over pieces locks it first, so that
# two claims at once cannot both use the last pieces of the quota.
household_aid = table(
    "household_aid",
    Column("community_id", BigInteger, nullable=False),
    Column("household_id", BigInteger, nullable=False),
    # The first day on which booking is open again; the counter stays open.
    Column("booking_closed_until_on", Date),
    PrimaryKeyConstraint("community_id", "household_id"),
    ForeignKeyConstraint(
        ["community_id", "household_id"], ["household.community_id", "household.id"]
    ),
)

claim = table(
    "claim",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("claim_no", String(24), nullable=False),
    Column("household_id", BigInteger, nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("store_id", BigInteger, nullable=False),
    Column("channel", String(10), nullable=False),
    Column("asked_by", String(80), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("state", String(12), nullable=False),
    Column("asked_pieces", Integer, nullable=False),
    Column("approved_pieces", Integer, nullable=False),
    # What is still reserved: less than approved if pieces expired during the hold.
    Column("held_pieces", Integer, nullable=False),
    Column("decision_id", BigInteger, nullable=False),
    Column("issue_decision_id", BigInteger),
    Column("refusal_code", String(40)),
    Column("refusal_facts_sealed", LargeBinary, info=sealed_as("claim.refusal_facts")),
    # The code while somebody may still use it; afterwards only the digest stays, by which a kiosk's
    # late report is recognised.
    Column(
        "pickup_sealed",
        LargeBinary,
        info=sealed_as("claim.pickup_code", digest="pickup_digest"),
    ),
    Column("pickup_digest", LargeBinary(32)),
    Column("hold_until_at", Instant),
    # Where the goods end the reservation before its time: when it would have ended.
    Column("full_until_at", Instant),
    Column("issued_at", Instant),
    Column("issued_by", String(80)),
    Column("ended_at", Instant),
    Column("end_reason", String(24)),
    Column("reviewed_by", String(80)),
    Column("reviewed_at", Instant),
    Column("review_reason", String(400)),
    PrimaryKeyConstraint("community_id", "id"),
    UniqueConstraint("community_id", "claim_no"),
    # The target of withdrawal and no-show, which must be of the claim's household.
    UniqueConstraint("community_id", "id", "household_id", name="uq_claim_household"),
    ForeignKeyConstraint(
        ["community_id", "household_id"],
        ["household_aid.community_id", "household_aid.household_id"],
    ),
    ForeignKeyConstraint(["community_id", "person_id"], ["person.community_id", "person.id"]),
    ForeignKeyConstraint(["community_id", "store_id"], ["store.community_id", "store.id"]),
    # Every claim has a decision. Forbids: a claim whose decision cannot be replayed.
    ForeignKeyConstraint(["community_id", "decision_id"], ["decision.community_id", "decision.id"]),
    ForeignKeyConstraint(
        ["community_id", "issue_decision_id"],
        ["decision.community_id", "decision.id"],
        name="fk_claim_issue_decision",
    ),
    CheckConstraint(_one_of("state", CLAIM_STATES), name="state"),
    # Forbids: 3 approved of 2 asked; 4 reserved of 3 approved.
    CheckConstraint(
        "asked_pieces > 0 AND approved_pieces BETWEEN 0 AND asked_pieces"
        " AND held_pieces BETWEEN 0 AND approved_pieces",
        name="pieces",
    ),
    # A ready claim has a deadline and a code. Forbids: pieces reserved for ever.
    CheckConstraint(
        "state <> 'ready'"
        " OR (held_pieces > 0 AND hold_until_at IS NOT NULL"
        " AND pickup_sealed IS NOT NULL)",
        name="ready",
    ),
    # Forbids: a refused claim without a reason.
    CheckConstraint("state <> 'refused' OR refusal_code IS NOT NULL", name="refused"),
    # A hand-over has a decision from the same unit of work.
    CheckConstraint(
        "(state = 'issued') = (issued_at IS NOT NULL)"
        " AND (issued_at IS NULL) = (issue_decision_id IS NULL)",
        name="issued",
    ),
    CheckConstraint("(state = 'cancelled') = (end_reason IS NOT NULL)", name="cancelled"),
    CheckConstraint(_one_of("end_reason", END_REASONS), name="end_reason"),
    # Forbids: a person's decision without a reason.
    CheckConstraint("(reviewed_by IS NULL) = (review_reason IS NULL)", name="reviewed"),
    # Forbids: a code that can be shown but not looked up.
    CheckConstraint("pickup_sealed IS NULL OR pickup_digest IS NOT NULL", name="pickup"),
)
# A code identifies one claim. Forbids: two ready claims with one code.
Index(
    "uq_claim_pickup_digest",
    claim.c.community_id,
    claim.c.store_id,
    claim.c.pickup_digest,
    unique=True,
    info=RACED,
    sqlite_where=text("state = 'ready'"),
    postgresql_where=text("state = 'ready'"),
)
# Whoever shows a code again after the hand-over is shown the slip.
Index(
    "ix_claim_issued_code",
    claim.c.community_id,
    claim.c.store_id,
    claim.c.pickup_digest,
    sqlite_where=text("state = 'issued'"),
    postgresql_where=text("state = 'issued'"),
)
Index(None, claim.c.community_id, claim.c.household_id)
_is_open = text(_one_of("state", OPEN_CLAIM_STATES))
# What a store or a desk has to see to is found without the history of all claims.
Index(
    "ix_claim_open",
    claim.c.community_id,
    claim.c.state,
    claim.c.hold_until_at,
    sqlite_where=_is_open,
    postgresql_where=_is_open,
)
# The review that waits longest stands first, so that a page of the worklist ends early.
Index(
    "ix_claim_in_review",
    claim.c.community_id,
    claim.c.asked_at,
    claim.c.id,
    sqlite_where=text("state = 'review'"),
    postgresql_where=text("state = 'review'"),
)

# When a claim really ends: the goods may end the reservation before, but not what is left of it.
ENDS_AT = func.coalesce(claim.c.full_until_at, claim.c.hold_until_at, type_=Instant)
IS_OPEN = state_among(claim.c.state, OPEN_CLAIM_STATES)
IS_READY = state_is(claim.c.state, READY, of=OPEN_CLAIM_STATES)
IS_IN_REVIEW = state_is(claim.c.state, REVIEW, of=OPEN_CLAIM_STATES)

claim_line = table(
    "claim_line",
    Column("community_id", BigInteger, nullable=False),
    Column("claim_id", BigInteger, nullable=False),
    Column("line", SmallInteger, nullable=False),
    Column("item_id", BigInteger, nullable=False),
    Column("asked_pieces", Integer, nullable=False),
    Column("approved_pieces", Integer, nullable=False),
    Column("cut_code", String(20)),
    PrimaryKeyConstraint("community_id", "claim_id", "line"),
    # Forbids: one claim with rice on two lines.
    UniqueConstraint("community_id", "claim_id", "item_id", name="uq_claim_line_item"),
    ForeignKeyConstraint(["community_id", "claim_id"], ["claim.community_id", "claim.id"]),
    ForeignKeyConstraint(["community_id", "item_id"], ["item.community_id", "item.id"]),
    CheckConstraint(
        "asked_pieces > 0 AND approved_pieces BETWEEN 0 AND asked_pieces", name="pieces"
    ),
    # A cut line has a reason. Forbids: 2 of 3 approved without a reason.
    CheckConstraint("(approved_pieces < asked_pieces) = (cut_code IS NOT NULL)", name="cut"),
    CheckConstraint(_one_of("cut_code", CUT_CODES), name="cut_code"),
)

claim_hold = table(
    "claim_hold",
    Column("community_id", BigInteger, nullable=False),
    Column("claim_id", BigInteger, nullable=False),
    Column("number", SmallInteger, nullable=False),
    Column("lot_id", BigInteger, nullable=False),
    Column("item_id", BigInteger, nullable=False),
    Column("account_id", BigInteger, nullable=False),  # The lot's account.
    Column("pieces", Integer, nullable=False),
    # The transaction and line that reserved the pieces, or handed them over at once.
    Column("txn_id", BigInteger, nullable=False),
    Column("txn_line", SmallInteger, nullable=False),
    # Released before the hand-over: moved, lapsed or cancelled.
    Column("released_at", Instant),
    PrimaryKeyConstraint("community_id", "claim_id", "number"),
    # A posting belongs to one claim. Forbids: two claims that use one hold.
    UniqueConstraint("community_id", "txn_id", "txn_line", name="uq_claim_hold_txn"),
    ForeignKeyConstraint(["community_id", "claim_id"], ["claim.community_id", "claim.id"]),
    ForeignKeyConstraint(["community_id", "lot_id"], ["lot.community_id", "lot.id"]),
    ForeignKeyConstraint(["community_id", "account_id"], ["account.community_id", "account.id"]),
    ForeignKeyConstraint(["community_id", "txn_id"], ["txn.community_id", "txn.id"]),
    CheckConstraint("pieces > 0", name="pieces"),
)
Index(None, claim_hold.c.community_id, claim_hold.c.lot_id)

# What counts against the quota: what was handed over here, and what is known from before the books
# began or from another store.
withdrawal = append_only(
    table(
        "withdrawal",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("household_id", BigInteger, nullable=False),
        Column("claim_id", BigInteger),
        Column("taken_on", Date, nullable=False),
        Column("pieces", Integer, nullable=False),
        Column("source", String(16), nullable=False),
        Column("note", String(200), nullable=False),
        Column("recorded_at", Instant, nullable=False),
        Column("recorded_by", String(80), nullable=False),
        PrimaryKeyConstraint("community_id", "id"),
        # Forbids: one claim that counts twice.
        UniqueConstraint("community_id", "claim_id", name="uq_withdrawal_claim"),
        ForeignKeyConstraint(
            ["community_id", "household_id"], ["household.community_id", "household.id"]
        ),
        # Forbids: pieces of one household that count for another.
        ForeignKeyConstraint(
            ["community_id", "claim_id", "household_id"],
            ["claim.community_id", "claim.id", "claim.household_id"],
            name="fk_withdrawal_claim",
        ),
        CheckConstraint("pieces > 0", name="pieces"),
        CheckConstraint(_one_of("source", WITHDRAWAL_SOURCES), name="source"),
        CheckConstraint("(source = 'issued') = (claim_id IS NOT NULL)", name="claim"),
        # A withdrawal outside our books has a source. Forbids: one without a source.
        CheckConstraint("source = 'issued' OR note <> ''", name="note"),
    )
)
Index(None, withdrawal.c.community_id, withdrawal.c.household_id, withdrawal.c.taken_on)
# The pieces handed over on each day, for the sums by month.
issued_total = kept_total(
    "issued_total",
    Summed(
        of=withdrawal,
        keys={"community_id": withdrawal.c.community_id, "taken_on": withdrawal.c.taken_on},
        sums={"pieces": withdrawal.c.pieces},
        where=withdrawal.c.source == "issued",
    ),
    rows="withdrawals",
)

# What another household took, and did not fetch, until a moment counts for this one too: people
# of this one lived there. Each withdrawal counts once, however many rows lead to it.
household_origin = append_only(
    table(
        "household_origin",
        Column("community_id", BigInteger, nullable=False),
        Column("household_id", BigInteger, nullable=False),
        Column("from_household_id", BigInteger, nullable=False),
        Column("until_at", Instant, nullable=False),
        Column("until_on", Date, nullable=False),  # Its local day: a kiosk tells of a day late.
        Column("merge_id", BigInteger),  # Counts as long as this merge of two records is in force.
        PrimaryKeyConstraint("community_id", "household_id", "from_household_id", "until_at"),
        ForeignKeyConstraint(
            ["community_id", "household_id"], ["household.community_id", "household.id"]
        ),
        ForeignKeyConstraint(
            ["community_id", "from_household_id"], ["household.community_id", "household.id"],
            name="fk_household_origin_from",
        ),
        # Forbids: a household that counts its own pieces twice.
        CheckConstraint("household_id <> from_household_id", name="other"),
    )
)  # fmt: skip

no_show = append_only(
    table(
        "no_show",
        Column("community_id", BigInteger, nullable=False),
        Column("claim_id", BigInteger, nullable=False, autoincrement=False),
        Column("household_id", BigInteger, nullable=False),
        Column("happened_on", Date, nullable=False),
        # Forbids: two no-shows for one claim.
        PrimaryKeyConstraint("community_id", "claim_id"),
        ForeignKeyConstraint(
            ["community_id", "claim_id", "household_id"],
            ["claim.community_id", "claim.id", "claim.household_id"],
        ),
    )
)
Index(None, no_show.c.community_id, no_show.c.household_id)

# A household came for a claim and was sent home. Forbids nothing: it may come twice.
claim_visit = append_only(
    table(
        "claim_visit",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("claim_id", BigInteger, nullable=False),
        Column("came_at", Instant, nullable=False),
        # The code of the refusal, or what a keeper wrote.
        Column("why", String(80), nullable=False),
        Column("recorded_by", String(80), nullable=False),
        PrimaryKeyConstraint("community_id", "id"),
        ForeignKeyConstraint(["community_id", "claim_id"], ["claim.community_id", "claim.id"]),
        CheckConstraint("why <> ''", name="why"),
    )
)
Index(None, claim_visit.c.community_id, claim_visit.c.claim_id)

# Notices to a household about its claims.
claim_notice = append_only(
    table(
        "claim_notice",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("household_id", BigInteger, nullable=False),
        Column("claim_id", BigInteger, nullable=False),
        Column("code", String(40), nullable=False),
        Column("facts", Text, nullable=False),
        Column("told_at", Instant, nullable=False),
        PrimaryKeyConstraint("community_id", "id"),
        ForeignKeyConstraint(
            ["community_id", "claim_id", "household_id"],
            ["claim.community_id", "claim.id", "claim.household_id"],
        ),
    )
)
Index(None, claim_notice.c.community_id, claim_notice.c.household_id)
