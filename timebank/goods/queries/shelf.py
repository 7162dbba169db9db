"""The shelf now, one row per item, in one statement.

The figures come from the kept total of the stock, which the database keeps equal to the balances
of the living lots in the books.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import Session

from timebank.db import built, written
from timebank.goods.rules import AWAITING_CLEANING, ISSUES_GOODS, ON_SHELF
from timebank.goods.tables import NO_LAST_DAY, item, stock_total, store
from timebank.policy.queries import parameters_on
from timebank.values import local_day


@dataclass(frozen=True, slots=True)
class ShelfRow:
    """One item of the catalogue on the shelf of one store, or of all.

    **Units**: pieces. ``on_hand = available + held + awaiting_cleaning + expired + kept_back``;
    ``expired`` is what the next sweep will take away, ``kept_back`` what nobody can claim: pieces
    at a place that issues nothing, and items that are only lent.
    """

    item_id: int
    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str
    kind: str
    barcode: str
    is_loan: bool
    on_hand: int = 0
    held: int = 0
    available: int = 0
    awaiting_cleaning: int = 0
    expired: int = 0
    kept_back: int = 0
    near_expiry: int = 0
    nearest_best_before_on: date | None = None


def shelf(
    session: Session, community_id: int, now: datetime, store_id: int | None = None
) -> list[ShelfRow]:
    """Every item that is taken in or still there, with its current numbers, without names."""
    asked, steps = near_expiry_values(session, community_id, local_day(now))
    asked |= {"of_community": community_id, "of_store": store_id}
    rows = session.execute(_shelf_query(steps, store_id is not None), asked)
    return built(ShelfRow, rows)


def near_expiry_values(session: Session, community_id: int, on: date) -> tuple[dict[str, Any], int]:
    """The values that ``near_until`` binds on a day, and how many steps they are."""
    table = parameters_on(session, community_id, on).rows.get("goods.near_expiry")
    steps = sorted(table.value, reverse=True) if table is not None else []
    values: dict[str, Any] = {"on": on}
    for number, (start, days) in enumerate(steps):
        values |= {f"keeps_{number}": start, f"near_{number}": on + timedelta(days=days)}
    return values, len(steps)


_ON = bindparam("on", type_=Date)


@lru_cache
def _shelf_query(steps: int, at_one_store: bool) -> Select[Any]:
    """Build the statement; it depends only on the number of steps of "near its last day"."""
    sums = _sums(steps, at_one_store=at_one_store)
    if at_one_store:
        sums = sums.where(stock_total.c.store_id == bindparam("of_store"))
    sums_by_item = sums.group_by(stock_total.c.item_id).subquery()
    # PostgreSQL returns the sum of integers as a decimal.
    counted = [
        cast(func.coalesce(column, 0), BigInteger).label(column.name)
        for column in list(sums_by_item.c)[1:-1]
    ]
    return (
        select(
            item.c.id.label("item_id"), item.c.name_zh, item.c.name_en,
            item.c.unit_zh, item.c.unit_en, item.c.kind, item.c.barcode, item.c.is_loan,
            *counted, sums_by_item.c.nearest_best_before_on,
        )
        .outerjoin(sums_by_item, sums_by_item.c.item_id == item.c.id)
        .where(
            item.c.community_id == bindparam("of_community"),
            # What is no longer taken in leaves the list with its last piece.
            or_(item.c.retired_on.is_(None), item.c.retired_on > _ON, sums_by_item.c.on_hand > 0),
        )
        .order_by(item.c.barcode)
    )  # fmt: skip


def _sums(steps: int, *, at_one_store: bool) -> Select[Any]:
    """The sums of an item, each under its name in ``ShelfRow``.

    A keeper sees which goods of their own place end soon, also where nothing is issued.
    """
    total = stock_total.c
    last_day, pieces = total.best_before_on, total.pieces
    free = pieces - total.held_pieces
    shown, past = total.state == ON_SHELF, last_day < _ON
    good = and_(shown, last_day >= _ON)
    is_issued = and_(store.c.kind == written(ISSUES_GOODS), item.c.is_loan.is_(False))
    given = and_(good, is_issued)
    seen = good if at_one_store else given
    return (
        select(
            total.item_id,
            func.sum(pieces).label("on_hand"),
            func.sum(total.held_pieces).label("held"),
            _sum_where(given, free).label("available"),
            _sum_where(total.state == AWAITING_CLEANING, pieces).label("awaiting_cleaning"),
            _sum_where(and_(shown, past), free).label("expired"),
            _sum_where(and_(good, not_(is_issued)), free).label("kept_back"),
            _sum_where(and_(seen, last_day <= near_until(steps)), pieces).label("near_expiry"),
            func.min(case((and_(seen, last_day < NO_LAST_DAY), last_day))).label(
                "nearest_best_before_on"
            ),
        )
        .join(item, and_(item.c.community_id == total.community_id, item.c.id == total.item_id))
        .join(store, and_(store.c.community_id == total.community_id, store.c.id == total.store_id))
        .where(total.community_id == bindparam("of_community"))
    )


def near_until(steps: int) -> ColumnElement[date | None]:
    """The last day that counts as near expiry for this shelf life; NULL if none does."""
    known: Sequence[Any] = [
        (item.c.shelf_life_days >= bindparam(f"keeps_{n}"), bindparam(f"near_{n}", type_=Date))
        for n in range(steps)
    ]
    return case(*known) if known else literal_column("NULL", Date)


def _sum_where(condition: ColumnElement[bool], pieces: ColumnElement[int]) -> Any:
    return func.sum(case((condition, pieces), else_=0))
