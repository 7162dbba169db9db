"""What a rehearsal knows of the copy: a store and a card, and what is in its books."""

from dataclasses import dataclass

from sqlalchemy import func, select, update

from timebank.commands.drills.copied import Copied
from timebank.goods.queries import Store, stores
from timebank.kiosks.tables import review
from timebank.launch import CannotStart
from timebank.ledger.tables import txn
from timebank.people import queries as people
from timebank.people.passwords import hash_secret
from timebank.people.tables import card as card_table

PIN = "258013"  # The thief of the rehearsal knows it: it is not the PIN that keeps the card shut.


@dataclass(frozen=True, slots=True)
class DrillCase:
    """What the rehearsal knows of the copy: a store, and a card with its code and number."""

    store: Store
    number: str
    code: str


def pick_known(copy: Copied) -> DrillCase:
    """Pick a store and a card, and give the card a PIN that we know."""
    with copy.database.reading() as session:
        shops = [store for store in stores(session, copy.community_id) if store.issues_goods]
        cards = people.living_cards(session, copy.community_id)
    living = next((card for card in cards if not card.holder.asks_pin), None)
    if not shops or living is None:
        raise CannotStart("The community has no store, or no card that opens without a PIN.")
    holder = living.holder
    copy.database.write(
        lambda session, now: session.execute(
            update(card_table)
            .where(card_table.c.community_id == copy.community_id)
            .where(card_table.c.id == holder.card_id)
            .values(pin_hash=hash_secret(session, PIN))
        )
    )
    return DrillCase(shops[0], holder.card_no, living.token)


def count_of_transactions(copy: Copied) -> int:
    with copy.database.reading() as session:
        own = txn.c.community_id == copy.community_id
        return session.scalar(select(func.count()).select_from(txn).where(own)) or 0


def reviews_of(copy: Copied, device_id: int) -> dict[tuple[int, str], int]:
    """The reviews of a kiosk, by position and reason."""
    with copy.database.reading() as session:
        rows = session.execute(
            select(review.c.seq, review.c.reason, review.c.id).where(
                review.c.community_id == copy.community_id, review.c.device_id == device_id
            )
        )
        return {(seq, reason): review_id for seq, reason, review_id in rows}
