"""What of the goods waits at the staff's desk: what was left at a kiosk, and lots to clean."""

from typing import Any

from sqlalchemy import Select, and_, func, select

from timebank.db import waiting_row
from timebank.goods.queries.catalogue import stores_kept
from timebank.goods.rules import AWAITING_CLEANING, BROUGHT
from timebank.goods.tables import announced_line, deposit, item, lot
from timebank.values import By


def waiting_intakes(by: By) -> Select[Any] | None:
    """What stands at the kiosk of a keeper's store and was not judged yet; in pieces."""
    kept = stores_kept(by)
    if kept is None:
        return None
    told = announced_line.c
    pieces = (
        select(func.coalesce(func.sum(told.pieces), 0))
        .where(told.community_id == deposit.c.community_id, told.deposit_id == deposit.c.id)
        .scalar_subquery()
    )
    return waiting_row(
        "intake", deposit.c.id, since=deposit.c.announced_at,
        person_id=deposit.c.donor_person_id, number=deposit.c.code, count=pieces,
    ).where(
        deposit.c.community_id == by.community_id,
        deposit.c.state == BROUGHT,
        deposit.c.store_id.in_(kept),
    )  # fmt: skip


def waiting_cleanings(by: By) -> Select[Any] | None:
    """Lots that may not leave before this keeper has signed for their cleaning; in pieces."""
    kept = stores_kept(by)
    if kept is None:
        return None
    return (
        waiting_row(
            "cleaning", lot.c.id, since=deposit.c.received_at,
            names=(item.c.name_zh, item.c.name_en), count=lot.c.received_pieces,
        )
        .join(item, and_(item.c.community_id == lot.c.community_id, item.c.id == lot.c.item_id))
        .join(
            deposit,
            and_(deposit.c.community_id == lot.c.community_id, deposit.c.id == lot.c.deposit_id),
        )
        .where(
            lot.c.community_id == by.community_id,
            lot.c.state == AWAITING_CLEANING,
            lot.c.store_id.in_(kept),
        )
    )  # fmt: skip
