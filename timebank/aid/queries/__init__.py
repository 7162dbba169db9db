"""Reads of aid: who may take what, and what became of every claim.

``standing`` decides without storing anything, ``taking`` answers the pages, ``claims`` lists
claims.
"""

from timebank.aid.queries.claims import (
    NEVER_FETCHED,
    Claim,
    ClaimBrief,
    ClaimedLine,
    ClaimedLot,
    claim,
    claims_listed,
    claims_of_household,
    claims_waiting_at,
    household_of_claim,
    is_provisional,
    no_shows_of_household,
    ready_claim_by_code,
    ready_claims,
)
from timebank.aid.queries.freed import IS_DUE, lots_to_offer, shelf_now
from timebank.aid.queries.lines import Promise, TakenLine, promises_on, taken_lines
from timebank.aid.queries.listed import ClaimListed, claims_in_parts
from timebank.aid.queries.months import issued_by_month
from timebank.aid.queries.named import HeldLot, LateLot, late_lots, named_lots
from timebank.aid.queries.notices import Notice, notices_of_household
from timebank.aid.queries.recent import is_handed_over, same_claim_since
from timebank.aid.queries.standing import (
    Quota,
    booking_closed_until,
    decide_household,
    quota,
    quota_of,
)
from timebank.aid.queries.taking import MayTake, Offer, OfferedLine, OfferedLot, may_take, offer
from timebank.aid.queries.waiting import waiting_pickups, waiting_reviews

__all__ = [
    "IS_DUE",
    "NEVER_FETCHED",
    "Claim",
    "ClaimBrief",
    "ClaimListed",
    "ClaimedLine",
    "ClaimedLot",
    "HeldLot",
    "LateLot",
    "MayTake",
    "Notice",
    "Offer",
    "OfferedLine",
    "OfferedLot",
    "Promise",
    "Quota",
    "TakenLine",
    "booking_closed_until",
    "claim",
    "claims_in_parts",
    "claims_listed",
    "claims_of_household",
    "claims_waiting_at",
    "decide_household",
    "household_of_claim",
    "is_handed_over",
    "is_provisional",
    "issued_by_month",
    "late_lots",
    "lots_to_offer",
    "may_take",
    "named_lots",
    "no_shows_of_household",
    "notices_of_household",
    "offer",
    "promises_on",
    "quota",
    "quota_of",
    "ready_claim_by_code",
    "ready_claims",
    "same_claim_since",
    "shelf_now",
    "taken_lines",
    "waiting_pickups",
    "waiting_reviews",
]
