"""Bring in stock that is on hand when a community begins, and take back what was a mistake."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from timebank.db import first_reference
from timebank.deeds.deed import Deed
from timebank.goods import may
from timebank.goods.actions.finding import FoundPieces, open_found_lots
from timebank.goods.actions.lots import finish_empty_lots
from timebank.goods.tables import item, lot
from timebank.ledger.actions import ensure_account, post_one
from timebank.ledger.rules import Move
from timebank.values import local_day, pieces_of

LINES_AT_ONCE = 1000  # Postings of one transaction.


@dataclass(frozen=True, slots=True)
class OpenedStock:
    """The lots of one transaction, and how many pieces it moved."""

    txn_id: int
    lot_ids: tuple[int, ...]
    pieces: int


def open_stock(deed: Deed, *, store_id: int, finds: Sequence[FoundPieces], key: str) -> OpenedStock:
    """Open a lot for each line of a list, against the account of what was there before.

    **Refuses**: ``NotAllowed`` to all but the coordinator.
    """
    may.ADD_ITEMS.require_everywhere(deed.by)
    opened = open_found_lots(deed, store_id=store_id, finds=finds)
    sources = {
        item_id: ensure_account(deed.session, deed.community_id, "opening", pieces_of(item_id))
        for item_id in sorted({find.item_id for find in finds})
    }
    moves = [
        Move(sources[fresh.found.item_id], fresh.account_id, fresh.found.pieces) for fresh in opened
    ]
    txn_id = post_one(deed.under(f"{deed.request_id}:{key}"), kind="stock_opening", lines=moves)
    pieces = sum(find.pieces for find in finds)
    return OpenedStock(txn_id, tuple(fresh.lot_id for fresh in opened), pieces)


def take_stock_back(deed: Deed, *, txn_ids: Collection[int], lot_ids: Collection[int]) -> None:
    """Reverse the opening of stock, and close its lots.

    **Refuses**: ``InsufficientBalance`` once a piece of it has moved or is promised.
    """
    may.ADD_ITEMS.require_everywhere(deed.by)
    for txn_id in txn_ids:
        key = f"{deed.request_id}:{txn_id}"
        post_one(deed.under(key), kind="stock_opening_reversal", reverses_id=txn_id)
    finish_empty_lots(deed.session, deed.community_id, _accounts(deed, lot_ids))


def _accounts(deed: Deed, lot_ids: Collection[int]) -> Mapping[int, int]:
    rows = deed.session.execute(
        select(lot.c.id, lot.c.account_id).where(
            lot.c.community_id == deed.community_id, lot.c.id.in_(lot_ids)
        )
    )
    return {row.id: row.account_id for row in rows}


def end_unused_items(deed: Deed, *, item_ids: Collection[int]) -> str | None:
    """End items of which nothing was ever announced or taken in; return what knows of them."""
    may.ADD_ITEMS.require_everywhere(deed.by)
    found = first_reference(deed.session, deed.community_id, item_ids, of=item)
    if found is None:
        deed.session.execute(
            update(item)
            .where(item.c.community_id == deed.community_id, item.c.id.in_(item_ids))
            .values(retired_on=local_day(deed.now))
        )
    return found
