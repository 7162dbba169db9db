"""Kiosk events that could not be posted: part of the shop's worklist.

Any field but the reason may be unknown, because the bytes may be damaged. A review always shows
what was handed over, and shows a person only by a masked name.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, select
from sqlalchemy.orm import Session

from timebank.errors import BadInput, NotFound
from timebank.goods import queries as goods
from timebank.kiosks import may, wire
from timebank.kiosks.kept_bytes import bytes_of
from timebank.kiosks.queries.devices import Device, device_of
from timebank.kiosks.tables import card_ref, inbox, quarantine, review, settlement
from timebank.people import queries as people
from timebank.values import By, from_us
from timebank.vault.cipher import Vault, vault_to_open

FACTS_COLUMN = "kiosk_review.facts"

_PLACE = ("community_id", "device_id", "epoch", "seq")


@dataclass(frozen=True, slots=True)
class KioskReview:
    """One envelope that waits for a member of staff.

    **Shape**: ``facts`` belong to the code in ``reason``; ``body`` is what the kiosk wrote.
    """

    review_id: int
    store_id: int
    device_id: int
    epoch: int
    seq: int
    slip_no: str
    reason: str
    facts: dict[str, Any]
    opened_at: datetime
    type: str | None
    occurred_at: datetime | None
    person_id: int | None
    masked_name: str | None
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class KeptEnvelope:
    """The bytes behind a review, where they are stored (in the chain or in quarantine), and why
    they were not posted.
    """

    device: Device
    seq: int
    raw: bytes
    signature: bytes
    digest: str
    ahead_us: int
    is_in_chain: bool
    received_at: datetime
    reason: str
    facts: dict[str, Any]


def _open() -> Select[Any]:
    same = [inbox.c[name] == review.c[name] for name in (*_PLACE, "digest")]
    aside = [quarantine.c[name] == review.c[name] for name in (*_PLACE, "digest")]
    settled = and_(
        settlement.c.community_id == review.c.community_id, settlement.c.review_id == review.c.id
    )
    return (
        select(
            review,
            inbox.c.raw,
            inbox.c.raw_sealed,
            quarantine.c.raw.label("aside"),
            quarantine.c.raw_sealed.label("aside_sealed"),
        )
        .outerjoin(inbox, and_(*same))
        .outerjoin(quarantine, and_(*aside))
        .outerjoin(settlement, settled)
        .where(settlement.c.review_id.is_(None))
    )


def review_of(session: Session, by: By, review_id: int) -> KioskReview:
    """One open review that this person may see. **Refuses**: ``NotFound``."""
    found = _told(session, by, _open().where(review.c.id == review_id))
    if not found:
        raise NotFound(what="review")
    return found[0]


def reviews_since(session: Session, found: Device, reason: str, since: datetime) -> list[datetime]:
    """The times of a kiosk's recent reviews for one reason; throttles count them."""
    rows = session.scalars(
        select(review.c.opened_at).where(
            review.c.community_id == found.community_id,
            review.c.device_id == found.device_id,
            review.c.reason == reason,
            review.c.opened_at >= since,
        )
    )
    return list(rows)


def _told(session: Session, by: By, query: Select[Any]) -> list[KioskReview]:
    shops = {shop.id: shop for shop in goods.stores(session, by.community_id)}
    mine = [shop.id for shop in shops.values() if may.READ_DEVICES.is_held_at(by, shop.place_id)]
    rows = session.execute(
        query.where(review.c.community_id == by.community_id, review.c.store_id.in_(mine))
    ).all()
    read = [(row, _read(session, row)) for row in rows]
    people_of = _people(session, by.community_id, read)
    vault = vault_to_open(session)
    return [
        _review(vault, row, envelope, store_code=shops[row.store_id].code, people_of=people_of)
        for row, envelope in read
    ]


def _read(session: Session, row: Row[Any]) -> wire.Envelope | None:
    kept_in, raw, sealed = inbox, row.raw, row.raw_sealed
    if raw is None:
        kept_in, raw, sealed = quarantine, row.aside, row.aside_sealed
    try:
        return wire.read_envelope(bytes_of(session, kept_in, raw, sealed))
    except BadInput:
        return None


def _people(
    session: Session, community_id: int, read: list[tuple[Row[Any], wire.Envelope | None]]
) -> dict[tuple[int, str], people.PersonBrief]:
    wanted = {wire.ref_of_actor(envelope.actor) for _, envelope in read if envelope} - {None}
    if not wanted:
        return {}
    rows = session.execute(
        select(card_ref.c.device_id, card_ref.c.ref, card_ref.c.person_id).where(
            card_ref.c.community_id == community_id, card_ref.c.ref.in_(wanted)
        )
    ).all()
    known = people.briefs(session, community_id, [row.person_id for row in rows])
    return {(row.device_id, row.ref): known[row.person_id] for row in rows}


def _review(
    vault: Vault,
    row: Row[Any],
    envelope: wire.Envelope | None,
    *,
    store_code: str,
    people_of: dict[tuple[int, str], people.PersonBrief],
) -> KioskReview:
    ref = wire.ref_of_actor(envelope.actor) if envelope else None
    brief = people_of.get((row.device_id, ref)) if ref else None
    return KioskReview(
        review_id=row.id,
        store_id=row.store_id,
        device_id=row.device_id,
        epoch=row.epoch,
        seq=row.seq,
        slip_no=wire.slip_no(store_code, row.epoch, row.seq),
        reason=row.reason,
        facts=_facts(vault, row),
        opened_at=row.opened_at,
        type=envelope.type if envelope else None,
        occurred_at=from_us(envelope.occurred_at) if envelope else None,
        person_id=brief.id if brief else None,
        masked_name=brief.masked_name if brief else None,
        body=envelope.body if envelope else {},
    )


def _facts(vault: Vault, row: Row[Any]) -> dict[str, Any]:
    """The facts of the refusal; none if they cannot be decrypted."""
    facts: dict[str, Any] = json.loads(vault.open_or_none(row.facts_sealed, FACTS_COLUMN) or "{}")
    return facts


def kept_envelope(session: Session, community_id: int, review_id: int) -> KeptEnvelope:
    """The bytes behind a review, settled or not. Locks the device's row.

    **Refuses**: ``NotFound``.
    """
    row = session.execute(
        select(review).where(review.c.community_id == community_id, review.c.id == review_id)
    ).first()
    if row is None:
        raise NotFound(what="review")
    found = device_of(session, community_id, row.device_id, take=True)
    for kept, is_in_chain in ((inbox, True), (quarantine, False)):
        same = [kept.c[name] == row._mapping[name] for name in (*_PLACE, "digest")]
        bytes_ = session.execute(select(kept).where(*same)).first()
        if bytes_ is not None:
            raw = bytes_of(session, kept, bytes_.raw, bytes_.raw_sealed)
            return KeptEnvelope(
                device=found, seq=row.seq, raw=raw,
                signature=bytes(bytes_.signature), digest=row.digest,
                ahead_us=bytes_.ahead_us if is_in_chain else 0, is_in_chain=is_in_chain,
                received_at=bytes_.received_at, reason=row.reason,
                facts=_facts(vault_to_open(session), row),
            )  # fmt: skip
    raise NotFound(what="envelope")
