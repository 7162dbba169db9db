"""What people of a story do at the end of a day: open it, count, and sign what another counted."""

from datetime import date
from typing import Any

from timebank.closing import actions
from timebank.closing.queries import Day, day_of, sheet_of
from timebank.closing.rules import Counted
from timebank.demo.player.stage import Stage
from timebank.goods.queries import lots_on_hand
from timebank.sealing.history import end_of_day, trial_balance
from timebank.values import By, pieces_of


def open_day(stage: Stage, by: By, body: dict[str, Any]) -> dict[str, Any]:
    """Begin the day of the shop."""
    opened = stage.perform(actions.open_day, by, store_id=stage.store_id)
    return {"number": opened.no, "day": opened.day}


def count_day(stage: Stage, by: By, body: dict[str, Any]) -> dict[str, Any]:
    """Count ``items``: each its pieces, or ``pieces`` with ``because`` and a ``note``."""
    books = _on_hand(stage)
    lines = tuple(
        _counted(stage.item(name), told if isinstance(told, dict) else {"pieces": told}, books)
        for name, told in body["items"].items()
    )
    day = _day(stage)
    counted = stage.perform(actions.count_day, by, store_id=stage.store_id, no=day.no, items=lines)
    return {"round": counted.round, "differences": counted.differences}


def _counted(item_id: int, told: dict[str, Any], books: dict[int, int]) -> Counted:
    seen = books.get(item_id, 0)
    return Counted(item_id, told["pieces"], seen, told.get("because"), told.get("note", ""))


def sign_day(stage: Stage, by: By, body: dict[str, Any]) -> dict[str, Any]:
    """Sign what another has counted: its sheet, item by item as it stands on it."""
    day = _day(stage)
    round_id = day.count.id if day.count else 0
    closed = stage.perform(
        actions.close_day, by, store_id=stage.store_id, no=day.no, round_id=round_id
    )
    return {"number": closed.no, "items": _sheet(stage, closed.no)}


def as_of(stage: Stage, told: dict[str, Any]) -> dict[str, Any]:
    """Read what the books held of each item when a ``day`` ended, by the kinds of accounts."""
    names = {pieces_of(item_id): name for name, item_id in stage.items.items()}
    day: date = told["day"]
    with stage.database.reading() as session:
        lines = trial_balance(session, stage.community_id, end_of_day(day))
    found: dict[str, dict[str, int]] = {}
    for line in lines:
        if line.commodity_code in names:
            found.setdefault(names[line.commodity_code], {})[line.kind] = line.posted
    return {"day": day, "items": found}


def _day(stage: Stage) -> Day:
    with stage.database.reading() as session:
        return day_of(session, stage.community_id, stage.store_id)


def _on_hand(stage: Stage) -> dict[int, int]:
    found: dict[int, int] = {}
    with stage.database.reading() as session:
        for lot in lots_on_hand(
            session, stage.community_id, now=stage.now, store_id=stage.store_id
        ):
            found[lot.item_id] = found.get(lot.item_id, 0) + lot.on_hand
    return found


def _sheet(stage: Stage, no: int) -> dict[str, dict[str, int]]:
    """The lots of a signed sheet, added up by item."""
    names = {item_id: name for name, item_id in stage.items.items()}
    with stage.database.reading() as session:
        lots = sheet_of(session, stage.community_id, stage.store_id, no).told["lots"]
    found: dict[str, dict[str, int]] = {}
    for lot in lots:
        item = found.setdefault(names[lot["item_id"]], {})
        for word in ("opening", "in", "out", "variance", "closing"):
            item[word] = item.get(word, 0) + lot[word]
    return found
