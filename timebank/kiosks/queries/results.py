"""What became of an event that a kiosk recorded a moment ago."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from timebank.kiosks.queries.devices import Device
from timebank.kiosks.rules import GRANT_LASTS
from timebank.kiosks.tables import outcome


def answer_of(session: Session, device: Device, seq: int, now: datetime) -> dict[str, Any]:
    """The stored answer of an event; empty for a review, an unknown one, or one of another hour.

    It leads to a pick-up code, which is for the person who stands there now.
    """
    answer = session.scalar(
        select(outcome.c.answer).where(
            outcome.c.community_id == device.community_id,
            outcome.c.device_id == device.device_id,
            outcome.c.epoch == device.epoch,
            outcome.c.seq == seq,
            outcome.c.applied_at > now - GRANT_LASTS,
        )
    )
    return dict(json.loads(answer)) if answer else {}
