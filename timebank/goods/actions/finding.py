"""Open lots for pieces that a count found where the books have none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, select

from timebank.deeds.deed import Deed
from timebank.goods.rules import AWAITING_CLEANING, ON_SHELF
from timebank.goods.tables import item, lot
from timebank.ledger.opening import FreshAccount, open_accounts
from timebank.values import local_day, new_id


@dataclass(frozen=True, slots=True)
class FoundPieces:
    """Pieces of an item with the facts of their lot."""

    item_id: int
    pieces: int
    condition: str
    best_before_on: date | None


@dataclass(frozen=True, slots=True)
class OpenedLot:
    """A lot that is empty in the books until the caller posts its pieces."""

    lot_id: int
    account_id: int
    found: FoundPieces


def open_found_lots(deed: Deed, *, store_id: int, finds: Sequence[FoundPieces]) -> list[OpenedLot]:
    """Open a lot without a deposit for each find; what needs cleaning waits for it.

    The caller has checked the finds, and posts their pieces in this unit of work.
    """
    if not finds:
        return []
    rows = deed.session.execute(
        select(item.c.id, item.c.commodity_id, item.c.needs_cleaning).where(
            item.c.community_id == deed.community_id,
            item.c.id.in_({find.item_id for find in finds}),
        )
    )
    known = {row.id: row for row in rows}
    ids = [new_id() for _ in finds]
    fresh = [
        FreshAccount(
            kind="lot", commodity_id=known[find.item_id].commodity_id, owner_id=lot_id, floor=0
        )
        for find, lot_id in zip(finds, ids, strict=True)
    ]
    accounts = open_accounts(deed.session, deed.community_id, fresh)
    opened = [
        OpenedLot(lot_id, account_id, find)
        for find, lot_id, account_id in zip(finds, ids, accounts, strict=True)
    ]
    is_uncleaned = {row.id: row.needs_cleaning for row in known.values()}
    deed.session.execute(
        insert(lot),
        [
            {
                "community_id": deed.community_id, "id": fresh.lot_id, "store_id": store_id,
                "item_id": fresh.found.item_id, "account_id": fresh.account_id,
                "condition": fresh.found.condition, "best_before_on": fresh.found.best_before_on,
                "found_at": deed.now, "received_on": local_day(deed.now),
                "received_pieces": fresh.found.pieces, "disposed_pieces": 0,
                "state": AWAITING_CLEANING if is_uncleaned[fresh.found.item_id] else ON_SHELF,
            }
            for fresh in opened
        ],
    )  # fmt: skip
    return opened
