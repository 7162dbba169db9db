"""The table of the desk: how a promised day moved when the calendar was brought up to date."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
)

from timebank.db import Instant, append_only, table

deadline_change = append_only(
    table(
        "deadline_change",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        # The case by its kind of work and its id, as the worklist names it.
        Column("kind", String(20), nullable=False),
        Column("case_id", BigInteger, nullable=False),
        Column("old_on", Date, nullable=False),
        Column("was_provisional", Boolean, nullable=False),
        Column("new_on", Date, nullable=False),
        Column("is_provisional", Boolean, nullable=False),
        # Why: the edition of the calendar, with its source.
        Column("calendar_id", BigInteger, nullable=False),
        Column("changed_at", Instant, nullable=False),
        PrimaryKeyConstraint("community_id", "id"),
        # Forbids: two records of one case for one edition. It also finds those of a case.
        UniqueConstraint(
            "community_id", "kind", "case_id", "calendar_id", name="uq_deadline_change_case"
        ),
        ForeignKeyConstraint(
            ["community_id", "calendar_id"], ["calendar_year.community_id", "calendar_year.id"]
        ),
        # Forbids: a record that a firm day became the same firm day.
        CheckConstraint(
            "old_on <> new_on OR was_provisional <> is_provisional", name="is_a_change"
        ),
    )
)
