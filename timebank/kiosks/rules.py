"""Decide where an envelope belongs in its chain, and when its event happened. Pure.

Not here: signatures and bytes (``wire``), rows, and applying an envelope.
"""

from dataclasses import dataclass
from datetime import timedelta

ACTIVE, FROZEN, REVOKED = "active", "frozen", "revoked"
POSTED, REVIEW = "posted", "review"
FORK, DAMAGED = "fork", "damaged"
POST, KEEP = "post", "keep"  # How a review is settled: post it now, or only keep the record.

PAIRING_LASTS = timedelta(minutes=10)
NONCE_LASTS = timedelta(minutes=15)
GRANT_LASTS = timedelta(minutes=30)  # Longer than a visit; then the kiosk asks for the PIN again.
CLOCK_IS_FINE_US = 60 * 1_000_000
CLOCK_IS_WRONG_US = 600 * 1_000_000  # kiosk-and-face.md 5.4: more than ten minutes is flagged.

# Reasons of a review besides the codes of refusals.
BAD_SIGNATURE = "BAD_SIGNATURE"
CHAIN_BROKEN = "CHAIN_BROKEN"
CLOCK_WRONG = "CLOCK_WRONG"
DEVICE_FROZEN = "DEVICE_FROZEN"
DEVICE_REVOKED = "DEVICE_REVOKED"
FAULT = "FAULT"
FORKED = "FORKED"
MISPLACED = "MISPLACED"
PIN_MISSING = "PIN_MISSING"


@dataclass(frozen=True, slots=True)
class Slot:
    """The envelope stored at one position of a chain: its digest and its first result."""

    digest: str
    outcome: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class ChainPosition:
    """Where an arriving envelope belongs: next, duplicate, fork, damaged or gap."""

    kind: str
    expected: int | None = None


def place_of(
    seq: int, digest: str, *, head_seq: int, slot: Slot | None, is_signed: bool
) -> ChainPosition:
    """Classify an envelope by position and digest, before its content is read."""
    if slot is not None:
        if slot.digest == digest:
            return ChainPosition("duplicate")
        return ChainPosition(FORK if is_signed else DAMAGED)
    if seq != head_seq + 1:
        return ChainPosition("gap", expected=head_seq + 1)
    return ChainPosition("next")


def happened_us(occurred_us: int, ahead_us: int) -> int:
    """Estimate the true time of an event from the clock error when it was sent."""
    return occurred_us if abs(ahead_us) <= CLOCK_IS_FINE_US else occurred_us - ahead_us


def is_clock_wrong(ahead_us: int) -> bool:
    return abs(ahead_us) > CLOCK_IS_WRONG_US
