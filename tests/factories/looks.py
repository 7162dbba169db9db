"""Reads for tests: lists that no page shows, and the audit trail."""

import re
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Row, select
from sqlalchemy.orm import Session

from timebank.aid.queries import Claim
from timebank.aid.queries import claim as claim_of
from timebank.aid.tables import claim
from timebank.db import Instant
from timebank.deeds.tables import audit_line
from timebank.goods.queries import Deposit, LotOnHand, lots_on_hand
from timebank.goods.queries import deposit as deposit_of
from timebank.goods.tables import deposit
from timebank.hours.queries import waiting_shifts
from timebank.kiosks.queries import KioskReview, review_of
from timebank.kiosks.queries import waiting_reviews as waiting_kiosk_reviews
from timebank.schema import every_table
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


def stands_in(told: str, text: str) -> bool:
    """Tell whether a code stands in a text as a word of its own."""
    return re.search(rf"(?<![0-9A-Za-z]){told}(?![0-9A-Za-z])", text) is not None


def rows_with(session: Session, told: str) -> set[tuple[str, str]]:
    """Every place of the database where a text stands, as table and column.

    Numbers are left out: a long random one may hold any six digits.
    """
    found = set()
    for table in every_table().sorted_tables:
        columns = [one for one in table.columns if not isinstance(one.type, (BigInteger, Instant))]
        for row in session.execute(select(*columns)) if columns else ():
            for column, value in zip(columns, row, strict=True):
                is_raw = isinstance(value, (bytes, memoryview))
                text = bytes(value).decode("latin-1") if is_raw else str(value)
                if stands_in(told, text):
                    found.add((table.name, column.name))
    return found
