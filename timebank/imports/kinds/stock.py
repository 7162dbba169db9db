"""Stock on hand: pieces that lie in a shop when the community begins here."""

from collections.abc import Iterator, Mapping, Sequence

from timebank.deeds.deed import Deed
from timebank.errors import TimebankError
from timebank.goods.actions import FoundPieces
from timebank.goods.actions.taking_back import LINES_AT_ONCE, open_stock, take_stock_back
from timebank.goods.entries import name_key
from timebank.goods.queries import Item, items, stores
from timebank.goods.rules import CONDITIONS, ISSUES_GOODS, NEW
from timebank.imports.refusals import SheetBuiltOn
from timebank.imports.shapes import (
    Booked,
    CellFault,
    Made,
    Progress,
    SheetColumn,
    SheetKind,
    SheetRow,
)
from timebank.sheets.cells import choice, day, text, whole
from timebank.values import local_day

PIECES_MAX = 100_000
_CONDITIONS = (
    (NEW, "全新", "new"), (CONDITIONS[1], "九成新", "nine-tenths new"),
    (CONDITIONS[2], "八成新", "eight-tenths new"),
)  # fmt: skip
COLUMNS = (
    SheetColumn(name="item", zh="物品", en="Item", others=("名称", "品名", "条码", "编号"),
                read=text(80), is_needed=True, examples=("大米5kg", "毛巾")),
    SheetColumn(name="pieces", zh="数量", en="Pieces", others=("件数", "库存", "quantity"),
                read=whole(0, PIECES_MAX), is_needed=True, examples=("30", "12")),
    SheetColumn(name="store", zh="店", en="Shop", others=("店铺", "仓库", "store"), read=text(80),
                examples=("", "")),
    SheetColumn(name="best_before_on", zh="保质期到", en="Best before",
                others=("到期日", "有效期至", "保质期至"), read=day, examples=("2027-03-31", "")),
    SheetColumn(name="condition", zh="新旧", en="Condition", others=("成色",),
                read=choice(_CONDITIONS), choices=_CONDITIONS, examples=("", "九成新")),
)  # fmt: skip


def _items_by_word(deed: Deed) -> dict[str, Item]:
    """The items in use by name and code."""
    today = local_day(deed.now)
    found: dict[str, Item] = {}
    for item in items(deed.session, deed.community_id):
        if not item.is_retired(today):
            words = (item.name_zh, item.name_en, item.barcode)
            found |= {name_key(word): item for word in words}
    return found


def _stores_by_word(deed: Deed) -> dict[str, int]:
    """The shops by code and name; an empty word is the only shop, where there is one."""
    shops = [one for one in stores(deed.session, deed.community_id) if one.kind == ISSUES_GOODS]
    found = {
        name_key(word): shop.id
        for shop in shops
        for word in (shop.code, shop.name_zh, shop.name_en)
    }
    return found | ({"": shops[0].id} if len(shops) == 1 else {})


def check(deed: Deed, rows: Sequence[SheetRow]) -> Iterator[CellFault]:
    """Find unknown items and shops, and food without a day or past it."""
    known, shops, today = _items_by_word(deed), _stores_by_word(deed), local_day(deed.now)
    for row in rows:
        item = known.get(name_key(row.values["item"]))
        if item is None:
            yield row.fault("item", "item")
            continue
        if name_key(row.get("store", "")) not in shops:
            yield row.fault("store", "store")
        last = row.get("best_before_on")
        if item.has_best_before != (last is not None):
            yield row.fault("best_before_on", "best_before")
        elif last is not None and last < today:
            yield row.fault("best_before_on", "past")


def count(rows: Sequence[SheetRow]) -> dict[str, int]:
    """How many lots and pieces; a row with none brings nothing."""
    pieces = [row.values["pieces"] for row in rows]
    return {"lots": sum(map(bool, pieces)), "pieces": sum(pieces)}


def book(deed: Deed, rows: Sequence[SheetRow], progress: Progress) -> Booked:
    """Open a lot for each row with pieces, against the account of what was there before."""
    known, shops = _items_by_word(deed), _stores_by_word(deed)
    by_shop: dict[int, list[SheetRow]] = {}
    for row in rows:
        if row.values["pieces"]:
            by_shop.setdefault(shops[name_key(row.get("store", ""))], []).append(row)
    made: list[Made] = []
    pieces = 0
    for store_id, some in by_shop.items():
        for start in range(0, len(some), LINES_AT_ONCE):
            part = some[start : start + LINES_AT_ONCE]
            finds = [_found(row, known) for row in part]
            opened = open_stock(deed, store_id=store_id, finds=finds, key=f"{store_id}:{start}")
            pieces += opened.pieces
            made.append(Made("txn", opened.txn_id, part[0].number))
            made += [
                Made("lot", lot_id, row.number)
                for lot_id, row in zip(opened.lot_ids, part, strict=True)
            ]
            progress(len(made))
    return Booked(tuple(made), {**count(rows), "opening_pieces": pieces})


def _found(row: SheetRow, known: Mapping[str, Item]) -> FoundPieces:
    return FoundPieces(
        item_id=known[name_key(row.values["item"])].id, pieces=row.values["pieces"],
        condition=row.get("condition", NEW), best_before_on=row.get("best_before_on"),
    )  # fmt: skip


def undo(deed: Deed, made: Sequence[Made]) -> None:
    """Take the pieces out again, if all of them still lie there free."""
    ids = {kind: [one.id for one in made if one.kind == kind] for kind in ("txn", "lot")}
    try:
        take_stock_back(deed, txn_ids=ids["txn"], lot_ids=ids["lot"])
    except TimebankError as refusal:
        raise SheetBuiltOn(what="lot") from refusal


STOCK = SheetKind(name="stock", columns=COLUMNS, check=check, count=count, book=book, undo=undo)
