"""The services, the register of volunteers, service records and their confirmations.

A record moves through its states. Confirmations and imported opening hours are append-only.
Minutes with value are always in the books (``ledger``), never only here.
"""

from datetime import timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)

from timebank.db import Instant, Summed, append_only, kept_total, table
from timebank.hours.rules import (
    CATEGORIES,
    CONFIRMED,
    CREDITED,
    LONGEST_SESSION,
    SIDES,
    SOURCES,
    STATES,
)

_LONGEST = LONGEST_SESSION // timedelta(minutes=1)


def _one_of(column: str, names: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(name) for name in names)})"


def _to(target: str, *columns: str) -> ForeignKeyConstraint:
    """A foreign key to a row of the same community."""
    return ForeignKeyConstraint(
        ["community_id", *columns], [f"{target}.community_id", f"{target}.id"]
    )


service = table(
    "service",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("code", String(40), nullable=False),
    Column("category", String(20), nullable=False),
    Column("name_zh", String(40), nullable=False),
    Column("name_en", String(60), nullable=False),
    # From this day on it is not offered; what was done before stays.
    Column("retired_on", Date),
    PrimaryKeyConstraint("community_id", "id"),
    UniqueConstraint("community_id", "code"),
    CheckConstraint(_one_of("category", tuple(CATEGORIES)), name="category"),
)

volunteer = table(
    "volunteer",
    Column("community_id", BigInteger, nullable=False),
    Column("person_id", BigInteger, nullable=False, autoincrement=False),
    # Printed for people. A small integer, so that an id number can never be stored here.
    Column("number", SmallInteger, nullable=False),
    Column("volunteer_no", String(12), nullable=False),
    Column("team", String(40), nullable=False),
    Column("since_on", Date, nullable=False),
    PrimaryKeyConstraint("community_id", "person_id"),
    UniqueConstraint("community_id", "number"),
    UniqueConstraint("community_id", "volunteer_no"),
    _to("person", "person_id"),
)

service_record = table(
    "service_record",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("person_id", BigInteger, nullable=False),
    Column("service_id", BigInteger, nullable=False),
    Column("state", String(12), nullable=False),
    Column("source", String(8), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("started_on", Date, nullable=False),  # The local day, for the daily cap.
    Column("ended_at", Instant),
    Column("real_minutes", SmallInteger),
    Column("credited_minutes", SmallInteger),
    Column("over_cap_minutes", SmallInteger),
    Column("pool_minutes", SmallInteger),
    Column("recipient_person_id", BigInteger),
    Column("recipient_household_id", BigInteger),
    Column("place", String(80), nullable=False),
    Column("place_id", BigInteger),
    Column("grid_id", BigInteger),  # For the worklist: the recipient's grid, else the helper's.
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", String(80), nullable=False),
    Column("recorded_by_person_id", BigInteger),
    Column("ended_by", String(80)),
    Column("ended_by_person_id", BigInteger),
    Column("note", Text),  # Why it was entered late, or its end proposed.
    Column("reason", Text),  # Why it was refused or reversed.
    Column("settled_at", Instant),
    Column("txn_id", BigInteger),
    Column("reversal_txn_id", BigInteger),
    PrimaryKeyConstraint("community_id", "id"),
    # Only registered volunteers serve. Forbids: hours for a person who is not registered.
    ForeignKeyConstraint(
        ["community_id", "person_id"], ["volunteer.community_id", "volunteer.person_id"]
    ),
    _to(service.name, "service_id"),
    _to("person", "recipient_person_id"),
    _to("household", "recipient_household_id"),
    _to("place", "place_id"),
    _to("place", "grid_id"),
    _to("txn", "txn_id"),
    _to("txn", "reversal_txn_id"),
    CheckConstraint(_one_of("state", STATES), name="state"),
    CheckConstraint(_one_of("source", SOURCES), name="source"),
    # At most one recipient, and never oneself. Forbids: an hour of service to oneself.
    CheckConstraint(
        "(recipient_person_id IS NULL OR recipient_household_id IS NULL)"
        " AND (recipient_person_id IS NULL OR recipient_person_id <> person_id)",
        name="recipient",
    ),
    # A running shift has no end; every other one has. Forbids: crediting a running shift.
    CheckConstraint(
        "(state IN ('open', 'unended') AND ended_at IS NULL)"
        " OR (state NOT IN ('open', 'unended', 'refused') AND ended_at IS NOT NULL)"
        " OR state = 'refused'",
        name="ended",
    ),
    CheckConstraint(
        "(ended_at IS NULL) = (real_minutes IS NULL)"
        " AND (ended_at IS NULL OR ended_at >= started_at)"
        f" AND (real_minutes IS NULL OR real_minutes BETWEEN 0 AND {_LONGEST})",
        name="real_minutes",
    ),
    # Only a settled record has a credit. It is at most the real minutes, and includes the pool's
    # part. Forbids: 150 minutes credited for a session of 140.
    CheckConstraint(
        "(state IN ('confirmed', 'credited', 'reversed')) = (credited_minutes IS NOT NULL)"
        " AND (credited_minutes IS NULL) = (over_cap_minutes IS NULL)"
        " AND (credited_minutes IS NULL) = (pool_minutes IS NULL)"
        " AND (credited_minutes IS NULL OR (pool_minutes BETWEEN 0 AND credited_minutes"
        " AND over_cap_minutes >= 0 AND credited_minutes + over_cap_minutes <= real_minutes))",
        name="credited_minutes",
    ),
    # A credit has a transaction. Forbids: credited minutes that are not in the books.
    CheckConstraint(
        "(state IN ('credited', 'reversed')) = (txn_id IS NOT NULL)"
        " AND (txn_id IS NOT NULL) = (credited_minutes IS NOT NULL AND credited_minutes > 0)"
        " AND (state = 'reversed') = (reversal_txn_id IS NOT NULL)",
        name="books",
    ),
    # A refusal or reversal has a reason. Forbids: a refused record without one.
    CheckConstraint("(state IN ('refused', 'reversed')) = (reason IS NOT NULL)", name="reason"),
)
Index("ix_service_record_of_person", service_record.c.community_id,
      service_record.c.person_id, service_record.c.started_at)  # fmt: skip
Index("ix_service_record_worklist", service_record.c.community_id,
      service_record.c.state, service_record.c.started_at)  # fmt: skip
# The minutes of confirmed sessions on each day, for the sums by month.
served_total = kept_total(
    "served_total",
    Summed(
        of=service_record,
        keys={
            "community_id": service_record.c.community_id,
            "started_on": service_record.c.started_on,
        },
        sums={"real_minutes": service_record.c.real_minutes},
        where=service_record.c.state.in_((CONFIRMED, CREDITED)),
    ),
    rows="sessions",
)
# What waits longest for a confirmation stands first, so that a page of the worklist ends early.
Index(
    "ix_service_record_entered",
    service_record.c.community_id,
    service_record.c.recorded_at,
    service_record.c.id,
    sqlite_where=text("state = 'entered'"),
    postgresql_where=text("state = 'entered'"),
)
for _column in ("recipient_person_id", "recipient_household_id", "txn_id", "reversal_txn_id"):
    Index(
        f"ix_service_record_{_column}",
        service_record.c.community_id,
        service_record.c[_column],
        sqlite_where=text(f"{_column} IS NOT NULL"),
        postgresql_where=text(f"{_column} IS NOT NULL"),
    )
# One shift at a time. Forbids: two kiosks that check in the same person at once.
Index(
    "uq_service_record_open",
    service_record.c.community_id,
    service_record.c.person_id,
    unique=True,
    sqlite_where=text("state = 'open'"),
    postgresql_where=text("state = 'open'"),
)

# Two records say that somebody helped and was helped at the same time: a supervisor asks them.
service_overlap = table(
    "service_overlap",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("record_id", BigInteger, nullable=False),  # The one that was entered later.
    Column("other_record_id", BigInteger, nullable=False),
    Column("person_id", BigInteger, nullable=False),  # Who stands on both sides.
    Column("found_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("settled_by", String(80)),
    Column("settled_by_person_id", BigInteger),
    Column("note", Text),
    PrimaryKeyConstraint("community_id", "id"),
    # Forbids: one contradiction that is asked about twice.
    UniqueConstraint("community_id", "record_id", "other_record_id"),
    _to(service_record.name, "record_id"),
    _to(service_record.name, "other_record_id"),
    _to("person", "person_id"),
    # Forbids: a record that contradicts itself.
    CheckConstraint("record_id <> other_record_id", name="two_records"),
    # Forbids: an answer without a sentence about what the people said.
    CheckConstraint(
        "(settled_at IS NULL) = (settled_by IS NULL) AND (settled_at IS NULL) = (note IS NULL)",
        name="settled",
    ),
)
OVERLAP_IS_OPEN = service_overlap.c.settled_at.is_(None)
for _column in ("record_id", "other_record_id"):
    Index(
        f"ix_service_overlap_{_column}_open",
        service_overlap.c.community_id,
        service_overlap.c[_column],
        sqlite_where=text("settled_at IS NULL"),
        postgresql_where=text("settled_at IS NULL"),
    )

confirmation = append_only(
    table(
        "confirmation",
        Column("community_id", BigInteger, nullable=False),
        Column("record_id", BigInteger, nullable=False, autoincrement=False),
        Column("side", String(10), nullable=False),
        # Who confirmed; NULL if a household confirmed on paper.
        Column("person_id", BigInteger),
        Column("on_behalf", Boolean, nullable=False),  # Entered by staff.
        Column("given_by", String(80), nullable=False),
        Column("given_by_person_id", BigInteger),
        Column("given_at", Instant, nullable=False),
        # Each side confirms once. Forbids: two organisers instead of organiser and recipient.
        PrimaryKeyConstraint("community_id", "record_id", "side"),
        _to(service_record.name, "record_id"),
        CheckConstraint(_one_of("side", SIDES), name="side"),
    )
)

opening = append_only(
    table(
        "hours_opening",
        Column("community_id", BigInteger, nullable=False),
        Column("person_id", BigInteger, nullable=False, autoincrement=False),
        Column("minutes", BigInteger, nullable=False),
        Column("served_minutes", BigInteger, nullable=False),
        Column("note", Text, nullable=False),
        Column("txn_id", BigInteger, nullable=False),
        Column("recorded_at", Instant, nullable=False),
        Column("recorded_by", String(80), nullable=False),
        # Opening hours are imported once. Forbids: the same old passbook imported twice.
        PrimaryKeyConstraint("community_id", "person_id"),
        _to("person", "person_id"),
        _to("txn", "txn_id"),
        CheckConstraint(
            "minutes >= 0 AND served_minutes >= 0 AND minutes + served_minutes > 0",
            name="minutes",
        ),
    )
)
