"""How each kiosk stands: last contact, version, what waits on it, its clock."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, select
from sqlalchemy.orm import Session

from timebank.db import built
from timebank.kiosks.tables import device, inbox


@dataclass(frozen=True, slots=True)
class KioskStanding:
    """One kiosk as it last reported itself.

    ``version`` and ``waiting`` are None for a kiosk of an older version. ``ahead_us``, in
    microseconds, is by how much its clock was ahead of ours when its last event arrived.
    """

    device_id: int
    store_id: int
    epoch: int
    state: str
    head_seq: int
    seen_at: datetime
    version: str | None
    waiting: int | None
    ahead_us: int | None


_STANDINGS: Select[Any] = (
    select(
        device.c.id.label("device_id"), device.c.store_id, device.c.epoch, device.c.state,
        device.c.head_seq, device.c.seen_at, device.c.version, device.c.waiting, inbox.c.ahead_us,
    )
    .outerjoin(
        inbox,
        and_(
            inbox.c.community_id == device.c.community_id,
            inbox.c.device_id == device.c.id,
            inbox.c.epoch == device.c.epoch,
            inbox.c.seq == device.c.head_seq,
        ),
    )
    .where(device.c.community_id == bindparam("of_community"))
    .order_by(device.c.paired_at.desc(), device.c.id.desc())
)  # fmt: skip


def kiosk_standings(session: Session, community_id: int) -> list[KioskStanding]:
    """Every kiosk that was ever paired, newest first; no secret is opened."""
    return built(KioskStanding, session.execute(_STANDINGS, {"of_community": community_id}))
