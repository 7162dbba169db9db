"""Read the goods and services of a description: ticked from the usual lists, or its own. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from timebank.founding import shapes
from timebank.founding.faults import near, shown
from timebank.founding.shapes import Reading, Shape, Unread
from timebank.goods.actions import NewItem
from timebank.goods.rules import ITEM_KINDS, in_store_ean, is_in_store_ean
from timebank.goods.usual import usual_items
from timebank.hours.actions import NewService
from timebank.hours.rules import CATEGORIES
from timebank.hours.usual import usual_services

ALL = "all"
OWN_MAX = 200
_FIRST_OWN_BARCODE = 501  # Those of the usual list are below.
Catalogue = tuple[tuple[NewItem, ...], tuple[NewService, ...]]


def read_catalogue(reading: Reading, given: Mapping[str, Any]) -> Catalogue:
    """The ticked items and services, then the community's own ones."""
    wanted = {
        "items": _ticked([usual_item.name_zh for usual_item in usual_items()]),
        "services": _ticked([usual_service.code for usual_service in usual_services()]),
    }
    table = reading.fields("catalogue", given.get("catalogue", {}), wanted)
    names, codes = table.get("items", ()), table.get("services", ())
    items = [usual_item for usual_item in usual_items() if usual_item.name_zh in names]
    services = [usual_service for usual_service in usual_services() if usual_service.code in codes]
    items += _own_items(reading, given.get("item", []), items)
    services += _own_services(reading, given.get("service", []), services)
    if not services:
        reading.fault("catalogue", "services", "missing", what="services")
    return tuple(items), tuple(services)


def _ticked(known: Sequence[str]) -> Shape:
    """``"all"``, or a list of names; the order of the list does not matter."""

    def read(value: Any) -> tuple[str, ...]:
        if value == ALL:
            return tuple(known)
        if not isinstance(value, list):
            raise Unread("list", found=shown(value))
        for name in value:
            if name not in known:
                close = near(name, tuple(known))
                raise Unread("choice", known=f'"{ALL}" or names', found=shown(name), near=close)
        return tuple(dict.fromkeys(value))

    return read


def _own_items(reading: Reading, given: Any, ticked: list[NewItem]) -> list[NewItem]:
    wanted = {
        "name_zh": shapes.text(60),
        "name_en": shapes.text(80),
        "unit_zh": shapes.text(10),
        "unit_en": shapes.text(20),
        "kind": shapes.choice(ITEM_KINDS),
        "price": shapes.price_fen,
        "shelf_life_days": shapes.whole(1, 36_500),
        "needs_cleaning": shapes.yes,
        "is_loan": shapes.yes,
        "barcode": _barcode,
    }
    may = ("name_en", "unit_en", "shelf_life_days", "needs_cleaning", "is_loan", "barcode")
    rows = reading.rows("item", given, wanted, may=may, most=OWN_MAX)
    names = {entry.name_zh for entry in ticked}
    barcodes = {usual_item.barcode for usual_item in usual_items()}
    items = []
    for number, row in enumerate(rows, start=1):
        barcode = row.get("barcode") or in_store_ean(_FIRST_OWN_BARCODE + number - 1)
        if row.get("name_zh") in names:
            reading.fault("item", "name_zh", "twice", number=number, found=shown(row["name_zh"]))
        if barcode in barcodes:
            reading.fault("item", "barcode", "twice", number=number, found=shown(barcode))
        if "kind" in row and (row["kind"] == "food") != ("shelf_life_days" in row):
            reading.fault("item", "shelf_life_days", "food_days", number=number)
        names.add(row.get("name_zh", ""))
        barcodes.add(barcode)
        if {"name_zh", "unit_zh", "kind", "price"} <= row.keys():
            items.append(_item(row, barcode))
    return items


def _item(row: dict[str, Any], barcode: str) -> NewItem:
    return NewItem(
        name_zh=row["name_zh"],
        name_en=row.get("name_en") or row["name_zh"],
        unit_zh=row["unit_zh"],
        unit_en=row.get("unit_en") or row["unit_zh"],
        kind=row["kind"],
        barcode=barcode,
        reference_fen=row["price"],
        shelf_life_days=row.get("shelf_life_days"),
        needs_cleaning=row.get("needs_cleaning"),
        is_loan=row.get("is_loan", False),
    )


def _barcode(value: Any) -> str:
    text = str(value)
    if not is_in_store_ean(text):
        raise Unread("ean", found=shown(value))
    return text


def _own_services(reading: Reading, given: Any, ticked: list[NewService]) -> list[NewService]:
    wanted = {
        "code": shapes.community_code,
        "category": shapes.choice(tuple(CATEGORIES)),
        "name_zh": shapes.text(40),
        "name_en": shapes.text(60),
    }
    rows = reading.rows("service", given, wanted, may=("name_en",), most=OWN_MAX)
    codes = {entry.code for entry in ticked}
    services = []
    for number, row in enumerate(rows, start=1):
        if row.get("code") in codes:
            reading.fault("service", "code", "twice", number=number, found=shown(row["code"]))
        codes.add(row.get("code", ""))
        if {"code", "category", "name_zh"} <= row.keys():
            services.append(NewService(**{"name_en": row["name_zh"]} | row))
    return services
