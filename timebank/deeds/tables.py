"""The tables that every deed needs: communities, deeds, the audit trail, number series,
calendars.

And the one row that ``/healthz`` writes.

``community_id`` leads every key. Deeds and audit lines are never changed.
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
    Text,
    text,
)

from timebank.db import RACED, Instant, append_only, sealed_as, table

community = table(
    "community",
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("code", String(40), nullable=False, unique=True),
    Column("name_zh", String(80), nullable=False),
    Column("name_en", String(80), nullable=False),
    # Where it is and whom to ask; NULL in a community that was founded before 2026-12.
    Column("street", String(80)),
    Column("division_code", String(6)),  # Of the district, by GB/T 2260.
    Column("contact_name", String(40)),
    Column("contact_phone", String(20)),
)

deed = append_only(
    table(
        "deed",
        Column("community_id", BigInteger, nullable=False),
        Column("client", String(80), nullable=False),
        Column("request_id", String(80), nullable=False),
        Column("name", String(60), nullable=False),
        Column("fingerprint", LargeBinary(32), nullable=False),
        Column("refusal_code", String(40)),  # None for a deed that was done.
        # Of a private action only the sealed answer is stored: it may name papers of a household.
        Column("answer", Text, nullable=False),
        Column("answer_sealed", LargeBinary, info=sealed_as("deed.answer")),
        Column("done_at", Instant, nullable=False),
        # One request id, one deed, one answer. Forbids: two answers to one request.
        PrimaryKeyConstraint("community_id", "client", "request_id", info=RACED),
        # Forbids: an answer that is sealed, and stands in clear text beside.
        CheckConstraint("(answer = '') = (answer_sealed IS NOT NULL)", name="answer"),
    )
)
# The few refusals among many deeds, for throttles.
Index(
    "ix_deed_refused",
    deed.c.community_id,
    deed.c.client,
    deed.c.refusal_code,
    deed.c.done_at,
    sqlite_where=text("refusal_code IS NOT NULL"),
    postgresql_where=text("refusal_code IS NOT NULL"),
)

audit_line = append_only(
    table(
        "audit_line",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("at", Instant, nullable=False),
        Column("client", String(80), nullable=False),
        Column("channel", String(20), nullable=False),
        Column("user_id", BigInteger),
        Column("person_id", BigInteger),
        Column("name", String(60), nullable=False),
        Column("subject_kind", String(40), nullable=False),
        Column("subject_id", BigInteger),
        Column("facts", Text, nullable=False),
        PrimaryKeyConstraint("community_id", "id"),
    )
)
Index(None, audit_line.c.community_id, audit_line.c.subject_kind, audit_line.c.subject_id)
Index(None, audit_line.c.community_id, audit_line.c.at)
# For the audit page: what one member of staff did, and every deed of one name, the newest first.
Index(None, audit_line.c.community_id, audit_line.c.user_id, audit_line.c.at)
Index(None, audit_line.c.community_id, audit_line.c.name, audit_line.c.at)

# The last number of a series. The unit of work that takes a number locks the row; a rollback
# returns the number, so none is missing.
receipt_counter = table(
    "receipt_counter",
    Column("community_id", BigInteger, nullable=False),
    Column("store_id", BigInteger, nullable=False),
    Column("series", String(20), nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("last_number", BigInteger, nullable=False),
    PrimaryKeyConstraint("community_id", "store_id", "series", "year"),
    # A subject that numbers something names its own series. Forbids: a series without a name.
    CheckConstraint("length(series) > 0", name="series"),
    CheckConstraint("last_number >= 0", name="last_number"),
)

# The working days of a year as they were published. The newest edition of a year counts.
calendar_year = append_only(
    table(
        "calendar_year",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("year", SmallInteger, nullable=False),
        Column("source", String(200), nullable=False),
        Column("recorded_at", Instant, nullable=False),
        Column("recorded_by", String(80), nullable=False),
        PrimaryKeyConstraint("community_id", "id"),
        ForeignKeyConstraint(["community_id"], ["community.id"]),
        CheckConstraint("year BETWEEN 1990 AND 2100", name="year"),
        # Forbids: days that nobody can check.
        CheckConstraint("source <> ''", name="source"),
    )
)

# The days of an edition that differ from Monday to Friday.
calendar_day = append_only(
    table(
        "calendar_day",
        Column("community_id", BigInteger, nullable=False),
        Column("calendar_id", BigInteger, nullable=False),
        Column("day_on", Date, nullable=False),
        Column("is_worked", Boolean, nullable=False),
        # Forbids: a day that is worked and off.
        PrimaryKeyConstraint("community_id", "calendar_id", "day_on"),
        ForeignKeyConstraint(
            ["community_id", "calendar_id"], ["calendar_year.community_id", "calendar_year.id"]
        ),
    )
)

# The row that ``/healthz`` writes, to see that a commit reaches the disk.
health_probe = table(
    "health_probe",
    Column("id", SmallInteger, nullable=False, autoincrement=False),
    Column("writes", BigInteger, nullable=False),
    PrimaryKeyConstraint("id"),
    # Forbids: a table that grows with each look of a watchdog.
    CheckConstraint("id = 1", name="one_row"),
)
