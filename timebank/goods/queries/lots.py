"""Selected lots: those of a claim, or those that could be promised to one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from timebank.db import among
from timebank.goods.rules import LIVING_LOT_STATES, ON_SHELF, LotPieces, is_expired
from timebank.goods.tables import IS_LIVING, item, lot
from timebank.ledger.readings import readings


@dataclass(frozen=True, slots=True)
class LotBrief:
    """The label of a lot, however much of it is left."""

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
    """The lots with these ids; ids of other communities are left out."""
    rows = session.execute(
        select(
            lot.c.id, lot.c.item_id, lot.c.store_id, lot.c.condition, lot.c.state,
            lot.c.best_before_on, lot.c.received_on,
            item.c.name_zh, item.c.name_en, item.c.unit_zh, item.c.unit_en,
        )
        .join(item, (item.c.community_id == lot.c.community_id) & (item.c.id == lot.c.item_id))
        .where(lot.c.community_id == community_id, lot.c.id.in_(sorted(set(lot_ids))))
    )  # fmt: skip
    return {row["id"]: LotBrief(**row) for row in rows.mappings()}


_HELD = readings()
_TO_PICK = (
    select(
        lot.c.id.label("lot_id"), lot.c.item_id,
        (_HELD.c.posted - _HELD.c.pending_out).label("available"),
        lot.c.best_before_on, lot.c.received_on,
    )
    .join(
        _HELD,
        and_(_HELD.c.community_id == lot.c.community_id, _HELD.c.account_id == lot.c.account_id),
    )
    .where(
        lot.c.community_id == bindparam("of_community"),
        lot.c.store_id == bindparam("of_store"),
        among(lot.c.item_id, "item_ids"),
        IS_LIVING,
        lot.c.state == ON_SHELF,
    )
)  # fmt: skip


def lots_to_pick(
    session: Session, community_id: int, item_ids: Iterable[int], *, store_id: int, on: date
) -> list[LotPieces]:
    """The lots of some items that could be promised now at a store, for ``rules.pick_pieces``."""
    told = {"of_community": community_id, "of_store": store_id, "item_ids": set(item_ids)}
    lots = (LotPieces(**row) for row in session.execute(_TO_PICK, told).mappings())
    return [one for one in lots if not is_expired(one.best_before_on, on)]


@dataclass(frozen=True, slots=True)
class LotAccount:
    """A lot with the account of its pieces, for the close of day."""

    id: int
    item_id: int
    account_id: int
    is_living: bool
    received_on: date


def lots_handled(
    session: Session,
    community_id: int,
    store_id: int,
    *,
    since: date | None,
    lot_ids: Iterable[int],
) -> list[LotAccount]:
    """The lots of a store that may have moved: living, recently received, or named."""
    recent = [] if since is None else [lot.c.received_on >= since]
    rows = session.execute(
        select(lot.c.id, lot.c.item_id, lot.c.account_id, lot.c.state, lot.c.received_on)
        .where(
            lot.c.community_id == community_id,
            lot.c.store_id == store_id,
            or_(IS_LIVING, among(lot.c.id, "named_lots"), *recent),
        )
        .order_by(lot.c.id),
        {"named_lots": sorted(set(lot_ids))},
    )
    return [
        LotAccount(
            id=row.id,
            item_id=row.item_id,
            account_id=row.account_id,
            is_living=row.state in LIVING_LOT_STATES,
            received_on=row.received_on,
        )
        for row in rows
    ]
