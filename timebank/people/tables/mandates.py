"""Who acts for whom, given by oneself or entered by two of staff; and each use of it."""

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

from timebank.db import Instant, append_only, fixed, table
from timebank.people.rules.mandates import GROUNDS, MANDATE_KINDS


def _one_of(column: str, names: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(name) for name in names)})"


_PEOPLE = (
    "person_id", "agent_person_id", "asked_by_person_id", "confirmed_by_person_id",
    "ended_by_person_id",
)  # fmt: skip

mandate = fixed(
    table(
        "mandate",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("person_id", BigInteger, nullable=False),  # For whom.
        Column("agent_person_id", BigInteger, nullable=False),
        Column("kind", String(10), nullable=False),
        Column("deeds", String(40), nullable=False),  # Words with a space between them.
        Column("ground", String(10), nullable=False),
        Column("ground_note", String(120), nullable=False),  # Which paper, or who was there.
        Column("from_on", Date, nullable=False),
        Column("until_on", Date),  # Its last day; NULL of a guardian: the minority ends it.
        Column("asked_by_person_id", BigInteger, nullable=False),
        Column("asked_at", Instant, nullable=False),
        Column("until_at", Instant, nullable=False),  # Until when the second person confirms.
        Column("confirmed_by_person_id", BigInteger),
        Column("confirmed_at", Instant),
        Column("ended_at", Instant),
        Column("ended_by_person_id", BigInteger),
        Column("end_reason", String(200)),
        PrimaryKeyConstraint("community_id", "id"),
        *(
            ForeignKeyConstraint(
                ["community_id", column],
                ["person.community_id", "person.id"],
                name=f"fk_mandate_{column.removesuffix('_id')}",
            )
            for column in _PEOPLE
        ),
        CheckConstraint(_one_of("kind", MANDATE_KINDS), name="kind"),
        CheckConstraint(_one_of("ground", GROUNDS), name="ground"),
        # Forbids: a mandate for oneself, or one that the agent entered.
        CheckConstraint(
            "agent_person_id <> person_id AND asked_by_person_id <> agent_person_id"
            " AND (confirmed_by_person_id IS NULL OR confirmed_by_person_id <> agent_person_id)",
            name="agent",
        ),
        # Given by oneself, or entered by two of staff. Forbids: one of staff who enters alone that
        # a friend acts for a neighbour.
        CheckConstraint(
            "(ground = 'self') = (asked_by_person_id = person_id)"
            " AND (confirmed_by_person_id IS NULL"
            " OR (confirmed_by_person_id = asked_by_person_id) = (ground = 'self'))",
            name="two_people",
        ),
        CheckConstraint("(kind = 'guardian') = (until_on IS NULL)", name="until"),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="days"),
        CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by_person_id IS NULL)", name="confirmed"
        ),
        CheckConstraint(
            "(ended_at IS NULL) = (ended_by_person_id IS NULL)"
            " AND (ended_at IS NULL) = (end_reason IS NULL)",
            name="ended",
        ),
    ),
    "person_id", "agent_person_id", "kind", "deeds", "ground", "ground_note", "from_on",
    "until_on", "asked_by_person_id", "asked_at", "until_at",
    closed="ended_at",
)  # fmt: skip
Index(None, mandate.c.community_id, mandate.c.person_id)
Index(None, mandate.c.community_id, mandate.c.agent_person_id)
_is_waiting = text("confirmed_at IS NULL AND ended_at IS NULL")
Index(
    "ix_mandate_waiting",
    mandate.c.community_id,
    mandate.c.until_at,
    sqlite_where=_is_waiting,
    postgresql_where=_is_waiting,
)

# What an agent did for somebody: the receipts of both say it.
mandate_use = append_only(
    table(
        "mandate_use",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("mandate_id", BigInteger, nullable=False),
        Column("deed", String(10), nullable=False),
        Column("subject_kind", String(20), nullable=False),
        Column("subject_id", BigInteger, nullable=False),
        Column("channel", String(10), nullable=False),
        Column("recorded_by", String(80), nullable=False),
        Column("used_at", Instant, nullable=False),
        PrimaryKeyConstraint("community_id", "id"),
        ForeignKeyConstraint(
            ["community_id", "mandate_id"], ["mandate.community_id", "mandate.id"]
        ),
    )
)
Index(None, mandate_use.c.community_id, mandate_use.c.mandate_id)
Index(None, mandate_use.c.community_id, mandate_use.c.subject_kind, mandate_use.c.subject_id)
