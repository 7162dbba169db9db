"""A grant: the server's own word that somebody typed the right PIN at a kiosk a moment ago.

The kiosk keeps it in memory instead of the PIN. Nothing is stored here: the grant names its device,
its card and its end, and carries a digest that only the server can compute.
"""

import hmac
from datetime import datetime

from sqlalchemy.orm import Session

from timebank.kiosks.queries import Device
from timebank.kiosks.rules import GRANT_LASTS
from timebank.people.vault import vault_of
from timebank.values import to_us


def make_grant(session: Session, device: Device, card_id: int, *, now: datetime) -> str:
    until = str(to_us(now + GRANT_LASTS))
    return f"{until}.{_digest(session, device, card_id, until)}"


def is_granted(
    session: Session, device: Device, card_id: int, grant: str | None, *, at: datetime
) -> bool:
    """Tell whether the PIN of this card was right on this kiosk, shortly before ``at``."""
    until, _, told = (grant or "").partition(".")
    if not (until.isascii() and until.isdigit() and len(until) < 20):
        return False
    true = _digest(session, device, card_id, until)
    return hmac.compare_digest(told.encode(), true.encode()) and to_us(at) <= int(until)


def _digest(session: Session, device: Device, card_id: int, until: str) -> str:
    told = f"{device.community_id}:{device.device_id}:{card_id}:{until}"
    return vault_of(session).digest("kiosk.grant", told).hex()
