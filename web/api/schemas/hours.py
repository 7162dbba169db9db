"""Schemas of the passbook."""

from marshmallow import Schema, fields

from timebank.hours.queries.passbook import DIRECTIONS
from web.api.schemas.common import (
    LARGEST_SEQ,
    PAGE,
    PAGE_MAX,
    Answered,
    Id,
    WholeInAddress,
    about,
    choice,
)


class PassbookPage(Schema):
    """Which lines: newest first, before the line with a ``seq``."""

    direction = choice(DIRECTIONS, load_default="all")
    limit = WholeInAddress(1, PAGE_MAX, load_default=PAGE)
    before = WholeInAddress(1, LARGEST_SEQ, load_default=None)


class ServiceRecord(Answered):
    """The session of service behind a line."""

    record_id = Id(attribute="id")
    service_zh = fields.String()
    service_en = fields.String()
    started_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True)
    real_minutes = fields.Integer(allow_none=True)
    credited_minutes = fields.Integer(allow_none=True)
    place = fields.String()


class PassbookLine(Answered):
    """One line: ``change_minutes`` is signed, ``after_minutes`` the running balance."""

    seq = fields.Integer(metadata=about("The number of the line; no gaps."))
    txn_id = Id()
    kind = fields.String()
    posted_at = fields.AwareDateTime()
    effective_at = fields.AwareDateTime()
    change_minutes = fields.Integer(attribute="change")
    after_minutes = fields.Integer(attribute="after")
    record = fields.Nested(ServiceRecord, allow_none=True)


class Passbook(Answered):
    """My time account: the current figures, and a page of lines."""

    as_of_at = fields.AwareDateTime()
    posted_minutes = fields.Integer(attribute="book.posted_minutes")
    available_minutes = fields.Integer(attribute="book.available_minutes")
    held_minutes = fields.Integer(attribute="book.held_minutes")
    points = fields.Integer(attribute="book.points", metadata=about("From donations of goods."))
    cumulative_minutes = fields.Integer(
        attribute="book.cumulative_minutes",
        metadata=about("All that was ever credited; spending never lowers it."),
    )
    real_minutes = fields.Integer(
        attribute="book.real_minutes", metadata=about("What was really served.")
    )
    lines = fields.List(fields.Nested(PassbookLine))
    next_before = fields.Integer(
        allow_none=True, metadata=about("``before`` of the next page; null on the last.")
    )
