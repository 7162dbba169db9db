"""The items of the catalogue, and the stores."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, Subquery, and_, bindparam, select
from sqlalchemy.orm import Session

from timebank.db import among, built
from timebank.errors import NotFound, WrongState
from timebank.goods.entries import asks_of, is_retired
from timebank.goods.rules import ISSUES_GOODS, ItemTraits
from timebank.goods.tables import item as item_table
from timebank.goods.tables import store as store_table
from timebank.people.queries import place_names
from timebank.rights import Right
from timebank.typed import code_in
from timebank.values import By


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the catalogue. **Units**: ``reference_fen`` for a new piece."""

    id: int
    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str
    kind: str
    barcode: str
    reference_fen: int
    shelf_life_days: int | None
    needs_cleaning: bool
    is_loan: bool
    storage: str
    asks: str
    retired_on: date | None
    picture_digest: str | None = None

    @property
    def asked(self) -> tuple[str, ...]:
        """What intake asks of it, beside what its kind requires."""
        return asks_of(self.asks)

    def is_retired(self, on: date) -> bool:
        """Tell whether it is neither announced nor taken in on a day."""
        return is_retired(self.retired_on, on)

    @property
    def has_best_before(self) -> bool:
        return self.shelf_life_days is not None

    @property
    def traits(self) -> ItemTraits:
        return ItemTraits(
            kind=self.kind,
            reference_fen=self.reference_fen,
            needs_cleaning=self.needs_cleaning,
            shelf_life_days=self.shelf_life_days,
            asks=self.asked,
        )


@dataclass(frozen=True, slots=True)
class Store:
    """A store or a donation point, with the place of its keepers."""

    id: int
    place_id: int
    kind: str
    code: str
    name_zh: str
    name_en: str
    closed_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether it was not closed for good; its hours are another question."""
        return self.closed_on is None

    @property
    def issues_goods(self) -> bool:
        """Tell whether goods are issued here; a donation point only receives them."""
        return self.kind == ISSUES_GOODS


_ITEM = (
    item_table.c.id,
    item_table.c.name_zh,
    item_table.c.name_en,
    item_table.c.unit_zh,
    item_table.c.unit_en,
    item_table.c.kind,
    item_table.c.barcode,
    item_table.c.reference_fen,
    item_table.c.shelf_life_days,
    item_table.c.needs_cleaning,
    item_table.c.is_loan,
    item_table.c.storage,
    item_table.c.asks,
    item_table.c.retired_on,
    item_table.c.picture_digest,
)


_ITEMS = (
    select(*_ITEM)
    .where(item_table.c.community_id == bindparam("of_community"))
    .order_by(item_table.c.barcode)
)
_SOME_ITEMS = _ITEMS.where(among(item_table.c.id, "item_ids"))


def items(session: Session, community_id: int, item_ids: Iterable[int] | None = None) -> list[Item]:
    """The catalogue ordered by barcode, or some items of it."""
    asked: dict[str, Any] = {"of_community": community_id}
    if item_ids is None:
        return built(Item, session.execute(_ITEMS, asked))
    asked["item_ids"] = set(item_ids)
    return built(Item, session.execute(_SOME_ITEMS, asked))


def item_names() -> Subquery:
    """Select every item's key, names and units, for another subject's statement to join."""
    return select(item_table.c.community_id, *_ITEM[:5]).subquery()


def item_by_code(session: Session, community_id: int, barcode: str) -> Item | None:
    """The item of a scanned barcode, or None."""
    row = session.execute(
        select(*_ITEM).where(
            item_table.c.community_id == community_id, item_table.c.barcode == code_in(barcode)
        )
    ).first()
    return None if row is None else Item(**row._mapping)


_SITE = place_names()
_STORES = (
    select(
        store_table.c.id, store_table.c.place_id, store_table.c.kind, store_table.c.code,
        _SITE.c.name_zh, _SITE.c.name_en, store_table.c.closed_on,
    )
    .join(
        _SITE,
        and_(
            _SITE.c.community_id == store_table.c.community_id,
            _SITE.c.id == store_table.c.place_id,
        ),
    )
    .where(store_table.c.community_id == bindparam("of_community"))
    .order_by(store_table.c.code)
)  # fmt: skip


def stores(session: Session, community_id: int) -> list[Store]:
    """The stores and donation points of a community, ordered by code."""
    return built(Store, session.execute(_STORES, {"of_community": community_id}))


def store(session: Session, community_id: int, store_id: int) -> Store:
    """**Refuses**: ``NotFound``, also for a store of another community."""
    for found in stores(session, community_id):
        if found.id == store_id:
            return found
    raise NotFound(kind="store")


@dataclass(frozen=True, slots=True)
class StoreBrief:
    """What an action needs to know of a store: the place of its keepers and its code."""

    id: int
    place_id: int
    kind: str
    code: str
    closed_on: date | None = None

    def require_open(self) -> None:
        """**Refuses**: ``WrongState`` once it is closed."""
        if self.closed_on is not None:
            raise WrongState(kind="store", state="closed")


_BRIEF = select(
    store_table.c.id,
    store_table.c.place_id,
    store_table.c.kind,
    store_table.c.code,
    store_table.c.closed_on,
).where(
    store_table.c.community_id == bindparam("of_community"),
    store_table.c.id == bindparam("of_store"),
)
_BRIEF_KEPT = _BRIEF.with_for_update(read=True, key_share=True)


def stores_served(session: Session, by: By, right: Right) -> list[Store]:
    """The stores for which somebody holds a right, by code; closed ones come last.

    Those that issue goods come first.
    """
    kept = stores_kept(by, right)
    if kept is None:
        return []
    served = (
        _STORES.where(store_table.c.id.in_(kept))
        .order_by(None)
        .order_by(
            store_table.c.closed_on.is_not(None), store_table.c.kind.desc(), store_table.c.code
        )
    )
    return built(Store, session.execute(served, {"of_community": by.community_id}))


def stores_kept(by: By, right: Right) -> Select[Any] | None:
    """The ids of the stores for which somebody holds a right; None if they hold it for none."""
    places = [role.place_id for role in by.roles if role.name in right.roles]
    if not places:
        return None
    found = select(store_table.c.id).where(store_table.c.community_id == by.community_id)
    return found if None in places else found.where(store_table.c.place_id.in_(places))


def store_kept_open(session: Session, community_id: int, store_id: int) -> StoreBrief:
    """The same; it is not closed until the end of this unit of work.

    **Refuses**: ``NotFound``; ``WrongState`` if it is closed.
    """
    found = _store_brief(session, community_id, store_id, _BRIEF_KEPT)
    found.require_open()
    return found


def store_brief(session: Session, community_id: int, store_id: int) -> StoreBrief:
    """**Refuses**: ``NotFound``, also for a store of another community."""
    return _store_brief(session, community_id, store_id, _BRIEF)


def _store_brief(
    session: Session, community_id: int, store_id: int, statement: Select[Any]
) -> StoreBrief:
    asked = {"of_community": community_id, "of_store": store_id}
    row = session.execute(statement, asked).first()
    if row is None:
        raise NotFound(kind="store")
    return StoreBrief(**row._mapping)
