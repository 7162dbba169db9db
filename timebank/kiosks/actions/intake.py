"""Receive the envelopes of kiosks: one unit of work each, so that a bad one blocks no other.

What has taken place is never refused. The bytes are verified before they are parsed, stored before
they are judged, and judged in a savepoint: what cannot be posted becomes a review.
"""

import json
import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from timebank.db import Database, insert_new, is_retryable
from timebank.errors import TimebankError
from timebank.kiosks import rules, wire
from timebank.kiosks.actions.applying import apply_event
from timebank.kiosks.actions.arrived import Arrived, MustReview
from timebank.kiosks.actions.cards import whose_card
from timebank.kiosks.actions.coming import note_came
from timebank.kiosks.actions.timing import learn_run
from timebank.kiosks.kept_bytes import cells_of
from timebank.kiosks.queries import Device, device_of, slot_at
from timebank.kiosks.queries.reviews import FACTS_COLUMN
from timebank.kiosks.refusals import BadSignature
from timebank.kiosks.tables import device, inbox, outcome, quarantine, review
from timebank.values import new_id, to_us
from timebank.vault.cipher import vault_to_seal

ANSWER_WITHIN = 1.0  # Seconds.
log = logging.getLogger("timebank.kiosks")


def receive_batch(
    database: Database,
    sender: Device,
    batch: wire.Batch,
    *,
    timer: Callable[[], float] = time.monotonic,
) -> wire.BatchAnswer:
    """Receive a batch in order and return the result of each envelope.

    A kiosk of an older version waits two seconds for the answer, so a slow machine answers for
    what it has done in one; the kiosk sends the rest next. If the server dies half-way, complete
    envelopes are stored; the kiosk sends the batch again.
    """
    results: list[wire.Result] = []
    until = timer() + ANSWER_WITHIN
    for item in batch.events[: wire.BATCH_MAX]:
        if results and timer() >= until:
            break
        result = _receive_alone(database, sender, item, batch=batch)
        results.append(result)
        if result.outcome == "gap":
            break  # Every following envelope has the same gap before it.
    with database.reading() as session:
        now = device_of(session, sender.community_id, sender.device_id)
    return wire.BatchAnswer(tuple(results), now.head_seq, now.head_digest, to_us(database.clock()))


def _receive_alone(
    database: Database, sender: Device, item: wire.BatchItem, *, batch: wire.Batch
) -> wire.Result:
    return database.write(
        lambda session, now: receive_event(
            session,
            now=now,
            sender=sender,
            item=item,
            sent_at=batch.sent_at,
            run=(batch.boot_id, batch.monotonic_ms),
        ),
        at_most_once=True,
    )


def receive_event(
    session: Session,
    *,
    now: datetime,
    sender: Device,
    item: wire.BatchItem,
    sent_at: int,
    run: tuple[str | None, int | None] = (None, None),
) -> wire.Result:
    """Receive one envelope. The device's row is locked first, so that its chain has one writer.

    ``run`` names the run of the machine that sent it, and its milliseconds since its start.
    """
    kiosk = device_of(session, sender.community_id, sender.device_id, take=True)
    learn_run(session, now, kiosk, run)
    raw, signature = _bytes_of(item.raw), _bytes_of(item.sig)
    arrived = Arrived(
        device=kiosk,
        seq=item.seq,
        raw=raw,
        signature=signature,
        digest=wire.digest(raw),
        is_signed=wire.is_signed(kiosk.public_key, raw, signature),
        ahead_us=sent_at - to_us(now),
        run=run,
    )
    slot = slot_at(session, kiosk, item.seq)
    place = rules.place_of(
        item.seq, arrived.digest,
        head_seq=kiosk.head_seq, slot=slot, is_signed=arrived.is_signed,
    )  # fmt: skip
    if item.epoch != kiosk.epoch:
        place = rules.ChainPosition(rules.DAMAGED)
    if place.kind == "duplicate" and slot is not None:
        return _result(item, arrived, "duplicate", first=slot.outcome, reason=slot.reason)
    if place.kind == "gap":
        return _result(item, arrived, "gap", expected=place.expected)
    if place.kind in (rules.FORK, rules.DAMAGED):
        _set_aside(session, now, arrived, epoch=item.epoch, kind=place.kind)
        return _result(item, arrived, place.kind)
    reason = _take_next(session, now, arrived)
    return _result(item, arrived, rules.REVIEW if reason else rules.POSTED, reason=reason)


def _bytes_of(text: str) -> bytes:
    """The bytes of one field. What is no base64 is kept as it came: no signature fits it."""
    try:
        return wire.to_bytes(text)
    except BadSignature:
        return text.encode("utf-8", "replace")


def _result(item: wire.BatchItem, arrived: Arrived, kind: str, **options: Any) -> wire.Result:
    return wire.Result(
        epoch=item.epoch, seq=item.seq, digest=arrived.digest, outcome=kind, **options
    )


def _set_aside(session: Session, now: datetime, arrived: Arrived, *, epoch: int, kind: str) -> None:
    """Store a second version of a position in quarantine; a signed one freezes the device."""
    place = _place(arrived, epoch=epoch)
    row = {
        **place,
        "digest": arrived.digest,
        "kind": kind,
        **cells_of(session, quarantine, arrived.raw),
        "signature": arrived.signature,
        "received_at": now,
    }
    insert_new(session, quarantine, [row])
    if kind == rules.FORK and arrived.device.state == rules.ACTIVE:
        _move(session, arrived.device, {"state": rules.FROZEN})
        log.warning("kiosk %s has two histories and is frozen", arrived.device.fingerprint)
    reason = rules.FORKED if kind == rules.FORK else rules.BAD_SIGNATURE
    _open_review(session, now, arrived, reason=reason, facts={}, place=place)


def _take_next(session: Session, now: datetime, arrived: Arrived) -> str | None:
    """Store the next envelope of the chain, then judge it; return the reason of a review."""
    place = _place(arrived, epoch=arrived.device.epoch)
    session.execute(
        insert(inbox).values(
            **place,
            **cells_of(session, inbox, arrived.raw),
            signature=arrived.signature,
            digest=arrived.digest,
            received_at=now,
            ahead_us=arrived.ahead_us,
        )
    )
    _move(session, arrived.device, {"head_seq": arrived.seq, "head_digest": arrived.digest})
    reason, facts = _judge(session, now, arrived)
    if reason is None and arrived.deed_at is not None:
        _move(session, arrived.device, _last_deed(arrived))
    session.execute(
        insert(outcome).values(
            **place,
            outcome=rules.REVIEW if reason else rules.POSTED,
            reason=reason,
            event_id=arrived.event_id,
            answer=None if reason else json.dumps(facts, ensure_ascii=False),
            applied_at=now,
        )
    )
    if reason:
        _open_review(session, now, arrived, reason=reason, facts=facts, place=place)
    return reason


def _last_deed(arrived: Arrived) -> dict[str, Any]:
    """What the next deed of the chain is measured by."""
    boot_id, counted_ms = arrived.deed_run
    return {
        "last_deed_at": arrived.deed_at, "last_deed_boot_id": boot_id, "last_deed_ms": counted_ms,
    }  # fmt: skip


def _judge(session: Session, now: datetime, arrived: Arrived) -> tuple[str | None, dict[str, Any]]:
    """Apply in a savepoint. A refusal becomes a review with its code, a bug one with FAULT.

    Whoever comes to a kiosk and is sent home by a rule has come: that is written all the same.
    """
    try:
        with session.begin_nested():
            return None, apply_event(session, now=now, arrived=arrived)
    except MustReview as doubt:
        note_came(session, now, arrived, why=doubt.reason)
        return doubt.reason, doubt.facts
    except TimebankError as refusal:
        if refusal.trace is not None:
            refusal.trace(session, arrived.deed_at or now)
        return refusal.code, dict(refusal.facts)
    except Exception as fault:
        if is_retryable(fault):
            raise  # A concurrency fault is not the deed's: retry the unit of work.
        log.exception("an envelope could not be applied")
        return rules.FAULT, {"kind": type(fault).__name__}


def _open_review(
    session: Session,
    now: datetime,
    arrived: Arrived,
    *,
    reason: str,
    facts: dict[str, Any],
    place: dict[str, int],
) -> None:
    if arrived.actor_ref is not None:
        whose_card(session, arrived.device, arrived.actor_ref)  # So that staff see whose it is.
    encoded = json.dumps(facts, ensure_ascii=False, sort_keys=True, default=str)
    row = {
        **place,
        "id": new_id(),
        "digest": arrived.digest,
        "store_id": arrived.device.store_id,
        "reason": reason,
        "facts_sealed": vault_to_seal(session).seal(encoded, FACTS_COLUMN),
        "opened_at": now,
    }
    insert_new(session, review, [row])


def _place(arrived: Arrived, *, epoch: int) -> dict[str, int]:
    return {
        "community_id": arrived.device.community_id,
        "device_id": arrived.device.device_id,
        "epoch": epoch,
        "seq": arrived.seq,
    }


def _move(session: Session, found: Device, values: dict[str, Any]) -> None:
    session.execute(
        update(device)
        .where(device.c.community_id == found.community_id, device.c.id == found.device_id)
        .values(**values)
    )
