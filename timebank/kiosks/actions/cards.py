"""Hash the community's cards for one kiosk, with that kiosk's own secret.

Only the random code of a card is hashed. A printed number has nine digits: whoever takes the
kiosk, and with it the secret, tries them all in minutes.
A hash is never deleted, so that a card that was revoked yesterday is still recognised.
"""

from sqlalchemy.orm import Session

from timebank.db import insert_new
from timebank.kiosks import wire
from timebank.kiosks.queries import CardOwner, Device, owner_of_ref, refs_of_cards
from timebank.kiosks.tables import card_ref
from timebank.people import queries as people


def learn_cards(session: Session, device: Device) -> int:
    """Hash the cards that were issued since the last call; return how many.

    Without the kiosk's secret nothing can be hashed; the hashes that it has stay valid.
    """
    if device.secret is None:
        return 0
    known = refs_of_cards(session, device)
    fresh = [
        living_card
        for living_card in people.living_cards(session, device.community_id)
        if living_card.holder.card_id not in known
    ]
    rows = [
        {
            "community_id": device.community_id,
            "device_id": device.device_id,
            "ref": wire.card_ref(device.secret, fresh_card.token),
            "card_id": fresh_card.holder.card_id,
            "person_id": fresh_card.holder.person_id,
        }
        for fresh_card in fresh
    ]
    insert_new(session, card_ref, rows)
    return len(fresh)


def whose_card(session: Session, device: Device, ref: str) -> CardOwner | None:
    """The owner of a card that a kiosk has read; new cards are hashed first. None for an unknown
    one.
    """
    found = owner_of_ref(session, device, ref)
    if found is None:
        learn_cards(session, device)
        found = owner_of_ref(session, device, ref)  # Another request may have hashed it meanwhile.
    return found
