"""Who has registered by themselves and was not at the counter yet; what volunteers can do.

Nothing in clear tells who it is. Name and phone go as soon as the counter has completed it; the row
itself on the last day on which they could have come.
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

from timebank.db import Instant, sealed_as, table
from timebank.joining.rules import END_WHYS, NUMBER_DIGITS, STATES, TIMES
from timebank.people.rules import LANGUAGES

_TIMES_MAX = 2 ** len(TIMES) - 1


def _one_of(column: str, names: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(name) for name in names)})"


registration = table(
    "registration",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("registration_no", String(NUMBER_DIGITS), nullable=False),
    Column("state", String(10), nullable=False),
    Column("building_id", BigInteger),  # NULL for helpers who live elsewhere.
    Column("grid_id", BigInteger),  # Of the building, for the worklist.
    Column("name_sealed", LargeBinary, info=sealed_as("registration.name")),
    Column(
        "birth_sealed", LargeBinary, info=sealed_as("registration.birth", digest="birth_digest")
    ),
    Column("birth_digest", LargeBinary(32)),
    Column("phone_sealed", LargeBinary, info=sealed_as("registration.phone")),
    # Name and phone of the guardian of a minor, as JSON.
    Column("guardian_sealed", LargeBinary, info=sealed_as("registration.guardian")),
    Column("language", String(8), nullable=False),
    Column("is_volunteer", Boolean, nullable=False),
    Column("free_times", SmallInteger, nullable=False),
    Column("notice_version", SmallInteger, nullable=False),  # Which text they agreed to.
    # From where it was sent: compared and counted, never read.
    Column("source_digest", LargeBinary(32), nullable=False),
    Column("browser_digest", LargeBinary(32)),
    Column("registered_at", Instant, nullable=False),
    # Until then they come to the counter; afterwards it is deleted.
    Column("until_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("settled_by_person_id", BigInteger),  # NULL if they withdrew it themselves.
    Column("end_why", String(12)),
    Column("person_id", BigInteger),  # As whom the counter has enrolled them.
    PrimaryKeyConstraint("community_id", "id"),
    # Forbids: two people with one number on their slips.
    UniqueConstraint("community_id", "registration_no"),
    ForeignKeyConstraint(["community_id"], ["community.id"]),
    ForeignKeyConstraint(["community_id", "building_id"], ["place.community_id", "place.id"]),
    ForeignKeyConstraint(["community_id", "grid_id"], ["place.community_id", "place.id"]),
    ForeignKeyConstraint(
        ["community_id", "settled_by_person_id"], ["person.community_id", "person.id"]
    ),
    ForeignKeyConstraint(["community_id", "person_id"], ["person.community_id", "person.id"]),
    CheckConstraint(_one_of("state", STATES), name="state"),
    CheckConstraint(_one_of("language", LANGUAGES), name="language"),
    CheckConstraint("(building_id IS NULL) = (grid_id IS NULL)", name="grid"),
    CheckConstraint(f"free_times BETWEEN 0 AND {_TIMES_MAX}", name="free_times"),
    # Forbids: times of somebody who does not want to help.
    CheckConstraint("is_volunteer OR free_times = 0", name="offers"),
    # Name and phone are here exactly while it waits. Forbids: a phone number that stays here after
    # the person was enrolled.
    CheckConstraint(
        "(state = 'waiting') = (name_sealed IS NOT NULL)"
        " AND (name_sealed IS NULL) = (phone_sealed IS NULL)"
        " AND (name_sealed IS NOT NULL OR guardian_sealed IS NULL)",
        name="only_while_waiting",
    ),
    # The birthday opens the answer to what became of it. Forbids: one of somebody who withdrew.
    CheckConstraint(
        "(state <> 'ended') = (birth_sealed IS NOT NULL)"
        " AND (birth_sealed IS NULL) = (birth_digest IS NULL)",
        name="birth",
    ),
    CheckConstraint("(state = 'waiting') = (settled_at IS NULL)", name="settled"),
    CheckConstraint("(state = 'ended') = (end_why IS NOT NULL)", name="ended"),
    CheckConstraint(_one_of("end_why", END_WHYS), name="end_why"),
    # Forbids: one that is completed and nobody was enrolled.
    CheckConstraint("(state = 'completed') = (person_id IS NOT NULL)", name="completed"),
    CheckConstraint("registered_at < until_at", name="until"),
)
# The worklist reads those that wait; the limits read those of the last day.
_is_waiting = text("state = 'waiting'")
Index(
    "ix_registration_waiting",
    registration.c.community_id,
    registration.c.until_at,
    registration.c.id,
    sqlite_where=_is_waiting,
    postgresql_where=_is_waiting,
)
Index(None, registration.c.community_id, registration.c.registered_at)
Index(None, registration.c.community_id, registration.c.settled_at)

registration_service = table(
    "registration_service",
    Column("community_id", BigInteger, nullable=False),
    Column("registration_id", BigInteger, nullable=False),
    Column("service_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("community_id", "registration_id", "service_id"),
    ForeignKeyConstraint(
        ["community_id", "registration_id"],
        ["registration.community_id", "registration.id"],
        ondelete="CASCADE",
    ),
    ForeignKeyConstraint(["community_id", "service_id"], ["service.community_id", "service.id"]),
)

# What somebody said that they can do, once they are enrolled.
offered_service = table(
    "offered_service",
    Column("community_id", BigInteger, nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("service_id", BigInteger, nullable=False),
    Column("free_times", SmallInteger, nullable=False),
    Column("since_on", Date, nullable=False),
    PrimaryKeyConstraint("community_id", "person_id", "service_id"),
    ForeignKeyConstraint(["community_id", "person_id"], ["person.community_id", "person.id"]),
    ForeignKeyConstraint(["community_id", "service_id"], ["service.community_id", "service.id"]),
    CheckConstraint(f"free_times BETWEEN 0 AND {_TIMES_MAX}", name="free_times"),
)
Index(None, offered_service.c.community_id, offered_service.c.service_id)
