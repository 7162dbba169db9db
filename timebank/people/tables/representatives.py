"""Who speaks for a firm or group: they sign in and see its statement."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    text,
)

from timebank.db import RACED, Instant, table

representative = table(
    "representative",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("organisation_id", BigInteger, nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("named_at", Instant, nullable=False),
    Column("ended_at", Instant),
    PrimaryKeyConstraint("community_id", "id"),
    ForeignKeyConstraint(
        ["community_id", "organisation_id"], ["organisation.community_id", "organisation.id"]
    ),
    ForeignKeyConstraint(["community_id", "person_id"], ["person.community_id", "person.id"]),
    # Forbids: somebody who stopped speaking for a firm before they began.
    CheckConstraint("ended_at IS NULL OR ended_at >= named_at", name="ended"),
)
# Forbids: one person who still speaks for a firm after they were ended once.
Index(
    "uq_representative_living",
    representative.c.community_id,
    representative.c.person_id,
    representative.c.organisation_id,
    unique=True,
    sqlite_where=text("ended_at IS NULL"),
    postgresql_where=text("ended_at IS NULL"),
    info=RACED,
)
