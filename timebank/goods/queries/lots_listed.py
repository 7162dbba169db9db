"""The shelf of one store for its keeper: the items, and of each the lots that leave first.

The items and their counts come from the kept total of the stock; of the lots only those that one
page shows are read, however many there are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Date,
    Integer,
    Select,
    and_,
    bindparam,
    cast,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from timebank.db import among, built, each_of
from timebank.goods.queries.on_hand import LotOnHand, lot_on_hand
from timebank.goods.queries.shelf import near_expiry_values, near_until
from timebank.goods.rules import AWAITING_CLEANING
from timebank.goods.tables import (
    IS_LIVING,
    IS_UNCLEANED,
    NO_LAST_DAY,
    item,
    lot,
    stock_total,
)
from timebank.ledger.queries import Balances
from timebank.ledger.readings import readings
from timebank.values import local_day

ENDING, CLEANING = "ending", "cleaning"
# The columns of a lot that ``LotOnHand`` has.
_SHOWN = (
    "id", "item_id", "store_id", "deposit_id", "line", "condition", "state", "best_before_on",
    "received_on",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShelfItem:
    """An item with lots on the shelf of a store; ``first_on`` is the earliest last day.

    ``lots`` and ``on_hand`` count all that fits the question. Lots are near their last day up to
    ``near_until_on``. **Units**: ``on_hand`` in pieces.
    """

    id: int
    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str
    kind: str
    first_on: date | None
    near_until_on: date | None
    lots: int
    on_hand: int


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
    on, items = local_day(now), {shown_item.id: shown_item for shown_item in shown}
    values: dict[str, Any] = {}
    steps = 0
    if only == ENDING:
        values, steps = near_expiry_values(session, community_id, on)
    values |= {
        "of_community": community_id, "of_store": store_id, "item_ids": items.keys(),
        "reached": skip + most,
    }  # fmt: skip
    rows = session.execute(_lots_query(steps, only), values).all()
    by_item: dict[int, list[LotOnHand]] = {}
    for row in rows:
        by_item.setdefault(row.item_id, []).append(_listed(row, items[row.item_id], on))
    found: dict[int, ItemLots] = {}
    for item_id, lots in by_item.items():
        lots.sort(key=lambda one: (one.best_before_on or date.max, one.received_on, one.id))
        if page := tuple(lots[skip : skip + most]):
            found[item_id] = ItemLots(page, items[item_id].lots, items[item_id].on_hand)
    return found


def _listed(row: Any, own: ShelfItem, on: date) -> LotOnHand:
    last_on, until = row.best_before_on, own.near_until_on
    is_near = last_on is not None and until is not None and on <= last_on <= until
    return lot_on_hand(row, Balances(row.posted, 0, row.pending_out), on=on, is_near=is_near)


@lru_cache
def _items_query(steps: int, only: str) -> Select[Any]:
    """Build the statement: the kept total by item, however many lots it counts."""
    total, column, near = stock_total.c, item.c, near_until(steps)
    own = [
        total.community_id == bindparam("of_community"), total.store_id == bindparam("of_store"),
    ]  # fmt: skip
    if only == CLEANING:
        own.append(total.state == AWAITING_CLEANING)
    if only == ENDING:
        own.append(_is_ending(total.best_before_on, steps))
    first_on = func.nullif(func.min(total.best_before_on), NO_LAST_DAY, type_=Date)
    return (
        select(
            column.id, column.name_zh, column.name_en, column.unit_zh, column.unit_en, column.kind,
            first_on.label("first_on"), near.label("near_until_on"),
            # PostgreSQL returns the sum of integers as a decimal.
            cast(func.sum(total.lots), BigInteger).label("lots"),
            cast(func.sum(total.pieces), BigInteger).label("on_hand"),
        )
        .join(item, and_(column.community_id == total.community_id, column.id == total.item_id))
        .where(*own)
        .group_by(column.community_id, column.id)
    )  # fmt: skip


def _is_ending(last_on: ColumnElement[Any], steps: int) -> ColumnElement[bool]:
    is_past = last_on < bindparam("on", type_=Date)
    return or_(last_on <= near_until(steps), is_past)


@lru_cache
def _lots_query(steps: int, only: str) -> CompoundSelect[Any]:
    """Build the statement: of each item the first lots with a last day, and the first without.

    Each part ends after a few rows of the index, however many lots there are.
    """
    last_on = lot.c.best_before_on
    if only == ENDING:
        return union_all(_first_lots(only, _is_ending(last_on, steps)))
    return union_all(
        _first_lots(only, last_on <= NO_LAST_DAY), _first_lots(only, last_on.is_(None))
    )


def _first_lots(only: str, which: ColumnElement[bool]) -> Select[Any]:
    column, pieces = lot.c, readings().c
    first = (
        select(column.id.label("value"))
        .where(
            column.community_id == item.c.community_id,
            column.store_id == bindparam("of_store"),
            column.item_id == item.c.id,
            IS_UNCLEANED if only == CLEANING else IS_LIVING,
            which,
            pieces.community_id == column.community_id,
            pieces.account_id == column.account_id,
            pieces.posted > 0,
        )
        .order_by(column.best_before_on, column.received_on, column.id)
        .limit(bindparam("reached", type_=Integer))
        .correlate(item)
    )
    ids, own, held = each_of(first), lot.alias(), readings()
    shown = [own.c[name] for name in _SHOWN]
    return (
        select(*shown, held.c.posted, held.c.pending_out)
        .select_from(item)
        .join(ids, true())
        # Outer joins keep SQLite from reading every lot first, to look for each among those shown.
        .outerjoin(own, and_(own.c.community_id == item.c.community_id, own.c.id == ids.c.value))
        .outerjoin(
            held,
            and_(held.c.community_id == own.c.community_id, held.c.account_id == own.c.account_id),
        )
        .where(item.c.community_id == bindparam("of_community"), among(item.c.id, "item_ids"))
    )
