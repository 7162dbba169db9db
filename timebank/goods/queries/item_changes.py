"""What is and was proposed for the items of the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Select, and_, bindparam, cast, func, literal, select
from sqlalchemy.orm import Session

from timebank.db import up_to, waiting_row, written
from timebank.errors import NotFound
from timebank.goods import may
from timebank.goods.entries import PROPOSED, asks_of
from timebank.goods.tables import IS_OPEN_CHANGE, item, item_change, stock_total
from timebank.people.queries import briefs, kin_of
from timebank.values import By


@dataclass(frozen=True, slots=True)
class ItemChange:
    """One proposal. What it does not speak of is None; names of staff are whole.

    ``said_before`` is JSON, ``settled_by`` empty where nobody else was needed.
    """

    id: int
    item_id: int | None
    kind: str
    since_on: date
    note: str
    name_zh: str | None
    name_en: str | None
    unit_zh: str | None
    unit_en: str | None
    item_kind: str | None
    reference_fen: int | None
    shelf_life_days: int | None
    needs_cleaning: bool | None
    is_loan: bool | None
    storage: str | None
    asks: str | None
    said_before: str | None
    state: str
    asked_by_person_id: int
    settled_by_person_id: int | None
    asked_at: datetime
    settled_at: datetime | None
    done_at: datetime | None
    asked_by: str
    settled_by: str

    @property
    def asked(self) -> tuple[str, ...]:
        """What intake shall ask of the item."""
        return asks_of(self.asks or "")

    @property
    def before(self) -> Mapping[str, Any]:
        """What the item said before this took effect."""
        return msgspec.json.decode(self.said_before) if self.said_before else {}


_OWN = (
    "id", "item_id", "kind", "since_on", "note", "name_zh", "name_en", "unit_zh", "unit_en",
    "item_kind", "reference_fen", "shelf_life_days", "needs_cleaning", "is_loan", "storage",
    "asks", "said_before", "state", "asked_by_person_id", "settled_by_person_id", "asked_at",
    "settled_at", "done_at",
)  # fmt: skip
_CHANGES = (
    select(*(item_change.c[name] for name in _OWN))
    .where(item_change.c.community_id == bindparam("of_community"))
    .order_by(item_change.c.asked_at.desc(), item_change.c.id.desc())
)
_OPEN = _CHANGES.where(IS_OPEN_CHANGE)
_OF_ITEM = _CHANGES.where(item_change.c.item_id == bindparam("of_item")).limit(up_to())
_NAMED = _CHANGES.where(item_change.c.id == bindparam("named"))


def open_item_changes(session: Session, community_id: int) -> list[ItemChange]:
    """What waits for a second person or for its day, the newest first."""
    return _changes(session, community_id, _OPEN, {})


def item_changes(
    session: Session, community_id: int, item_id: int, *, most: int
) -> list[ItemChange]:
    """The newest proposals for an item, whatever became of them."""
    return _changes(session, community_id, _OF_ITEM, {"of_item": item_id, "most": most})


def item_change_named(session: Session, community_id: int, change_id: int) -> ItemChange:
    """One proposal. **Refuses**: ``NotFound``."""
    found = _changes(session, community_id, _NAMED, {"named": change_id})
    if not found:
        raise NotFound(kind="item_change")
    return found[0]


def _people(row: Any) -> set[int]:
    return {row.asked_by_person_id, row.settled_by_person_id} - {None}


def _changes(
    session: Session, community_id: int, statement: Select[Any], asked: dict[str, Any]
) -> list[ItemChange]:
    """Read proposals with the names of the staff who made and settled them."""
    rows = session.execute(statement, {"of_community": community_id, **asked}).all()
    ids = {person_id for row in rows for person_id in _people(row)}
    names: dict[int | None, str] = {None: ""}
    names |= {one.id: one.name for one in briefs(session, community_id, sorted(ids)).values()}
    return [
        ItemChange(
            **row._mapping,
            asked_by=names[row.asked_by_person_id],
            settled_by=names[row.settled_by_person_id],
        )
        for row in rows
    ]


_ON_HAND = (
    select(stock_total.c.item_id, cast(func.sum(stock_total.c.pieces), BigInteger))
    .where(stock_total.c.community_id == bindparam("of_community"))
    .group_by(stock_total.c.item_id)
)


def pieces_on_hand(session: Session, community_id: int) -> dict[int, int]:
    """The pieces of each item in all stores; an item without any is left out."""
    rows = session.execute(_ON_HAND, {"of_community": community_id})
    return {item_id: pieces for item_id, pieces in rows if pieces}


def waiting_item_changes(by: By) -> Select[Any] | None:
    """Proposals that somebody may agree to, because neither they nor their household made them."""
    if not may.DECIDE_ITEMS.is_held_everywhere(by):
        return None
    names = (
        func.coalesce(item.c.name_zh, item_change.c.name_zh),
        func.coalesce(item.c.name_en, item_change.c.name_en),
    )
    return (
        waiting_row(
            "item_change", item_change.c.id, since=item_change.c.asked_at, names=names,
            number=item_change.c.kind, count=literal(1),
        )
        .outerjoin(
            item,
            and_(
                item.c.community_id == item_change.c.community_id,
                item.c.id == item_change.c.item_id,
            ),
        )
        .where(
            item_change.c.community_id == by.community_id,
            IS_OPEN_CHANGE,
            item_change.c.state == written(PROPOSED),
            item_change.c.asked_by_person_id.not_in(kin_of(by)),
        )
    )  # fmt: skip
