"""Let what was agreed for the catalogue take effect, at once or on its day."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import bindparam, select, update

from timebank.db import written
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.deeds.tables import community
from timebank.goods import may
from timebank.goods.actions.catalogue import insert_items
from timebank.goods.entries import (
    ADD,
    AGREED,
    DONE,
    DRY,
    RESUME,
    RETIRE,
    NewItem,
    asks_of,
    next_number,
)
from timebank.goods.rules import in_store_ean
from timebank.goods.tables import IS_OPEN_CHANGE, item, item_change
from timebank.values import local_day

_CHANGED = (
    "name_zh", "name_en", "reference_fen", "shelf_life_days", "needs_cleaning", "storage", "asks",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ItemChangeFiled:
    """A proposal; ``state`` says whether it waits, is agreed for its day, or took effect."""

    item_change_id: int
    item_id: int | None
    state: str
    since_on: date


@dataclass(frozen=True, slots=True)
class ItemChangesTakenUp:
    item_change_ids: tuple[int, ...]


@action("take_up_item_changes")
def take_up_item_changes(deed: Deed) -> ItemChangesTakenUp:
    """Let agreed changes take effect whose day has come. **Refuses**: ``NotAllowed``."""
    may.DECIDE_ITEMS.require(deed.by)
    return ItemChangesTakenUp(take_up_due(deed))


_DUE = (
    select(item_change.c.id)
    .where(
        item_change.c.community_id == bindparam("of_community"),
        IS_OPEN_CHANGE,
        item_change.c.state == written(AGREED),
        item_change.c.since_on <= bindparam("on"),
    )
    .order_by(item_change.c.since_on, item_change.c.id)
)


def take_up_due(deed: Deed) -> tuple[int, ...]:
    """Do so within another deed, so that no gift is valued by the price of yesterday."""
    asked = {"of_community": deed.community_id, "on": local_day(deed.now)}
    if not deed.session.scalars(_DUE, asked).all():
        return ()
    lock_catalogue(deed)
    ids = tuple(deed.session.scalars(_DUE, asked))
    for change_id in ids:
        row = change_named(deed, change_id)
        _take_up(deed, row)
        audit(deed, name="take_up_item_change", subject_kind="item", subject_id=row.item_id)
    return ids


def lock_catalogue(deed: Deed) -> None:
    """Let one change of the catalogue wait for another, so that each sees what the other did."""
    deed.session.execute(
        select(community.c.id)
        .where(community.c.id == deed.community_id)
        .with_for_update(key_share=True)
    )


def change_named(deed: Deed, change_id: int) -> Any:
    """Read a proposal of this community by its id."""
    of = item_change.c
    return deed.session.execute(
        select(item_change).where(of.community_id == deed.community_id, of.id == change_id)
    ).one()


def write_change(deed: Deed, change_id: int, values: dict[str, Any]) -> None:
    """Write what became of a proposal."""
    deed.session.execute(
        update(item_change)
        .where(item_change.c.community_id == deed.community_id, item_change.c.id == change_id)
        .values(**values)
    )


def agreed(deed: Deed, row: Any) -> ItemChangeFiled:
    """Let what was agreed take effect, or wait for its day. An end is written at once."""
    if row.kind != RETIRE and row.since_on > local_day(deed.now):
        return ItemChangeFiled(row.id, row.item_id, AGREED, row.since_on)
    return ItemChangeFiled(row.id, _take_up(deed, row), DONE, row.since_on)


def _take_up(deed: Deed, row: Any) -> int:
    today = local_day(deed.now)
    if row.kind == ADD:
        (item_id,) = insert_items(deed, (_new_item(deed, row),))
        write_change(deed, row.id, {"state": DONE, "done_at": deed.now, "item_id": item_id})
        return item_id
    item_id = row.item_id
    values = {name: getattr(row, name) for name in _CHANGED if getattr(row, name) is not None}
    if row.kind == RETIRE:
        values = {"retired_on": max(row.since_on, today)}
    elif row.kind == RESUME:
        values = {"retired_on": None}
    is_item = (item.c.community_id == deed.community_id, item.c.id == item_id)
    before = deed.session.execute(select(item).where(*is_item)).one()
    said = msgspec.json.encode({name: getattr(before, name) for name in values}).decode()
    deed.session.execute(update(item).where(*is_item).values(**values))
    write_change(deed, row.id, {"state": DONE, "done_at": deed.now, "said_before": said})
    return int(item_id)


def _new_item(deed: Deed, row: Any) -> NewItem:
    known = deed.session.scalars(
        select(item.c.barcode).where(item.c.community_id == deed.community_id)
    )
    return NewItem(
        name_zh=row.name_zh,
        name_en=row.name_en,
        unit_zh=row.unit_zh,
        unit_en=row.unit_en,
        kind=row.item_kind,
        barcode=in_store_ean(next_number(known)),
        reference_fen=row.reference_fen,
        shelf_life_days=row.shelf_life_days,
        needs_cleaning=row.needs_cleaning,
        is_loan=row.is_loan,
        storage=row.storage or DRY,
        asks=asks_of(row.asks or ""),
    )
