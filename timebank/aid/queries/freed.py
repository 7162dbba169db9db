"""Pieces whose reservation has ended, before the job has returned them to the shelf.

The second of its deadline ends a reservation. So the shelf and an offer count these pieces as
available; whoever claims them ends the reservation in the same unit of work.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session

from timebank.aid.tables import ENDS_AT, IS_READY, claim, claim_hold
from timebank.goods.queries import LotBrief, ShelfRow, lots_named, lots_to_pick, shelf
from timebank.goods.rules import ON_SHELF, LotPieces, is_expired
from timebank.values import local_day

IS_DUE = and_(
    IS_READY,
    claim.c.hold_until_at <= bindparam("now", type_=claim.c.hold_until_at.type),
    bindparam("now", type_=claim.c.hold_until_at.type) >= ENDS_AT,
)
_FREED = (
    select(claim_hold.c.lot_id, func.sum(claim_hold.c.pieces))
    .join(
        claim,
        and_(
            claim.c.community_id == claim_hold.c.community_id, claim.c.id == claim_hold.c.claim_id
        ),
    )
    .where(
        claim.c.community_id == bindparam("of_community"),
        IS_DUE,
        claim_hold.c.released_at.is_(None),
    )
    .group_by(claim_hold.c.lot_id)
)


@dataclass(frozen=True, slots=True)
class _FreedLot:
    """A lot with pieces that are free again. **Units**: pieces."""

    lot: LotBrief
    pieces: int

    def may_leave(self, on: date) -> bool:
        lot = self.lot
        return lot.state == ON_SHELF and not lot.is_loan and not is_expired(lot.best_before_on, on)


def _freed(
    session: Session, community_id: int, now: datetime, store_id: int | None
) -> list[_FreedLot]:
    rows = session.execute(_FREED, {"of_community": community_id, "now": now}).all()
    if not rows:
        return []
    lots = lots_named(session, community_id, [lot_id for lot_id, _ in rows])
    freed = [_FreedLot(lots[lot_id], int(pieces)) for lot_id, pieces in rows]
    return [freed_lot for freed_lot in freed if store_id in (None, freed_lot.lot.store_id)]


def shelf_now(
    session: Session, community_id: int, now: datetime, store_id: int | None = None
) -> list[ShelfRow]:
    """Every item of the catalogue with its numbers, right at this second."""
    rows = shelf(session, community_id, now, store_id)
    held, available, kept_back = Counter[int](), Counter[int](), Counter[int]()
    for freed in _freed(session, community_id, now, store_id):
        held[freed.lot.item_id] += freed.pieces
        if freed.may_leave(local_day(now)):
            available[freed.lot.item_id] += freed.pieces
        elif freed.lot.is_loan:
            kept_back[freed.lot.item_id] += freed.pieces
    return [
        replace(
            row,
            held=row.held - held[row.item_id],
            available=row.available + available[row.item_id],
            kept_back=row.kept_back + kept_back[row.item_id],
            expired=row.expired
            + held[row.item_id]
            - available[row.item_id]
            - kept_back[row.item_id],
        )
        if held[row.item_id]
        else row
        for row in rows
    ]


def lots_to_offer(
    session: Session, community_id: int, wanted: Mapping[int, int], *, store_id: int, now: datetime
) -> list[LotPieces]:
    """The first lots of each item that could be promised at this second."""
    on = local_day(now)
    lots = lots_to_pick(session, community_id, wanted, store_id=store_id, on=on)
    by_id = {lot.lot_id: lot for lot in lots}
    for freed in _freed(session, community_id, now, store_id):
        if freed.lot.item_id in wanted and freed.may_leave(on):
            by_id[freed.lot.id] = _with_freed(by_id.get(freed.lot.id), freed)
    return list(by_id.values())


def _with_freed(known: LotPieces | None, freed: _FreedLot) -> LotPieces:
    lot = freed.lot
    return (known and replace(known, available=known.available + freed.pieces)) or LotPieces(
        lot_id=lot.id,
        item_id=lot.item_id,
        available=freed.pieces,
        best_before_on=lot.best_before_on,
        received_on=lot.received_on,
    )
