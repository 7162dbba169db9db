"""Cards that are issued or replaced by two people: asked for, given, and read by the holder."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    String,
    text,
)

from timebank.db import Instant, fixed, table
from timebank.people.rules import LANGUAGES

_LANGUAGES = ", ".join(repr(language) for language in LANGUAGES)
_TWO = ("asked_by_person_id", "given_by_person_id")

# A card opens a passbook and takes goods home at a kiosk. Forbids: one member of staff who makes a
# card for a neighbour, and uses it.
card_issue = fixed(
    table(
        "card_issue",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("person_id", BigInteger, nullable=False),  # The holder.
        Column("language", String(5), nullable=False),
        Column("large_text", Boolean, nullable=False),
        Column("asked_by_person_id", BigInteger, nullable=False),
        Column("asked_at", Instant, nullable=False),
        Column("until_at", Instant, nullable=False),
        Column("pin_at", Instant),  # When the holder last typed the PIN of their card before.
        # A second member of staff, or the holder who typed their PIN.
        Column("given_by_person_id", BigInteger),
        Column("given_at", Instant),
        Column("card_id", BigInteger),
        Column("read_at", Instant),
        PrimaryKeyConstraint("community_id", "id"),
        ForeignKeyConstraint(["community_id", "person_id"], ["person.community_id", "person.id"]),
        *(
            ForeignKeyConstraint(
                ["community_id", column],
                ["person.community_id", "person.id"],
                name=f"fk_card_issue_{column.removesuffix('_person_id')}",
            )
            for column in _TWO
        ),
        ForeignKeyConstraint(["community_id", "card_id"], ["card.community_id", "card.id"]),
        CheckConstraint(f"language IN ({_LANGUAGES})", name="language"),
        # Forbids: a keeper who issues a card alone, or to themselves.
        CheckConstraint(
            "asked_by_person_id <> person_id"
            " AND (given_by_person_id IS NULL OR given_by_person_id <> asked_by_person_id)",
            name="two_people",
        ),
        # Forbids: a holder who counts as the second person without having typed their PIN.
        CheckConstraint("given_by_person_id <> person_id OR pin_at IS NOT NULL", name="by_pin"),
        CheckConstraint(
            "(given_at IS NULL) = (given_by_person_id IS NULL)"
            " AND (given_at IS NULL) = (card_id IS NULL)"
            " AND (given_at IS NULL OR given_at < until_at)",
            name="given",
        ),
        CheckConstraint("read_at IS NULL OR given_at IS NOT NULL", name="read"),
    ),
    # Forbids: a card that was asked for by one person and is later said to be asked for by another.
    "person_id", "asked_by_person_id", "asked_at", "until_at",
)  # fmt: skip
Index(None, card_issue.c.community_id, card_issue.c.person_id)
# Who had a part in something today, and what waits for the second person.
Index(None, card_issue.c.community_id, card_issue.c.asked_at)
_is_waiting = text("given_at IS NULL")
Index(
    "ix_card_issue_waiting",
    card_issue.c.community_id,
    card_issue.c.until_at,
    sqlite_where=_is_waiting,
    postgresql_where=_is_waiting,
)
