"""Builders of accounting days: open, count, sign."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tests.factories import people as make
from tests.factories.goods import Shop
from tests.factories.people import Town, a_request_id
from timebank.closing import actions, queries
from timebank.closing.actions import DayClosed, DayCounted, DayOpened
from timebank.closing.rules import Counted
from timebank.deeds.deed import Deed
from timebank.goods.queries import lots_on_hand
from timebank.ledger.actions import ensure_account, post_one
from timebank.ledger.rules import Move
from timebank.values import FEN, By, Role


def make_second(session: Session, town: Town) -> By:
    """Another keeper of the store, who may sign what the first has counted."""
    return make.staff(session, town, Role("keeper", town.store_place_id))


def open_day(session: Session, shop: Shop, *, now: datetime, by: By | None = None) -> DayOpened:
    return actions.open_day(
        Deed(session, by or shop.keeper, now, a_request_id()), store_id=shop.store_id
    )


def counted(session: Session, shop: Shop, *, now: datetime, **told: Any) -> tuple[Counted, ...]:
    """Counts equal to the books, except for ``lots``: lot id to (counted, reason, note)."""
    changed = told.get("lots", {})
    rows = lots_on_hand(session, shop.town.community_id, now=now, store_id=shop.store_id)
    lines = [Counted(lot.id, lot.on_hand, lot.on_hand) for lot in rows]
    return tuple(
        replace(
            line,
            counted=changed[line.id][0],
            reason=changed[line.id][1],
            note=note_of(changed[line.id]),
        )
        if line.id in changed
        else line
        for line in lines
    )


def note_of(told: tuple[Any, ...]) -> str:
    return str(told[2]) if len(told) > 2 else ""


def count_day(
    session: Session, shop: Shop, *, now: datetime, by: By | None = None, **told: Any
) -> DayCounted:
    """Count the open day; ``lots`` as above, ``cash`` as a ``Counted``."""
    community_id = shop.town.community_id
    day = queries.day_of(session, community_id, shop.store_id)
    return actions.count_day(
        Deed(session, by or shop.keeper, now, a_request_id()),
        store_id=shop.store_id,
        no=told.get("no", day.no),
        lots=counted(session, shop, now=now, lots=told.get("lots", {})),
        cash=told.get("cash"),
    )


def close_day(
    session: Session, shop: Shop, by: By, *, now: datetime, round_id: int | None = None
) -> DayClosed:
    day = queries.day_of(session, shop.town.community_id, shop.store_id)
    return actions.close_day(
        Deed(session, by, now, a_request_id()),
        store_id=shop.store_id,
        no=day.no,
        round_id=round_id if round_id is not None else (day.count.id if day.count else 0),
    )


def whole_day(
    session: Session, shop: Shop, second: By, *, now: datetime, **told: Any
) -> queries.Sheet:
    """Open, count and sign a day; return its sheet."""
    open_day(session, shop, now=now)
    count_day(session, shop, now=now, **told)
    closed = close_day(session, shop, second, now=now)
    return queries.sheet_of(session, shop.town.community_id, shop.store_id, closed.no)


def make_till(session: Session, shop: Shop, fen: int, *, now: datetime) -> int:
    """Give the store a till with some money."""
    community_id = shop.town.community_id
    till = ensure_account(session, community_id, "cash", FEN, owner_id=shop.store_id, floor=0)
    if fen:
        _move_cash(session, shop, Move(_world(session, shop), till, fen), now=now)
    return till


def pay_out(session: Session, shop: Shop, fen: int, *, now: datetime) -> None:
    """Pay money out of the till of a store."""
    till = make_till(session, shop, 0, now=now)
    _move_cash(session, shop, Move(till, _world(session, shop), fen), now=now)


def _world(session: Session, shop: Shop) -> int:
    return ensure_account(session, shop.town.community_id, "world", FEN)


def _move_cash(session: Session, shop: Shop, move: Move, *, now: datetime) -> None:
    post_one(Deed(session, shop.town.by, now, a_request_id()), kind="cash", lines=[move])
