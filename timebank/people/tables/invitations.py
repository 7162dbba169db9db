"""Invitations to become staff: for whom, with which roles, by whom, and what became of them."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
    text,
)

from timebank.db import Instant, table
from timebank.people.rules import ROLE_NAMES

invitation = table(
    "invitation",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("person_id", BigInteger, nullable=False),
    Column("asked_by_person_id", BigInteger),  # NULL: the set-up, before there is any staff.
    Column("asked_at", Instant, nullable=False),
    Column("until_at", Instant, nullable=False),
    Column("confirmed_by_person_id", BigInteger),
    Column("confirmed_at", Instant),
    # The digest of the code on the newest slip; the code itself is nowhere.
    Column("code_digest", LargeBinary(32)),
    Column("withdrawn_at", Instant),
    Column("used_at", Instant),
    Column("organisation_id", BigInteger),  # To represent it, without any role; NULL for staff.
    PrimaryKeyConstraint("community_id", "id"),
    # A code opens one invitation. Forbids: two people who both type 7F3KQ-M2X9A and are right.
    UniqueConstraint("community_id", "code_digest", name="uq_invitation_code"),
    ForeignKeyConstraint(["community_id", "person_id"], ["person.community_id", "person.id"]),
    ForeignKeyConstraint(
        ["community_id", "asked_by_person_id"],
        ["person.community_id", "person.id"],
        name="fk_invitation_asked_by",
    ),
    ForeignKeyConstraint(
        ["community_id", "confirmed_by_person_id"],
        ["person.community_id", "person.id"],
        name="fk_invitation_confirmed_by",
    ),
    ForeignKeyConstraint(
        ["community_id", "organisation_id"], ["organisation.community_id", "organisation.id"]
    ),
    # Three people. Forbids: a coordinator who makes themselves cashier with a colleague's name.
    CheckConstraint(
        "asked_by_person_id <> person_id"
        " AND (confirmed_by_person_id IS NULL OR (confirmed_by_person_id <> person_id"
        " AND confirmed_by_person_id <> asked_by_person_id))",
        name="two_of_staff",
    ),
    CheckConstraint("(confirmed_at IS NULL) = (confirmed_by_person_id IS NULL)", name="confirmed"),
    # Forbids: an invitation that was withdrawn and made somebody staff all the same.
    CheckConstraint("withdrawn_at IS NULL OR used_at IS NULL", name="one_end"),
    CheckConstraint("used_at IS NULL OR used_at < until_at", name="used"),
)
Index(None, invitation.c.community_id, invitation.c.person_id)
_is_open = text("used_at IS NULL AND withdrawn_at IS NULL")
Index(
    "ix_invitation_open",
    invitation.c.community_id,
    invitation.c.until_at,
    sqlite_where=_is_open,
    postgresql_where=_is_open,
)


invited_role = table(
    "invited_role",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("invitation_id", BigInteger, nullable=False),
    Column("name", String(20), nullable=False),
    Column("place_id", BigInteger),  # NULL means the whole community.
    Column("until_at", Instant),  # The role ends by itself then. NULL: until somebody ends it.
    PrimaryKeyConstraint("community_id", "id"),
    ForeignKeyConstraint(
        ["community_id", "invitation_id"], ["invitation.community_id", "invitation.id"]
    ),
    ForeignKeyConstraint(["community_id", "place_id"], ["place.community_id", "place.id"]),
    CheckConstraint(
        f"name IN ({', '.join(repr(role_name) for role_name in sorted(ROLE_NAMES))})", name="name"
    ),
)
Index(None, invited_role.c.community_id, invited_role.c.invitation_id)
