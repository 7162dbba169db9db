"""Admit the requests of a paired kiosk, and revoke it. How it is paired is in ``pairing.py``."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.kiosks import may, rules, wire
from timebank.kiosks.queries import Device, device_of
from timebank.kiosks.refusals import BadSignature, DeviceRevoked, DeviceUnreadable
from timebank.kiosks.tables import device, nonce
from timebank.values import By


@dataclass(frozen=True, slots=True)
class DeviceChanged:
    """The device after the change."""

    device_id: int
    state: str


def give_nonce(session: Session, *, community_id: int, device_id: int, now: datetime) -> str:
    """Issue the nonce for a device's next request, and delete expired ones.

    **Refuses**: ``NotFound``.
    """
    device_of(session, community_id, device_id)
    own = nonce.c.community_id == community_id, nonce.c.device_id == device_id
    session.execute(delete(nonce).where(*own, nonce.c.expires_at <= now))
    fresh = secrets.token_hex(16)
    session.execute(
        insert(nonce).values(
            community_id=community_id,
            device_id=device_id,
            nonce=fresh,
            expires_at=now + rules.NONCE_LASTS,
        )
    )
    return fresh


@dataclass(frozen=True, slots=True)
class Reported:
    """What a kiosk reports of itself beside a request; a kiosk of an older version tells nothing.

    It is shown on a page and decides nothing, so it is not signed.
    """

    version: str | None = None
    waiting: int | None = None

    @property
    def cells(self) -> dict[str, str | int]:
        """The columns that it changes."""
        cells = {"version": self.version, "waiting": self.waiting}
        return {name: cell for name, cell in cells.items() if cell is not None}


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """The content of a request that a device signed, its signature, and what it tells beside."""

    device_id: int
    nonce: str
    signature: bytes
    message: bytes
    reported: Reported = Reported()


def admit_request(
    session: Session, *, community_id: int, now: datetime, request: SignedRequest
) -> tuple[Device, str]:
    """Verify a request that a device signed over one of our nonces; issue the next nonce.

    A forged request does not use up the nonce, so nobody can lock a kiosk out.

    **Refuses**: ``NotFound`` for an unknown device; ``BadSignature``.
    """
    kiosk = device_of(session, community_id, request.device_id)
    used = session.execute(
        delete(nonce).where(
            nonce.c.community_id == community_id,
            nonce.c.device_id == request.device_id,
            nonce.c.nonce == request.nonce,
            nonce.c.expires_at > now,
        )
    )
    if used.rowcount != 1 or not wire.is_signed(  # type: ignore[attr-defined]
        kiosk.public_key, request.message, request.signature
    ):
        raise BadSignature()
    session.execute(
        update(device)
        .where(device.c.community_id == community_id, device.c.id == kiosk.device_id)
        .values(seen_at=now, **request.reported.cells)
    )
    following = give_nonce(session, community_id=community_id, device_id=kiosk.device_id, now=now)
    return kiosk, following


def by_device(found: Device) -> By:
    """The actor when a kiosk acts for nobody: the machine in its shop."""
    return By(
        community_id=found.community_id,
        client=f"device:{found.device_id}",
        channel="kiosk",
        device_id=found.device_id,
    )


def secret_of(found: Device) -> bytes:
    """The secret that a kiosk shares with the server. **Refuses**: ``DeviceUnreadable``."""
    if found.secret is None:
        raise DeviceUnreadable()
    return found.secret


def require_trusted(found: Device) -> None:
    """Refuse personal data to a kiosk that was revoked.

    **Refuses**: ``DeviceRevoked``.
    """
    if found.state == rules.REVOKED:
        raise DeviceRevoked()


@action("revoke_device")
def revoke_device(deed: Deed, *, device_id: int, why: str) -> DeviceChanged:
    """Revoke a lost or stolen kiosk: its events are stored, none is posted.

    **Refuses**: ``NotAllowed`` for all but coordinators; ``NotFound``.
    """
    return _set_state(deed, device_id=device_id, state=rules.REVOKED, why=why)


@action("thaw_device")
def thaw_device(deed: Deed, *, device_id: int, why: str) -> DeviceChanged:
    """Let a frozen kiosk post again, after staff have checked its second history.

    **Refuses**: ``NotAllowed`` for all but coordinators; ``NotFound``.
    """
    return _set_state(deed, device_id=device_id, state=rules.ACTIVE, why=why)


def _set_state(deed: Deed, *, device_id: int, state: str, why: str) -> DeviceChanged:
    may.MANAGE_DEVICES.require_everywhere(deed.by)
    found = device_of(deed.session, deed.community_id, device_id, take=True)
    # A revoked device stays revoked: pair it again with a new key.
    after = found.state if found.state == rules.REVOKED else state
    deed.session.execute(
        update(device)
        .where(device.c.community_id == deed.community_id, device.c.id == device_id)
        .values(state=after)
    )
    audit(
        deed,
        name="set_device_state",
        subject_kind="kiosk_device",
        subject_id=device_id,
        facts={"state": after, "why": why},
    )
    return DeviceChanged(device_id, after)
