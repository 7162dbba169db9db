"""The state of a store's day, its counts, and the signed sheets."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, Select, Table, and_, select
from sqlalchemy.orm import Session

from timebank.closing.rules import CLOSED, COUNTED, NOT_OPEN, OPEN, Found, Judged
from timebank.closing.tables import (
    cash_count,
    count_round,
    day_closing,
    day_count,
    day_cut,
    day_opening,
    found_count,
)
from timebank.db import Cursor, Keyset, built, up_to
from timebank.errors import NotFound
from timebank.ledger.queries import balances_of, find_account
from timebank.values import FEN

CASH = "cash"  # The kind of account; its owner is the store.


@dataclass(frozen=True, slots=True)
class Round:
    """One count of a day: by whom, when, and how each line compares with the books."""

    id: int
    number: int
    counted_by: str
    counted_person_id: int | None
    counted_at: datetime
    lots: tuple[Judged, ...]
    cash: Judged | None
    found: tuple[Found, ...] = ()

    @property
    def differences(self) -> tuple[Judged, ...]:
        return tuple(line for line in self.lots if line.difference)


@dataclass(frozen=True, slots=True)
class Day:
    """The last accounting day of a store. ``no`` is 0 if no day was ever opened."""

    no: int
    day: date | None
    state: str
    opened_at: datetime | None = None
    opened_by: str = ""
    opened_person_id: int | None = None
    count: Round | None = None

    @property
    def is_open(self) -> bool:
        return self.state in (OPEN, COUNTED)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A signed sheet. **Shape**: ``digest`` is the hash of ``told``, its text."""

    no: int
    day: date
    closed_at: datetime
    closed_person_id: int | None
    digest: str
    text: str
    told: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cut:
    """The counters of an account at the last cut."""

    account_id: int
    lot_id: int | None
    posted_in: int
    posted_out: int


@dataclass(frozen=True, slots=True)
class Till:
    """The cash account of a store. **Units**: fen."""

    account_id: int
    fen: int


def day_of(session: Session, community_id: int, store_id: int) -> Day:
    """The current state of a store's day."""
    row = session.execute(_days(community_id, store_id).limit(1)).first()
    if row is None:
        return Day(no=0, day=None, state=NOT_OPEN)
    count, state = None, CLOSED
    if row.closed_at is None:
        count = last_round(session, community_id, store_id, row.no)
        state = COUNTED if count else OPEN
    return Day(
        no=row.no,
        day=row.day,
        state=state,
        opened_at=row.opened_at,
        opened_by=row.opened_by,
        opened_person_id=row.opened_person_id,
        count=count,
    )


def _days(community_id: int, store_id: int) -> Select[Any]:
    closing = and_(
        day_closing.c.community_id == day_opening.c.community_id,
        day_closing.c.store_id == day_opening.c.store_id,
        day_closing.c.no == day_opening.c.no,
    )
    return (
        select(
            day_opening,
            day_closing.c.closed_at,
            day_closing.c.closed_person_id,
            day_closing.c.digest,
            day_closing.c.sheet,
        )
        .outerjoin(day_closing, closing)
        .where(day_opening.c.community_id == community_id, day_opening.c.store_id == store_id)
        .order_by(day_opening.c.no.desc())
    )


def last_round(session: Session, community_id: int, store_id: int, no: int) -> Round | None:
    """The last count of a day; this is the one that gets signed."""
    row = session.execute(
        select(count_round)
        .where(
            count_round.c.community_id == community_id,
            count_round.c.store_id == store_id,
            count_round.c.no == no,
        )
        .order_by(count_round.c.round.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return Round(
        id=row.id, number=row.round, counted_by=row.counted_by,
        counted_person_id=row.counted_person_id, counted_at=row.counted_at,
        lots=_lots_of(session, community_id, row.id), cash=_cash_of(session, community_id, row.id),
        found=_found_of(session, community_id, row.id),
    )  # fmt: skip


def _lots_of(session: Session, community_id: int, round_id: int) -> tuple[Judged, ...]:
    line = day_count.c
    rows = session.execute(
        select(line.lot_id.label("id"), *_judged_columns(day_count))
        .where(line.community_id == community_id, line.round_id == round_id)
        .order_by(line.lot_id)
    )
    return tuple(built(Judged, rows))


def _found_of(session: Session, community_id: int, round_id: int) -> tuple[Found, ...]:
    line = found_count.c
    rows = session.execute(
        select(
            line.item_id, line.counted, line.condition, line.best_before_on, line.reason, line.note
        )
        .where(line.community_id == community_id, line.round_id == round_id)
        .order_by(line.item_id)
    )
    return tuple(built(Found, rows))


def _cash_of(session: Session, community_id: int, round_id: int) -> Judged | None:
    line = cash_count.c
    row = session.execute(
        select(line.account_id.label("id"), *_judged_columns(cash_count)).where(
            line.community_id == community_id, line.round_id == round_id
        )
    ).first()
    return None if row is None else Judged(**row._mapping)


def _judged_columns(table: Table) -> list[ColumnElement[Any]]:
    return [table.c[name] for name in ("expected", "counted", "difference", "reason", "note")]


def till_of(session: Session, community_id: int, store_id: int) -> Till | None:
    """The till of a store, if it has one."""
    account_id = find_account(session, community_id, CASH, FEN, owner_id=store_id)
    if account_id is None:
        return None
    return Till(account_id, balances_of(session, community_id, [account_id])[account_id].posted)


def cuts_of(session: Session, community_id: int, store_id: int, no: int) -> list[Cut]:
    """The counters when day ``no`` was closed; 0 means before the first day."""
    cut = day_cut.c
    rows = session.execute(
        select(cut.account_id, cut.lot_id, cut.posted_in, cut.posted_out).where(
            cut.community_id == community_id, cut.store_id == store_id, cut.no == no
        )
    )
    return [Cut(*row) for row in rows]


_KEY = Keyset((day_opening.c.no,))


def sheet_of(session: Session, community_id: int, store_id: int, no: int) -> Sheet:
    """A signed sheet. **Refuses**: ``NotFound``, also while the day is open."""
    query = _days(community_id, store_id).where(day_opening.c.no == no)
    row = session.execute(query).first()
    if row is None or row.closed_at is None:
        raise NotFound(kind="day_sheet")
    return _sheet(row)


def sheets_of(
    session: Session, community_id: int, store_id: int, *, limit: int, before: Cursor | None = None
) -> list[Sheet]:
    """A page of the signed sheets, newest first."""
    signed = _days(community_id, store_id).where(day_closing.c.closed_at.is_not(None), _KEY.beyond)
    asked = _KEY.asked(before) | {"most": limit}
    return [_sheet(row) for row in session.execute(signed.limit(up_to()), asked)]


def _sheet(row: Row[Any]) -> Sheet:
    content: dict[str, Any] = msgspec.json.decode(row.sheet)
    return Sheet(
        no=row.no,
        day=row.day,
        closed_at=row.closed_at,
        closed_person_id=row.closed_person_id,
        digest=row.digest,
        text=row.sheet,
        told=content,
    )


def last_closed_at(session: Session, community_id: int, store_id: int) -> datetime | None:
    """When the store was last closed; None before its first closing."""
    found: datetime | None = session.scalar(
        select(day_closing.c.closed_at)
        .where(day_closing.c.community_id == community_id, day_closing.c.store_id == store_id)
        .order_by(day_closing.c.no.desc())
        .limit(1)
    )
    return found
