"""Some lots, for whoever handles them: those of a claim, or those that it would come from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from timebank.goods.rules import ON_SHELF, LotPieces, is_expired
from timebank.goods.tables import item, lot
from timebank.ledger.queries import Balances, balances_of


@dataclass(frozen=True, slots=True)
class LotBrief:
    """What is written on a lot, whatever is left of it."""

    id: int
    item_id: int
    store_id: int
    condition: str
    state: str
    best_before_on: date | None
    received_on: date
    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str


def lots_named(session: Session, community_id: int, lot_ids: Iterable[int]) -> dict[int, LotBrief]:
    """Those lots by their ids; whichever is not of this community is left out."""
    rows = session.execute(
        select(
            lot.c.id, lot.c.item_id, lot.c.store_id, lot.c.condition, lot.c.state,
            lot.c.best_before_on, lot.c.received_on,
            item.c.name_zh, item.c.name_en, item.c.unit_zh, item.c.unit_en,
        )
        .join(item, (item.c.community_id == lot.c.community_id) & (item.c.id == lot.c.item_id))
        .where(lot.c.community_id == community_id, lot.c.id.in_(sorted(set(lot_ids))))
    )  # fmt: skip
    return {row.id: LotBrief(*row) for row in rows}


def lots_to_pick(
    session: Session, community_id: int, item_ids: Iterable[int], *, store_id: int, on: date
) -> list[LotPieces]:
    """What of some items could be promised now at a store, for ``rules.pick_pieces``."""
    rows = session.execute(
        select(
            lot.c.id, lot.c.item_id, lot.c.best_before_on, lot.c.received_on, lot.c.account_id
        ).where(
            lot.c.community_id == community_id,
            lot.c.store_id == store_id,
            lot.c.item_id.in_(sorted(set(item_ids))),
            lot.c.state == ON_SHELF,
        )
    ).all()
    balances = balances_of(session, community_id, [row.account_id for row in rows])
    return [
        LotPieces(
            row.id, row.item_id, balances.get(row.account_id, Balances()).available,
            row.best_before_on, row.received_on,
        )
        for row in rows
        if not is_expired(row.best_before_on, on)
    ]  # fmt: skip
