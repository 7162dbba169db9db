"""Set up the items of the catalogue, and the stores."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput
from timebank.goods import may
from timebank.goods.rules import ITEM_KINDS, STORE_KINDS, is_in_store_ean, needs_cleaning
from timebank.goods.tables import item, store
from timebank.ledger.opening import FreshAccount, ensure_commodities, open_accounts
from timebank.people.queries import place
from timebank.values import By, new_id, pieces_of

_ENDS = ("donated", "issued", "disposed")


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item to add. **Units**: ``reference_fen`` per new piece, shelf life in days.

    If ``needs_cleaning`` is not given, it follows from the kind.
    """

    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str
    kind: str
    barcode: str
    reference_fen: int
    shelf_life_days: int | None = None
    needs_cleaning: bool | None = None
    is_loan: bool = False


@dataclass(frozen=True, slots=True)
class ItemsAdded:
    item_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NewStore:
    """A store at a place of the kind *store*; its code begins every receipt number."""

    place_id: int
    code: str
    kind: str = "store"


@dataclass(frozen=True, slots=True)
class StoresAdded:
    store_ids: tuple[int, ...]


@action("add_items")
def add_items(deed: Deed, *, items: tuple[NewItem, ...]) -> ItemsAdded:
    """Add items to the catalogue, each with the accounts that its pieces pass through.

    **Refuses**: ``NotAllowed`` to all but the coordinator; ``BadInput`` with the line.
    """
    may.ADD_ITEMS.require(deed.by)
    _check_items(deed, items)
    ids = tuple(new_id() for _ in items)
    codes = [pieces_of(item_id) for item_id in ids]
    counted_as = ensure_commodities(deed.session, deed.community_id, codes)
    commodities = [counted_as[code] for code in codes]
    ends = open_accounts(
        deed.session,
        deed.community_id,
        [
            FreshAccount(kind=kind, commodity_id=counted, owner_id=0)
            for counted in commodities
            for kind in _ENDS
        ],
    )
    rows = [
        {
            **_item_row(deed.by, item_id, new),
            "commodity_id": counted,
            **{f"{kind}_account_id": ends[3 * i + j] for j, kind in enumerate(_ENDS)},
        }
        for i, (item_id, new, counted) in enumerate(zip(ids, items, commodities, strict=True))
    ]
    if rows:
        deed.session.execute(insert(item), rows)
    audit(deed, name="add_items", subject_kind="item", facts={"items": len(ids)})
    return ItemsAdded(ids)


def _check_items(deed: Deed, items: tuple[NewItem, ...]) -> None:
    known = set(
        deed.session.scalars(select(item.c.barcode).where(item.c.community_id == deed.community_id))
    )
    for number, new in enumerate(items):
        if why := _item_fault(new, known):
            field, reason = why
            raise BadInput(field=f"items.{number}.{field}", why=reason)
        known.add(new.barcode)


def _item_fault(new: NewItem, known: set[str]) -> tuple[str, str] | None:
    """The invalid field and why, or None."""
    names = ("name_zh", "name_en", "unit_zh", "unit_en")
    if empty := next((name for name in names if not getattr(new, name).strip()), None):
        return empty, "missing"
    if new.kind not in ITEM_KINDS:
        return "kind", "unknown"
    if not is_in_store_ean(new.barcode):
        return "barcode", "shape"
    if new.barcode in known:
        return "barcode", "repeated"
    if new.reference_fen < 0:
        return "reference_fen", "range"
    if (new.kind == "food") != (new.shelf_life_days is not None):
        return "shelf_life_days", "food_only"
    if new.shelf_life_days is not None and new.shelf_life_days < 1:
        return "shelf_life_days", "range"
    return None


def _item_row(by: By, item_id: int, new: NewItem) -> dict[str, Any]:
    chosen = new.needs_cleaning
    return {
        "community_id": by.community_id,
        "id": item_id,
        "name_zh": new.name_zh.strip(),
        "name_en": new.name_en.strip(),
        "unit_zh": new.unit_zh.strip(),
        "unit_en": new.unit_en.strip(),
        "kind": new.kind,
        "barcode": new.barcode,
        "reference_fen": new.reference_fen,
        "shelf_life_days": new.shelf_life_days,
        "needs_cleaning": needs_cleaning(new.kind) if chosen is None else chosen,
        "is_loan": new.is_loan,
    }


@action("add_stores")
def add_stores(deed: Deed, *, stores: tuple[NewStore, ...]) -> StoresAdded:
    """Open stores and donation points at existing places.

    **Refuses**: ``NotAllowed`` to all but the coordinator; ``NotFound`` for the place;
    ``BadInput`` with the line.
    """
    may.ADD_STORES.require(deed.by)
    known = deed.session.execute(
        select(store.c.code, store.c.place_id).where(store.c.community_id == deed.community_id)
    ).all()
    codes, sites = {row.code for row in known}, {row.place_id for row in known}
    for number, new in enumerate(stores):
        is_site = place(deed.session, deed.community_id, new.place_id).kind == "store"
        if not is_site or new.place_id in sites:
            raise BadInput(field=f"stores.{number}.place_id", why="taken" if is_site else "kind")
        if new.kind not in STORE_KINDS:
            raise BadInput(field=f"stores.{number}.kind", why="unknown")
        if not new.code.isascii() or not new.code.isalnum() or len(new.code) > 8:
            raise BadInput(field=f"stores.{number}.code", why="shape")
        if new.code in codes:
            raise BadInput(field=f"stores.{number}.code", why="repeated")
        codes.add(new.code)
        sites.add(new.place_id)
    ids = tuple(new_id() for _ in stores)
    rows = [
        {"community_id": deed.community_id, "id": store_id, "place_id": new.place_id,
         "kind": new.kind, "code": new.code}
        for store_id, new in zip(ids, stores, strict=True)
    ]  # fmt: skip
    if rows:
        deed.session.execute(insert(store), rows)
    audit(deed, name="add_stores", subject_kind="store", facts={"stores": len(ids)})
    return StoresAdded(ids)
