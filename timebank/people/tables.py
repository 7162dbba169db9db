"""The tables of people. Personal data other than names is encrypted or a digest.

``community_id`` leads every key; an id number is never part of one.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeEngine

from timebank.db import RACED, Instant, fixed, table
from timebank.people.rules import (
    LANGUAGES,
    PLACE_KINDS,
    PROOF_KINDS,
    ROLE_NAMES,
    VISIT_ENDS,
    VISIT_KINDS,
    VISIT_LACKS,
)


def _one_of(column: str, names: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(name) for name in names)})"


def _letters(length: int) -> TypeEngine[str]:
    """Text in the order of its bytes on both engines, so that a beginning is a range."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


place = table(
    "place",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("kind", String(20), nullable=False),
    Column("number", SmallInteger, nullable=False),
    Column("name_zh", String(80), nullable=False),
    Column("name_en", String(80), nullable=False),
    Column("parent_id", BigInteger),
    PrimaryKeyConstraint("community_id", "id"),
    # Forbids: two buildings with number 11.
    UniqueConstraint("community_id", "kind", "number"),
    ForeignKeyConstraint(["community_id"], ["community.id"]),
    ForeignKeyConstraint(["community_id", "parent_id"], ["place.community_id", "place.id"]),
    CheckConstraint(_one_of("kind", PLACE_KINDS), name="kind"),
    # Each building belongs to a grid. Forbids: a building without a grid worker.
    CheckConstraint("kind <> 'building' OR parent_id IS NOT NULL", name="in_grid"),
)

household = table(
    "household",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("household_no", String(12), nullable=False),
    Column("building_id", BigInteger, nullable=False),
    Column("door_sealed", LargeBinary, nullable=False),
    Column("enrolled_at", Instant, nullable=False),
    PrimaryKeyConstraint("community_id", "id"),
    # Forbids: two families with one number, whose quota would be counted as one.
    UniqueConstraint("community_id", "household_no"),
    ForeignKeyConstraint(["community_id", "building_id"], ["place.community_id", "place.id"]),
)
Index(None, household.c.community_id, household.c.building_id)

person = table(
    "person",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("household_id", BigInteger),  # NULL for helpers who live elsewhere.
    Column("name", String(40), nullable=False),
    Column("initials", _letters(40), nullable=False),
    Column("latin_name", _letters(40)),  # In small letters; None for a name in characters.
    Column("sex", String(1)),
    Column("birth_on", Date),
    Column("id_no_sealed", LargeBinary),
    Column("id_no_digest", LargeBinary(32)),
    Column("phone_sealed", LargeBinary),
    Column("phone_digest", LargeBinary(32)),
    Column("contacts_sealed", LargeBinary),
    Column("notes_sealed", LargeBinary),
    Column("registered_elsewhere", Boolean, nullable=False),
    Column("enrolled_at", Instant, nullable=False),
    PrimaryKeyConstraint("community_id", "id"),
    # One row per human being. Forbids: a second quota under another name.
    UniqueConstraint("community_id", "id_no_digest", name="uq_person_id_no"),
    ForeignKeyConstraint(["community_id"], ["community.id"]),
    ForeignKeyConstraint(
        ["community_id", "household_id"], ["household.community_id", "household.id"]
    ),
    CheckConstraint("sex IN ('m', 'f')", name="sex"),
    # An encrypted number has a digest. Forbids: an id number that the check for duplicates misses.
    CheckConstraint("(id_no_sealed IS NULL) = (id_no_digest IS NULL)", name="id_no"),
    CheckConstraint("(phone_sealed IS NULL) = (phone_digest IS NULL)", name="phone"),
)
Index(None, person.c.community_id, person.c.household_id)
Index(None, person.c.community_id, person.c.phone_digest)
# Searched by their first letters.
Index(None, person.c.community_id, person.c.initials)
Index(
    "ix_person_latin_name",
    person.c.community_id,
    person.c.latin_name,
    sqlite_where=text("latin_name IS NOT NULL"),
    postgresql_where=text("latin_name IS NOT NULL"),
)

organisation = table(
    "organisation",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("name", String(80), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("trade", String(40), nullable=False),
    Column("contacts_sealed", LargeBinary),
    PrimaryKeyConstraint("community_id", "id"),
    # Forbids: one firm registered twice, with its donations on two statements.
    UniqueConstraint("community_id", "name"),
    ForeignKeyConstraint(["community_id"], ["community.id"]),
    CheckConstraint("kind IN ('firm', 'group', 'office')", name="kind"),
)

app_user = table(
    "app_user",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("person_id", BigInteger, nullable=False),
    Column("login_name", String(40), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("closed_at", Instant),
    PrimaryKeyConstraint("community_id", "id"),
    # Forbids: one login name that opens two passbooks.
    UniqueConstraint("community_id", "login_name", name="uq_app_user_login"),
    # One user per person. Forbids: confirming with one account what one recorded with another.
    UniqueConstraint("community_id", "person_id", name="uq_app_user_person", info=RACED),
    ForeignKeyConstraint(["community_id", "person_id"], ["person.community_id", "person.id"]),
)

staff_role = table(
    "staff_role",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("user_id", BigInteger, nullable=False),
    Column("name", String(20), nullable=False),
    Column("place_id", BigInteger),  # NULL means the whole community.
    Column("granted_at", Instant, nullable=False),
    Column("ended_at", Instant),
    PrimaryKeyConstraint("community_id", "id"),
    ForeignKeyConstraint(["community_id", "user_id"], ["app_user.community_id", "app_user.id"]),
    ForeignKeyConstraint(["community_id", "place_id"], ["place.community_id", "place.id"]),
    CheckConstraint(_one_of("name", tuple(sorted(ROLE_NAMES))), name="name"),
    # Forbids: a role that ended before it began.
    CheckConstraint("ended_at IS NULL OR ended_at >= granted_at", name="ended"),
)
Index(None, staff_role.c.community_id, staff_role.c.user_id)

proof = table(
    "proof",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("household_id", BigInteger, nullable=False),
    Column("person_id", BigInteger),  # NULL if the paper is for the whole household.
    Column("kind", String(20), nullable=False),
    Column("document_no_sealed", LargeBinary),
    Column("valid_from_on", Date, nullable=False),
    Column("valid_until_on", Date, nullable=False),
    Column("seen_by", BigInteger),  # The user who saw the paper; NULL for imported data.
    Column("seen_at", Instant, nullable=False),
    Column("ended_on", Date),  # The first day on which it is no longer valid.
    PrimaryKeyConstraint("community_id", "id"),
    ForeignKeyConstraint(
        ["community_id", "household_id"], ["household.community_id", "household.id"]
    ),
    ForeignKeyConstraint(["community_id", "person_id"], ["person.community_id", "person.id"]),
    ForeignKeyConstraint(["community_id", "seen_by"], ["app_user.community_id", "app_user.id"]),
    CheckConstraint(_one_of("kind", PROOF_KINDS), name="kind"),
    # Forbids: a paper valid from July until June.
    CheckConstraint("valid_until_on >= valid_from_on", name="days"),
)
Index(None, proof.c.community_id, proof.c.household_id)

card = table(
    "card",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("person_id", BigInteger, nullable=False),
    Column("card_no", String(9), nullable=False),
    Column("token_sealed", LargeBinary, nullable=False),
    Column("token_digest", LargeBinary(32), nullable=False),
    Column("pin_hash", String(200)),
    Column("language", String(5), nullable=False),
    Column("large_text", Boolean, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("revoked_why", String(20)),
    PrimaryKeyConstraint("community_id", "id"),
    # A card opens one passbook. Forbids: two people with the card number 123 456 782.
    UniqueConstraint("community_id", "card_no"),
    UniqueConstraint("community_id", "token_digest"),
    ForeignKeyConstraint(["community_id", "person_id"], ["person.community_id", "person.id"]),
    CheckConstraint(_one_of("language", LANGUAGES), name="language"),
    CheckConstraint("(revoked_at IS NULL) = (revoked_why IS NULL)", name="revoked"),
)
# One valid card per person. Forbids: a lost card that still works beside the new one.
Index(
    "uq_card_living",
    card.c.community_id,
    card.c.person_id,
    unique=True,
    sqlite_where=text("revoked_at IS NULL"),
    postgresql_where=text("revoked_at IS NULL"),
)

# Recent failed sign-ins. The subject is a digest, so no person is named.
sign_in_try = table(
    "sign_in_try",
    Column("community_id", BigInteger, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("subject", LargeBinary(32), nullable=False),
    Column("failures", SmallInteger, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("closed_until_at", Instant, nullable=False),
    PrimaryKeyConstraint("community_id", "kind", "subject"),
    CheckConstraint("kind IN ('name', 'card', 'source')", name="kind"),
    CheckConstraint("failures BETWEEN 0 AND 30000", name="failures"),
)
Index(None, sign_in_try.c.last_at)

# A signed-in browser or program. The cookie holds the token, this row only its digest.
visit = fixed(
    table(
        "visit",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("token_digest", LargeBinary(32), nullable=False),
        Column("kind", String(10), nullable=False),
        Column("person_id", BigInteger, nullable=False),
        Column("user_id", BigInteger),
        Column("card_id", BigInteger),
        Column("device", String(40), nullable=False),  # Words: the family of the browser.
        Column("opened_at", Instant, nullable=False),
        Column("last_seen_at", Instant, nullable=False),  # Some minutes late at most.
        Column("proven_at", Instant, nullable=False),  # The last password, PIN or code.
        Column("ends_at", Instant, nullable=False),
        Column("lacks", String(10)),  # What is missing before the visit opens any page.
        Column("ended_at", Instant),
        Column("ended_why", String(20)),
        PrimaryKeyConstraint("community_id", "id"),
        # A token opens one visit. Forbids: one cookie that is two people.
        UniqueConstraint("community_id", "token_digest"),
        ForeignKeyConstraint(["community_id", "person_id"], ["person.community_id", "person.id"]),
        ForeignKeyConstraint(["community_id", "user_id"], ["app_user.community_id", "app_user.id"]),
        ForeignKeyConstraint(["community_id", "card_id"], ["card.community_id", "card.id"]),
        CheckConstraint(_one_of("kind", VISIT_KINDS), name="kind"),
        # Opened by a name or by a card. Forbids: a visit that a lost card and a password share.
        CheckConstraint("(user_id IS NULL) <> (card_id IS NULL)", name="holder"),
        CheckConstraint(_one_of("lacks", VISIT_LACKS), name="lacks"),
        CheckConstraint(_one_of("ended_why", VISIT_ENDS), name="ended_why"),
        CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name="ended"),
    ),
    # Forbids: a visit that was ended and opens pages again, or that changes hands.
    "token_digest", "kind", "person_id", "user_id", "card_id", "opened_at", "ends_at",
    closed="ended_at",
)  # fmt: skip
Index(
    "ix_visit_open",
    visit.c.community_id,
    visit.c.person_id,
    sqlite_where=text("ended_at IS NULL"),
    postgresql_where=text("ended_at IS NULL"),
)
Index(None, visit.c.ends_at)

# The second factor of a user: a secret that their phone shares with us.
second_factor = table(
    "second_factor",
    Column("community_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("secret_sealed", LargeBinary, nullable=False),
    Column("drawn_at", Instant, nullable=False),
    Column("confirmed_at", Instant),  # NULL until the phone has shown a right code.
    Column("last_step", BigInteger, nullable=False),  # Of the last used code; none is used twice.
    PrimaryKeyConstraint("community_id", "user_id"),
    ForeignKeyConstraint(["community_id", "user_id"], ["app_user.community_id", "app_user.id"]),
    CheckConstraint("last_step >= 0", name="last_step"),
)

# Codes for a user whose phone is lost; shown once, kept as digests.
recovery_code = table(
    "recovery_code",
    Column("community_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("code_digest", LargeBinary(32), nullable=False),
    Column("used_at", Instant),
    PrimaryKeyConstraint("community_id", "user_id", "code_digest"),
    ForeignKeyConstraint(
        ["community_id", "user_id"], ["second_factor.community_id", "second_factor.user_id"]
    ),
)
