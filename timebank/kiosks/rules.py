"""Decide where an envelope belongs in its chain, and when its event happened. Pure.

Not here: signatures and bytes (``wire``), rows, and applying an envelope.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

ACTIVE, FROZEN, REVOKED = "active", "frozen", "revoked"
POSTED, REVIEW = "posted", "review"
FORK, DAMAGED = "fork", "damaged"
ASKED, AGREED = "asked", "agreed"  # A kiosk may still join a shop by it.
POST, KEEP = "post", "keep"  # How a review is settled: post it now, or only keep the record.

PERMIT_LASTS = timedelta(days=3)  # For a second person to agree, and for the kiosk to be set up.
PAIRING_LASTS = timedelta(minutes=10)
NONCE_LASTS = timedelta(minutes=15)
GRANT_LASTS = timedelta(minutes=30)  # Longer than a visit; then the kiosk asks for the PIN again.
CALL_LASTS = timedelta(minutes=30)  # Who asked for staff longer ago has left, or was helped.
CALL_IS_ONE = timedelta(minutes=2)  # Further taps of one person who waits.
CALL_RINGS = timedelta(minutes=2)  # Then it stays on the list in silence.
CALL_SHOWN = timedelta(days=1)  # Then it leaves the worklist by itself: nobody waits so long.
CLOCK_IS_FINE_US = 60 * 1_000_000
CLOCK_IS_WRONG_US = 600 * 1_000_000  # kiosk-and-face.md 5.4: more than ten minutes is flagged.

# Reasons of a review besides the codes of refusals.
BAD_SIGNATURE = "BAD_SIGNATURE"
CHAIN_BROKEN = "CHAIN_BROKEN"
CLAIM_LATE = "CLAIM_LATE"
CODE_MISSING = "CODE_MISSING"
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
BEFORE_START = "start"  # The end of a service before its beginning.
UPLOAD_DAYS_MAX = 31  # Where the community has set no kiosks.upload_days_max.
TOLERANCE = timedelta(microseconds=CLOCK_IS_WRONG_US)
RUN_NAME_MAX = 64
COUNT_MAX_MS = 20 * 366 * 86_400_000  # Twenty years; no machine runs longer.


class Permitted(Protocol):
    """What is read of a permit: an attribute each, as a row has."""

    device_id: int | None
    withdrawn_at: datetime | None
    until_at: datetime
    confirmed_at: datetime | None


def permit_state(permit: Permitted, now: datetime) -> str:
    """Say how far it is that one kiosk may join a shop."""
    if permit.device_id is not None:
        return "used"
    if permit.withdrawn_at is not None:
        return "withdrawn"
    if permit.until_at <= now:
        return "over"
    return ASKED if permit.confirmed_at is None else AGREED


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
class Run:
    """When one run of a machine began, as far as its uploads show.

    ``started_at`` is when its count was zero; ``known_ms`` is its count when we first knew that.
    """

    started_at: datetime
    known_ms: int

    def at(self, counted_ms: int) -> datetime:
        return self.started_at + timedelta(milliseconds=counted_ms)


def count_of(boot_id: str | None, monotonic_ms: int | None) -> int | None:
    """The milliseconds that a machine has counted since its start; None if it did not say."""
    is_named = boot_id is not None and boot_id.isascii() and boot_id.isprintable()
    if not is_named or not 0 < len(boot_id or "") <= RUN_NAME_MAX or monotonic_ms is None:
        return None
    return monotonic_ms if 0 <= monotonic_ms <= COUNT_MAX_MS else None


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is known about the time of an event without its clock.

    ``last_at`` is when the previous posted deed of the chain took place, and ``last_counted_at``
    that time plus what the machine has counted since; None after a restart. ``counted_at`` is the
    time of the event by the machine's own count, which cannot be set, and ``not_before`` the same
    if an upload had shown it before: a clock that falls back shows there even if it stays after
    the previous deed.
    """

    paired_at: datetime
    last_at: datetime | None
    arrived_at: datetime
    longest: timedelta
    last_counted_at: datetime | None = None
    counted_at: datetime | None = None
    not_before: datetime | None = None

    @property
    def previous_at(self) -> datetime | None:
        known = (self.last_at, self.last_counted_at, self.not_before)
        return max((instant for instant in known if instant is not None), default=None)

    @property
    def earliest(self) -> datetime:
        known = (self.paired_at, self.last_at, self.not_before)
        return min(max(instant for instant in known if instant is not None), self.arrived_at)


def doubt_of(at: datetime, bounds: Bounds) -> str | None:
    """Say why an event cannot have happened at this time; None if it can."""
    if at < bounds.paired_at - TOLERANCE:
        return BEFORE_PAIRING
    if bounds.previous_at is not None and at < bounds.previous_at - TOLERANCE:
        return BEFORE_PREVIOUS
    if at > bounds.arrived_at + TOLERANCE:
        return AFTER_ARRIVAL
    return LATE if bounds.arrived_at - at > bounds.longest else None


def in_order(at: datetime, bounds: Bounds) -> datetime:
    """The nearest possible time: neither before the previous deed of the chain nor after arrival.

    A clock that was corrected by minutes between two events would swap them otherwise.
    """
    return min(max(at, bounds.earliest), bounds.arrived_at)


def proposed_at(at: datetime, bounds: Bounds, *, is_shift: bool) -> datetime | None:
    """Propose a time for an event whose clock was wrong; staff confirm it, or enter another.

    The machine's own count is exact; without it, its count since the previous deed is nearly so.
    Without both goods get the nearest possible time, but the minutes of a service are not guessed:
    None.
    """
    for counted in (bounds.counted_at, bounds.last_counted_at):
        if counted is not None and doubt_of(counted, bounds) in (None, LATE):
            return in_order(counted, bounds)
    if doubt_of(at, bounds) in (None, LATE):
        return in_order(at, bounds)
    return None if is_shift else in_order(at, bounds)
