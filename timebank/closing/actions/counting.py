"""Open a day and count it. A count is never changed; a recount is another count."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert

from timebank.closing import may
from timebank.closing.queries.days import Day, day_of, till_of
from timebank.closing.rules import (
    CLOSED,
    Counted,
    Found,
    Judged,
    LotHeld,
    judge_count,
    judge_found,
    spread,
)
from timebank.closing.tables import (
    cash_count,
    count_round,
    day_count,
    day_cut,
    day_opening,
    found_count,
)
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotFound, WrongState
from timebank.goods.queries import LotOnHand, lots_handled, lots_on_hand, store_brief
from timebank.goods.queries import items as catalogue
from timebank.ledger.periods import passed_through
from timebank.rights import Right
from timebank.values import By, local_day, new_id


@dataclass(frozen=True, slots=True)
class DayOpened:
    """A day of a store that can be counted."""

    store_id: int
    no: int
    day: date


@dataclass(frozen=True, slots=True)
class DayCounted:
    """A count that waits for a second person. **Units**: ``differences`` is a number of lines."""

    store_id: int
    no: int
    round_id: int
    round: int
    lines: int
    differences: int


@action("open_day")
def open_day(deed: Deed, *, store_id: int) -> DayOpened:
    """Open today for a store, after the day that was closed last.

    **Refuses**: ``NotAllowed`` to all but its keeper and the coordinator; ``NotFound``;
    ``WrongState`` while another day is open, or if today was closed already.
    """
    check_serves(deed, store_id, may.OPEN_DAY)
    last, today = day_of(deed.session, deed.community_id, store_id), local_day(deed.now)
    if last.is_open:
        raise WrongState(state="day_open", day_on=str(last.day))
    if last.day is not None and last.day >= today:
        raise WrongState(state="day_closed", day_on=str(last.day))
    no = last.no + 1
    if no == 1:
        _cut_before_first_day(deed, store_id)
    deed.session.execute(
        insert(day_opening).values(
            community_id=deed.community_id, store_id=store_id, no=no, day=today,
            opened_by=deed.by.client, opened_person_id=deed.by.person_id, opened_at=deed.now,
        )
    )  # fmt: skip
    audit(deed, name="open_day", subject_kind="store", subject_id=store_id, facts={"no": no})
    return DayOpened(store_id, no, today)


def check_serves(deed: Deed, store_id: int, right: Right) -> None:
    """**Refuses**: ``NotAllowed`` if none of the roles covers the store; ``NotFound``."""
    right.require(deed.by)
    place_id = store_brief(deed.session, deed.community_id, store_id).place_id
    right.require_at(deed.by, place_id)


def _cut_before_first_day(deed: Deed, store_id: int) -> None:
    """Store the counters of the accounts before the first day.

    Lots that came and ended this morning are included: the sheet reads them once more.
    """
    today = local_day(deed.now)
    lots = lots_handled(deed.session, deed.community_id, store_id, since=today, lot_ids=())
    till = till_of(deed.session, deed.community_id, store_id)
    accounts = {lot.account_id: lot.id for lot in lots}
    named: dict[int, int | None] = {**accounts, **({till.account_id: None} if till else {})}
    passed = passed_through(deed.session, deed.community_id, named.keys())
    rows = [(lot, account, *passed[account]) for account, lot in named.items()]
    write_cut(deed, store_id=store_id, no=0, rows=rows)


def write_cut(deed: Deed, *, store_id: int, no: int, rows: Sequence[tuple[Any, ...]]) -> None:
    """Store the counters of accounts; **Shape**: rows are (lot, account, in, out)."""
    if not rows:
        return
    names = ("lot_id", "account_id", "posted_in", "posted_out")
    key = {"community_id": deed.community_id, "store_id": store_id, "no": no}
    deed.session.execute(
        insert(day_cut), [key | dict(zip(names, row, strict=True)) for row in rows]
    )


@action("count_day")
def count_day(
    deed: Deed,
    *,
    store_id: int,
    no: int,
    items: tuple[Counted, ...] = (),
    lots: tuple[Counted, ...] = (),
    cash: Counted | None = None,
) -> DayCounted:
    """Store a count, by whole items or by single lots.

    Omitted items are not counted, and the sheet says so. An item of which the books have none can
    be counted too; the signature opens a lot for what was found.

    **Refuses**: ``NotAllowed`` to all but a keeper of the store; ``NotFound``; ``WrongState`` if
    the day is not open; ``BadInput``; ``CountOutdated`` if the books have changed since the keeper
    compared.
    """
    check_serves(deed, store_id, may.COUNT_DAY)
    day = require_open(deed, store_id, no)
    held = lots_on_hand(deed.session, deed.community_id, now=deed.now, store_id=store_id)
    in_books = {lot.item_id for lot in held}
    finds = _found(deed, [line for line in items if line.id not in in_books])
    items = tuple(line for line in items if line.id in in_books)
    judged, in_till = _judged(deed, store_id, held, items=items, lots=lots, cash=cash, finds=finds)
    round_id, number = new_id(), (day.count.number if day.count else 0) + 1
    deed.session.execute(
        insert(count_round).values(
            community_id=deed.community_id, id=round_id, store_id=store_id, no=no, round=number,
            counted_by=deed.by.client, counted_person_id=deed.by.person_id, counted_at=deed.now,
        )
    )  # fmt: skip
    _write_lines(deed, round_id, judged=judged, finds=finds, in_till=in_till)
    differences = sum(bool(line.difference) for line in judged + in_till) + len(finds)
    lines = len(judged) + len(finds)
    audit(
        deed,
        name="count_day",
        subject_kind="store",
        subject_id=store_id,
        facts={"no": no, "round": number, "lines": lines, "differences": differences},
    )
    return DayCounted(
        store_id=store_id,
        no=no,
        round_id=round_id,
        round=number,
        lines=lines,
        differences=differences,
    )


def _write_lines(
    deed: Deed, round_id: int, *, judged: list[Judged], finds: list[Found], in_till: list[Judged]
) -> None:
    if judged:
        deed.session.execute(insert(day_count), _rows(deed.by, round_id, judged, "lot_id"))
    if finds:
        deed.session.execute(insert(found_count), _found_rows(deed.by, round_id, finds))
    if in_till:
        deed.session.execute(insert(cash_count), _rows(deed.by, round_id, in_till, "account_id"))


def _found(deed: Deed, lines: list[Counted]) -> list[Found]:
    """Judge the counts of items of which the books have none.

    **Refuses**: ``NotFound`` for what is no item of the catalogue; ``BadInput``;
    ``CountOutdated``.
    """
    if len({line.id for line in lines}) != len(lines):
        raise BadInput(field="lines", why="repeated")
    if not lines:
        return []
    wanted = [line.id for line in lines]
    known = {item.id: item for item in catalogue(deed.session, deed.community_id, wanted)}
    judged = []
    for line in lines:
        if line.id not in known:
            raise NotFound(kind="item")
        judged.append(judge_found(line, is_food=known[line.id].traits.is_food))
    return [line for line in judged if line is not None]


def _judged(
    deed: Deed,
    store_id: int,
    held: list[LotOnHand],
    *,
    items: tuple[Counted, ...],
    lots: tuple[Counted, ...],
    cash: Counted | None,
    finds: list[Found],
) -> tuple[list[Judged], list[Judged]]:
    """Compare a count with the books: the lots, and the till if it was counted."""
    judged = _judged_items(items, held)
    if {line.id for line in judged} & {line.id for line in lots}:
        raise BadInput(field="lines", why="repeated")
    judged += judge_count(lots, {lot.id: lot.on_hand for lot in held})
    till = till_of(deed.session, deed.community_id, store_id)
    if cash is not None and (till is None or cash.id != till.account_id):
        raise NotFound(kind="till")
    in_till = (
        judge_count([cash], {till.account_id: till.fen}, is_till=True) if cash and till else []
    )
    if (held or till) and not (judged or in_till or finds):
        raise BadInput(field="lines", why="needed")  # A day cannot close without a count.
    return judged, in_till


def _judged_items(items: tuple[Counted, ...], held: list[LotOnHand]) -> list[Judged]:
    """Judge the counts of whole items, and spread each over the lots of its item."""
    lots: dict[int, list[LotHeld]] = {}
    for lot in held:
        lots.setdefault(lot.item_id, []).append(
            LotHeld(lot.id, lot.on_hand, lot.on_hand - lot.held)
        )
    books = {item_id: sum(lot.on_hand for lot in some) for item_id, some in lots.items()}
    judged = judge_count(items, books)
    return [line for item in judged for line in spread(item, lots[item.id])]


def require_open(deed: Deed, store_id: int, no: int) -> Day:
    """The open day with this number. **Refuses**: ``WrongState`` if it is not the open one."""
    day = day_of(deed.session, deed.community_id, store_id)
    if day.no != no or not day.is_open:
        is_over = day.state == CLOSED or day.no != no
        raise WrongState(state="day_closed" if is_over else "day_not_open")
    return day


def _found_rows(by: By, round_id: int, found: list[Found]) -> list[dict[str, Any]]:
    return [
        {"community_id": by.community_id, "round_id": round_id, **asdict(find)} for find in found
    ]


def _rows(by: By, round_id: int, lines: list[Judged], name: str) -> list[dict[str, Any]]:
    return [
        {
            "community_id": by.community_id, "round_id": round_id, name: line.id,
            "expected": line.expected, "counted": line.counted, "difference": line.difference,
            "reason": line.reason, "note": line.note,
        }
        for line in lines
    ]  # fmt: skip
