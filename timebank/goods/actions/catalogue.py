"""Set up the items of the catalogue, and the stores."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput
from timebank.goods import may
from timebank.goods.entries import NewItem, new_item_fault
from timebank.goods.rules import STORE_KINDS, needs_cleaning
from timebank.goods.tables import item, store
from timebank.ledger.opening import FreshAccount, ensure_commodities, open_accounts
from timebank.people.queries import place
from timebank.values import By, new_id, pieces_of

_ENDS = ("donated", "issued", "disposed")


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
    ids = insert_items(deed, items)
    audit(deed, name="add_items", subject_kind="item", facts={"items": len(ids)})
    return ItemsAdded(ids)


def insert_items(deed: Deed, items: tuple[NewItem, ...]) -> tuple[int, ...]:
    """Write items that were checked, with their accounts; return their ids."""
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
    return ids


def _check_items(deed: Deed, items: tuple[NewItem, ...]) -> None:
    known = set(
        deed.session.scalars(select(item.c.barcode).where(item.c.community_id == deed.community_id))
    )
    for number, new in enumerate(items):
        if why := new_item_fault(new, known):
            field, reason = why
            raise BadInput(field=f"items.{number}.{field}", why=reason)
        known.add(new.barcode)


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
        "storage": new.storage,
        "asks": ",".join(new.asks),
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
