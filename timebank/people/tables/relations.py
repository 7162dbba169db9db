"""Relatives of two households: who is related to whom, since when, and until when."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    String,
    text,
)

from timebank.db import RACED, Instant, fixed, table
from timebank.people.rules.relations import RELATION_KINDS

_KINDS = ", ".join(repr(kind) for kind in RELATION_KINDS)

# Relatives never countersign for each other. Forbids: a cousin as the second person.
relation = fixed(
    table(
        "relation",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("person_id", BigInteger, nullable=False),
        Column("other_person_id", BigInteger, nullable=False),
        Column("kind", String(12), nullable=False),
        Column("from_on", Date, nullable=False),  # Since when they are relatives.
        Column("entered_at", Instant, nullable=False),
        Column("entered_by_person_id", BigInteger),  # NULL: a job, such as the sample's.
        Column("ended_at", Instant),
        Column("ended_by_person_id", BigInteger),
        Column("end_reason", String(200)),
        PrimaryKeyConstraint("community_id", "id"),
        *(
            ForeignKeyConstraint(
                ["community_id", column],
                ["person.community_id", "person.id"],
                name=f"fk_relation_{column.removesuffix('_id')}",
            )
            for column in (
                "person_id", "other_person_id", "entered_by_person_id", "ended_by_person_id",
            )
        ),
        # One row for two people. Forbids: the same pair twice, once from each side; oneself.
        CheckConstraint("person_id < other_person_id", name="pair"),
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        # Forbids: an end that nobody wrote down. A job ends nothing.
        CheckConstraint(
            "(ended_at IS NULL) = (ended_by_person_id IS NULL)"
            " AND (ended_at IS NULL) = (end_reason IS NULL)",
            name="ended",
        ),
        # Forbids: somebody who ends what keeps them from countersigning.
        CheckConstraint(
            "ended_by_person_id <> person_id AND ended_by_person_id <> other_person_id",
            name="ended_by_other",
        ),
    ),
    # Forbids: a pair that was recorded yesterday and is said today to have been another one.
    "person_id", "other_person_id", "kind", "from_on", "entered_at", "entered_by_person_id",
    closed="ended_at",
)  # fmt: skip
_is_open = text("ended_at IS NULL")
# Two people are recorded once at a time. Forbids: an end after which they are relatives still.
Index(
    "uq_relation_open",
    relation.c.community_id,
    relation.c.person_id,
    relation.c.other_person_id,
    unique=True,
    info=RACED,
    sqlite_where=_is_open,
    postgresql_where=_is_open,
)
# Who is related to somebody, from the other side, and with those that ended.
Index(None, relation.c.community_id, relation.c.other_person_id)
Index(None, relation.c.community_id, relation.c.person_id)
