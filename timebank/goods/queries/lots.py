"""Selected lots: those of a claim, or those that could be promised to one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Date, and_, bindparam, exists, or_, select, union_all
from sqlalchemy.orm import Session

from timebank.db import among, built, up_to, written
from timebank.goods.rules import ISSUES_GOODS, LIVING_LOT_STATES, ON_SHELF, LotPieces
from timebank.goods.tables import IS_LIVING, item, lot, store
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
    is_loan: bool


def lots_named(session: Session, community_id: int, lot_ids: Iterable[int]) -> dict[int, LotBrief]:
    """The lots with these ids; ids of other communities are left out."""
    rows = session.execute(
        select(
            lot.c.id, lot.c.item_id, lot.c.store_id, lot.c.condition, lot.c.state,
            lot.c.best_before_on, lot.c.received_on,
            item.c.name_zh, item.c.name_en, item.c.unit_zh, item.c.unit_en, item.c.is_loan,
        )
        .join(item, (item.c.community_id == lot.c.community_id) & (item.c.id == lot.c.item_id))
        .where(lot.c.community_id == community_id, lot.c.id.in_(sorted(set(lot_ids))))
    )  # fmt: skip
    return {brief.id: brief for brief in built(LotBrief, rows)}


_HELD = readings()
# Pieces that are only lent, or lie where nothing is issued, cannot be promised.
_IS_GIVEN = and_(
    exists().where(
        item.c.community_id == bindparam("of_community"),
        item.c.id == bindparam("of_item"),
        item.c.is_loan.is_(False),
    ),
    exists().where(
        store.c.community_id == bindparam("of_community"),
        store.c.id == bindparam("of_store"),
        store.c.kind == written(ISSUES_GOODS),
    ),
)
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
        lot.c.item_id == bindparam("of_item"),
        IS_LIVING,
        lot.c.state == written(ON_SHELF),
        _HELD.c.posted > _HELD.c.pending_out,
        _IS_GIVEN,
    )
    .order_by(lot.c.best_before_on, lot.c.received_on, lot.c.id)
    .limit(up_to())
)  # fmt: skip
# Both end after a few rows of the index, however many lots there are.
_PERISHABLE = _TO_PICK.where(lot.c.best_before_on >= bindparam("on", type_=Date))
_LASTING = _TO_PICK.where(lot.c.best_before_on.is_(None))
_FIRST_LOTS = union_all(*(select(part.subquery()) for part in (_PERISHABLE, _LASTING)))


def lots_to_pick(
    session: Session, community_id: int, wanted: Mapping[int, int], *, store_id: int, on: date
) -> list[LotPieces]:
    """The first lots of each item that could be promised now, for ``rules.pick_pieces``.

    **Units**: ``wanted`` are pieces by item; a lot has one piece at least.
    """
    asked = {"of_community": community_id, "of_store": store_id, "on": on}
    return [
        found
        for item_id, pieces in wanted.items()
        for found in built(
            LotPieces,
            session.execute(_FIRST_LOTS, asked | {"of_item": item_id, "most": pieces}),
        )
    ]


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
