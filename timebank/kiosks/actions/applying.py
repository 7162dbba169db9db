"""Apply an envelope through the same actions as every page.

The request id of each deed is that of the envelope and the client is the device. So a deed takes
place once, however often it is sent.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
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
from timebank.hours.queries import open_shift
from timebank.kiosks import rules, wire
from timebank.kiosks.actions.arrived import Arrived, MustReview, Review
from timebank.kiosks.actions.calls import note_call
from timebank.kiosks.actions.cards import whose_card
from timebank.kiosks.actions.coming import note_sent_home
from timebank.kiosks.actions.devices import by_device
from timebank.kiosks.actions.grants import is_code_granted, is_deposit_granted, is_granted
from timebank.kiosks.actions.timing import (
    TimeStamp,
    checked_time,
    likely_at,
    require_after,
    reviewed_time,
)
from timebank.kiosks.actions.touching import (
    CLAIM_FRESH,
    announce_by_touch,
    announced_lines,
    claim_by_touch,
    helped_by,
)
from timebank.kiosks.queries import CardOwner, Device, reviews_since
from timebank.kiosks.refusals import BadSignature
from timebank.people.refusals import CardRevoked, CardUnknown
from timebank.values import By, from_us


@dataclass(frozen=True, slots=True)
class Event:
    """One envelope to apply: the deed that it asks for, and when and where it took place."""

    deed: Deed
    envelope: wire.Envelope
    device: Device
    happened_at: datetime
    owner: CardOwner | None
    reviewer: By | None = None
    counted_at: datetime | None = None


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
    stamp = TimeStamp(
        boot_id=envelope.boot_id, monotonic_ms=envelope.monotonic_ms,
        at=from_us(rules.happened_us(envelope.occurred_at, arrived.ahead_us)),
        is_shift=envelope.type in _SHIFTS, is_deed=envelope.type in _TIMED,
    )  # fmt: skip
    if review is None:
        _check_circumstances(envelope, arrived)
        happened_at = checked_time(session, now, stamp, arrived)
        if envelope.type in _LIKELY:
            happened_at = likely_at(session, now, arrived.device, stamp)
    else:
        happened_at = reviewed_time(stamp, arrived, review)
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
        counted_at=arrived.counted_at,
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


def _brought(event: Event, body: wire.DepositBrought) -> Any:
    """Goods that were announced at home lie at the kiosk. Their code was right a moment before."""
    deed, at = event.deed, event.happened_at
    if event.reviewer is None and not is_deposit_granted(
        deed.session, event.device, body.deposit_id, body.grant, at=at
    ):
        raise MustReview(rules.CODE_MISSING)
    return _perform(
        event, goods.bring_deposit,
        store_id=event.device.store_id, deposit_id=body.deposit_id, happened_at=at,
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
    at = event.happened_at
    running = open_shift(event.deed.session, event.deed.community_id, person_id)
    if running is not None and event.reviewer is None:
        at = require_after(running.started_at, at, counted_at=event.counted_at)
    return _perform(event, hours.check_out, person_id=person_id, at=at)


def _view(event: Event, body: wire.BalanceViewed) -> None:
    if event.owner is not None:
        audit(
            event.deed,
            name="view_passbook",
            subject_kind="person",
            subject_id=event.owner.person_id,
        )


def _asked(event: Event, body: wire.StaffAsked) -> None:
    note_call(event.deed, event.device, page=body.page, asked_at=event.happened_at)


def _sent_home(event: Event, body: wire.PickupRefused) -> None:
    note_sent_home(event.deed.session, event.device, _owner(event), came_at=event.happened_at)


def _note(event: Event, body: msgspec.Struct) -> None:
    """The envelope itself is the record; nothing more happens."""


_SHIFTS = frozenset({"shift.started", "shift.ended"})
_TIMED = _SHIFTS | {
    "deposit.brought",
    "deposit.recorded",
    "goods.announced",
    "goods.claimed",
    "pickup.completed",
}
_LIKELY = frozenset({"pickup.refused", "staff.asked"})
_APPLY: dict[type[msgspec.Struct], Callable[..., Any]] = {
    wire.DepositBrought: _brought,
    wire.DepositRecorded: _deposit,
    wire.GoodsAnnounced: _announce,
    wire.GoodsClaimed: _claim,
    wire.PickupCompleted: _pickup,
    wire.PickupRefused: _sent_home,
    wire.ShiftStarted: _start,
    wire.StaffAsked: _asked,
    wire.ShiftEnded: _end,
    wire.BalanceViewed: _view,
    wire.UnknownCardScanned: _note,
    wire.DeviceStarted: _note,
}
