"""Apply an envelope through the same actions as every page.

The request id of each deed is that of the envelope and the client is the device. So a deed takes
place once, however often it is sent.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from timebank.aid import actions as aid
from timebank.aid.actions.codes import check_tries
from timebank.aid.queries import household_of_claim
from timebank.aid.refusals import WrongPickupCode
from timebank.aid.rules import WRONG_CODES_WINDOW
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform_in
from timebank.goods import actions as goods
from timebank.hours import actions as hours
from timebank.kiosks import rules, wire
from timebank.kiosks.actions.cards import whose_card
from timebank.kiosks.actions.devices import by_device
from timebank.kiosks.actions.grants import is_code_granted, is_granted
from timebank.kiosks.actions.touching import (
    CLAIM_FRESH,
    announce_by_touch,
    announced_lines,
    claim_by_touch,
    helped_by,
)
from timebank.kiosks.queries import CardOwner, Device, reviews_since
from timebank.kiosks.refusals import BadSignature, TimeUnknown
from timebank.people.refusals import CardRevoked, CardUnknown
from timebank.policy.queries import parameters_on
from timebank.values import By, from_us, local_day


@dataclass(slots=True)
class Arrived:
    """Bytes from a kiosk and what is known about them.

    ``event_id`` and ``actor_ref`` are set once the bytes were parsed, ``deed_at`` once a deed was
    found to have happened then.
    """

    device: Device
    seq: int
    raw: bytes
    signature: bytes
    digest: str
    is_signed: bool
    ahead_us: int
    run: tuple[str | None, int | None] = (None, None)
    event_id: str | None = None
    actor_ref: str | None = None
    deed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A member of staff applies a reviewed envelope, at the time that was proposed to them."""

    by: By
    arrived_at: datetime
    proposed_at: datetime | None = None
    is_time_doubted: bool = False


class MustReview(Exception):
    """The bytes are valid, but the circumstances are not; ``reason`` says which.

    This is not a refusal: nobody gets it as an answer; a member of staff reviews the envelope.
    """

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Event:
    """One envelope to apply: the deed that it asks for, and when and where it took place."""

    deed: Deed
    envelope: wire.Envelope
    device: Device
    happened_at: datetime
    owner: CardOwner | None
    reviewer: By | None = None


def apply_event(
    session: Session, *, now: datetime, arrived: Arrived, review: Review | None = None
) -> dict[str, Any]:
    """Apply the envelope; return the plain facts of the receipt.

    With ``review`` a member of staff has reviewed it: the state of the device and the chain no
    longer matter, a hand-over is recorded as a fact, and an implausible time is replaced by the
    one that was proposed.

    **Refuses**: whatever the deed's own action refuses; ``TimeUnknown``; or ``MustReview``.
    """
    if not arrived.is_signed:
        raise BadSignature()
    envelope = wire.read_envelope(arrived.raw)
    arrived.event_id = envelope.event_id[:36]
    arrived.actor_ref = wire.ref_of_actor(envelope.actor)
    body = wire.read_body(envelope)
    happened_at = from_us(rules.happened_us(envelope.occurred_at, arrived.ahead_us))
    if review is None:
        _check_circumstances(envelope, arrived)
        _check_time(session, now, envelope, arrived, happened_at=happened_at)
    else:
        happened_at = _reviewed_time(envelope, arrived, review, happened_at=happened_at)
    event = _event(
        session, now, envelope, arrived, happened_at=happened_at,
        reviewer=review.by if review else None,
    )  # fmt: skip
    receipt = _APPLY[type(body)](event, body)
    return {} if receipt is None else dict(msgspec.to_builtins(receipt))


def _check_circumstances(envelope: wire.Envelope, arrived: Arrived) -> None:
    device = arrived.device
    own = (str(device.device_id), device.epoch, arrived.seq)
    if (envelope.device, envelope.epoch, envelope.seq) != own:
        raise MustReview(rules.MISPLACED)
    if envelope.prev != device.head_digest:
        raise MustReview(rules.CHAIN_BROKEN)
    if device.state != rules.ACTIVE:
        frozen = device.state == rules.FROZEN
        raise MustReview(rules.DEVICE_FROZEN if frozen else rules.DEVICE_REVOKED)
    if envelope.type.startswith("shift.") and rules.is_clock_wrong(arrived.ahead_us):
        raise MustReview(rules.CLOCK_WRONG, minutes=arrived.ahead_us // 60_000_000)


def _check_time(
    session: Session,
    now: datetime,
    envelope: wire.Envelope,
    arrived: Arrived,
    *,
    happened_at: datetime,
) -> None:
    """Post no deed at a time at which it cannot have happened. Notes have no such time."""
    if envelope.type not in _TIMED:
        return
    bounds = _bounds(session, now, envelope, arrived)
    why = rules.doubt_of(happened_at, bounds)
    if why is None:
        arrived.deed_at = happened_at
        return
    is_shift = envelope.type in _SHIFTS
    proposed = rules.proposed_at(happened_at, bounds, is_shift=is_shift)
    told = proposed.isoformat() if proposed else None
    raise MustReview(rules.TIME_IMPLAUSIBLE, why=why, proposed_at=told)


def _bounds(
    session: Session, now: datetime, envelope: wire.Envelope, arrived: Arrived
) -> rules.Bounds:
    device, (boot_id, monotonic_ms) = arrived.device, arrived.run
    age = None
    if monotonic_ms is not None and envelope.boot_id == boot_id:
        age = timedelta(milliseconds=max(monotonic_ms - envelope.monotonic_ms, 0))
    days = parameters_on(session, device.community_id, local_day(now)).whole(
        "kiosks.upload_days_max", rules.UPLOAD_DAYS_MAX
    )
    return rules.Bounds(
        paired_at=device.paired_at, last_at=device.last_deed_at, arrived_at=now,
        longest=timedelta(days=days), age=age,
    )  # fmt: skip


def _reviewed_time(
    envelope: wire.Envelope, arrived: Arrived, review: Review, *, happened_at: datetime
) -> datetime:
    """When a reviewed event took place, as staff saw it on the page of the review.

    **Refuses**: ``TimeUnknown`` for a service without a plausible time.
    """
    if review.proposed_at is not None:
        return review.proposed_at
    bounds = rules.Bounds(
        paired_at=arrived.device.paired_at, last_at=None, arrived_at=review.arrived_at,
        longest=timedelta.max,
    )  # fmt: skip
    is_doubted = review.is_time_doubted or rules.doubt_of(happened_at, bounds) is not None
    if not is_doubted or envelope.type not in _TIMED:
        return happened_at
    if envelope.type in _SHIFTS:
        raise TimeUnknown()
    return min(max(happened_at, bounds.earliest), bounds.arrived_at)


def _event(
    session: Session,
    now: datetime,
    envelope: wire.Envelope,
    arrived: Arrived,
    *,
    happened_at: datetime,
    reviewer: By | None,
) -> Event:
    ref = wire.ref_of_actor(envelope.actor)
    owner = whose_card(session, arrived.device, ref) if ref else None
    by = by_device(arrived.device)
    if owner is not None:
        by = replace(by, person_id=owner.person_id, household_id=owner.household_id)
    return Event(
        Deed(session, by, now, envelope.event_id),
        envelope=envelope,
        device=arrived.device,
        happened_at=happened_at,
        owner=owner,
        reviewer=reviewer,
    )


def _owner(event: Event) -> CardOwner:
    """The person who acts. **Refuses**: ``CardUnknown``, ``CardRevoked``."""
    if event.owner is None:
        raise CardUnknown()
    if event.owner.revoked:
        raise CardRevoked()
    return event.owner


def _perform(event: Event, action: Callable[..., Any], **content: Any) -> Any:
    return perform_in(event.deed, action, **content)


def _deposit(event: Event, body: wire.DepositRecorded) -> Any:
    """Goods left at the kiosk are announced and brought: they wait for the keeper."""
    donor = _owner(event).person_id if event.envelope.actor else None
    return _perform(
        event, goods.announce_deposit,
        store_id=event.device.store_id, donor_person_id=donor, donor_organisation_id=None,
        lines=announced_lines(body.lines), thanks=body.thanks, happened_at=event.happened_at,
    )  # fmt: skip


def _pickup(event: Event, body: wire.PickupCompleted) -> Any:
    """A card acts for its household, and so does the grant for a code that was right.

    Kiosks of older versions send the code itself.
    """
    if _is_code_granted(event, body):
        event = _for_household(event, body.claim_id)
    elif event.envelope.actor and body.pickup_code is None:
        _check_proof(event, body.grant)
    content = {
        "claim_id": body.claim_id, "store_id": event.device.store_id,
        "pickup_code": body.pickup_code, "happened_at": event.happened_at,
    }  # fmt: skip
    if event.reviewer is not None:
        return _perform(_told_by(event.reviewer, event), aid.record_issue, **content)
    if body.pickup_code is not None:
        _check_tries(event)
    return _perform(event, aid.issue_goods, **content)


def _is_code_granted(event: Event, body: wire.PickupCompleted) -> bool:
    if body.pickup_code is not None:
        return False
    at = None if event.reviewer is not None else event.happened_at
    session = event.deed.session
    return is_code_granted(session, event.device, body.claim_id, body.grant, at=at)


def _for_household(event: Event, claim_id: int) -> Event:
    """The event as done by the household of the claim, whoever of it came."""
    deed = event.deed
    household_id = household_of_claim(deed.session, deed.community_id, claim_id)
    by = replace(deed.by, person_id=None, household_id=household_id)
    return replace(event, deed=replace(deed, by=by))


def _announce(event: Event, body: wire.GoodsAnnounced) -> Any:
    return announce_by_touch(
        event.deed, owner=_owner(event), store_id=event.device.store_id, body=body
    )


def _claim(event: Event, body: wire.GoodsClaimed) -> Any:
    """A claim that waited at the kiosk is looked at first, for nobody waits for its answer."""
    owner = _check_proof(event, body.grant)
    is_late = event.deed.now - event.happened_at > CLAIM_FRESH
    if is_late and event.reviewer is None:
        raise MustReview(rules.CLAIM_LATE)
    return claim_by_touch(
        event.deed, owner=owner, store_id=event.device.store_id, body=body,
        is_exact=event.reviewer is None,
    )  # fmt: skip


def _check_proof(event: Event, grant: str | None) -> CardOwner:
    """A card proves who came if it was scanned, and with the PIN where the household asked for it.

    **Refuses**: ``CardUnknown``, ``CardRevoked``; ``MustReview`` without the PIN.
    """
    owner, deed = _owner(event), event.deed
    if event.reviewer is not None or not (owner.asks_pin or owner.is_by_number):
        return owner
    if not is_granted(deed.session, event.device, owner.card_id, grant, at=event.happened_at):
        raise MustReview(rules.PIN_MISSING)
    return owner


def _told_by(reviewer: By, event: Event) -> Event:
    """Record the reviewer as the reporter of the fact, so that another person must write it off."""
    by = replace(event.deed.by, client=reviewer.client, user_id=reviewer.user_id)
    return replace(event, deed=replace(event.deed, by=by))


def _check_tries(event: Event) -> None:
    """Throttle attempts to guess codes: count the wrong ones among the kiosk's reviews.

    **Refuses**: ``TooManyTries``.
    """
    deed = event.deed
    since = deed.now - WRONG_CODES_WINDOW
    wrong = reviews_since(deed.session, event.device, WrongPickupCode.code, since)
    check_tries(deed, beside=wrong)


def _start(event: Event, body: wire.ShiftStarted) -> Any:
    person_id = _owner(event).person_id
    return _perform(
        event, hours.check_in,
        person_id=person_id, service_id=body.service_id, at=event.happened_at,
        **helped_by(event.deed, event.device, body),
    )  # fmt: skip


def _end(event: Event, body: wire.ShiftEnded) -> Any:
    person_id = _owner(event).person_id
    return _perform(event, hours.check_out, person_id=person_id, at=event.happened_at)


def _view(event: Event, body: wire.BalanceViewed) -> None:
    if event.owner is not None:
        audit(
            event.deed,
            name="view_passbook",
            subject_kind="person",
            subject_id=event.owner.person_id,
        )


def _note(event: Event, body: msgspec.Struct) -> None:
    """The envelope itself is the record; nothing more happens."""


_SHIFTS = frozenset({"shift.started", "shift.ended"})
_TIMED = _SHIFTS | {
    "deposit.recorded",
    "goods.announced",
    "goods.claimed",
    "pickup.completed",
}
_APPLY: dict[type[msgspec.Struct], Callable[..., Any]] = {
    wire.DepositRecorded: _deposit,
    wire.GoodsAnnounced: _announce,
    wire.GoodsClaimed: _claim,
    wire.PickupCompleted: _pickup,
    wire.ShiftStarted: _start,
    wire.ShiftEnded: _end,
    wire.BalanceViewed: _view,
    wire.UnknownCardScanned: _note,
    wire.DeviceStarted: _note,
}
