"""Places, households, people, organisations, and the papers that people have shown."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Date,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    UniqueConstraint,
    and_,
    false,
    func,
    literal_column,
    text,
)
from sqlalchemy.types import TypeEngine

from timebank.db import RACED, Instant, sealed_as, table
from timebank.people.rules import (
    CHECK_OUTCOMES,
    LANGUAGES,
    PLACE_KINDS,
)
from timebank.people.rules.ages import AGE_GROUPS
from timebank.people.rules.records import AWAY_WHYS, HEAD, RELATIONS


def first_character(name: ColumnElement[str]) -> ColumnElement[str]:
    """The first character of a name, written as the index on it is."""
    return func.substr(name, literal_column("1"), literal_column("1"), type_=String)


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
    # Of the site of a store: how to get there, and whom to call.
    Column("address", String(120)),
    Column("phone", String(20)),
    # Since this day nobody is enrolled here; a building that was pulled down keeps its history.
    Column("ended_on", Date),
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
    Column("door_sealed", LargeBinary, nullable=False, info=sealed_as("household.door")),
    Column("enrolled_at", Instant, nullable=False),
    PrimaryKeyConstraint("community_id", "id"),
    # Forbids: two families with one number, whose quota would be counted as one.
    UniqueConstraint("community_id", "household_no", info=RACED),
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
    Column("birth_sealed", LargeBinary, info=sealed_as("person.birth", digest="birth_digest")),
    Column("birth_digest", LargeBinary(32)),
    # The group of the age, and the local day on which the next one begins; both follow from the
    # sealed day. A job moves the group on that day, and readers do not wait for it.
    Column("age_group", String(8)),
    Column("age_changes_on", Date),
    Column("id_no_sealed", LargeBinary, info=sealed_as("person.id_no", digest="id_no_digest")),
    Column("id_no_digest", LargeBinary(32)),
    Column("phone_sealed", LargeBinary, info=sealed_as("person.phone", digest="phone_digest")),
    Column("phone_digest", LargeBinary(32)),
    Column("contacts_sealed", LargeBinary, info=sealed_as("person.contacts")),
    Column("notes_sealed", LargeBinary, info=sealed_as("person.notes")),
    Column("registered_elsewhere", Boolean, nullable=False),
    Column("enrolled_at", Instant, nullable=False),
    # To the head of the same household; NULL where nobody asked.
    Column("relation_to_head", String(16)),
    Column("language", String(8)),  # In which they want to be spoken to.
    # Moved away or dead: from which day, and which of the two.
    Column("away_since_on", Date),
    Column("away_why", String(10)),
    # The record under which somebody who was entered twice is kept, and since when: what
    # ``person_merge`` says now.
    Column("merged_into_id", BigInteger),
    Column("merged_at", Instant),
    PrimaryKeyConstraint("community_id", "id"),
    # One row per human being. Forbids: a second quota under another name.
    UniqueConstraint("community_id", "id_no_digest", name="uq_person_id_no"),
    ForeignKeyConstraint(["community_id"], ["community.id"]),
    ForeignKeyConstraint(
        ["community_id", "household_id"], ["household.community_id", "household.id"]
    ),
    CheckConstraint("sex IN ('m', 'f')", name="sex"),
    CheckConstraint("(birth_sealed IS NULL) = (birth_digest IS NULL)", name="birth"),
    CheckConstraint(_one_of("age_group", AGE_GROUPS), name="age_group"),
    # An encrypted number has a digest. Forbids: an id number that the check for duplicates misses.
    CheckConstraint("(id_no_sealed IS NULL) = (id_no_digest IS NULL)", name="id_no"),
    CheckConstraint("(phone_sealed IS NULL) = (phone_digest IS NULL)", name="phone"),
    CheckConstraint(_one_of("relation_to_head", RELATIONS), name="relation_to_head"),
    CheckConstraint(_one_of("language", LANGUAGES), name="language"),
    # Forbids: somebody who has moved away and still counts as a member of a household.
    CheckConstraint(
        "(away_since_on IS NULL) = (away_why IS NULL)"
        " AND (away_why IS NULL OR household_id IS NULL)",
        name="away",
    ),
    CheckConstraint(_one_of("away_why", AWAY_WHYS), name="away_why"),
    # Forbids: a record that is read as of itself, or heads a household beside the one that is kept.
    CheckConstraint(
        "(merged_into_id IS NULL) = (merged_at IS NULL)"
        " AND (merged_into_id IS NULL OR (merged_into_id <> id AND relation_to_head IS NULL))",
        name="merged",
    ),
)
# The records that are read as of another one.
Index(
    "ix_person_merged",
    person.c.community_id,
    person.c.merged_into_id,
    sqlite_where=text("merged_into_id IS NOT NULL"),
    postgresql_where=text("merged_into_id IS NOT NULL"),
)
_is_head = text(f"relation_to_head = '{HEAD}'")
# Forbids: a household with two heads.
Index(
    "uq_person_head",
    person.c.community_id,
    person.c.household_id,
    unique=True,
    info=RACED,
    sqlite_where=_is_head,
    postgresql_where=_is_head,
)
Index(None, person.c.community_id, person.c.household_id)
Index(None, person.c.community_id, person.c.phone_digest)
Index(None, person.c.community_id, person.c.birth_digest)
# Whose age group has to be moved; it is empty of those who have none.
Index(
    "ix_person_age_changes",
    person.c.community_id,
    person.c.age_changes_on,
    sqlite_where=text("age_changes_on IS NOT NULL"),
    postgresql_where=text("age_changes_on IS NOT NULL"),
)
# Searched by their first letters.
Index(None, person.c.community_id, person.c.initials)
# Family names with several readings are found by their first character.
Index(
    "ix_person_first_character",
    person.c.community_id,
    first_character(person.c.name),
)
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
    Column("contacts_sealed", LargeBinary, info=sealed_as("organisation.contacts")),
    PrimaryKeyConstraint("community_id", "id"),
    # Forbids: one firm registered twice, with its donations on two statements.
    UniqueConstraint("community_id", "name"),
    ForeignKeyConstraint(["community_id"], ["community.id"]),
    CheckConstraint("kind IN ('firm', 'group', 'office')", name="kind"),
)


proof = table(
    "proof",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("household_id", BigInteger, nullable=False),
    Column("person_id", BigInteger),  # NULL if the paper is for the whole household.
    Column("kind_sealed", LargeBinary, nullable=False, info=sealed_as("proof.kind")),
    Column("document_no_sealed", LargeBinary, info=sealed_as("proof.document_no")),
    Column("issuer_sealed", LargeBinary, info=sealed_as("proof.issuer")),
    Column("valid_from_on", Date, nullable=False),
    Column("valid_until_on", Date, nullable=False),
    Column("seen_by", BigInteger),  # The user who saw the paper; NULL for imported data.
    Column("seen_at", Instant, nullable=False),
    Column("ended_on", Date),  # The first day on which it is no longer valid.
    # Who saw the paper, whatever they signed in with; NULL for imported data.
    Column("seen_by_person_id", BigInteger),
    # Drawn when the paper was entered: a second person looks at it.
    Column("is_drawn", Boolean, nullable=False, server_default=false()),
    Column("checked_at", Instant),
    Column("checked_by_person_id", BigInteger),
    Column("check_outcome", String(10)),
    PrimaryKeyConstraint("community_id", "id"),
    ForeignKeyConstraint(
        ["community_id", "household_id"], ["household.community_id", "household.id"]
    ),
    ForeignKeyConstraint(["community_id", "person_id"], ["person.community_id", "person.id"]),
    ForeignKeyConstraint(["community_id", "seen_by"], ["app_user.community_id", "app_user.id"]),
    # Forbids: a paper valid from July until June.
    CheckConstraint("valid_until_on >= valid_from_on", name="days"),
    ForeignKeyConstraint(
        ["community_id", "seen_by_person_id"],
        ["person.community_id", "person.id"],
        name="fk_proof_seen_by_person",
    ),
    ForeignKeyConstraint(
        ["community_id", "checked_by_person_id"],
        ["person.community_id", "person.id"],
        name="fk_proof_checked_by_person",
    ),
    # Forbids: somebody who looks a second time at the paper that they entered.
    CheckConstraint(
        "seen_by_person_id IS NULL OR checked_by_person_id <> seen_by_person_id", name="two_people"
    ),
    # Forbids: a paper that was checked by nobody.
    CheckConstraint(
        "(checked_at IS NULL) = (checked_by_person_id IS NULL)"
        " AND (checked_at IS NULL) = (check_outcome IS NULL)",
        name="checked",
    ),
    CheckConstraint(_one_of("check_outcome", CHECK_OUTCOMES), name="check_outcome"),
)
Index(None, proof.c.community_id, proof.c.household_id)
# The few papers that wait for a second person.
IS_TO_CHECK = and_(proof.c.is_drawn, proof.c.checked_at.is_(None))
Index(
    "ix_proof_to_check",
    proof.c.community_id,
    proof.c.seen_at,
    proof.c.id,
    # As each engine is asked: SQLite uses a partial index only for the very same words.
    sqlite_where=text("is_drawn = 1 AND checked_at IS NULL"),
    postgresql_where=text("is_drawn AND checked_at IS NULL"),
)


# Somebody has used up the openings of sealed data of one day, and asked for more.
opening_alarm = table(
    "opening_alarm",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("person_id", BigInteger, nullable=False),
    Column("on_day", Date, nullable=False),
    Column("openings_max", SmallInteger, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("answered_by_person_id", BigInteger),
    Column("more_openings", SmallInteger),  # How many more the second person allowed that day.
    Column("note", String(200)),
    PrimaryKeyConstraint("community_id", "id"),
    # One alarm for each budget that is used up. Forbids: an alarm for each refused attempt.
    UniqueConstraint(
        "community_id", "person_id", "on_day", "openings_max", name="uq_opening_alarm_budget",
        info=RACED,
    ),
    ForeignKeyConstraint(["community_id", "person_id"], ["person.community_id", "person.id"]),
    ForeignKeyConstraint(
        ["community_id", "answered_by_person_id"],
        ["person.community_id", "person.id"],
        name="fk_opening_alarm_answered_by",
    ),
    # Forbids: somebody who allows themselves more.
    CheckConstraint("answered_by_person_id <> person_id", name="two_people"),
    # Forbids: an allowance that nobody gave.
    CheckConstraint(
        "(answered_at IS NULL) = (answered_by_person_id IS NULL)"
        " AND (answered_at IS NULL) = (more_openings IS NULL)",
        name="answered",
    ),
    CheckConstraint("openings_max >= 0 AND more_openings >= 0", name="counts"),
)  # fmt: skip
Index(
    "ix_opening_alarm_open",
    opening_alarm.c.community_id,
    opening_alarm.c.id,
    sqlite_where=text("answered_at IS NULL"),
    postgresql_where=text("answered_at IS NULL"),
)
