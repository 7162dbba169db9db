"""Uploaded sheets as batches, and what each batch has brought."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Text,
    text,
)

from timebank.db import RACED, Instant, append_only, sealed_as, table

_STEPS = ("staged", "booked", "withdrawn", "undo_asked", "undone")

import_batch = table(
    "import_batch",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("kind", String(20), nullable=False),
    # Of all cells, by the key of the server: the same sheet is recognised in either format.
    Column("rows_digest", LargeBinary(32), nullable=False),
    # The rows with people's data, and what is wrong with them. Both are wiped at the end.
    Column("staged_sealed", LargeBinary, info=sealed_as("import_batch.staged", at_once=1)),
    Column("report_sealed", LargeBinary, info=sealed_as("import_batch.report", at_once=1)),
    Column("row_count", BigInteger, nullable=False),
    Column("fault_count", BigInteger),  # NULL until the columns are known.
    Column("totals", Text, nullable=False),  # Canonical JSON: counts and sums, no names.
    # Until when the next step can be done: signing it, or taking it back.
    Column("until_at", Instant, nullable=False),
    *(
        Column(f"{step}_{what}", kind, nullable=step != "staged")
        for step in _STEPS
        for what, kind in (("at", Instant), ("by_person_id", BigInteger))
    ),
    Column("forgotten_at", Instant),
    Column("undo_reason", Text),
    PrimaryKeyConstraint("community_id", "id"),
    *(
        ForeignKeyConstraint(
            ["community_id", f"{step}_by_person_id"],
            ["person.community_id", "person.id"],
            name=f"fk_import_batch_{step}_by",
        )
        for step in _STEPS
    ),
    # Two people. Forbids: a coordinator who uploads their own sheet and books it.
    CheckConstraint("booked_by_person_id <> staged_by_person_id", name="second_person"),
    # Forbids: somebody who takes a batch back alone.
    CheckConstraint("undone_by_person_id <> undo_asked_by_person_id", name="undone_by_two"),
    *(
        CheckConstraint(f"({step}_at IS NULL) = ({step}_by_person_id IS NULL)", name=step)
        for step in _STEPS[1:]
    ),
    # Forbids: a batch that was withdrawn and is booked all the same.
    CheckConstraint(
        "(CASE WHEN booked_at IS NULL THEN 0 ELSE 1 END)"
        " + (CASE WHEN withdrawn_at IS NULL THEN 0 ELSE 1 END)"
        " + (CASE WHEN forgotten_at IS NULL THEN 0 ELSE 1 END) <= 1",
        name="one_end",
    ),
    # Forbids: the data of people that stay in a batch which has ended.
    CheckConstraint(
        "(booked_at IS NULL AND withdrawn_at IS NULL AND forgotten_at IS NULL)"
        " = (staged_sealed IS NOT NULL)"
        " AND (report_sealed IS NULL OR staged_sealed IS NOT NULL)",
        name="wiped",
    ),
    # Forbids: a batch with faults that was booked.
    CheckConstraint("booked_at IS NULL OR fault_count = 0", name="without_faults"),
    CheckConstraint("undone_at IS NULL OR undo_asked_at IS NOT NULL", name="asked_first"),
    CheckConstraint(
        "undo_asked_at IS NULL OR (booked_at IS NOT NULL AND undo_reason IS NOT NULL)",
        name="undo_asked_why",
    ),
    CheckConstraint("length(rows_digest) = 32", name="digest"),
)
_stands = text("withdrawn_at IS NULL AND forgotten_at IS NULL AND undone_at IS NULL")
# One batch for one sheet. Forbids: the people of a street imported twice by a second press.
Index(
    "uq_import_batch_rows",
    import_batch.c.community_id,
    import_batch.c.kind,
    import_batch.c.rows_digest,
    unique=True,
    info=RACED,
    sqlite_where=_stands,
    postgresql_where=_stands,
)
Index(None, import_batch.c.community_id, import_batch.c.staged_at)

# What a batch has brought, so that it can be taken back as one.
import_entry = append_only(
    table(
        "import_entry",
        Column("community_id", BigInteger, nullable=False),
        Column("batch_id", BigInteger, nullable=False),
        # Of people, households, accounts of the books: its own table has no key to all of them.
        Column("kind", String(20), nullable=False),
        Column("made_id", BigInteger, nullable=False, autoincrement=False),
        Column("row_no", Integer, nullable=False),
        # The number that it had where it comes from, such as that of a member.
        Column("outside_no", String(40), nullable=False),
        # Forbids: one household that a batch has brought twice.
        PrimaryKeyConstraint("community_id", "batch_id", "kind", "made_id"),
        ForeignKeyConstraint(
            ["community_id", "batch_id"], ["import_batch.community_id", "import_batch.id"]
        ),
        CheckConstraint("row_no >= 0", name="row_no"),
    )
)
_named = text("outside_no <> ''")
Index(
    "ix_import_entry_outside",
    import_entry.c.community_id,
    import_entry.c.kind,
    import_entry.c.outside_no,
    sqlite_where=_named,
    postgresql_where=_named,
)
