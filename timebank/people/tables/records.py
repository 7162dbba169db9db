"""The history of households: who moved where, which details changed, who agreed to what."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
)

from timebank.db import Instant, append_only, sealed_as, table
from timebank.people.rules.records import CONSENT_KINDS, DETAILS, MOVE_WHYS, PERSON_DETAILS


def _one_of(column: str, names: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(name) for name in names)})"


# Somebody left a household, came into one, or both. Where they live now stands in their own row.
home_change = append_only(
    table(
        "home_change",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("person_id", BigInteger, nullable=False),
        Column("from_household_id", BigInteger),
        Column("to_household_id", BigInteger),
        Column("why", String(10), nullable=False),
        Column("happened_on", Date, nullable=False),
        Column("note", String(200), nullable=False),
        Column("recorded_at", Instant, nullable=False),
        Column("recorded_by_person_id", BigInteger),  # NULL for a job.
        PrimaryKeyConstraint("community_id", "id"),
        ForeignKeyConstraint(["community_id", "person_id"], ["person.community_id", "person.id"]),
        ForeignKeyConstraint(
            ["community_id", "from_household_id"], ["household.community_id", "household.id"],
            name="fk_home_change_from",
        ),
        ForeignKeyConstraint(
            ["community_id", "to_household_id"], ["household.community_id", "household.id"],
            name="fk_home_change_to",
        ),
        ForeignKeyConstraint(
            ["community_id", "recorded_by_person_id"], ["person.community_id", "person.id"],
            name="fk_home_change_recorded_by",
        ),
        CheckConstraint(_one_of("why", MOVE_WHYS), name="why"),
        # Forbids: a move from nowhere to nowhere, or within one household.
        CheckConstraint(
            "(from_household_id IS NOT NULL OR to_household_id IS NOT NULL)"
            " AND (from_household_id IS NULL OR to_household_id IS NULL"
            " OR from_household_id <> to_household_id)",
            name="moves",
        ),
        # Forbids: somebody who died and lives in another household since.
        CheckConstraint("(why IN ('left', 'died')) = (to_household_id IS NULL)", name="away"),
    )
)  # fmt: skip
Index(None, home_change.c.community_id, home_change.c.person_id)
Index(None, home_change.c.community_id, home_change.c.from_household_id)
Index(None, home_change.c.community_id, home_change.c.to_household_id)


# One detail of a person or of a household, before and after; both are sealed alike.
detail_change = append_only(
    table(
        "detail_change",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("person_id", BigInteger),
        Column("household_id", BigInteger),
        Column("detail", String(16), nullable=False),
        Column("before_sealed", LargeBinary, info=sealed_as("detail_change.before")),
        Column("after_sealed", LargeBinary, info=sealed_as("detail_change.after")),
        Column("recorded_at", Instant, nullable=False),
        Column("recorded_by_person_id", BigInteger),
        PrimaryKeyConstraint("community_id", "id"),
        ForeignKeyConstraint(["community_id", "person_id"], ["person.community_id", "person.id"]),
        ForeignKeyConstraint(
            ["community_id", "household_id"], ["household.community_id", "household.id"]
        ),
        ForeignKeyConstraint(
            ["community_id", "recorded_by_person_id"], ["person.community_id", "person.id"],
            name="fk_detail_change_recorded_by",
        ),
        CheckConstraint(_one_of("detail", DETAILS), name="detail"),
        # Forbids: the building of a person, the name of a household.
        CheckConstraint(
            "(person_id IS NULL) <> (household_id IS NULL)"
            f" AND ({_one_of('detail', PERSON_DETAILS)}) = (person_id IS NOT NULL)",
            name="whose",
        ),
    )
)  # fmt: skip
Index(None, detail_change.c.community_id, detail_change.c.person_id)
Index(None, detail_change.c.community_id, detail_change.c.household_id)


# Somebody agreed to a text in a version. A row is never changed: withdrawing adds a row.
consent = append_only(
    table(
        "consent",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("person_id", BigInteger, nullable=False),  # Whose data it is about.
        Column("kind", String(12), nullable=False),
        Column("version", SmallInteger, nullable=False),
        Column("outcome", String(10), nullable=False),
        # Who said yes at the counter: for a child somebody of the household.
        Column("said_by_person_id", BigInteger, nullable=False),
        Column("recorded_at", Instant, nullable=False),
        Column("recorded_by_person_id", BigInteger),
        PrimaryKeyConstraint("community_id", "id"),
        ForeignKeyConstraint(["community_id", "person_id"], ["person.community_id", "person.id"]),
        ForeignKeyConstraint(
            ["community_id", "said_by_person_id"], ["person.community_id", "person.id"],
            name="fk_consent_said_by",
        ),
        ForeignKeyConstraint(
            ["community_id", "recorded_by_person_id"], ["person.community_id", "person.id"],
            name="fk_consent_recorded_by",
        ),
        CheckConstraint(_one_of("kind", CONSENT_KINDS), name="kind"),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("outcome IN ('given', 'withdrawn')", name="outcome"),
    )
)  # fmt: skip
Index(None, consent.c.community_id, consent.c.person_id)
