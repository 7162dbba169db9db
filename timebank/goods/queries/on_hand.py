"""The living lots one by one, with their balances from the books, as a keeper handles them.

The sums that everybody sees are in ``shelf``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from timebank.goods.queries.catalogue import Item, items
from timebank.goods.rules import (
    AWAITING_CLEANING,
    ON_SHELF,
    is_expired,
    is_near_expiry,
)
from timebank.goods.tables import IS_LIVING, lot
from timebank.ledger.queries import Balances, balances_of
from timebank.policy.queries import parameters_on
from timebank.policy.rules import Parameters
from timebank.values import local_day


@dataclass(frozen=True, slots=True)
class LotOnHand:
    """A lot with the pieces that the books count in it.

    **Units**: pieces. ``available`` may be promised: on the shelf, not expired, not reserved.
    """

    id: int
    item_id: int
    store_id: int
    deposit_id: int | None
    line: int | None
    condition: str
    state: str
    best_before_on: date | None
    received_on: date
    on_hand: int
    held: int
    available: int
    is_expired: bool
    is_near_expiry: bool


def lots_on_hand(
    session: Session, community_id: int, *, now: datetime, store_id: int | None = None
) -> list[LotOnHand]:
    """Every lot that is not empty, in the order in which they must be issued."""
    catalogue = items(session, community_id)
    lots = _living_lots(session, community_id, catalogue, now=now, store_id=store_id)
    return [found for found in lots if found.on_hand]


def lots_awaiting_cleaning(
    session: Session, community_id: int, *, now: datetime, store_id: int | None = None
) -> list[LotOnHand]:
    """The lots that wait for the signature of their cleaning, oldest first."""
    catalogue = items(session, community_id)
    lots = _living_lots(session, community_id, catalogue, now=now, store_id=store_id)
    waiting = [found for found in lots if found.state == AWAITING_CLEANING]
    return sorted(waiting, key=lambda found: (found.received_on, found.id))


def _living_lots(
    session: Session,
    community_id: int,
    catalogue: Iterable[Item],
    *,
    now: datetime,
    store_id: int | None,
) -> list[LotOnHand]:
    shelf_life = {item.id: item.shelf_life_days for item in catalogue}
    query = select(lot).where(
        lot.c.community_id == community_id,
        IS_LIVING,
        lot.c.item_id.in_(shelf_life),
    )
    if store_id is not None:
        query = query.where(lot.c.store_id == store_id)
    rows = session.execute(query).all()
    balances = balances_of(session, community_id, [row.account_id for row in rows])
    on = local_day(now)
    parameters = parameters_on(session, community_id, on)
    lots = [
        lot_on_hand(
            row, balances[row.account_id], on=on,
            is_near=_is_near(row, shelf_life[row.item_id], on, parameters),
        )
        for row in rows
    ]  # fmt: skip
    return sorted(lots, key=lambda one: (one.best_before_on or date.max, one.received_on, one.id))


def _is_near(row: Row[Any], shelf_life_days: int | None, on: date, parameters: Parameters) -> bool:
    return is_near_expiry(
        row.best_before_on, on=on, shelf_life_days=shelf_life_days, parameters=parameters
    )


def lot_on_hand(row: Row[Any], balances: Balances, *, on: date, is_near: bool) -> LotOnHand:
    """Make the value of a row of ``lot`` and the balances of its account."""
    expired = is_expired(row.best_before_on, on)
    may_leave = row.state == ON_SHELF and not expired
    return LotOnHand(
        id=row.id,
        item_id=row.item_id,
        store_id=row.store_id,
        deposit_id=row.deposit_id,
        line=row.line,
        condition=row.condition,
        state=row.state,
        best_before_on=row.best_before_on,
        received_on=row.received_on,
        on_hand=balances.posted,
        held=balances.pending_out,
        available=balances.available if may_leave else 0,
        is_expired=expired,
        is_near_expiry=is_near,
    )
