"""Schemas of the shelf and of deposits. Counts are pieces unless their name says otherwise."""

from marshmallow import Schema, fields, validate

from timebank.goods.rules import (
    CONDITIONS,
    DEPOSIT_STATES,
    LINES_MAX,
    PIECES_MAX,
    REFUSE_CODES,
    STORE_KINDS,
    THANKS,
)
from web.api.schemas.common import Answered, Day, Id, about, choice, next_before, text, whole


class Store(Answered):
    """A store, or a donation point, which only receives goods."""

    store_id = Id(attribute="id")
    code = fields.String()
    kind = choice(STORE_KINDS)
    name_zh = fields.String()
    name_en = fields.String()


class ShelfItem(Answered):
    """One item of the catalogue with its pieces on the shelf now."""

    item_id = Id()
    name_zh = fields.String()
    name_en = fields.String()
    unit_zh = fields.String()
    unit_en = fields.String()
    kind = fields.String()
    barcode = fields.String()
    is_loan = fields.Boolean()
    on_hand = fields.Integer(metadata=about("All pieces that the books count there."))
    available = fields.Integer(metadata=about("What may still be promised to somebody."))
    held = fields.Integer(metadata=about("Set aside for households that will come."))
    awaiting_cleaning = fields.Integer()
    kept_back = fields.Integer(
        metadata=about("Nobody can claim it: lent items, and what lies where nothing is issued.")
    )
    near_expiry = fields.Integer()
    nearest_best_before_on = fields.Date(allow_none=True)


class Shelf(Answered):
    """The public shelf, without names of people."""

    as_of_at = fields.AwareDateTime()
    stores = fields.List(fields.Nested(Store))
    items = fields.List(fields.Nested(ShelfItem))


class AnnouncedLine(Schema):
    """Pieces of one item; or ``described`` if the catalogue has no such item."""

    item_id = Id(load_default=None, allow_none=True)
    described = text(80, load_default="")
    pieces = whole(1, PIECES_MAX, required=True)
    condition = choice(CONDITIONS, load_default="new")
    best_before_on = Day(load_default=None, allow_none=True)


class DepositAsked(Schema):
    """What I will bring, where, and when."""

    store_id = Id(required=True)
    lines = fields.List(
        fields.Nested(AnnouncedLine),
        required=True,
        validate=validate.Length(min=1, max=LINES_MAX, error="count"),
    )
    thanks = choice(THANKS, load_default="receipt")
    bring_on = Day(load_default=None, allow_none=True)


class DepositAnnounced(Answered):
    """``code`` opens the list at the counter until the end of ``valid_until_on``."""

    deposit_id = Id()
    state = choice(DEPOSIT_STATES)
    code = fields.String()
    valid_until_on = fields.Date(allow_none=True)


class ToldLine(Answered):
    """A line as I announced it."""

    line = fields.Integer()
    item_id = Id(allow_none=True)
    name_zh = fields.String()
    name_en = fields.String()
    described = fields.String()
    pieces = fields.Integer()
    condition = choice(CONDITIONS)
    best_before_on = fields.Date(allow_none=True)


class DepositLine(Answered):
    """A line as the keeper judged it, and where its accepted pieces are now."""

    line = fields.Integer()
    item_id = Id(allow_none=True)
    name_zh = fields.String()
    name_en = fields.String()
    described = fields.String()
    condition = choice(CONDITIONS)
    best_before_on = fields.Date(allow_none=True)
    brought = fields.Integer()
    accepted = fields.Integer()
    refused = fields.Integer()
    refuse_code = choice(REFUSE_CODES, allow_none=True)
    refuse_note = fields.String()
    refuse_why = fields.List(
        fields.String(), metadata=about("What it lacked, or its kind that is never taken.")
    )
    waiting = fields.Integer(metadata=about("To be cleaned first."))
    on_shelf = fields.Integer()
    issued = fields.Integer(metadata=about("Went home with somebody; never told with whom."))
    disposed = fields.Integer()


class Deposit(Answered):
    """One deposit of mine in any state. ``value_yuan`` is for thanks only."""

    deposit_id = Id(attribute="id")
    store_id = Id()
    store_code = fields.String()
    channel = fields.String()
    state = choice(DEPOSIT_STATES)
    thanks = choice(THANKS)
    announced_at = fields.AwareDateTime(allow_none=True)
    code = fields.String(allow_none=True)
    valid_until_on = fields.Date(allow_none=True)
    received_at = fields.AwareDateTime(allow_none=True)
    receipt_no = fields.String(
        allow_none=True, metadata=about("Only if the donor chose a receipt.")
    )
    points = fields.Integer(metadata=about("Credited instead of a receipt, or 0."))
    accepted = fields.Integer()
    refused = fields.Integer()
    value_yuan = fields.Integer()
    announced = fields.List(fields.Nested(ToldLine))
    lines = fields.List(fields.Nested(DepositLine))


class Deposits(Answered):
    """My deposits, newest first."""

    deposits = fields.List(fields.Nested(Deposit))
    next_before = next_before()
