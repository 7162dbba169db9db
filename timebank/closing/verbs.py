"""What people of a story do at the end of a day: open it, count, and sign what another counted."""

from timebank.closing import actions
from timebank.closing.queries import Day, day_of, sheet_of
from timebank.closing.rules import REASONS, Counted
from timebank.goods.queries import lots_on_hand
from timebank.goods.rules import CONDITIONS
from timebank.goods.setting import shop_id
from timebank.sealing.history import end_of_day, trial_balance
from timebank.stories.shapes import (
    Either,
    Keyed,
    Named,
    OneOf,
    Shape,
    anything,
    day,
    shaped,
    text,
    whole,
)
from timebank.stories.stage import Body, Stage
from timebank.values import By, pieces_of


@shaped(Keyed())
def open_day(stage: Stage, by: By, body: Body) -> Body:
    """Begin the day of the shop."""
    opened = stage.perform(actions.open_day, by, store_id=shop_id(stage))
    return {"number": opened.no, "day": opened.day}


_FOUND: dict[str, Shape] = {"condition": OneOf(CONDITIONS), "best_before": day}
_COUNTED = Either(
    Keyed({"pieces": whole}, {"because": OneOf(REASONS), "note": text, **_FOUND}), whole
)


@shaped(Keyed({"items": Named(_COUNTED)}))
def count_day(stage: Stage, by: By, body: Body) -> Body:
    """Count ``items``: each its pieces, or ``pieces`` with ``because`` and a ``note``."""
    books = _on_hand(stage)
    lines = tuple(
        _counted(
            stage.known("item", name), line if isinstance(line, dict) else {"pieces": line}, books
        )
        for name, line in body["items"].items()
    )
    day = _day(stage)
    counted = stage.perform(actions.count_day, by, store_id=shop_id(stage), no=day.no, items=lines)
    return {"round": counted.round, "differences": counted.differences}


def _counted(item_id: int, line: Body, books: dict[int, int]) -> Counted:
    return Counted(
        id=item_id,
        counted=line["pieces"],
        seen=books.get(item_id, 0),
        reason=line.get("because"),
        note=line.get("note", ""),
        condition=line.get("condition", "new"),
        best_before_on=line.get("best_before"),
    )


@shaped(Keyed())
def sign_day(stage: Stage, by: By, body: Body) -> Body:
    """Sign what another has counted: its sheet, item by item as it stands on it."""
    day = _day(stage)
    round_id = day.count.id if day.count else 0
    closed = stage.perform(
        actions.close_day, by, store_id=shop_id(stage), no=day.no, round_id=round_id
    )
    return {"number": closed.no, "items": _sheet(stage, closed.no)}


@shaped(Keyed({"day": day, "items": Named(Named(anything))}))
def check_as_of(stage: Stage, wanted: Body) -> Body:
    """Read what the books held of each item when a ``day`` ended, by the kinds of accounts."""
    names = {pieces_of(item_id): name for name, item_id in stage.names["item"].items()}
    with stage.database.reading() as session:
        lines = trial_balance(session, stage.community_id, end_of_day(wanted["day"]))
    items: dict[str, dict[str, int]] = {}
    for line in lines:
        if line.commodity_code in names:
            items.setdefault(names[line.commodity_code], {})[line.kind] = line.posted
    return {"day": wanted["day"], "items": items}


def _day(stage: Stage) -> Day:
    with stage.database.reading() as session:
        return day_of(session, stage.community_id, shop_id(stage))


def _on_hand(stage: Stage) -> dict[int, int]:
    pieces_by_item: dict[int, int] = {}
    with stage.database.reading() as session:
        for lot in lots_on_hand(
            session, stage.community_id, now=stage.now, store_id=shop_id(stage)
        ):
            pieces_by_item[lot.item_id] = pieces_by_item.get(lot.item_id, 0) + lot.on_hand
    return pieces_by_item


def _sheet(stage: Stage, no: int) -> dict[str, dict[str, int]]:
    """The lots of a signed sheet, added up by item."""
    with stage.database.reading() as session:
        lots = sheet_of(session, stage.community_id, shop_id(stage), no).told["lots"]
    sheet: dict[str, dict[str, int]] = {}
    for lot in lots:
        item = sheet.setdefault(stage.name_of("item", lot["item_id"]), {})
        for word in ("opening", "in", "out", "variance", "closing"):
            item[word] = item.get(word, 0) + lot[word]
    return sheet
