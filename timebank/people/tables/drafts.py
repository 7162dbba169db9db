"""What somebody typed into a form that was not accepted yet, sealed. It is kept for some days."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
)

from timebank.db import Instant, sealed_as, table

form_draft = table(
    "form_draft",
    Column("community_id", BigInteger, nullable=False),
    Column("person_id", BigInteger, nullable=False),
    # Which page: only whoever knows an address recognises its digest.
    Column("address_digest", LargeBinary(32), nullable=False),
    # The fields as JSON. Files, passwords, PINs and codes are never among them.
    Column("typed_sealed", LargeBinary, nullable=False, info=sealed_as("form_draft.typed")),
    Column("kept_at", Instant, nullable=False),
    # One draft of each page. Forbids: an older draft that comes back after the newer one was sent.
    PrimaryKeyConstraint("community_id", "person_id", "address_digest"),
    ForeignKeyConstraint(["community_id", "person_id"], ["person.community_id", "person.id"]),
    # Forbids: an address in clear text in the place of its digest.
    CheckConstraint("length(address_digest) = 32", name="digest"),
)
Index(None, form_draft.c.community_id, form_draft.c.kept_at)
