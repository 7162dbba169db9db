"""What happens to the kiosk of a story: two people let it join, later it sends what was left."""

import uuid
from dataclasses import dataclass

from timebank.goods.actions import reopen_store
from timebank.goods.setting import shop_id
from timebank.kiosks import wire
from timebank.kiosks.actions import (
    ask_pairing as ask,
)
from timebank.kiosks.actions import (
    close_store,
    make_pairing_code,
    pair_device,
)
from timebank.kiosks.actions import (
    confirm_pairing as confirm,
)
from timebank.kiosks.actions import (
    withdraw_pairing as withdraw,
)
from timebank.kiosks.actions.intake import receive_event
from timebank.kiosks.queries import device_of
from timebank.stories.shapes import Keyed, Named, local_time, shaped, text, whole
from timebank.stories.stage import Body, Stage
from timebank.values import By, to_us

KIOSK, PERMIT = "kiosk", "pairing"


@dataclass(slots=True)
class _Kiosk:
    """The one kiosk of a story: its key, and how far its chain of events goes."""

    device_id: int
    key: bytes
    seq: int = 0
    prev: str = wire.NO_PREVIOUS


@shaped(Keyed({"name": text}))
def ask_pairing(stage: Stage, by: By, body: Body) -> Body:
    """Ask that a kiosk may join the shop; ``name`` names what was asked."""
    asked = stage.perform(ask, by, store_id=shop_id(stage))
    stage.remember(PERMIT, body["name"], asked.permit_id)
    return {}


@shaped(Keyed({"pairing": text}))
def confirm_pairing(stage: Stage, by: By, body: Body) -> Body:
    """Agree to a ``pairing`` as another coordinator or an approver."""
    stage.perform(confirm, by, permit_id=stage.known(PERMIT, body["pairing"]))
    return {}


@shaped(Keyed({"pairing": text}))
def withdraw_pairing(stage: Stage, by: By, body: Body) -> Body:
    """Withdraw a ``pairing``, or refuse it."""
    stage.perform(withdraw, by, permit_id=stage.known(PERMIT, body["pairing"]))
    return {}


@shaped(Keyed())
def pair_kiosk(stage: Stage, by: By, body: Body) -> Body:
    """Make a code and pair the kiosk of the shop with it. It is sent once."""
    code = stage.perform(make_pairing_code, by, store_id=shop_id(stage)).code
    key = wire.new_key()
    paired = stage.database.write(
        lambda session, now: pair_device(
            session, community_id=stage.community_id, now=now, code=code,
            public_key=wire.public_key(key),
        )
    )  # fmt: skip
    stage.remember(KIOSK, KIOSK, _Kiosk(int(paired.device), key))
    return {}


@shaped(Keyed({"left": local_time, "lines": Named(whole)}))
def upload(stage: Stage, by: By, body: Body) -> Body:
    """Send what was left at the kiosk: ``left`` when: ``lines`` of item and pieces."""
    lines = tuple(
        wire.WireDepositLine(stage.known("item", name), pieces, "new")
        for name, pieces in body["lines"].items()
    )
    kiosk: _Kiosk = stage.known(KIOSK, KIOSK)
    sent = _sent(stage, kiosk, wire.DepositRecorded(lines), to_us(body["left"]))
    device_id = kiosk.device_id
    answers = [
        stage.database.write(
            lambda session, now: receive_event(
                session, now=now, sender=device_of(session, stage.community_id, device_id),
                item=sent, sent_at=to_us(now),
            )
        )
        for _ in range(1 + stage.twice)
    ]  # fmt: skip
    return {"outcome": answers[0].outcome, "reason": answers[0].reason}


def _sent(
    stage: Stage, kiosk: _Kiosk, left: wire.DepositRecorded, occurred_us: int
) -> wire.BatchItem:
    """Sign the next event of the chain."""
    with stage.database.reading() as session:
        device = device_of(session, stage.community_id, kiosk.device_id)
    kiosk.seq += 1
    envelope = wire.Envelope(
        v=1, device=str(kiosk.device_id), epoch=device.epoch, seq=kiosk.seq,
        event_id=str(uuid.uuid4()), type=wire.TYPE_OF[type(left)], occurred_at=occurred_us,
        tz="Asia/Shanghai", boot_id="story", monotonic_ms=kiosk.seq, clock_quality="synced",
        session_id="visit", actor=None, witness=None, snapshot_version="", policy_version="",
        body=wire.body_dict(left), prev=kiosk.prev,
    )  # fmt: skip
    raw = wire.canonical(envelope)
    kiosk.prev = wire.digest(raw)
    signed = wire.to_text(wire.sign(kiosk.key, raw))
    return wire.BatchItem(envelope.epoch, envelope.seq, wire.to_text(raw), signed)


@shaped(Keyed({"because": text}))
def close_shop(stage: Stage, by: By, body: Body) -> Body:
    """Close the shop, ``because`` of a reason."""
    told = {"store_id": shop_id(stage), "note": body["because"]}
    return {"closed": stage.perform(close_store, by, **told).closed_on}


@shaped(Keyed({"because": text}))
def reopen_shop(stage: Stage, by: By, body: Body) -> Body:
    """Open the shop again, ``because`` of a reason."""
    told = {"store_id": shop_id(stage), "note": body["because"]}
    stage.perform(reopen_store, by, **told)
    return {}
