"""Notices, and which of them were taken down before their last day."""

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

notice = append_only(
    table(
        "notice",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("title_zh", String(40), nullable=False),
        Column("text_zh", String(400), nullable=False),
        Column("title_en", String(80), nullable=False),  # Empty: shown in Chinese to everybody.
        Column("text_en", String(800), nullable=False),
        Column("from_on", Date, nullable=False),
        Column("until_on", Date, nullable=False),
        Column("written_at", Instant, nullable=False),
        Column("written_by", String(80), nullable=False),
        PrimaryKeyConstraint("community_id", "id"),
        ForeignKeyConstraint(["community_id"], ["community.id"]),
        # Forbids: a notice that is never shown.
        CheckConstraint("from_on <= until_on", name="period"),
    )
)
Index(None, notice.c.community_id, notice.c.until_on)

notice_end = append_only(
    table(
        "notice_end",
        Column("community_id", BigInteger, nullable=False),
        Column("notice_id", BigInteger, nullable=False),
        Column("ended_at", Instant, nullable=False),
        Column("ended_by", String(80), nullable=False),
        PrimaryKeyConstraint("community_id", "notice_id"),  # Forbids: taking it down twice.
        ForeignKeyConstraint(["community_id", "notice_id"], ["notice.community_id", "notice.id"]),
    )
)
