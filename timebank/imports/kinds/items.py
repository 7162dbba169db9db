"""Items of the catalogue."""

from collections.abc import Iterator, Sequence

from timebank.deeds.deed import Deed
from timebank.goods.actions import NewItem, add_items
from timebank.goods.actions.taking_back import end_unused_items
from timebank.goods.entries import (
    REFERENCE_FEN_MAX,
    SHELF_LIFE_DAYS_MAX,
    STORAGES,
    name_key,
    next_number,
)
from timebank.goods.queries import items
from timebank.goods.rules import ITEM_KINDS, in_store_ean
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
from timebank.sheets.cells import CellUnread, choice, text, whole, yes_no, yuan
from timebank.values import local_day

_KINDS = (
    ("food", "食品", "food"), ("household", "日用品", "household"), ("clothes", "衣物", "clothes"),
    ("bedding", "被褥", "bedding"), ("toys", "玩具", "toys"), ("books", "图书文具", "books"),
    ("electrical", "电器", "electrical"), ("mobility", "助行器具", "mobility"),
    ("other", "其他物品", "other"),
)  # fmt: skip
_STORAGES = (
    ("dry", "常温", "dry"), ("cool", "阴凉", "cool"), ("fridge", "冷藏", "fridge"),
    ("freezer", "冷冻", "freezer"),
)  # fmt: skip
assert {code for code, *_ in _KINDS} == set(ITEM_KINDS)
assert {code for code, *_ in _STORAGES} == set(STORAGES)
_YES_NO = (("yes", "是", "yes"), ("no", "否", "no"))


def _price(cell: str) -> int:
    fen = yuan(cell)
    if fen > REFERENCE_FEN_MAX:
        raise CellUnread("range", f"0–{REFERENCE_FEN_MAX // 100}")
    return fen


COLUMNS = (
    SheetColumn(name="name_zh", zh="中文名称", en="Chinese name", others=("名称", "品名", "物品"),
                read=text(60), is_needed=True, examples=("红豆 500g", "毛毯")),
    SheetColumn(name="name_en", zh="英文名称", en="English name", read=text(80),
                examples=("Red beans 500 g", "Blanket")),
    SheetColumn(name="unit_zh", zh="量词", en="Unit", others=("单位",), read=text(10),
                is_needed=True, examples=("袋", "条")),
    SheetColumn(name="unit_en", zh="英文量词", en="English unit", read=text(20),
                examples=("bag", "piece")),
    SheetColumn(name="kind", zh="种类", en="Kind", others=("类别",), read=choice(_KINDS),
                is_needed=True, choices=_KINDS, examples=("食品", "被褥")),
    SheetColumn(name="reference_fen", zh="参考价（元）", en="Reference price (yuan)",
                others=("参考价", "单价"), read=_price, is_needed=True, examples=("9.00", "60")),
    SheetColumn(name="shelf_life_days", zh="保质天数", en="Shelf life (days)",
                others=("保质期",), read=whole(1, SHELF_LIFE_DAYS_MAX), examples=("365", "")),
    SheetColumn(name="storage", zh="存放", en="Storage", read=choice(_STORAGES),
                choices=_STORAGES, examples=("常温", "常温")),
    SheetColumn(name="is_loan", zh="只借不送", en="Loan only", read=yes_no, choices=_YES_NO,
                examples=("否", "否")),
)  # fmt: skip


def check(deed: Deed, rows: Sequence[SheetRow]) -> Iterator[CellFault]:
    """Find items that are in the catalogue, and food without days."""
    today = local_day(deed.now)
    known = {
        name_key(item.name_zh)
        for item in items(deed.session, deed.community_id)
        if not item.is_retired(today)
    }
    for row in rows:
        key = name_key(row.values["name_zh"])
        if key in known:
            yield row.fault("name_zh", "item_known")
        known.add(key)
        if (row.values["kind"] == "food") != ("shelf_life_days" in row.values):
            yield row.fault("shelf_life_days", "food_days")


def count(rows: Sequence[SheetRow]) -> dict[str, int]:
    """How many there are."""
    return {"items": len(rows)}


def book(deed: Deed, rows: Sequence[SheetRow], progress: Progress) -> Booked:
    """Add each item under the next code of the house."""
    first = next_number(item.barcode for item in items(deed.session, deed.community_id))
    new = tuple(_item(row, in_store_ean(number)) for number, row in enumerate(rows, start=first))
    ids = add_items(deed, items=new).item_ids
    made = tuple(Made("item", item_id, row.number) for item_id, row in zip(ids, rows, strict=True))
    return Booked(made, count(rows))


def _item(row: SheetRow, barcode: str) -> NewItem:
    values = dict(row.values)
    return NewItem(
        barcode=barcode, name_en=values.pop("name_en", values["name_zh"]),
        unit_en=values.pop("unit_en", values["unit_zh"]), **values,
    )  # fmt: skip


def undo(deed: Deed, made: Sequence[Made]) -> None:
    """End each item, if none of it was ever announced or taken in."""
    found = end_unused_items(deed, item_ids=[one.id for one in made])
    if found is not None:
        raise SheetBuiltOn(what=found)


ITEMS = SheetKind(name="items", columns=COLUMNS, check=check, count=count, book=book, undo=undo)
