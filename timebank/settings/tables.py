"""Proposed changes of parameters, and what became of them."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    String,
    Text,
    text,
)

from timebank.db import RACED, Instant, table

parameter_change = table(
    "parameter_change",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("key", String(60), nullable=False),
    Column("value", Text, nullable=False),  # Canonical JSON.
    Column("valid_from_on", Date, nullable=False),
    Column("until_at", Instant, nullable=False),  # When that day begins: too late to confirm.
    Column("source", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_by_person_id", BigInteger, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("confirmed_by_person_id", BigInteger),
    Column("confirmed_at", Instant),
    Column("withdrawn_by_person_id", BigInteger),
    Column("withdrawn_at", Instant),
    PrimaryKeyConstraint("community_id", "id"),
    *(
        ForeignKeyConstraint(
            ["community_id", f"{step}_by_person_id"],
            ["person.community_id", "person.id"],
            name=f"fk_parameter_change_{step}_by",
        )
        for step in ("asked", "confirmed", "withdrawn")
    ),
    # Two people. Forbids: a coordinator who proposes a cap of 40 and confirms it.
    CheckConstraint("confirmed_by_person_id <> asked_by_person_id", name="second_person"),
    CheckConstraint("(confirmed_at IS NULL) = (confirmed_by_person_id IS NULL)", name="confirmed"),
    CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by_person_id IS NULL)", name="withdrawn"),
    # Forbids: a change that was withdrawn and is in force all the same.
    CheckConstraint("confirmed_at IS NULL OR withdrawn_at IS NULL", name="one_end"),
    # Past days keep their rules. Forbids: a change of 1 July that is confirmed on 2 July.
    CheckConstraint("confirmed_at IS NULL OR confirmed_at < until_at", name="in_time"),
    CheckConstraint("source <> '' AND reason <> ''", name="told"),
)
_stands = text("withdrawn_at IS NULL")
# One change of a parameter for a day. Forbids: a cap of 20 and a cap of 25 proposed for 1 July.
# Two people who propose them at once: the second starts again and reads what the first wrote.
Index(
    "uq_parameter_change_day",
    parameter_change.c.community_id,
    parameter_change.c.key,
    parameter_change.c.valid_from_on,
    unique=True,
    info=RACED,
    sqlite_where=_stands,
    postgresql_where=_stands,
)
_waits = text("confirmed_at IS NULL AND withdrawn_at IS NULL")
Index(
    "ix_parameter_change_waiting",
    parameter_change.c.community_id,
    parameter_change.c.until_at,
    sqlite_where=_waits,
    postgresql_where=_waits,
)
