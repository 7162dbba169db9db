"""Calls for staff from a kiosk that nobody has answered yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, exists, literal, select
from sqlalchemy.orm import Session

from timebank.db import Instant, built, waiting_row
from timebank.errors import NotFound
from timebank.goods.queries import stores_kept
from timebank.kiosks import may
from timebank.kiosks.rules import CALL_SHOWN
from timebank.kiosks.tables import call, call_answer
from timebank.values import By

CALLS_MAX = 20  # More at once are not read aloud.
_ANSWERED = exists().where(
    call_answer.c.community_id == call.c.community_id, call_answer.c.call_id == call.c.id
)


@dataclass(frozen=True, slots=True)
class StaffCall:
    """Somebody waits at a kiosk. ``page`` is what they were doing, if they were doing anything."""

    call_id: int
    store_id: int
    asked_at: datetime
    page: str


def waiting_calls(by: By) -> Select[Any] | None:
    """Calls from the kiosks of a keeper's shop. **Shape**: ``number`` is what the person did."""
    own_stores = stores_kept(by, may.ANSWER_CALL)
    if own_stores is None:
        return None
    return waiting_row(
        "call", call.c.id, since=call.c.asked_at, number=call.c.page, count=literal(1)
    ).where(
        call.c.community_id == by.community_id,
        call.c.store_id.in_(own_stores),
        call.c.asked_at > bindparam("called_since", type_=Instant),
        ~_ANSWERED,
    )


def open_calls(session: Session, by: By, now: datetime) -> list[StaffCall]:
    """The calls that wait for this person, the newest first."""
    own_stores = stores_kept(by, may.ANSWER_CALL)
    if own_stores is None:
        return []
    rows = session.execute(
        select(call.c.id.label("call_id"), call.c.store_id, call.c.asked_at, call.c.page)
        .where(
            call.c.community_id == by.community_id,
            call.c.store_id.in_(own_stores),
            call.c.asked_at > now - CALL_SHOWN,
            ~_ANSWERED,
        )
        .order_by(call.c.asked_at.desc(), call.c.id.desc())
        .limit(CALLS_MAX)
    )
    return built(StaffCall, rows)


def call_of(session: Session, by: By, call_id: int) -> StaffCall:
    """One call that waits for this person. **Refuses**: ``NotFound``."""
    own_stores = stores_kept(by, may.ANSWER_CALL)
    row = None
    if own_stores is not None:
        row = session.execute(
            select(call.c.id, call.c.store_id, call.c.asked_at, call.c.page).where(
                call.c.community_id == by.community_id,
                call.c.id == call_id,
                call.c.store_id.in_(own_stores),
                ~_ANSWERED,
            )
        ).first()
    if row is None:
        raise NotFound(kind="call")
    return StaffCall(*row)
