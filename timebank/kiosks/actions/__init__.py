"""What is done with kiosks: pairing, admitting, taking in, applying, settling reviews."""

from timebank.kiosks.actions.devices import (
    PairingCode,
    admit_request,
    give_nonce,
    make_pairing_code,
    pair_device,
    revoke_device,
    thaw_device,
)
from timebank.kiosks.actions.intake import receive_batch
from timebank.kiosks.actions.reviews import settle_review

__all__ = [
    "PairingCode",
    "admit_request",
    "give_nonce",
    "make_pairing_code",
    "pair_device",
    "receive_batch",
    "revoke_device",
    "settle_review",
    "thaw_device",
]
