"""The shelf of one store for its keeper: the items, and of each the lots that leave first.

Only what one page shows is read with its balances, however many lots there are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Date, Integer, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from timebank.db import among, built
from timebank.goods.queries.on_hand import LotOnHand, lot_on_hand
from timebank.goods.queries.shelf import near_expiry_values, near_until
from timebank.goods.rules import is_near_expiry
from timebank.goods.tables import IS_LIVING, IS_UNCLEANED, item, lot
from timebank.ledger.queries import Balances
from timebank.ledger.readings import readings
from timebank.policy.queries import parameters_on
from timebank.values import local_day

ENDING, CLEANING = "ending", "cleaning"


@dataclass(frozen=True, slots=True)
class ShelfItem:
    """An item with lots on the shelf of a store; ``first_on`` is the earliest last day."""

    id: int
    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str
    kind: str
    shelf_life_days: int | None
    first_on: date | None


@dataclass(frozen=True, slots=True)
class ItemLots:
    """The lots of one item that a page shows. **Units**: pieces.

    ``count`` and ``on_hand`` are those of all its lots, shown or not.
    """

    lots: tuple[LotOnHand, ...]
    count: int
    on_hand: int


def items_on_shelf(
    session: Session, community_id: int, store_id: int, *, now: datetime, only: str = ""
) -> list[ShelfItem]:
    """List the items on a shelf; those whose lots expire first come first.

    **Shape**: ``only`` is ``ending``, ``cleaning`` or empty.
    """
    values, steps = near_expiry_values(session, community_id, local_day(now))
    values |= {"of_community": community_id, "of_store": store_id}
    rows = session.execute(_items_query(steps, only), values)
    return sorted(built(ShelfItem, rows), key=lambda one: (one.first_on or date.max, one.id))


def lots_of_items(
    session: Session,
    community_id: int,
    store_id: int,
    shown: Iterable[ShelfItem],
    *,
    now: datetime,
    only: str = "",
    most: int,
    skip: int = 0,
) -> dict[int, ItemLots]:
    """Read some lots of each item, those that leave first, after skipping so many."""
    shelf_life, on = {one.id: one.shelf_life_days for one in shown}, local_day(now)
    values, steps = near_expiry_values(session, community_id, on)
    values |= {
        "of_community": community_id, "of_store": store_id, "item_ids": shelf_life.keys(),
        "first": skip + 1, "last": skip + most,
    }  # fmt: skip
    parameters = parameters_on(session, community_id, on)
    by_item: dict[int, ItemLots] = {}
    for row in session.execute(_lots_query(steps, only), values):
        is_near = is_near_expiry(
            row.best_before_on, on=on, shelf_life_days=shelf_life[row.item_id],
            parameters=parameters,
        )  # fmt: skip
        one = lot_on_hand(row, Balances(row.posted, 0, row.pending_out), on=on, is_near=is_near)
        before = by_item.get(row.item_id, ItemLots((), row.lots, row.on_hand))
        by_item[row.item_id] = ItemLots((*before.lots, one), before.count, before.on_hand)
    return by_item


def _of_store(steps: int, only: str) -> Any:
    own = and_(
        lot.c.community_id == bindparam("of_community"), lot.c.store_id == bindparam("of_store")
    )
    if only == CLEANING:
        return and_(own, IS_UNCLEANED)
    if only == ENDING:
        is_past = lot.c.best_before_on < bindparam("on", type_=Date)
        return and_(own, IS_LIVING, or_(lot.c.best_before_on <= near_until(steps), is_past))
    return and_(own, IS_LIVING)


@lru_cache
def _items_query(steps: int, only: str) -> Select[Any]:
    """Build the statement: for each item of the catalogue two look-ups in an index."""
    mine = and_(lot.c.item_id == item.c.id, _of_store(steps, only))
    first_on = select(func.min(lot.c.best_before_on)).where(mine).scalar_subquery()
    column = item.c
    return select(
        column.id, column.name_zh, column.name_en, column.unit_zh, column.unit_en, column.kind,
        column.shelf_life_days, first_on.label("first_on"),
    ).where(
        column.community_id == bindparam("of_community"),
        select(lot.c.id).where(mine).exists(),
    )  # fmt: skip


@lru_cache
def _lots_query(steps: int, only: str) -> Select[Any]:
    """Build the statement: the lots of some items, numbered in the order in which they leave."""
    pieces = readings()
    order = lot.c.best_before_on.nulls_last(), lot.c.received_on, lot.c.id
    numbered = (
        select(
            lot,
            pieces.c.posted,
            pieces.c.pending_out,
            func.row_number().over(partition_by=lot.c.item_id, order_by=order).label("place"),
            func.count().over(partition_by=lot.c.item_id).label("lots"),
            func.sum(pieces.c.posted, type_=Integer).over(partition_by=lot.c.item_id)
            .label("on_hand"),
        )
        .join(item, and_(item.c.community_id == lot.c.community_id, item.c.id == lot.c.item_id))
        .join(
            pieces,
            and_(
                pieces.c.community_id == lot.c.community_id,
                pieces.c.account_id == lot.c.account_id,
            ),
        )
        .where(_of_store(steps, only), among(lot.c.item_id, "item_ids"), pieces.c.posted > 0)
        .subquery()
    )  # fmt: skip
    between = numbered.c.place.between(bindparam("first"), bindparam("last"))
    return select(numbered).where(between).order_by(numbered.c.item_id, numbered.c.place)
