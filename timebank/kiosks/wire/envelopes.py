"""Envelopes: one event of a kiosk, and its canonical bytes.

The *bytes* of an envelope are signed, stored and compared. The kiosk encodes them once; nobody
encodes them again. Not here: keys (``keys.py``), uploads (``batches.py``).
"""

from datetime import date
from typing import Any

import msgspec

from timebank.errors import BadInput
from timebank.json_keys import repeated_key
from timebank.kiosks.wire.bringing import DepositBrought
from timebank.kiosks.wire.taking import TakeWanted

VERSION = 1
PIECES_MAX = 999  # Pieces in one line; more is a typing error.
LINES_MAX = 30  # Lines in one deposit; larger deposits go to the counter.
NO_PREVIOUS = "0" * 64  # ``prev`` of the first envelope of an epoch.
NUMBER_MAX = 2**53  # Fits every column; in microseconds it is a day in the year 2255.


class WireDepositLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Pieces of one item, as the donor described them."""

    item_id: int
    pieces: int
    condition: str
    best_before_on: date | None = None


class DepositRecorded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Goods lie at the kiosk and wait for the keeper."""

    lines: tuple[WireDepositLine, ...]
    thanks: str = "receipt"


class PickupCompleted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The goods of a claim were handed out; the card or the grant proves who came.

    ``grant`` proves the PIN, for a card whose household asked for it, or the pick-up code. Only
    kiosks of older versions send ``pickup_code``, which stays in their chain.
    """

    claim_id: int
    pickup_code: str | None = None
    grant: str | None = None


class ShiftStarted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A volunteer begins a service for one household, or for a group on purpose.

    **Shape**: the household by a scanned card (``helped_ref``), by our own id that the server gave
    for a typed number (``helped_id``), or by its number, typed while offline (``helped_no``); or
    ``is_group``. Only kiosks of older versions send none of them.
    """

    service_id: int
    helped_ref: str | None = None
    helped_id: int | None = None
    helped_no: str | None = None
    is_group: bool = False


class ShiftEnded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A volunteer ends the service that began at ``started_at`` (microseconds)."""

    started_at: int | None = None


class GoodsClaimed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A household claims goods to fetch later, exactly as it was shown what it would get.

    ``grant`` proves the PIN, for a card whose household asked for it. ``asks_person``: the rules
    refuse it, and the household asks a person to look at it.
    """

    lines: tuple[TakeWanted, ...]
    grant: str | None = None
    asks_person: bool = False


class GoodsAnnounced(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Goods that are still at the donor's home and will be brought."""

    lines: tuple[WireDepositLine, ...]
    thanks: str = "receipt"


class BalanceViewed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody tapped to see the passbook of the card."""


class PickupRefused(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody came with a card to pick up, and the kiosk could not serve them: it was offline."""


class StaffAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody at the kiosk asks for a member of staff. ``page`` is what they were doing."""

    page: str = ""


class UnknownCardScanned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The kiosk did not recognise a scanned card."""

    ref: str


class DeviceStarted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The agent started."""

    sqlite: str
    journal: str


BODIES: dict[str, type[msgspec.Struct]] = {
    "deposit.recorded": DepositRecorded,
    "deposit.brought": DepositBrought,
    "pickup.completed": PickupCompleted,
    "goods.announced": GoodsAnnounced,
    "goods.claimed": GoodsClaimed,
    "pickup.refused": PickupRefused,
    "staff.asked": StaffAsked,
    "shift.started": ShiftStarted,
    "shift.ended": ShiftEnded,
    "balance.viewed": BalanceViewed,
    "card.unknown": UnknownCardScanned,
    "device.started": DeviceStarted,
}
# What nobody has done: nothing of value waits in it.
NOTES = frozenset(
    {"balance.viewed", "card.unknown", "device.started", "pickup.refused", "staff.asked"}
)
TYPE_OF = {body: name for name, body in BODIES.items()}


class Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One event at a kiosk.

    **Shape**: ``device``, ``epoch`` and ``seq`` give its position in the chain, ``prev`` is the
    SHA-256 of the bytes before it, ``event_id`` is created when the person starts the task.

    **Units**: ``occurred_at`` in microseconds since 1970, by the kiosk's clock. ``monotonic_ms`` is
    what the machine has counted since its start ``boot_id``; kiosks of other makes may leave both
    out.
    """

    v: int
    device: str
    epoch: int
    seq: int
    event_id: str
    type: str
    occurred_at: int
    tz: str
    boot_id: str | None = None
    monotonic_ms: int | None = None
    clock_quality: str
    session_id: str
    actor: str | None
    witness: str | None
    snapshot_version: str
    policy_version: str
    body: dict[str, Any]
    prev: str


def canonical(content: Any) -> bytes:
    """Encode JSON with sorted keys and no spaces, so that equal content gives equal bytes."""
    return msgspec.json.encode(content, order="sorted")


def body_dict(body: msgspec.Struct) -> dict[str, Any]:
    """Convert a body to the plain values of an envelope."""
    plain: dict[str, Any] = msgspec.to_builtins(body)
    return plain


def read_envelope(raw: bytes) -> Envelope:
    """Parse bytes whose signature has been verified.

    **Refuses**: ``BadInput`` for an unknown version, an impossible time, or a character that no
    database stores.
    """
    try:
        envelope, twice = msgspec.json.decode(raw, type=Envelope), repeated_key(raw)
    except (msgspec.DecodeError, ValueError, RecursionError) as fault:
        raise BadInput(field="envelope", why="shape") from fault
    if twice is not None:  # Signed all the same: the event is kept, and somebody looks at it.
        raise BadInput(field="envelope", why="repeated")
    if envelope.v != VERSION:
        raise BadInput(field="v", why="version")
    if not 0 <= envelope.occurred_at <= NUMBER_MAX:
        raise BadInput(field="occurred_at", why="range")
    if "\0" in f"{envelope.event_id}{envelope.actor}":
        raise BadInput(field="envelope", why="characters")
    return envelope


def read_body(envelope: Envelope) -> msgspec.Struct:
    """Parse the body by the type of the envelope.

    **Refuses**: ``BadInput`` for an unknown type, a wrong shape or a number out of range.
    """
    kind = BODIES.get(envelope.type)
    if kind is None:
        raise BadInput(field="type", why="unknown")
    try:
        body = msgspec.convert(envelope.body, kind)
    except msgspec.ValidationError as fault:
        raise BadInput(field="body", why="shape") from fault
    if isinstance(body, DepositRecorded | GoodsAnnounced | GoodsClaimed):
        _check_lines(body)
    if isinstance(body, ShiftStarted):
        _check_helped(body)
    return body


def _check_helped(body: ShiftStarted) -> None:
    ways = (body.helped_ref, body.helped_id, body.helped_no, body.is_group or None)
    if sum(way is not None for way in ways) > 1:
        raise BadInput(field="helped", why="two")
    if body.helped_id is not None and not 0 < body.helped_id < 2**63:
        raise BadInput(field="helped_id", why="range")
    if "\0" in f"{body.helped_ref}{body.helped_no}":
        raise BadInput(field="helped", why="characters")


def _check_lines(body: DepositRecorded | GoodsAnnounced | GoodsClaimed) -> None:
    if not 1 <= len(body.lines) <= LINES_MAX:
        raise BadInput(field="lines", why="range")
    if not all(1 <= line.pieces <= PIECES_MAX for line in body.lines):
        raise BadInput(field="pieces", why="range")
