"""The actions of aid, one function per use case; none commits.

``claiming`` reserves, ``confirming`` refuses what nobody agreed to, ``codes`` looks up, ``issuing``
hands over, ``recording`` posts a hand-over that has taken place, ``ending`` cancels and lapses,
``sweeping`` removes expired goods, ``reviewing`` is a person's decision, ``carrying`` counts what
was taken elsewhere. ``holding`` and ``writing`` are shared helpers.
"""

from timebank.aid.actions.carrying import (
    CarriedOver,
    WithdrawalsCarriedOver,
    carry_over_withdrawals,
)
from timebank.aid.actions.claiming import (
    ClaimReceipt,
    ClaimReceiptLine,
    claim_goods,
    issue_at_counter,
)
from timebank.aid.actions.codes import CodeFound, find_by_code
from timebank.aid.actions.ending import ClaimEnded, ClaimsLapsed, cancel_claim, lapse_claims
from timebank.aid.actions.issuing import IssuedLot, IssueReceipt, issue_goods
from timebank.aid.actions.opening import set_store_day, set_store_week
from timebank.aid.actions.recording import record_issue
from timebank.aid.actions.reviewing import (
    PersonAsked,
    ReviewDecided,
    ask_for_person,
    decide_review,
)
from timebank.aid.actions.sweeping import ShelfSwept, sweep_expired
from timebank.aid.actions.visits import VisitNoted, note_visit

__all__ = [
    "CarriedOver",
    "ClaimEnded",
    "ClaimReceipt",
    "ClaimReceiptLine",
    "ClaimsLapsed",
    "CodeFound",
    "IssueReceipt",
    "IssuedLot",
    "PersonAsked",
    "ReviewDecided",
    "ShelfSwept",
    "VisitNoted",
    "WithdrawalsCarriedOver",
    "ask_for_person",
    "cancel_claim",
    "carry_over_withdrawals",
    "claim_goods",
    "decide_review",
    "find_by_code",
    "issue_at_counter",
    "issue_goods",
    "lapse_claims",
    "note_visit",
    "record_issue",
    "set_store_day",
    "set_store_week",
    "sweep_expired",
]
