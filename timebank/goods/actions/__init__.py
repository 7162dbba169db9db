"""The actions on goods, one function per use case; none commits.

``catalogue`` sets up items and stores, ``announcing`` and ``intake`` bring goods in, ``lots``
handles the lots on the shelf. What is issued to households is in ``aid``.
"""

from timebank.goods.actions.announcing import (
    AnnouncementsLapsed,
    DepositAnnounced,
    announce_deposit,
    lapse_announcements,
)
from timebank.goods.actions.barcodes import (
    BarcodeForgotten,
    BarcodeLearned,
    forget_barcode,
    learn_barcode,
)
from timebank.goods.actions.bringing import DepositLeft, bring_deposit
from timebank.goods.actions.catalogue import (
    ItemsAdded,
    NewStore,
    StoresAdded,
    add_items,
    add_stores,
)
from timebank.goods.actions.codes import new_code
from timebank.goods.actions.finding import FoundPieces, OpenedLot, open_found_lots
from timebank.goods.actions.intake import DepositReceipt, DepositReceiptLine, receive_deposit
from timebank.goods.actions.item_changes import (
    agree_item_change,
    drop_item_change,
    propose_item,
    propose_item_change,
    propose_item_end,
)
from timebank.goods.actions.lots import (
    CleaningSigned,
    DisposedLot,
    LockedLot,
    PastLot,
    dispose_lots,
    finish_empty_lots,
    lock_lots,
    lots_past_last_day,
    require_given,
    sign_cleaning,
)
from timebank.goods.actions.opening import OpeningSet, write_day, write_week
from timebank.goods.actions.pictures import ItemPictured, remove_item_picture, set_item_picture
from timebank.goods.actions.stores import (
    StoreClosed,
    StoreOpened,
    open_store,
    reopen_store,
    shut_store,
)
from timebank.goods.actions.taking_up import (
    ItemChangeFiled,
    ItemChangesTakenUp,
    take_up_item_changes,
)
from timebank.goods.entries import ItemFields, NewItem

__all__ = [
    "AnnouncementsLapsed",
    "BarcodeForgotten",
    "BarcodeLearned",
    "CleaningSigned",
    "DepositAnnounced",
    "DepositLeft",
    "DepositReceipt",
    "DepositReceiptLine",
    "DisposedLot",
    "FoundPieces",
    "ItemChangeFiled",
    "ItemChangesTakenUp",
    "ItemFields",
    "ItemPictured",
    "ItemsAdded",
    "LockedLot",
    "NewItem",
    "NewStore",
    "OpenedLot",
    "OpeningSet",
    "PastLot",
    "StoreClosed",
    "StoreOpened",
    "StoresAdded",
    "add_items",
    "add_stores",
    "agree_item_change",
    "announce_deposit",
    "bring_deposit",
    "dispose_lots",
    "drop_item_change",
    "finish_empty_lots",
    "forget_barcode",
    "lapse_announcements",
    "learn_barcode",
    "lock_lots",
    "lots_past_last_day",
    "new_code",
    "open_found_lots",
    "open_store",
    "propose_item",
    "propose_item_change",
    "propose_item_end",
    "receive_deposit",
    "remove_item_picture",
    "reopen_store",
    "require_given",
    "set_item_picture",
    "shut_store",
    "sign_cleaning",
    "take_up_item_changes",
    "write_day",
    "write_week",
]
