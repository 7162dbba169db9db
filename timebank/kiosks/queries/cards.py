"""Cards by the hashes that one kiosk uses.

Early versions hashed the printed number too. Those rows stay, but no kiosk gets them:
with its own key, which lies beside the snapshot, anybody computes the hashes of all numbers.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from timebank.kiosks import wire
from timebank.kiosks.queries.devices import Device
from timebank.kiosks.tables import card_ref
from timebank.people import queries as people


@dataclass(frozen=True, slots=True)
class CardOwner:
    """Who owns a card; a revoked card still has its owner.

    ``is_by_number``: it was found by a hash of its printed number, which proves nothing.
    """

    card_id: int
    person_id: int
    household_id: int | None
    revoked: bool
    asks_pin: bool = False
    is_by_number: bool = False


def code_refs(device: Device, holder: people.CardHolder, refs: tuple[str, ...]) -> tuple[str, ...]:
    """Those hashes of a card that are not of its printed number: only they may leave the server.

    None leaves it for a kiosk whose secret cannot be read.
    """
    if device.secret is None:
        return ()
    of_number = wire.card_ref(device.secret, holder.card_no)
    return tuple(ref for ref in refs if ref != of_number)


def refs_of_card(session: Session, device: Device, card_id: int) -> tuple[str, ...]:
    """The hashes of one card on this kiosk."""
    return tuple(
        session.scalars(
            select(card_ref.c.ref)
            .where(
                card_ref.c.community_id == device.community_id,
                card_ref.c.device_id == device.device_id,
                card_ref.c.card_id == card_id,
            )
            .order_by(card_ref.c.ref)
        )
    )


def refs_of_cards(session: Session, device: Device) -> dict[int, tuple[str, ...]]:
    """The hashes of each card on this kiosk."""
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
        select(card_ref.c.card_id).where(
            card_ref.c.community_id == device.community_id,
            card_ref.c.device_id == device.device_id,
            card_ref.c.ref == ref,
        )
    ).first()
    if row is None:
        return None
    holder = people.holder_of_card(session, device.community_id, row.card_id)
    return CardOwner(
        card_id=row.card_id,
        person_id=holder.person_id,
        household_id=None if holder.revoked else holder.household_id,
        revoked=holder.revoked,
        asks_pin=holder.asks_pin,
        is_by_number=not code_refs(device, holder, (ref,)),
    )
