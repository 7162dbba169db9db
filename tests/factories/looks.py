"""Reads for tests: lists that no page shows, and the audit trail."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from timebank.aid.queries import Claim
from timebank.aid.queries import claim as claim_of
from timebank.aid.tables import claim
from timebank.deeds.tables import audit_line
from timebank.goods.queries import Deposit, LotOnHand, lots_on_hand
from timebank.goods.queries import deposit as deposit_of
from timebank.goods.tables import deposit
from timebank.hours.queries import waiting_shifts
from timebank.kiosks.queries import KioskReview, review_of
from timebank.kiosks.queries import waiting_reviews as waiting_kiosk_reviews
from timebank.values import By


def audit_lines(session: Session, community_id: int, **wanted: Any) -> list[Row[Any]]:
    """The audit lines, newest first; ``wanted`` are values of columns."""
    query = select(audit_line).where(audit_line.c.community_id == community_id)
    for name, value in wanted.items():
        query = query.where(audit_line.c[name] == value)
    newest_first = query.order_by(audit_line.c.at.desc(), audit_line.c.id.desc())
    return list(session.execute(newest_first).all())


def claims_of(session: Session, community_id: int, *states: str) -> list[Claim]:
    """The claims of a community in some states, or in any, newest first."""
    query = select(claim.c.id).where(claim.c.community_id == community_id)
    if states:
        query = query.where(claim.c.state.in_(states))
    found = session.scalars(query.order_by(claim.c.id.desc())).all()
    return [claim_of(session, community_id, claim_id) for claim_id in found]


def deposits_received(session: Session, community_id: int) -> list[Deposit]:
    """The deposits that a keeper has judged, newest first."""
    found = session.scalars(
        select(deposit.c.id)
        .where(deposit.c.community_id == community_id, deposit.c.received_at.is_not(None))
        .order_by(deposit.c.received_at.desc(), deposit.c.id.desc())
    ).all()
    return [deposit_of(session, community_id, deposit_id) for deposit_id in found]


def lots_of_item(
    session: Session, community_id: int, item_id: int, *, now: datetime
) -> list[LotOnHand]:
    """The lots of one item on the keeper's shelf."""
    return [one for one in lots_on_hand(session, community_id, now=now) if one.item_id == item_id]


def open_reviews(session: Session, by: By) -> list[KioskReview]:
    """The kiosk reviews that wait for somebody on the worklist, oldest first."""
    waiting = waiting_kiosk_reviews(by)
    if waiting is None:
        return []
    rows = sorted(session.execute(waiting), key=lambda row: (row.since_at, row.id))
    return [review_of(session, by, row.id) for row in rows]


def forgotten_shifts(session: Session, by: By, now: datetime) -> list[int]:
    """The shifts without a check-out that wait for somebody on the worklist."""
    waiting = waiting_shifts(by)
    return [] if waiting is None else [row.id for row in session.execute(waiting, {"now": now})]
