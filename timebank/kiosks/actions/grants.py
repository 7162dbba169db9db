"""A grant: the server's own word that somebody proved something at a kiosk a moment ago.

The kiosk keeps it in memory, and sends it instead of the PIN or of the pick-up code, which would
stay in its chain for good. Nothing is stored here: a grant names its device, its card or claim and
its end, and carries a digest that only the server can compute.
"""

import hmac
from datetime import datetime

from sqlalchemy.orm import Session

from timebank.kiosks.queries import Device
from timebank.kiosks.rules import GRANT_LASTS
from timebank.values import to_us
from timebank.vault.cipher import vault_of


def make_grant(session: Session, device: Device, card_id: int, *, now: datetime) -> str:
    """The word that the PIN of a card was right."""
    return _grant(session, device, str(card_id), now=now)


def is_granted(
    session: Session, device: Device, card_id: int, grant: str | None, *, at: datetime
) -> bool:
    """Tell whether the PIN of this card was right on this kiosk, shortly before ``at``."""
    until_us = _until_us(session, device, str(card_id), grant)
    return until_us is not None and to_us(at) <= until_us


def make_code_grant(session: Session, device: Device, claim_id: int, *, now: datetime) -> str:
    """The word that the pick-up code of a claim was right."""
    return _grant(session, device, f"claim:{claim_id}", now=now)


def is_code_granted(
    session: Session, device: Device, claim_id: int, grant: str | None, *, at: datetime | None
) -> bool:
    """Tell whether the code of this claim was right on this kiosk, shortly before ``at``.

    ``at`` is None for a report that a member of staff has looked at: its clock may be wrong.
    """
    until_us = _until_us(session, device, f"claim:{claim_id}", grant)
    return until_us is not None and (at is None or to_us(at) <= until_us)


def make_deposit_grant(session: Session, device: Device, deposit_id: int, *, now: datetime) -> str:
    """The word that the code of an announced deposit was right."""
    return _grant(session, device, f"deposit:{deposit_id}", now=now)


def is_deposit_granted(
    session: Session, device: Device, deposit_id: int, grant: str | None, *, at: datetime
) -> bool:
    """Tell whether the code of this deposit was right on this kiosk, shortly before ``at``."""
    until_us = _until_us(session, device, f"deposit:{deposit_id}", grant)
    return until_us is not None and to_us(at) <= until_us


def _grant(session: Session, device: Device, what: str, *, now: datetime) -> str:
    until = str(to_us(now + GRANT_LASTS))
    return f"{until}.{_digests(session, device, what, until)[0]}"


def _until_us(session: Session, device: Device, what: str, grant: str | None) -> int | None:
    """The end of a grant in microseconds; None for one that is not ours."""
    until, _, digest = (grant or "").partition(".")
    if not (until.isascii() and until.isdigit() and len(until) < 20):
        return None
    digests = _digests(session, device, what, until)
    is_ours = any(hmac.compare_digest(digest.encode(), true.encode()) for true in digests)
    return int(until) if is_ours else None


def _digests(session: Session, device: Device, what: str, until: str) -> list[str]:
    message = f"{device.community_id}:{device.device_id}:{what}:{until}"
    return [digest.hex() for digest in vault_of(session).digests("kiosk.grant", message)]
