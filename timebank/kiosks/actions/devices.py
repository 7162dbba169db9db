"""Pair a kiosk with a shop, admit its requests, and revoke it.

A device is identified by its own key. Pairing again inserts a new row with a new epoch; the old
row does not change.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from timebank.deeds.action import OneTimeCode, action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.goods import queries as goods
from timebank.kiosks import may, rules, wire
from timebank.kiosks.queries import CARD_KEY_COLUMN, Device, device_of
from timebank.kiosks.refusals import BadSignature, DeviceRevoked, DeviceUnreadable, PairingRefused
from timebank.kiosks.tables import device, nonce, pairing
from timebank.sealing.queries import verifier_of
from timebank.values import By, new_id
from timebank.vault.cipher import vault_of, vault_to_seal


@dataclass(frozen=True, slots=True)
class PairingCode:
    """A one-time code to type at the new kiosk, valid until ``expires_at``."""

    code: str
    store_id: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class DeviceChanged:
    """The device after the change."""

    device_id: int
    state: str


def _code_of(deed: Deed, *_: object) -> str:
    """The code of a request: computed again for a replay, and stored nowhere."""
    seed = f"{deed.community_id}:{deed.by.client}:{deed.request_id}"
    return wire.pairing_code(vault_of(deed.session).digest("kiosk_pairing.new", seed))


def _kept(session: Session, code: str) -> tuple[str, ...]:
    """What the register may keep of a code, by each key; the first one is written."""
    return tuple(map(wire.pairing_code, vault_of(session).digests("kiosk_pairing.code", code)))


@action("make_pairing_code", code=OneTimeCode("code", _code_of))
def make_pairing_code(deed: Deed, *, store_id: int) -> PairingCode:
    """Create a code with which one kiosk can join a shop in the next ten minutes.

    **Refuses**: ``NotAllowed`` for all but coordinators; ``NotFound`` for a shop of another
    community.
    """
    may.MANAGE_DEVICES.require_everywhere(deed.by)
    goods.store_kept_open(deed.session, deed.community_id, store_id)
    code, expires_at = _code_of(deed), deed.now + rules.PAIRING_LASTS
    deed.session.execute(
        insert(pairing).values(
            community_id=deed.community_id,
            code=_kept(deed.session, code)[0],
            store_id=store_id,
            made_by=deed.by.user_id,
            made_at=deed.now,
            expires_at=expires_at,
        )
    )
    audit(deed, name="make_pairing_code", subject_kind="store", subject_id=store_id, facts={})
    return PairingCode(code, store_id, expires_at)


def pair_device(
    session: Session, *, community_id: int, now: datetime, code: str, public_key: bytes
) -> wire.Paired:
    """Register a kiosk that sends a valid code; after a lost answer it may ask again.

    It does not go through ``perform``: its answer contains a secret that must not be stored.

    **Refuses**: ``PairingRefused`` for a code that is unknown, expired, used by another, or of a
    kiosk that was revoked meanwhile.
    """
    kept = _kept(session, wire.tidy_code(code))
    wanted = pairing.c.community_id == community_id, pairing.c.code.in_(kept)
    row = session.execute(select(pairing).where(*wanted).with_for_update()).first()
    if row is None or len(public_key) != 32:
        raise PairingRefused(why="unknown")
    if now >= row.expires_at:
        raise PairingRefused(why="too_old")
    if row.device_id is not None:
        known = device_of(session, community_id, row.device_id)
        if known.public_key != public_key or known.state == rules.REVOKED:
            raise PairingRefused(why="used")
        return _paired(session, known)
    device_id = _register(session, row.store_id, public_key, community_id=community_id, now=now)
    session.execute(update(pairing).where(*wanted).values(device_id=device_id))
    kiosk = device_of(session, community_id, device_id)
    by = by_device(kiosk)
    audit(
        Deed(session, by, now),
        name="pair_device",
        subject_kind="kiosk_device",
        subject_id=device_id,
        facts={"fingerprint": kiosk.fingerprint},
    )
    return _paired(session, kiosk)


def _register(
    session: Session, store_id: int, public_key: bytes, *, community_id: int, now: datetime
) -> int:
    last = session.scalar(
        select(func.max(device.c.epoch)).where(
            device.c.community_id == community_id, device.c.store_id == store_id
        )
    )
    device_id, secret = new_id(), wire.to_text(secrets.token_bytes(32))
    session.execute(
        insert(device).values(
            community_id=community_id,
            id=device_id,
            store_id=store_id,
            epoch=(last or 0) + 1,
            public_key=public_key,
            fingerprint=wire.fingerprint(public_key),
            card_key=vault_to_seal(session).seal(secret, CARD_KEY_COLUMN),
            state=rules.ACTIVE,
            head_seq=0,
            head_digest=wire.NO_PREVIOUS,
            paired_at=now,
            seen_at=now,
        )
    )
    return device_id


def _paired(session: Session, kiosk: Device) -> wire.Paired:
    store = goods.store(session, kiosk.community_id, kiosk.store_id)
    return wire.Paired(
        device=str(kiosk.device_id),
        epoch=kiosk.epoch,
        store_code=store.code,
        store_zh=store.name_zh,
        store_en=store.name_en,
        card_key=wire.to_text(secret_of(kiosk)),
        fingerprint=kiosk.fingerprint,
        seal_key=verifier_of(session, kiosk.community_id),
    )


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
class SignedRequest:
    """The content of a request that a device signed, and its signature."""

    device_id: int
    nonce: str
    signature: bytes
    message: bytes


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
        .values(seen_at=now)
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
