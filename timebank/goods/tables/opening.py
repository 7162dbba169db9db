"""The tables of the open hours of a store. Rows are only added; the newest one counts."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    String,
)

from timebank.db import Instant, append_only, table
from timebank.goods.rules import WEEKDAYS

# The open hours of a store, one text for each weekday, ``09:00-12:00 14:00-17:30``; an empty one
# is closed. The newest row that has begun counts. A store without rows is always open.
store_week = append_only(
    table(
        "store_week",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("store_id", BigInteger, nullable=False),
        Column("since_on", Date, nullable=False),
        *(Column(name, String(80), nullable=False) for name in WEEKDAYS),
        Column("recorded_at", Instant, nullable=False),
        Column("recorded_by", String(80), nullable=False),
        PrimaryKeyConstraint("community_id", "id"),
        ForeignKeyConstraint(["community_id", "store_id"], ["store.community_id", "store.id"]),
        # Forbids: a store that never opens, where nobody could fetch anything.
        CheckConstraint(" OR ".join(f"{name} <> ''" for name in WEEKDAYS), name="opens"),
    )
)
Index(None, store_week.c.community_id, store_week.c.store_id)

# The hours of single days, such as the closed days of a festival. The newest row of a day counts.
store_special_day = append_only(
    table(
        "store_special_day",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("store_id", BigInteger, nullable=False),
        Column("day_on", Date, nullable=False),
        Column("hours", String(80), nullable=False),
        Column("note", String(80), nullable=False),
        Column("recorded_at", Instant, nullable=False),
        Column("recorded_by", String(80), nullable=False),
        PrimaryKeyConstraint("community_id", "id"),
        ForeignKeyConstraint(["community_id", "store_id"], ["store.community_id", "store.id"]),
    )
)
Index(
    None, store_special_day.c.community_id, store_special_day.c.store_id, store_special_day.c.day_on
)
