"""Pictures of papers, sealed. They are removed some time after the paper has ended."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    LargeBinary,
    PrimaryKeyConstraint,
)

from timebank.db import Instant, sealed_as, table

# A table of its own, so that no list of papers ever reads a picture, and a picture can be removed
# while its paper stays.
paper_picture = table(
    "paper_picture",
    Column("community_id", BigInteger, nullable=False),
    Column("proof_id", BigInteger, nullable=False),
    # The JPEG in base64, because the vault seals text.
    Column(
        "picture_sealed",
        LargeBinary,
        nullable=False,
        info=sealed_as("paper_picture.picture", at_once=10),
    ),
    Column("added_at", Instant, nullable=False),
    # One picture for each paper. Forbids: a second picture that replaces the one that was checked.
    PrimaryKeyConstraint("community_id", "proof_id"),
    # A picture without its paper shows nothing. Forbids: one that outlives the row of its paper.
    ForeignKeyConstraint(
        ["community_id", "proof_id"], ["proof.community_id", "proof.id"], ondelete="CASCADE"
    ),
)
