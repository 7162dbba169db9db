"""Reads of goods: what is on the shelf, what was brought and what became of it.

One file per question: ``catalogue`` (items and stores), ``shelf``, ``on_hand`` (lot by lot),
``deposits``.
"""

from timebank.goods.queries.announced import SameAnnounced, same_announced_since
from timebank.goods.queries.barcodes import ItemCode, codes_of_item, item_of_gtin
from timebank.goods.queries.catalogue import (
    Item,
    Store,
    StoreBrief,
    item_by_code,
    item_names,
    items,
    store,
    store_brief,
    store_kept_open,
    stores,
    stores_kept,
    stores_served,
)
from timebank.goods.queries.deposits import (
    AnnouncedDeposit,
    Deposit,
    DepositLine,
    ToldLine,
    announced_by_code,
    announced_deposits,
    deposit,
    deposits_of,
    deposits_of_person,
    receipt_by_no,
    receipt_by_token,
)
from timebank.goods.queries.deposits_listed import DepositListed, deposits_in_parts
from timebank.goods.queries.gifts import Gift, gifts_of_person
from timebank.goods.queries.item_changes import (
    ItemChange,
    item_change_named,
    item_changes,
    open_item_changes,
    pieces_on_hand,
    waiting_item_changes,
)
from timebank.goods.queries.lots import LotAccount, LotBrief, lots_handled, lots_named, lots_to_pick
from timebank.goods.queries.lots_listed import ItemLots, ShelfItem, items_on_shelf, lots_of_items
from timebank.goods.queries.months import accepted_by_month
from timebank.goods.queries.on_hand import (
    LotOnHand,
    lots_awaiting_cleaning,
    lots_on_hand,
)
from timebank.goods.queries.opening import SpecialDay, opening_of, special_days
from timebank.goods.queries.pictures import picture_of_item
from timebank.goods.queries.receipt_codes import code_of_receipt
from timebank.goods.queries.shelf import ShelfRow, shelf
from timebank.goods.queries.waiting import (
    InClearing,
    in_clearing,
    kiosks_of_store,
    waiting_cleanings,
    waiting_clearings,
    waiting_intakes,
)

__all__ = [
    "AnnouncedDeposit",
    "Deposit",
    "DepositLine",
    "DepositListed",
    "Gift",
    "InClearing",
    "Item",
    "ItemChange",
    "ItemCode",
    "ItemLots",
    "LotAccount",
    "LotBrief",
    "LotOnHand",
    "SameAnnounced",
    "ShelfItem",
    "ShelfRow",
    "SpecialDay",
    "Store",
    "StoreBrief",
    "ToldLine",
    "accepted_by_month",
    "announced_by_code",
    "announced_deposits",
    "code_of_receipt",
    "codes_of_item",
    "deposit",
    "deposits_in_parts",
    "deposits_of",
    "deposits_of_person",
    "gifts_of_person",
    "in_clearing",
    "item_by_code",
    "item_change_named",
    "item_changes",
    "item_names",
    "item_of_gtin",
    "items",
    "items_on_shelf",
    "kiosks_of_store",
    "lots_awaiting_cleaning",
    "lots_handled",
    "lots_named",
    "lots_of_items",
    "lots_on_hand",
    "lots_to_pick",
    "open_item_changes",
    "opening_of",
    "picture_of_item",
    "pieces_on_hand",
    "receipt_by_no",
    "receipt_by_token",
    "same_announced_since",
    "shelf",
    "special_days",
    "store",
    "store_brief",
    "store_kept_open",
    "stores",
    "stores_kept",
    "stores_served",
    "waiting_cleanings",
    "waiting_clearings",
    "waiting_intakes",
    "waiting_item_changes",
]
