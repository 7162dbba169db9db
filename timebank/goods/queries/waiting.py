"""What of the goods waits at the staff's desk: what was left at a kiosk, and lots to clean.

What a kiosk recorded is in clearing until it is judged. Once that takes too long it is no
common intake any more but an alarm, for the coordinator too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, select
from sqlalchemy.orm import Session

from timebank.db import Instant, built, waiting_row
from timebank.goods import may
from timebank.goods.queries.catalogue import stores_kept
from timebank.goods.tables import IS_BROUGHT, IS_UNCLEANED, announced_line, deposit, item, lot
from timebank.values import By

_TOLD_PIECES = (
    select(func.coalesce(func.sum(announced_line.c.pieces), 0))
    .where(
        announced_line.c.community_id == deposit.c.community_id,
        announced_line.c.deposit_id == deposit.c.id,
    )
    .scalar_subquery()
)
# Bound by ``aged_before`` of the rules: what came earlier is in clearing for too long.
_AGED_BEFORE = bindparam("aged_before", type_=Instant)


def waiting_intakes(by: By) -> Select[Any] | None:
    """Deposits at the kiosks of a keeper's store that are not judged yet; in pieces."""
    own_stores = stores_kept(by, may.RECEIVE_DEPOSIT)
    if own_stores is None:
        return None
    return _brought(by, own_stores, "intake").where(deposit.c.announced_at >= _AGED_BEFORE)


def waiting_clearings(by: By) -> Select[Any] | None:
    """Deposits at a kiosk for too long, for the keeper and the coordinator; in pieces."""
    own_stores = stores_kept(by, may.WATCH_CLEARING)
    if own_stores is None:
        return None
    return _brought(by, own_stores, "clearing").where(deposit.c.announced_at < _AGED_BEFORE)


def _brought(by: By, own_stores: Select[Any], kind: str) -> Select[Any]:
    return waiting_row(
        kind, deposit.c.id, since=deposit.c.announced_at,
        person_id=deposit.c.donor_person_id, number=deposit.c.code, count=_TOLD_PIECES,
    ).where(
        deposit.c.community_id == by.community_id,
        IS_BROUGHT,
        deposit.c.store_id.in_(own_stores),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class InClearing:
    """One deposit that a kiosk recorded and no keeper has judged. **Units**: pieces."""

    deposit_id: int
    device_id: int
    code: str
    since_at: datetime
    pieces: int


def in_clearing(session: Session, community_id: int, store_id: int) -> list[InClearing]:
    """The deposits of a store's kiosks that are in clearing now, oldest first."""
    rows = session.execute(
        select(
            deposit.c.id.label("deposit_id"),
            deposit.c.device_id,
            deposit.c.code,
            deposit.c.announced_at.label("since_at"),
            _TOLD_PIECES.label("pieces"),
        )
        .where(
            deposit.c.community_id == community_id,
            deposit.c.store_id == store_id,
            IS_BROUGHT,
            deposit.c.device_id.is_not(None),
        )
        .order_by(deposit.c.announced_at, deposit.c.id)
    )
    return built(InClearing, rows)


def kiosks_of_store(
    session: Session, community_id: int, store_id: int, device_ids: Iterable[int]
) -> set[int]:
    """The kiosks that have recorded deposits for a store."""
    return set(
        session.scalars(
            select(deposit.c.device_id)
            .where(
                deposit.c.community_id == community_id,
                deposit.c.store_id == store_id,
                deposit.c.device_id.in_(sorted(device_ids)),
            )
            .distinct()
        )
    )


def waiting_cleanings(by: By) -> Select[Any] | None:
    """Lots that wait for this keeper's signature of their cleaning; in pieces."""
    own_stores = stores_kept(by, may.SIGN_CLEANING)
    if own_stores is None:
        return None
    return (
        waiting_row(
            "cleaning", lot.c.id, since=func.coalesce(deposit.c.received_at, lot.c.found_at),
            names=(item.c.name_zh, item.c.name_en), count=lot.c.received_pieces,
        )
        .join(item, and_(item.c.community_id == lot.c.community_id, item.c.id == lot.c.item_id))
        .outerjoin(
            deposit,
            and_(deposit.c.community_id == lot.c.community_id, deposit.c.id == lot.c.deposit_id),
        )
        .where(
            lot.c.community_id == by.community_id,
            IS_UNCLEANED,
            lot.c.store_id.in_(own_stores),
        )
    )  # fmt: skip
