"""Decide where an envelope belongs in its chain, and when its event happened. Pure.

Not here: signatures and bytes (``wire``), rows, and applying an envelope.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

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
CLAIM_LATE = "CLAIM_LATE"
CLOCK_WRONG = "CLOCK_WRONG"
DEVICE_FROZEN = "DEVICE_FROZEN"
DEVICE_REVOKED = "DEVICE_REVOKED"
FAULT = "FAULT"
FORKED = "FORKED"
MISPLACED = "MISPLACED"
PIN_MISSING = "PIN_MISSING"
TIME_IMPLAUSIBLE = "TIME_IMPLAUSIBLE"

# Why a time is implausible.
BEFORE_PAIRING, BEFORE_PREVIOUS, AFTER_ARRIVAL, LATE = "pairing", "previous", "arrival", "late"
UPLOAD_DAYS_MAX = 31  # Where the community has set no kiosks.upload_days_max.
TOLERANCE = timedelta(microseconds=CLOCK_IS_WRONG_US)


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


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is known about the time of an event without its clock.

    ``last_at`` is when the previous posted deed of the chain took place. ``age`` is how long ago
    the event was recorded, by the clock of the machine that cannot be set; None after a restart.
    """

    paired_at: datetime
    last_at: datetime | None
    arrived_at: datetime
    longest: timedelta
    age: timedelta | None = None

    @property
    def earliest(self) -> datetime:
        return max(self.paired_at, self.last_at or self.paired_at)


def doubt_of(at: datetime, bounds: Bounds) -> str | None:
    """Say why an event cannot have happened at this time; None if it can."""
    if at < bounds.paired_at - TOLERANCE:
        return BEFORE_PAIRING
    if bounds.last_at is not None and at < bounds.last_at - TOLERANCE:
        return BEFORE_PREVIOUS
    if at > bounds.arrived_at + TOLERANCE:
        return AFTER_ARRIVAL
    return LATE if bounds.arrived_at - at > bounds.longest else None


def proposed_at(at: datetime, bounds: Bounds, *, is_shift: bool) -> datetime | None:
    """Propose a time for an event whose clock was wrong; staff confirm it or refuse.

    The machine's own count since its start is exact. Without it goods get the nearest possible
    time, but the minutes of a service are not guessed: None.
    """
    if doubt_of(at, bounds) == LATE:
        return at
    if bounds.age is not None:
        counted = bounds.arrived_at - bounds.age
        if doubt_of(counted, bounds) in (None, LATE):
            return counted
    if is_shift:
        return None
    return min(max(at, bounds.earliest), bounds.arrived_at)
