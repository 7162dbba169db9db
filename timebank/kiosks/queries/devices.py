"""The register of kiosks, and the envelope at one position of a chain."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, exists, select
from sqlalchemy.orm import Session

from timebank.db import written
from timebank.errors import NotFound
from timebank.kiosks import wire
from timebank.kiosks.rules import ACTIVE, Slot
from timebank.kiosks.tables import device, inbox, outcome
from timebank.vault.cipher import vault_to_open

CARD_KEY_COLUMN = "kiosk_device.card_key"


@dataclass(frozen=True, slots=True)
class Device:
    """One kiosk since its pairing; ``secret`` hashes its cards and signs its snapshots.

    It is None if it cannot be read: the kiosk still delivers what it did, but must be paired again
    to learn anything new.
    """

    community_id: int
    device_id: int
    store_id: int
    epoch: int
    public_key: bytes
    fingerprint: str
    secret: bytes | None
    state: str
    head_seq: int
    head_digest: str
    paired_at: datetime
    seen_at: datetime
    last_deed_at: datetime | None
    last_deed_boot_id: str | None
    last_deed_ms: int | None


def _query(community_id: int) -> Select[Any]:
    return select(
        device.c.community_id,
        device.c.id,
        device.c.store_id,
        device.c.epoch,
        device.c.public_key,
        device.c.fingerprint,
        device.c.card_key,
        device.c.state,
        device.c.head_seq,
        device.c.head_digest,
        device.c.paired_at,
        device.c.seen_at,
        device.c.last_deed_at,
        device.c.last_deed_boot_id,
        device.c.last_deed_ms,
    ).where(device.c.community_id == community_id)


def _device(session: Session, row: Row[Any]) -> Device:
    values = row._asdict()
    values["device_id"] = values.pop("id")
    values["public_key"] = bytes(row.public_key)
    secret = vault_to_open(session).open_or_none(values.pop("card_key"), CARD_KEY_COLUMN)
    values["secret"] = None if secret is None else wire.to_bytes(secret)
    return Device(**values)


def device_of(session: Session, community_id: int, device_id: int, *, take: bool = False) -> Device:
    """One kiosk; with ``take`` its row is locked, so that its chain has one writer.

    **Refuses**: ``NotFound``.
    """
    query = _query(community_id).where(device.c.id == device_id)
    row = session.execute(query.with_for_update(key_share=True) if take else query).first()
    if row is None:
        raise NotFound(what="kiosk")
    return _device(session, row)


def devices(session: Session, community_id: int) -> list[Device]:
    """Every kiosk that was ever paired, newest first."""
    rows = session.execute(
        _query(community_id).order_by(device.c.paired_at.desc(), device.c.id.desc())
    )
    return [_device(session, row) for row in rows]


_ANY_ACTIVE = select(
    exists().where(
        device.c.community_id == bindparam("of_community"), device.c.state == written(ACTIVE)
    )
)


def has_kiosk(session: Session, community_id: int) -> bool:
    """Tell whether a kiosk is paired and works."""
    return bool(session.scalar(_ANY_ACTIVE, {"of_community": community_id}))


def slot_at(session: Session, kiosk: Device, seq: int) -> Slot | None:
    """The envelope that is stored at one position of a kiosk's chain, or None."""
    row = session.execute(
        select(inbox.c.digest, outcome.c.outcome, outcome.c.reason)
        .join(
            outcome,
            and_(*(outcome.c[name] == inbox.c[name] for name in
                   ("community_id", "device_id", "epoch", "seq"))),
        )
        .where(
            inbox.c.community_id == kiosk.community_id,
            inbox.c.device_id == kiosk.device_id,
            inbox.c.epoch == kiosk.epoch,
            inbox.c.seq == seq,
        )
    ).first()  # fmt: skip
    return None if row is None else Slot(*row)
