"""Who signs in, and with what: users and their roles, cards and PINs, the keys of the data."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)

from timebank.db import RACED, Instant, fixed, sealed_as, table
from timebank.people.rules import (
    LANGUAGES,
    ROLE_NAMES,
)
from timebank.people.rules.throttles import THROTTLE_KINDS
from timebank.people.rules.visits import VISIT_ENDS, VISIT_KINDS, VISIT_LACKS


def _one_of(column: str, names: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(name) for name in names)})"


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
    Column("until_at", Instant),  # Ends by itself then. NULL: until somebody ends it.
    PrimaryKeyConstraint("community_id", "id"),
    ForeignKeyConstraint(["community_id", "user_id"], ["app_user.community_id", "app_user.id"]),
    ForeignKeyConstraint(["community_id", "place_id"], ["place.community_id", "place.id"]),
    CheckConstraint(_one_of("name", tuple(sorted(ROLE_NAMES))), name="name"),
    # Forbids: a role that ended before it began.
    CheckConstraint("ended_at IS NULL OR ended_at >= granted_at", name="ended"),
)
Index(None, staff_role.c.community_id, staff_role.c.user_id)


card = table(
    "card",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("person_id", BigInteger, nullable=False),
    Column("card_no", String(9), nullable=False),
    Column(
        "token_sealed",
        LargeBinary,
        nullable=False,
        info=sealed_as("card.token", digest="token_digest"),
    ),
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
# Every card that a person ever had: whose sign-in it is, is asked of each claim in review.
Index(None, card.c.community_id, card.c.person_id)
# One valid card per person. Forbids: a lost card that still works beside the new one.
Index(
    "uq_card_living",
    card.c.community_id,
    card.c.person_id,
    unique=True,
    sqlite_where=text("revoked_at IS NULL"),
    postgresql_where=text("revoked_at IS NULL"),
)


# A PIN set at the counter. Forbids: one member of staff who opens a neighbour's passbook.
pin_reset = table(
    "pin_reset",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("card_id", BigInteger, nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("had_pin", Boolean, nullable=False),
    Column("asked_by", String(80), nullable=False),
    Column("asked_by_person_id", BigInteger, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("until_at", Instant, nullable=False),
    Column("set_by", String(80)),
    Column("set_by_person_id", BigInteger),
    Column("set_at", Instant),
    Column("read_at", Instant),
    PrimaryKeyConstraint("community_id", "id"),
    ForeignKeyConstraint(["community_id", "card_id"], ["card.community_id", "card.id"]),
    ForeignKeyConstraint(["community_id", "person_id"], ["person.community_id", "person.id"]),
    ForeignKeyConstraint(
        ["community_id", "asked_by_person_id"],
        ["person.community_id", "person.id"],
        name="fk_pin_reset_asked_by",
    ),
    ForeignKeyConstraint(
        ["community_id", "set_by_person_id"],
        ["person.community_id", "person.id"],
        name="fk_pin_reset_set_by",
    ),
    # Three people: the holder and two of staff. Forbids: a keeper who sets a PIN alone.
    CheckConstraint(
        "asked_by_person_id <> person_id"
        " AND (set_by_person_id IS NULL"
        " OR (set_by_person_id <> person_id AND set_by_person_id <> asked_by_person_id))",
        name="two_of_staff",
    ),
    CheckConstraint(
        "(set_at IS NULL) = (set_by IS NULL) AND (set_at IS NULL) = (set_by_person_id IS NULL)"
        " AND (set_at IS NULL OR set_at < until_at)",
        name="set",
    ),
    CheckConstraint("read_at IS NULL OR set_at IS NOT NULL", name="read"),
)
Index(None, pin_reset.c.community_id, pin_reset.c.person_id)
# What waits for the second member of staff.
_is_waiting = text("set_at IS NULL")
Index(
    "ix_pin_reset_waiting",
    pin_reset.c.community_id,
    pin_reset.c.until_at,
    sqlite_where=_is_waiting,
    postgresql_where=_is_waiting,
)


# A household asked that its cards open passbook and goods at a kiosk only with the PIN.
pin_wish = table(
    "pin_wish",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("household_id", BigInteger, nullable=False),
    Column("person_id", BigInteger, nullable=False),  # The member who asked.
    Column("entered_by", BigInteger),  # The signed-in user; NULL if signed in by card.
    Column("asked_at", Instant, nullable=False),
    Column("ended_at", Instant),
    PrimaryKeyConstraint("community_id", "id"),
    ForeignKeyConstraint(
        ["community_id", "household_id"], ["household.community_id", "household.id"]
    ),
    ForeignKeyConstraint(["community_id", "person_id"], ["person.community_id", "person.id"]),
    ForeignKeyConstraint(["community_id", "entered_by"], ["app_user.community_id", "app_user.id"]),
    # Forbids: a wish that ended before it was made.
    CheckConstraint("ended_at IS NULL OR ended_at >= asked_at", name="ended"),
)
# One wish per household. Forbids: a wish that still holds after the household has ended it.
Index(
    "uq_pin_wish_living",
    pin_wish.c.community_id,
    pin_wish.c.household_id,
    unique=True,
    sqlite_where=text("ended_at IS NULL"),
    postgresql_where=text("ended_at IS NULL"),
)


# Failed attempts at a secret. The subject is a digest, so no person is named.
sign_in_try = table(
    "sign_in_try",
    Column("community_id", BigInteger, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("subject", LargeBinary(32), nullable=False),
    Column("account", LargeBinary(32)),  # Of a pair, so that it is cleared with its account.
    Column("failures", SmallInteger, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("closed_until_at", Instant, nullable=False),
    PrimaryKeyConstraint("community_id", "kind", "subject"),
    # Forbids: a count that no throttle reads.
    CheckConstraint(_one_of("kind", THROTTLE_KINDS), name="kind"),
    CheckConstraint("failures BETWEEN 0 AND 30000", name="failures"),
    # Forbids: a pair that stays closed when its account is cleared.
    CheckConstraint("kind <> 'pair' OR account IS NOT NULL", name="pair"),
)
Index(None, sign_in_try.c.last_at)
Index(
    "ix_sign_in_try_account",
    sign_in_try.c.community_id,
    sign_in_try.c.account,
    sqlite_where=text("account IS NOT NULL"),
    postgresql_where=text("account IS NOT NULL"),
)

# A browser in which somebody has signed in; it keeps a token, this row only its digest.
known_device = table(
    "known_device",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("person_id", BigInteger, nullable=False),
    Column("browser_digest", LargeBinary(32), nullable=False),
    Column("words", String(40), nullable=False),  # The families of browser and system.
    Column("known_at", Instant, nullable=False),
    Column("used_at", Instant, nullable=False),  # The last sign-in.
    PrimaryKeyConstraint("community_id", "id"),
    # Forbids: a browser with two counts of wrong PINs for one person.
    UniqueConstraint("community_id", "person_id", "browser_digest", name="uq_known_device_browser"),
    ForeignKeyConstraint(["community_id", "person_id"], ["person.community_id", "person.id"]),
)
Index(None, known_device.c.community_id, known_device.c.browser_digest)


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
    Column(
        "secret_sealed",
        LargeBinary,
        nullable=False,
        info=sealed_as("second_factor.secret"),
    ),
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
