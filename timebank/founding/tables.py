"""The tables of the set-up. There is no community yet, so they belong to the whole database."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)

from timebank.db import Instant, table

# A one-time code that the server printed. Only its digest is here.
set_up_code = table(
    "set_up_code",
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("code_digest", LargeBinary(32), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("ended_at", Instant),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("code_digest"),
    # Forbids: a code in clear text in the place of its digest.
    CheckConstraint("length(code_digest) = 32", name="digest"),
)

# Wrong codes from one address, which is here as a digest.
set_up_try = table(
    "set_up_try",
    Column("source_digest", LargeBinary(32), nullable=False),
    Column("failures", SmallInteger, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("closed_until_at", Instant, nullable=False),
    PrimaryKeyConstraint("source_digest"),
    CheckConstraint("failures BETWEEN 0 AND 30000", name="failures"),
)

# One of the first people of staff, who still has to choose name and password. The code on the slip
# follows from the key.
first_slip = table(
    "first_slip",
    Column("community_id", BigInteger, nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("roles", String(200), nullable=False),  # With commas between them.
    Column("made_at", Instant, nullable=False),
    Column("ended_at", Instant),
    PrimaryKeyConstraint("community_id", "person_id"),
    ForeignKeyConstraint(["community_id", "person_id"], ["person.community_id", "person.id"]),
    # Forbids: somebody of staff without a role.
    CheckConstraint("roles <> ''", name="roles"),
)

# What was typed into the steps, as the tables of a description; once it is founded, only the
# names on the first slips.
set_up_draft = table(
    "set_up_draft",
    Column("id", SmallInteger, nullable=False, autoincrement=False),
    Column("tables", Text, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column("community_id", BigInteger),
    PrimaryKeyConstraint("id"),
    ForeignKeyConstraint(["community_id"], ["community.id"]),
    # Forbids: two drafts, of which one would be lost.
    CheckConstraint("id = 1", name="one_row"),
)
