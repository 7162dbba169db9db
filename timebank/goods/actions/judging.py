"""Judge the lines of a deposit by the rules and by what the catalogue says today."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, select

from timebank.db import among
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotFound
from timebank.goods.actions.taking_up import take_up_due
from timebank.goods.entries import asks_of, is_retired
from timebank.goods.refusals import ItemRetired
from timebank.goods.rules import LINES_MAX, ItemTraits, JudgedLine, Verdict, judge
from timebank.goods.tables import announced_line, item
from timebank.policy.queries import parameters_on
from timebank.values import local_day, new_id


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """One line with its verdict and its lot."""

    number: int
    line: JudgedLine
    verdict: Verdict
    item: Row[Any] | None
    lot_id: int | None


_ITEMS = select(item).where(
    item.c.community_id == bindparam("of_community"),
    among(item.c.id, "item_ids"),
)
# Shared locks: an item is retired before this intake or after it, never in between.
_ITEMS_KEPT = _ITEMS.order_by(item.c.id).with_for_update(read=True)


def judge_lines(deed: Deed, lines: tuple[JudgedLine, ...]) -> list[LineVerdict]:
    """Judge each line; what the catalogue changes from today on counts already.

    **Refuses**: ``BadInput``; ``NotFound``; ``ItemRetired`` for pieces of a retired item.
    """
    if not 1 <= len(lines) <= LINES_MAX:
        raise BadInput(field="lines", why="count", most=LINES_MAX)
    take_up_due(deed)
    on = local_day(deed.now)
    parameters = parameters_on(deed.session, deed.community_id, on)
    wanted = {line.item_id for line in lines if line.item_id is not None}
    asked = {"of_community": deed.community_id, "item_ids": list(wanted)}
    catalogue = {row.id: row for row in deed.session.execute(_ITEMS_KEPT, asked)}
    judged = []
    for number, line in enumerate(lines):
        if line.item_id is not None and line.item_id not in catalogue:
            raise NotFound(kind="item", line=number)
        row = None if line.item_id is None else catalogue[line.item_id]
        traits = _traits(row) if row else None
        verdict = judge(line, traits, on=on, parameters=parameters, number=number)
        if row and verdict.accepted and is_retired(row.retired_on, on):
            raise ItemRetired(line=number, since_on=row.retired_on.isoformat())
        lot_id = new_id() if verdict.accepted else None
        judged.append(
            LineVerdict(number=number, line=line, verdict=verdict, item=row, lot_id=lot_id)
        )
    return judged


def _traits(row: Row[Any]) -> ItemTraits:
    return ItemTraits(
        kind=row.kind,
        reference_fen=row.reference_fen,
        needs_cleaning=row.needs_cleaning,
        shelf_life_days=row.shelf_life_days,
        asks=asks_of(row.asks),
    )


def check_announced(deed: Deed, deposit_id: int | None, lines: tuple[JudgedLine, ...]) -> None:
    """Check that each line that refers to an announced line refers to this announcement.

    **Refuses**: ``BadInput``.
    """
    announced = {line.announced_line for line in lines} - {None}
    if not announced:
        return
    known = deed.session.scalars(
        select(announced_line.c.line).where(
            announced_line.c.community_id == deed.community_id,
            announced_line.c.deposit_id == (deposit_id or 0),
        )
    )
    if unknown := announced - set(known):
        number = next(at for at, line in enumerate(lines) if line.announced_line in unknown)
        raise BadInput(field=f"lines.{number}.announced_line", why="unknown")
