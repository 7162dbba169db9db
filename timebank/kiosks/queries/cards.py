"""Cards by the hashes that one kiosk uses."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from timebank.kiosks.queries.devices import Device
from timebank.kiosks.tables import card_ref
from timebank.people import queries as people


@dataclass(frozen=True, slots=True)
class CardOwner:
    """Who owns a card; a revoked card still has its owner."""

    card_id: int
    person_id: int
    household_id: int | None
    revoked: bool


def refs_of_cards(session: Session, device: Device) -> dict[int, tuple[str, ...]]:
    """The hashes of each card on this kiosk: of its code and of its number."""
    rows = session.execute(
        select(card_ref.c.card_id, card_ref.c.ref)
        .where(
            card_ref.c.community_id == device.community_id,
            card_ref.c.device_id == device.device_id,
        )
        .order_by(card_ref.c.card_id, card_ref.c.ref)
    )
    found: dict[int, tuple[str, ...]] = {}
    for card_id, ref in rows:
        found[card_id] = (*found.get(card_id, ()), ref)
    return found


def owner_of_ref(session: Session, device: Device, ref: str) -> CardOwner | None:
    """Find the owner of a card by its hash on this kiosk; None if the hash is unknown."""
    row = session.execute(
        select(card_ref.c.card_id, card_ref.c.person_id).where(
            card_ref.c.community_id == device.community_id,
            card_ref.c.device_id == device.device_id,
            card_ref.c.ref == ref,
        )
    ).first()
    if row is None:
        return None
    living = people.by_of_card(session, device.community_id, row.card_id, "kiosk")
    if living is None:
        return CardOwner(row.card_id, row.person_id, None, revoked=True)
    return CardOwner(row.card_id, row.person_id, living.household_id, revoked=False)
