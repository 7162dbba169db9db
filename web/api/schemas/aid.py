"""Schemas of what a household may take, and of its claims. Counts are pieces."""

from marshmallow import Schema, fields, validate

from timebank.aid.rules import CLAIM_STATES, CUT_CODES
from timebank.goods.rules import LINES_MAX, PIECES_MAX
from web.api.schemas.common import Answered, Id, Problem, Reason, about, choice, next_before, whole


class Quota(Answered):
    """The pieces of the household in the current window."""

    used = fields.Integer(metadata=about("Taken home or set aside."))
    most = fields.Integer()
    remaining = fields.Integer()
    next_on = fields.Date(allow_none=True, metadata=about("The next day on which some come free."))


class MayTakeItem(Answered):
    """One item: how many pieces the household may take today, or why none."""

    item_id = Id()
    name_zh = fields.String()
    name_en = fields.String()
    unit_zh = fields.String()
    unit_en = fields.String()
    kind = fields.String()
    is_loan = fields.Boolean()
    answer = choice(("eligible", "not_eligible", "needs_information", "needs_review"))
    may = fields.Boolean()
    most = fields.Integer(metadata=about("What a claim for this item alone would get now."))
    available = fields.Integer()
    near_expiry = fields.Integer()
    remaining = fields.Integer(
        allow_none=True, metadata=about("Pieces of the quota; null is without limit.")
    )
    next_on = fields.Date(allow_none=True)
    code = fields.String(allow_none=True, metadata=about("The nearest reason, or null."))


class MayTake(Answered):
    """What my household may take today."""

    as_of_at = fields.AwareDateTime()
    quota = fields.Nested(Quota)
    reasons = fields.List(
        fields.Nested(Reason),
        metadata=about("Why not, or why not more; the same for every item."),
    )
    items = fields.List(fields.Nested(MayTakeItem))


class ClaimAskedLine(Schema):
    """A number of pieces of one item."""

    item_id = Id(required=True)
    pieces = whole(1, PIECES_MAX, required=True)


class ClaimAsked(Schema):
    """What my household asks for, for pick-up at one store."""

    store_id = Id(required=True)
    lines = fields.List(
        fields.Nested(ClaimAskedLine),
        required=True,
        validate=validate.Length(min=1, max=LINES_MAX, error="count"),
    )
    confirmed = fields.List(
        fields.Nested(ClaimAskedLine),
        validate=validate.Length(min=1, max=LINES_MAX, error="count"),
        metadata=about(
            "What the person wants, or agreed to: exactly this is set aside, or nothing. "
            "Without it, whatever there is."
        ),
    )


class ClaimFiledLine(Answered):
    """The result of a line; ``cut_code`` says why the rest was not approved."""

    item_id = Id()
    asked = fields.Integer()
    approved = fields.Integer()
    cut_code = choice(CUT_CODES, allow_none=True)


class ClaimFiled(Answered):
    """The result of a filed claim.

    *ready*: pick it up with ``pickup_code`` before ``hold_until_at``. *review*: a person decides,
    and ``refusal`` says why. *refused*: only within a problem.
    """

    claim_id = Id()
    claim_no = fields.String()
    state = choice(CLAIM_STATES)
    decision_id = Id()
    approved = fields.Integer()
    lines = fields.List(fields.Nested(ClaimFiledLine))
    pickup_code = fields.String(allow_none=True)
    hold_until_at = fields.AwareDateTime(allow_none=True)
    hold_is_provisional = fields.Boolean(
        metadata=about("The working days of that year are not known yet: it may still move.")
    )
    refusal = fields.Nested(Reason, allow_none=True)


class ClaimRefused(Problem):
    """It is refused. By the rules the claim was filed all the same, with its decision in ``claim``;
    a question to be answered first, as NOT_CONFIRMED, has filed nothing and holds no ``claim``.
    """

    claim = fields.Nested(ClaimFiled)

    def on_bind_field(self, field_name: str, field_obj: fields.Field) -> None:
        """Every other field is always present."""
        field_obj.required = field_name != "claim"


class ClaimLine(ClaimFiledLine):
    """A line with the names of its item."""

    name_zh = fields.String()
    name_en = fields.String()
    unit_zh = fields.String()
    unit_en = fields.String()


class Claim(Answered):
    """A claim of my household in its current state."""

    claim_id = Id(attribute="id")
    claim_no = fields.String()
    store_id = Id()
    channel = fields.String()
    state = choice(CLAIM_STATES)
    asked_at = fields.AwareDateTime()
    asked = fields.Integer()
    approved = fields.Integer()
    held = fields.Integer(metadata=about("Still set aside, or handed over."))
    pickup_code = fields.String(allow_none=True)
    hold_until_at = fields.AwareDateTime(allow_none=True)
    hold_is_provisional = fields.Boolean(
        metadata=about("The working days of that year are not known yet: it may still move.")
    )
    issued_at = fields.AwareDateTime(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)
    end_reason = fields.String(allow_none=True)
    refusal = fields.Nested(Reason, allow_none=True)
    lines = fields.List(fields.Nested(ClaimLine))


class Claims(Answered):
    """The claims of my household, newest first."""

    claims = fields.List(fields.Nested(Claim))
    next_before = next_before()
