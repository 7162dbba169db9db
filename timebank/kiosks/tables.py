"""Device register, inbox, quarantine, reviews.

The bytes that a device sent are stored unchanged for good. Only device rows, runs, permits,
pairing codes and nonces are ever updated.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
    text,
)

from timebank.db import RACED, Instant, append_only, fixed, sealed_as, table

# Two people agree that one kiosk joins a shop; only then is there a code.
permit = fixed(
    table(
        "kiosk_permit",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("store_id", BigInteger, nullable=False),
        Column("asked_by_person_id", BigInteger, nullable=False),
        Column("asked_at", Instant, nullable=False),
        Column("until_at", Instant, nullable=False),
        Column("confirmed_by_person_id", BigInteger),
        Column("confirmed_at", Instant),
        Column("withdrawn_by_person_id", BigInteger),
        Column("withdrawn_at", Instant),
        Column("device_id", BigInteger),  # The kiosk that joined by it.
        PrimaryKeyConstraint("community_id", "id"),
        ForeignKeyConstraint(["community_id", "store_id"], ["store.community_id", "store.id"]),
        *(
            ForeignKeyConstraint(
                ["community_id", f"{step}_by_person_id"],
                ["person.community_id", "person.id"],
                name=f"fk_kiosk_permit_{step}_by",
            )
            for step in ("asked", "confirmed", "withdrawn")
        ),
        ForeignKeyConstraint(
            ["community_id", "device_id"], ["kiosk_device.community_id", "kiosk_device.id"]
        ),
        # Forbids: a coordinator who pairs a machine of their own, which then acts for people.
        CheckConstraint("confirmed_by_person_id <> asked_by_person_id", name="two_people"),
        CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by_person_id IS NULL)"
            " AND (confirmed_at IS NULL OR confirmed_at < until_at)",
            name="confirmed",
        ),
        CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by_person_id IS NULL)", name="withdrawn"
        ),
        # Forbids: a kiosk that joined before a second person agreed, or after the permit was
        # withdrawn.
        CheckConstraint(
            "device_id IS NULL OR (confirmed_at IS NOT NULL AND withdrawn_at IS NULL)", name="used"
        ),
        # One permit, one kiosk. Forbids: one that says of a kiosk who agreed to another.
        UniqueConstraint("community_id", "device_id", name="uq_kiosk_permit_device"),
    ),
    # Forbids: a permit that two people agreed on for one shop, and that is used in another.
    "store_id", "asked_by_person_id", "asked_at", "until_at",
)  # fmt: skip
_is_open = text("device_id IS NULL AND withdrawn_at IS NULL")
Index(
    "ix_kiosk_permit_open",
    permit.c.community_id,
    permit.c.until_at,
    sqlite_where=_is_open,
    postgresql_where=_is_open,
)

pairing = table(
    "kiosk_pairing",
    Column("community_id", BigInteger, nullable=False),
    Column("code", String(8), nullable=False),
    Column("store_id", BigInteger, nullable=False),
    Column("made_by", BigInteger),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("device_id", BigInteger),
    # NULL in codes of versions before permits: they join no kiosk any more.
    Column("permit_id", BigInteger),
    PrimaryKeyConstraint("community_id", "code"),
    ForeignKeyConstraint(["community_id", "store_id"], ["store.community_id", "store.id"]),
    ForeignKeyConstraint(
        ["community_id", "permit_id"], ["kiosk_permit.community_id", "kiosk_permit.id"]
    ),
)

device = table(
    "kiosk_device",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("store_id", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("public_key", LargeBinary(32), nullable=False),
    Column("fingerprint", String(12), nullable=False),
    Column("card_key", LargeBinary, nullable=False, info=sealed_as("kiosk_device.card_key")),
    Column("state", String(8), nullable=False),
    Column("head_seq", BigInteger, nullable=False),
    Column("head_digest", String(64), nullable=False),
    Column("paired_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    # When the last posted deed took place: a later one of the chain is not earlier.
    Column("last_deed_at", Instant),
    # In which run of the machine that deed was recorded, and at which of its milliseconds; NULL
    # for a kiosk that does not count. So the next one of the run is dated without its clock.
    Column("last_deed_boot_id", String(64)),
    Column("last_deed_ms", BigInteger),
    # What it last reported of itself: its version, and how many events it has not sent yet.
    Column("version", String(20)),
    Column("waiting", BigInteger),
    PrimaryKeyConstraint("community_id", "id"),
    # Pairing again makes a new epoch. Forbids: two machines that write one chain of slips.
    UniqueConstraint("community_id", "store_id", "epoch", info=RACED),
    CheckConstraint("state IN ('active', 'frozen', 'revoked')", name="state"),
    CheckConstraint("head_seq >= 0", name="head_seq"),
    ForeignKeyConstraint(["community_id", "store_id"], ["store.community_id", "store.id"]),
)

# One row for each run of a machine that has sent something. Only its start is ever updated.
run = table(
    "kiosk_run",
    Column("community_id", BigInteger, nullable=False),
    Column("device_id", BigInteger, nullable=False),
    Column("boot_id", String(64), nullable=False),
    # When its count was zero, by the upload that took the least time to arrive.
    Column("started_at", Instant, nullable=False),
    # Its count when an upload first showed this: nothing that it counted later was earlier.
    Column("known_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("community_id", "device_id", "boot_id"),
    # A count only grows. Forbids: an event before the start of its machine.
    CheckConstraint("known_ms >= 0", name="known_ms"),
    ForeignKeyConstraint(
        ["community_id", "device_id"], ["kiosk_device.community_id", "kiosk_device.id"]
    ),
)

nonce = table(
    "kiosk_nonce",
    Column("community_id", BigInteger, nullable=False),
    Column("device_id", BigInteger, nullable=False),
    Column("nonce", String(32), nullable=False),
    Column("expires_at", Instant, nullable=False),
    # A nonce is used once. Forbids: replaying a recorded request.
    PrimaryKeyConstraint("community_id", "device_id", "nonce"),
    ForeignKeyConstraint(
        ["community_id", "device_id"], ["kiosk_device.community_id", "kiosk_device.id"]
    ),
)

card_ref = append_only(
    table(
        "kiosk_card_ref",
        Column("community_id", BigInteger, nullable=False),
        Column("device_id", BigInteger, nullable=False),
        Column("ref", String(32), nullable=False),
        Column("card_id", BigInteger, nullable=False),
        Column("person_id", BigInteger, nullable=False),
        PrimaryKeyConstraint("community_id", "device_id", "ref"),
        ForeignKeyConstraint(["community_id", "card_id"], ["card.community_id", "card.id"]),
        ForeignKeyConstraint(
            ["community_id", "device_id"], ["kiosk_device.community_id", "kiosk_device.id"]
        ),
    )
)

_PLACE = ["community_id", "device_id", "epoch", "seq"]
_INBOX = [f"kiosk_inbox.{name}" for name in _PLACE]


def _place() -> list[Column[int]]:
    """The position of one envelope in the chain of one device."""
    return [Column(name, BigInteger, nullable=False) for name in _PLACE]


def _bytes(name: str) -> tuple[Column[bytes], Column[bytes]]:
    """The bytes of an envelope: empty if they are sealed, because they hold a pick-up code."""
    sealed = Column("raw_sealed", LargeBinary, info=sealed_as(f"{name}.raw"))
    return Column("raw", LargeBinary, nullable=False), sealed


inbox = append_only(
    table(
        "kiosk_inbox",
        *_place(),
        *_bytes("kiosk_inbox"),
        Column("signature", LargeBinary, nullable=False),
        Column("digest", String(64), nullable=False),
        Column("received_at", Instant, nullable=False),
        # How far the kiosk's clock was ahead of ours when it sent, in microseconds.
        Column("ahead_us", BigInteger, nullable=False),
        # One envelope per position. Forbids: two different envelopes with seq 7.
        PrimaryKeyConstraint(*_PLACE),
        ForeignKeyConstraint(
            ["community_id", "device_id"], ["kiosk_device.community_id", "kiosk_device.id"]
        ),
        # Forbids: an envelope that is sealed, and stands in clear text beside.
        CheckConstraint("raw_sealed IS NULL OR length(raw) = 0", name="raw"),
    )
)

outcome = append_only(
    table(
        "kiosk_outcome",
        *_place(),
        Column("outcome", String(8), nullable=False),
        Column("reason", String(40)),
        Column("event_id", String(36)),
        Column("answer", Text),
        Column("applied_at", Instant, nullable=False),
        # One result per envelope. Forbids: a retry that turns a review into a posting.
        PrimaryKeyConstraint(*_PLACE),
        ForeignKeyConstraint(_PLACE, _INBOX),
        CheckConstraint("outcome IN ('posted', 'review')", name="outcome"),
        CheckConstraint("(outcome = 'review') = (reason IS NOT NULL)", name="reason"),
    )
)

quarantine = append_only(
    table(
        "kiosk_quarantine",
        *_place(),
        Column("digest", String(64), nullable=False),
        Column("kind", String(8), nullable=False),
        *_bytes("kiosk_quarantine"),
        Column("signature", LargeBinary, nullable=False),
        Column("received_at", Instant, nullable=False),
        # The same stray bytes are stored once, however often they arrive.
        PrimaryKeyConstraint(*_PLACE, "digest"),
        ForeignKeyConstraint(
            ["community_id", "device_id"], ["kiosk_device.community_id", "kiosk_device.id"]
        ),
        CheckConstraint("kind IN ('fork', 'damaged')", name="kind"),
        CheckConstraint("raw_sealed IS NULL OR length(raw) = 0", name="raw"),
    )
)

call = append_only(
    table(
        "kiosk_call",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("device_id", BigInteger, nullable=False),
        Column("store_id", BigInteger, nullable=False),
        Column("asked_at", Instant, nullable=False),
        # What the person was doing: the first part of the address, such as ``pickup``.
        Column("page", String(20), nullable=False),
        PrimaryKeyConstraint("community_id", "id"),
        ForeignKeyConstraint(["community_id", "store_id"], ["store.community_id", "store.id"]),
        ForeignKeyConstraint(
            ["community_id", "device_id"], ["kiosk_device.community_id", "kiosk_device.id"]
        ),
    )
)

# The calls of a shop since a time: what its worklist shows and rings for.
Index(None, call.c.community_id, call.c.store_id, call.c.asked_at)

call_answer = append_only(
    table(
        "kiosk_call_answer",
        Column("community_id", BigInteger, nullable=False),
        Column("call_id", BigInteger, nullable=False, autoincrement=False),
        Column("answered_by", BigInteger),
        Column("answered_at", Instant, nullable=False),
        # A call is answered once. Forbids: two keepers who both believe that the other went.
        PrimaryKeyConstraint("community_id", "call_id"),
        ForeignKeyConstraint(
            ["community_id", "call_id"], ["kiosk_call.community_id", "kiosk_call.id"]
        ),
    )
)

review = append_only(
    table(
        "kiosk_review",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        *_place()[1:],
        Column("digest", String(64), nullable=False),
        Column("store_id", BigInteger, nullable=False),
        Column("reason", String(40), nullable=False),
        Column("facts_sealed", LargeBinary, nullable=False, info=sealed_as("kiosk_review.facts")),
        Column("opened_at", Instant, nullable=False),
        PrimaryKeyConstraint("community_id", "id"),
        # One review per envelope. Forbids: two keepers who settle the same slip.
        UniqueConstraint(*_PLACE, "digest"),
        ForeignKeyConstraint(["community_id", "store_id"], ["store.community_id", "store.id"]),
        ForeignKeyConstraint(
            ["community_id", "device_id"], ["kiosk_device.community_id", "kiosk_device.id"]
        ),
    )
)

settlement = append_only(
    table(
        "kiosk_settlement",
        Column("community_id", BigInteger, nullable=False),
        Column("review_id", BigInteger, nullable=False, autoincrement=False),
        Column("how", String(12), nullable=False),
        Column("note", Text, nullable=False),
        Column("settled_by", BigInteger),
        Column("settled_at", Instant, nullable=False),
        # A review is settled once, by one person.
        PrimaryKeyConstraint("community_id", "review_id"),
        ForeignKeyConstraint(
            ["community_id", "review_id"], ["kiosk_review.community_id", "kiosk_review.id"]
        ),
        CheckConstraint("how IN ('post', 'keep')", name="how"),
    )
)
