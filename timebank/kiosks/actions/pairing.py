"""Pair a kiosk with a shop: one of staff asks, a second one agrees, then there is a code.

A kiosk acts for people, so nobody pairs one alone. A device is identified by its own key. Pairing
again inserts a new row with a new epoch; the old row does not change.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from timebank.deeds.action import OneTimeCode, action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import NotAllowed, NotFound, WrongState
from timebank.goods import queries as goods
from timebank.kiosks import may, rules, wire
from timebank.kiosks.actions.devices import by_device, secret_of
from timebank.kiosks.queries import CARD_KEY_COLUMN, Device, device_of
from timebank.kiosks.refusals import PairingNotAgreed, PairingRefused
from timebank.kiosks.tables import device, pairing, permit
from timebank.people.closeness import Involved, require_other
from timebank.sealing.queries import verifier_of
from timebank.values import new_id
from timebank.vault.cipher import vault_of, vault_to_seal


@dataclass(frozen=True, slots=True)
class PermitAsked:
    """A permit that waits for a second person until ``until_at``."""

    permit_id: int
    store_id: int
    until_at: datetime


@dataclass(frozen=True, slots=True)
class PairingSettled:
    permit_id: int


@dataclass(frozen=True, slots=True)
class PairingCode:
    """A one-time code to type at the new kiosk, valid until ``expires_at``."""

    code: str
    store_id: int
    expires_at: datetime


@action("ask_pairing")
def ask_pairing(deed: Deed, *, store_id: int) -> PermitAsked:
    """Ask that one kiosk may join a shop. Lapses after three days.

    **Refuses**: ``NotAllowed`` for all but coordinators, and for a machine; ``NotFound`` for a shop
    of another community; ``WrongState`` if one for this shop waits already, or may be used.
    """
    may.MANAGE_DEVICES.require_everywhere(deed.by)
    if deed.by.person_id is None:
        raise NotAllowed(deed=may.MANAGE_DEVICES.name)
    goods.store_kept_open(deed.session, deed.community_id, store_id)
    known = deed.session.execute(_open_of(deed, store_id)).first()
    if known is not None:
        raise WrongState(kind="pairing", state=rules.permit_state(known, deed.now))
    permit_id, until_at = new_id(), deed.now + rules.PERMIT_LASTS
    row = {
        "community_id": deed.community_id, "id": permit_id, "store_id": store_id,
        "asked_by_person_id": deed.by.person_id, "asked_at": deed.now, "until_at": until_at,
    }  # fmt: skip
    deed.session.execute(insert(permit), row)
    audit(deed, name="ask_pairing", subject_kind="store", subject_id=store_id)
    return PermitAsked(permit_id, store_id, until_at)


@action("confirm_pairing")
def confirm_pairing(deed: Deed, *, permit_id: int) -> PairingSettled:
    """Agree, as another coordinator or an approver, that a kiosk joins the shop.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``SamePerson`` for whoever asked, and for who is
    close to them; ``WrongState`` if it was settled or is over.
    """
    may.CONFIRM_PAIRING.require_everywhere(deed.by)
    if deed.by.person_id is None:
        raise NotAllowed(deed=may.CONFIRM_PAIRING.name)
    row = _locked_open(deed, permit_id)
    require_other(deed, Involved(person_ids=(row.asked_by_person_id,)))
    if row.confirmed_at is not None:
        raise WrongState(kind="pairing", state=rules.AGREED)
    return _settle(deed, row, step="confirm_pairing", done="confirmed")


@action("withdraw_pairing")
def withdraw_pairing(deed: Deed, *, permit_id: int) -> PairingSettled:
    """Withdraw what was asked for, or refuse it: its codes join no kiosk any more.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``WrongState`` if a kiosk has joined by it, or it was
    withdrawn or is over.
    """
    may.CONFIRM_PAIRING.require_everywhere(deed.by)
    if deed.by.person_id is None:
        raise NotAllowed(deed=may.CONFIRM_PAIRING.name)
    return _settle(deed, _locked_open(deed, permit_id), step="withdraw_pairing", done="withdrawn")


def _open_of(deed: Deed, store_id: int) -> Any:
    """Permits of a shop that may still be used, the agreed ones first, locked."""
    return (
        select(permit)
        .where(
            permit.c.community_id == deed.community_id,
            permit.c.store_id == store_id,
            permit.c.device_id.is_(None),
            permit.c.withdrawn_at.is_(None),
            permit.c.until_at > deed.now,
        )
        .order_by(permit.c.confirmed_at.is_(None), permit.c.id)
        .with_for_update()
    )


def _locked_open(deed: Deed, permit_id: int) -> Any:
    row = deed.session.execute(
        select(permit)
        .where(permit.c.community_id == deed.community_id, permit.c.id == permit_id)
        .with_for_update()
    ).first()
    if row is None:
        raise NotFound(kind="pairing")
    state = rules.permit_state(row, deed.now)
    if state not in (rules.ASKED, rules.AGREED):
        raise WrongState(kind="pairing", state=state)
    return row


def _settle(deed: Deed, row: Any, *, step: str, done: str) -> PairingSettled:
    deed.session.execute(
        update(permit)
        .where(permit.c.community_id == deed.community_id, permit.c.id == row.id)
        .values({f"{done}_by_person_id": deed.by.person_id, f"{done}_at": deed.now})
    )
    audit(deed, name=step, subject_kind="store", subject_id=row.store_id)
    return PairingSettled(row.id)


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
    community; ``PairingNotAgreed`` until a second person has agreed.
    """
    may.MANAGE_DEVICES.require_everywhere(deed.by)
    goods.store_kept_open(deed.session, deed.community_id, store_id)
    agreed = deed.session.execute(_open_of(deed, store_id)).first()
    if agreed is None or agreed.confirmed_at is None:
        raise PairingNotAgreed()
    code, expires_at = _code_of(deed), deed.now + rules.PAIRING_LASTS
    deed.session.execute(
        insert(pairing).values(
            community_id=deed.community_id,
            code=_kept(deed.session, code)[0],
            store_id=store_id,
            made_by=deed.by.user_id,
            made_at=deed.now,
            expires_at=expires_at,
            permit_id=agreed.id,
        )
    )
    audit(deed, name="make_pairing_code", subject_kind="store", subject_id=store_id, facts={})
    return PairingCode(code, store_id, expires_at)


def pair_device(
    session: Session, *, community_id: int, now: datetime, code: str, public_key: bytes
) -> wire.Paired:
    """Register a kiosk that sends a valid code; after a lost answer it may ask again.

    It does not go through ``perform``: its answer contains a secret that must not be stored.

    **Refuses**: ``PairingRefused`` for a code that is unknown, expired, used by another, of a
    kiosk that was revoked meanwhile, or of a permit that was withdrawn or has let another join.
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
    permitted = _permitted(session, row)
    device_id = _register(session, row.store_id, public_key, community_id=community_id, now=now)
    session.execute(update(pairing).where(*wanted).values(device_id=device_id))
    session.execute(update(permit).where(*permitted).values(device_id=device_id))
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


def _permitted(session: Session, row: Any) -> tuple[Any, ...]:
    """Lock the permit of a code: two codes of one permit let one kiosk join.

    **Refuses**: ``PairingRefused``.
    """
    wanted = permit.c.community_id == row.community_id, permit.c.id == row.permit_id
    found = session.execute(select(permit).where(*wanted).with_for_update()).first()
    if found is None or found.confirmed_at is None or found.withdrawn_at is not None:
        raise PairingRefused(why="withdrawn")
    if found.device_id is not None:
        raise PairingRefused(why="used")
    return wanted


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
