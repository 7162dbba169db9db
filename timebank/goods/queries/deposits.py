"""Deposits: announced, brought and received, and where each lot went.

A donor sees how many of their pieces are on the shelf and how many were issued, never to whom.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, select
from sqlalchemy.orm import Session

from timebank.db import Cursor, Keyset, up_to
from timebank.errors import NotFound
from timebank.goods.rules import (
    ANNOUNCED,
    AWAITING_CLEANING,
    points_of,
    receipt_token_in,
    tidy_receipt_no,
)
from timebank.goods.tables import IS_OPEN, announced_line, deposit_line, item, lot, store
from timebank.goods.tables import deposit as deposit_table
from timebank.ledger.queries import Balances, balances_of
from timebank.people.queries.merged import records_of
from timebank.typed import code_in
from timebank.values import to_us


@dataclass(frozen=True, slots=True)
class ToldLine:
    """A line as the donor announced it; ``described`` if the catalogue has no such item.

    The unit is empty then: only the catalogue knows by what a thing is counted.
    """

    line: int
    item_id: int | None
    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str
    described: str
    pieces: int
    condition: str
    best_before_on: date | None


@dataclass(frozen=True, slots=True)
class DepositLine:
    """A line as the keeper judged it, and where its accepted pieces are now.

    **Units**: pieces; ``accepted = on_shelf + waiting + issued + disposed``.
    """

    line: int
    item_id: int | None
    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str
    described: str
    condition: str
    best_before_on: date | None
    brought: int
    accepted: int
    refused: int
    refuse_code: str | None
    refuse_note: str
    refuse_why: tuple[str, ...]
    value_yuan: int
    maker_lot: str = ""
    lot_id: int | None = None
    on_shelf: int = 0
    waiting: int = 0
    issued: int = 0
    disposed: int = 0

    @property
    def waits_for_cleaning(self) -> bool:
        return self.waiting > 0


@dataclass(frozen=True, slots=True)
class AnnouncedDeposit:
    """Goods that somebody will bring, or left at the kiosk: the list that the keeper checks."""

    id: int
    store_id: int
    store_code: str
    donor_person_id: int | None
    donor_organisation_id: int | None
    thanks: str
    channel: str
    state: str
    announced_at: datetime
    code: str
    bring_on: date | None
    valid_until_on: date | None
    lines: tuple[ToldLine, ...]

    @property
    def pieces(self) -> int:
        return sum(line.pieces for line in self.lines)

    @property
    def place(self) -> Cursor:
        """Its place in the keeper's list, also in the address of a page of that list.

        Without a promised day it comes after all that have one.
        """
        day_no = (self.bring_on or date.max).toordinal()
        return int(self.state == ANNOUNCED), day_no, to_us(self.announced_at), self.id


@dataclass(frozen=True, slots=True)
class Deposit:
    """One deposit in any state. **Units**: pieces; ``value_yuan`` for thanks only.

    ``receipt_no`` and ``receipt_token`` are set once something was accepted, if the donor chose a
    receipt.
    """

    id: int
    store_id: int
    store_code: str
    donor_person_id: int | None
    donor_organisation_id: int | None
    thanks: str
    channel: str
    state: str
    announced_at: datetime | None
    code: str | None
    valid_until_on: date | None
    received_at: datetime | None
    receipt_no: str | None
    receipt_token: str | None
    txn_id: int | None
    accepted: int
    refused: int
    value_yuan: int
    announced: tuple[ToldLine, ...]
    lines: tuple[DepositLine, ...]

    @property
    def points(self) -> int:
        """The points that its donor was credited with, instead of a receipt."""
        return points_of(self.thanks, self.value_yuan)


def _deposits(community_id: Any) -> Select[Any]:
    of_store = and_(
        store.c.community_id == deposit_table.c.community_id,
        store.c.id == deposit_table.c.store_id,
    )
    return (
        select(deposit_table, store.c.code.label("store_code"))
        .join(store, of_store)
        .where(deposit_table.c.community_id == community_id)
    )


def _of_donor(is_theirs: ColumnElement[bool]) -> Select[Any]:
    query = _deposits(bindparam("of_community")).where(is_theirs, _KEY.beyond)
    return query.order_by(*_KEY.order).limit(up_to())


_KEY = Keyset((deposit_table.c.id,))
_DONOR = records_of(bindparam("of_community"), bindparam("of_donor"))
_OF_PERSON = _of_donor(deposit_table.c.donor_person_id.in_(_DONOR))
_OF_ORGANISATION = _of_donor(deposit_table.c.donor_organisation_id == bindparam("of_donor"))


def announced_deposits(
    session: Session, community_id: int, store_id: int | None = None
) -> list[AnnouncedDeposit]:
    """The deposits that wait for the keeper: those at the kiosk first, then by promised day."""
    query = _deposits(community_id).where(IS_OPEN)
    if store_id is not None:
        query = query.where(deposit_table.c.store_id == store_id)
    rows = session.execute(query).all()
    lines = _told_lines(session, community_id, [row.id for row in rows])
    found = [_announced(row, lines[row.id]) for row in rows]
    return sorted(found, key=lambda one: one.place)


def announced_by_code(session: Session, community_id: int, code: str) -> AnnouncedDeposit:
    """The announced list of a donor's code. **Refuses**: ``NotFound``."""
    row = session.execute(
        _deposits(community_id).where(IS_OPEN, deposit_table.c.code == code_in(code))
    ).first()
    if row is None:
        raise NotFound(kind="deposit")
    return _announced(row, _told_lines(session, community_id, [row.id])[row.id])


def deposit(session: Session, community_id: int, deposit_id: int) -> Deposit:
    """**Refuses**: ``NotFound``, also for a deposit of another community."""
    return _one(session, community_id, deposit_table.c.id == deposit_id)


def receipt_by_no(session: Session, community_id: int, receipt_no: str) -> Deposit:
    """The deposit of a printed receipt number, for staff. **Refuses**: ``NotFound``."""
    return _one(session, community_id, deposit_table.c.receipt_no == tidy_receipt_no(receipt_no))


def receipt_by_token(session: Session, community_id: int, token: str) -> Deposit:
    """The deposit of a receipt's QR code; whoever holds the paper may look.

    **Refuses**: ``NotFound``.
    """
    token = receipt_token_in(token) or ""
    return _one(session, community_id, deposit_table.c.receipt_token == token)


def deposits_of(
    session: Session,
    community_id: int,
    *,
    person_id: int | None = None,
    organisation_id: int | None = None,
    limit: int = 50,
    before: Cursor | None = None,
) -> list[Deposit]:
    """A page of the deposits of one donor, newest first."""
    query = _OF_PERSON if person_id is not None else _OF_ORGANISATION
    asked = {"of_community": community_id, "of_donor": person_id or organisation_id, "most": limit}
    rows = session.execute(query, asked | _KEY.asked(before)).all()
    return _whole(session, community_id, rows)


def deposits_of_person(
    session: Session,
    community_id: int,
    person_id: int,
    *,
    limit: int = 50,
    before: Cursor | None = None,
) -> list[Deposit]:
    """A page of what a person gave and where it went, without the recipients."""
    return deposits_of(session, community_id, person_id=person_id, limit=limit, before=before)


def _one(session: Session, community_id: int, condition: Any) -> Deposit:
    rows = session.execute(_deposits(community_id).where(condition)).all()
    if not rows:
        raise NotFound(kind="deposit")
    return _whole(session, community_id, rows)[0]


def _whole(session: Session, community_id: int, rows: Iterable[Row[Any]]) -> list[Deposit]:
    """Add to each deposit its announced lines, its judged lines, and where the pieces are now."""
    rows = list(rows)
    ids = [row.id for row in rows]
    announced = _told_lines(session, community_id, ids)
    judged = _judged_lines(session, community_id, ids)
    return [
        Deposit(
            id=row.id,
            store_id=row.store_id,
            store_code=row.store_code,
            donor_person_id=row.donor_person_id,
            donor_organisation_id=row.donor_organisation_id,
            thanks=row.thanks,
            channel=row.channel,
            state=row.state,
            announced_at=row.announced_at,
            code=row.code,
            valid_until_on=row.valid_until_on,
            received_at=row.received_at,
            receipt_no=row.receipt_no,
            receipt_token=row.receipt_token,
            txn_id=row.txn_id,
            accepted=row.accepted_pieces,
            refused=row.refused_pieces,
            value_yuan=row.value_yuan,
            announced=tuple(announced[row.id]),
            lines=tuple(judged[row.id]),
        )
        for row in rows
    ]


def _told_lines(
    session: Session, community_id: int, deposit_ids: list[int]
) -> dict[int, list[ToldLine]]:
    of_item = and_(
        item.c.community_id == announced_line.c.community_id,
        item.c.id == announced_line.c.item_id,
    )
    rows = session.execute(
        select(announced_line, item.c.name_zh, item.c.name_en, item.c.unit_zh, item.c.unit_en)
        .outerjoin(item, of_item)
        .where(
            announced_line.c.community_id == community_id,
            announced_line.c.deposit_id.in_(deposit_ids),
        )
        .order_by(announced_line.c.deposit_id, announced_line.c.line)
    )
    by_deposit: dict[int, list[ToldLine]] = defaultdict(list)
    for row in rows:
        by_deposit[row.deposit_id].append(
            ToldLine(
                line=row.line, item_id=row.item_id, name_zh=row.name_zh or row.described,
                name_en=row.name_en or row.described, unit_zh=row.unit_zh or "",
                unit_en=row.unit_en or "", described=row.described, pieces=row.pieces,
                condition=row.condition, best_before_on=row.best_before_on,
            )
        )  # fmt: skip
    return by_deposit


def _judged_lines(
    session: Session, community_id: int, deposit_ids: list[int]
) -> dict[int, list[DepositLine]]:
    of_item = and_(
        item.c.community_id == deposit_line.c.community_id, item.c.id == deposit_line.c.item_id
    )
    of_lot = and_(
        lot.c.community_id == deposit_line.c.community_id,
        lot.c.deposit_id == deposit_line.c.deposit_id,
        lot.c.line == deposit_line.c.line,
    )
    rows = session.execute(
        select(
            deposit_line,
            item.c.name_zh,
            item.c.name_en,
            item.c.unit_zh,
            item.c.unit_en,
            lot.c.id.label("lot_id"),
            lot.c.account_id,
            lot.c.state.label("lot_state"),
            lot.c.disposed_pieces,
        )
        .outerjoin(item, of_item)
        .outerjoin(lot, of_lot)
        .where(
            deposit_line.c.community_id == community_id,
            deposit_line.c.deposit_id.in_(deposit_ids),
        )
        .order_by(deposit_line.c.deposit_id, deposit_line.c.line)
    ).all()
    accounts = [row.account_id for row in rows if row.account_id is not None]
    balances = balances_of(session, community_id, accounts)
    found: dict[int, list[DepositLine]] = defaultdict(list)
    for row in rows:
        found[row.deposit_id].append(_judged(row, balances.get(row.account_id, Balances())))
    return found


def _judged(row: Row[Any], balances: Balances) -> DepositLine:
    disposed = row.disposed_pieces or 0
    waits = row.lot_state == AWAITING_CLEANING
    return DepositLine(
        line=row.line,
        item_id=row.item_id,
        name_zh=row.name_zh or row.described,
        name_en=row.name_en or row.described,
        unit_zh=row.unit_zh or "",
        unit_en=row.unit_en or "",
        described=row.described,
        condition=row.condition,
        best_before_on=row.best_before_on,
        brought=row.brought_pieces,
        accepted=row.accepted_pieces,
        refused=row.refused_pieces,
        refuse_code=row.refuse_code,
        refuse_note=row.refuse_note,
        maker_lot=row.maker_lot or "",
        refuse_why=tuple(row.refuse_why.split(",")) if row.refuse_why else (),
        value_yuan=row.value_yuan,
        lot_id=row.lot_id,
        on_shelf=0 if waits else balances.posted,
        waiting=balances.posted if waits else 0,
        issued=row.accepted_pieces - balances.posted - disposed if row.lot_id else 0,
        disposed=disposed,
    )


def _announced(row: Row[Any], lines: list[ToldLine]) -> AnnouncedDeposit:
    return AnnouncedDeposit(
        id=row.id,
        store_id=row.store_id,
        store_code=row.store_code,
        donor_person_id=row.donor_person_id,
        donor_organisation_id=row.donor_organisation_id,
        thanks=row.thanks,
        channel=row.channel,
        state=row.state,
        announced_at=row.announced_at,
        code=row.code,
        bring_on=row.bring_on,
        valid_until_on=row.valid_until_on,
        lines=tuple(lines),
    )
