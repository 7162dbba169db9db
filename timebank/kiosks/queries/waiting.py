"""The kiosks' part of the staff's worklist."""

from typing import Any

from sqlalchemy import Select, literal, select

from timebank.db import waiting_row
from timebank.goods.queries import stores_kept
from timebank.kiosks import may
from timebank.kiosks.tables import review, settlement
from timebank.values import By


def waiting_reviews(by: By) -> Select[Any] | None:
    """Events that could not be posted, for the shop's keeper or the coordinator.

    **Shape**: ``number`` is the code of the reason. The person is in the signed bytes, so no name
    is given here: ``review_of`` reads them.
    """
    own_stores = stores_kept(by, may.SETTLE_REVIEW)
    if own_stores is None:
        return None
    settled = select(settlement.c.review_id).where(
        settlement.c.community_id == review.c.community_id, settlement.c.review_id == review.c.id
    )
    return waiting_row(
        "kiosk", review.c.id, since=review.c.opened_at, number=review.c.reason, count=literal(1)
    ).where(
        review.c.community_id == by.community_id,
        review.c.store_id.in_(own_stores),
        ~settled.exists(),
    )
