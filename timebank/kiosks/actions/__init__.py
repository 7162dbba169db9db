"""The actions on kiosks: pair, admit requests, receive events, apply them, settle reviews."""

from timebank.kiosks.actions.asking import (
    ask_card,
    find_claim,
    find_helped,
    mark_shown,
    proven_owner,
)
from timebank.kiosks.actions.bringing import find_announced, find_deposit
from timebank.kiosks.actions.calls import CallAnswered, answer_call
from timebank.kiosks.actions.cards import learn_cards, whose_card
from timebank.kiosks.actions.devices import (
    Reported,
    SignedRequest,
    admit_request,
    by_device,
    give_nonce,
    require_trusted,
    revoke_device,
    secret_of,
    thaw_device,
)
from timebank.kiosks.actions.intake import receive_batch
from timebank.kiosks.actions.pairing import (
    PairingCode,
    PermitAsked,
    ask_pairing,
    confirm_pairing,
    make_pairing_code,
    pair_device,
    withdraw_pairing,
)
from timebank.kiosks.actions.reviews import ReviewSettled, settle_review
from timebank.kiosks.actions.shutting import close_store
from timebank.kiosks.actions.touching import CHANGED

__all__ = [
    "CHANGED",
    "CallAnswered",
    "PairingCode",
    "PermitAsked",
    "Reported",
    "ReviewSettled",
    "SignedRequest",
    "admit_request",
    "answer_call",
    "ask_card",
    "ask_pairing",
    "by_device",
    "close_store",
    "confirm_pairing",
    "find_announced",
    "find_claim",
    "find_deposit",
    "find_helped",
    "give_nonce",
    "learn_cards",
    "make_pairing_code",
    "mark_shown",
    "pair_device",
    "proven_owner",
    "receive_batch",
    "require_trusted",
    "revoke_device",
    "secret_of",
    "settle_review",
    "thaw_device",
    "whose_card",
    "withdraw_pairing",
]
