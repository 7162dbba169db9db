"""Reads of kiosks: devices, cards by hash, snapshots, open reviews, calls."""

from timebank.kiosks.queries.calls import StaffCall, call_of, open_calls, waiting_calls
from timebank.kiosks.queries.cards import CardOwner, owner_of_ref, refs_of_card, refs_of_cards
from timebank.kiosks.queries.devices import (
    CARD_KEY_COLUMN,
    Device,
    device_of,
    devices,
    has_kiosk,
    slot_at,
)
from timebank.kiosks.queries.permits import (
    Permit,
    open_permits,
    permit_of,
    permits_of_devices,
    waiting_pairings,
)
from timebank.kiosks.queries.results import answer_of
from timebank.kiosks.queries.reviews import (
    KeptEnvelope,
    KioskReview,
    kept_envelope,
    review_of,
    reviews_since,
)
from timebank.kiosks.queries.snapshots import (
    card_today,
    closed_card,
    code_today,
    snapshot_for,
)
from timebank.kiosks.queries.standing import KioskStanding, kiosk_standings
from timebank.kiosks.queries.waiting import waiting_reviews

__all__ = [
    "CARD_KEY_COLUMN",
    "CardOwner",
    "Device",
    "KeptEnvelope",
    "KioskReview",
    "KioskStanding",
    "Permit",
    "StaffCall",
    "answer_of",
    "call_of",
    "card_today",
    "closed_card",
    "code_today",
    "device_of",
    "devices",
    "has_kiosk",
    "kept_envelope",
    "kiosk_standings",
    "open_calls",
    "open_permits",
    "owner_of_ref",
    "permit_of",
    "permits_of_devices",
    "refs_of_card",
    "refs_of_cards",
    "review_of",
    "reviews_since",
    "slot_at",
    "snapshot_for",
    "waiting_calls",
    "waiting_pairings",
    "waiting_reviews",
]
