"""Two records of one person: asked by one of staff, answered by another, taken back by two."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    String,
    text,
)

from timebank.db import RACED, Instant, fixed, table
from timebank.people.rules.merging import MERGE_ANSWERS, ONE_PERSON

_ANSWERS = ", ".join(repr(answer) for answer in MERGE_ANSWERS)
_PEOPLE = ("person_id", "into_person_id", "asked_by_person_id", "answered_by_person_id")

# Whether two records are of one person. The records themselves are never changed by it: whatever
# stands under the first one is read as of the second one, as long as the merge is in force.
person_merge = fixed(
    table(
        "person_merge",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("person_id", BigInteger, nullable=False),  # Read as of the other one from now on.
        Column("into_person_id", BigInteger, nullable=False),
        Column("undoes_id", BigInteger),  # The merge that is taken back; NULL for a merge.
        Column("reason", String(200), nullable=False),
        Column("asked_by_person_id", BigInteger, nullable=False),
        Column("asked_at", Instant, nullable=False),
        Column("until_at", Instant, nullable=False),
        Column("answer", String(12)),
        Column("answered_by_person_id", BigInteger),
        Column("answered_at", Instant),
        # Where the first record lived, and as what, so that it can live there again.
        Column("from_household_id", BigInteger),
        Column("from_relation", String(16)),
        Column("txn_id", BigInteger),  # It brought the balances together, or apart again.
        PrimaryKeyConstraint("community_id", "id"),
        *(
            ForeignKeyConstraint(
                ["community_id", column],
                ["person.community_id", "person.id"],
                name=f"fk_person_merge_{column.removesuffix('_id')}",
            )
            for column in _PEOPLE
        ),
        ForeignKeyConstraint(
            ["community_id", "undoes_id"],
            ["person_merge.community_id", "person_merge.id"],
            name="fk_person_merge_undoes",
        ),
        ForeignKeyConstraint(
            ["community_id", "from_household_id"], ["household.community_id", "household.id"]
        ),
        ForeignKeyConstraint(["community_id", "txn_id"], ["txn.community_id", "txn.id"]),
        # Forbids: a record that is read as of itself.
        CheckConstraint("person_id <> into_person_id", name="two_records"),
        CheckConstraint(f"answer IN ({_ANSWERS})", name="answer"),
        # Forbids: one of staff who merges alone, or a merge of oneself.
        CheckConstraint(
            "asked_by_person_id NOT IN (person_id, into_person_id)"
            " AND (answered_by_person_id IS NULL OR answered_by_person_id"
            " NOT IN (person_id, into_person_id, asked_by_person_id))",
            name="two_people",
        ),
        CheckConstraint(
            "(answered_at IS NULL) = (answered_by_person_id IS NULL)"
            " AND (answered_at IS NULL) = (answer IS NULL)"
            " AND (answered_at IS NULL OR answered_at < until_at)",
            name="answered",
        ),
        # Forbids: balances that were brought together for two people.
        CheckConstraint(
            f"(txn_id IS NULL AND from_household_id IS NULL) OR answer = '{ONE_PERSON}'",
            name="done",
        ),
    ),
    "person_id", "into_person_id", "undoes_id", "reason", "asked_by_person_id", "asked_at",
    "until_at",
    closed="answered_at",
)  # fmt: skip
Index(None, person_merge.c.community_id, person_merge.c.person_id)
Index(None, person_merge.c.community_id, person_merge.c.into_person_id)
# A merge is taken back once. Forbids: balances that are parted twice.
_is_done = text(f"answer = '{ONE_PERSON}' AND undoes_id IS NOT NULL")
Index(
    "uq_person_merge_undoes",
    person_merge.c.community_id,
    person_merge.c.undoes_id,
    unique=True,
    info=RACED,
    sqlite_where=_is_done,
    postgresql_where=_is_done,
)
_is_waiting = text("answered_at IS NULL")
Index(
    "ix_person_merge_waiting",
    person_merge.c.community_id,
    person_merge.c.until_at,
    sqlite_where=_is_waiting,
    postgresql_where=_is_waiting,
)
