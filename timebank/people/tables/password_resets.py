"""Forgotten passwords that two members of staff reset at the counter."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    text,
)

from timebank.db import Instant, table

# Forbids: a coordinator who sets a colleague's password alone, and signs as both.
password_reset = table(
    "password_reset",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("user_id", BigInteger, nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("asked_by_person_id", BigInteger, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("until_at", Instant, nullable=False),
    Column("set_by_person_id", BigInteger),
    Column("set_at", Instant),
    Column("read_at", Instant),
    PrimaryKeyConstraint("community_id", "id"),
    ForeignKeyConstraint(["community_id", "user_id"], ["app_user.community_id", "app_user.id"]),
    ForeignKeyConstraint(["community_id", "person_id"], ["person.community_id", "person.id"]),
    ForeignKeyConstraint(
        ["community_id", "asked_by_person_id"],
        ["person.community_id", "person.id"],
        name="fk_password_reset_asked_by",
    ),
    ForeignKeyConstraint(
        ["community_id", "set_by_person_id"],
        ["person.community_id", "person.id"],
        name="fk_password_reset_set_by",
    ),
    # Three people: the holder and two of staff. Forbids: an approver who asks and sets it.
    CheckConstraint(
        "asked_by_person_id <> person_id"
        " AND (set_by_person_id IS NULL"
        " OR (set_by_person_id <> person_id AND set_by_person_id <> asked_by_person_id))",
        name="two_of_staff",
    ),
    CheckConstraint(
        "(set_at IS NULL) = (set_by_person_id IS NULL) AND (set_at IS NULL OR set_at < until_at)",
        name="set",
    ),
    CheckConstraint("read_at IS NULL OR set_at IS NOT NULL", name="read"),
)
Index(None, password_reset.c.community_id, password_reset.c.person_id)
# What waits for the second member of staff.
_is_waiting = text("set_at IS NULL")
Index(
    "ix_password_reset_waiting",
    password_reset.c.community_id,
    password_reset.c.until_at,
    sqlite_where=_is_waiting,
    postgresql_where=_is_waiting,
)
