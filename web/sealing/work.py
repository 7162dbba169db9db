"""The trial balance as of a day: every account by commodity, and that each sums to zero."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask import render_template, request

from timebank.goods.queries import Item, items
from timebank.sealing import may
from timebank.sealing.history import (
    LateItem,
    TrialLine,
    end_of_day,
    late_items,
    trial_balance,
)
from timebank.values import FEN, HONOUR, MINUTES, POINTS, SERVED, SHEETS
from web import formats, units
from web.auth import current_by, needs
from web.pages import DESK, WORK, MenuPlace, page
from web.reader import LazyString, language
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.reading import read_past_day
from web.subjects import gathered
from web.tables import Column, Table, table_of

COMMODITIES: Mapping[str, LazyString] = {
    MINUTES: _l("时间（时:分）"),
    SERVED: _l("累计服务（时:分）"),
    FEN: _l("资金（元）"),
    POINTS: _l("积分"),
    HONOUR: _l("荣誉值（元）"),
    SHEETS: _l("日结单（张）"),
}
_COLUMNS = (
    Column(key="kind", label=_l("账户"), kind="title"),
    Column(key="accounts", label=_l("户数"), kind="number"),
    Column(key="posted_in", label=_l("转入"), kind="number"),
    Column(key="posted_out", label=_l("转出"), kind="number"),
    Column(key="posted", label=_l("账面余额"), kind="number"),
    Column(key="pending", label=_l("预留"), kind="number"),
)
_ITEM_COLUMNS = (
    Column(key="name", label=_l("物品"), kind="title"),
    Column(key="donated", label=_l("捐入"), kind="number"),
    Column(key="lot", label=_l("在店"), kind="number"),
    Column(key="held", label=_l("其中预留"), kind="number"),
    Column(key="issued", label=_l("已发放"), kind="number"),
    Column(key="disposed", label=_l("已处理"), kind="number"),
    Column(key="other", label=_l("其他"), kind="number"),
    Column(key="left", label=_l("合计"), kind="number"),
)
_ITEM_KINDS = ("donated", "lot", "issued", "disposed")
_PIECES = "pieces:"


@dataclass(frozen=True, slots=True)
class Part:
    """One table of the sheet: all accounts of a commodity, or all items."""

    heading: str
    table: Table
    is_even: bool
    has_sum: bool = False


@dataclass(slots=True)
class ItemRow:
    """The pieces of one item, by where they are. What came in is shown without its sign."""

    name: str
    kinds: dict[str, int] = field(default_factory=dict)
    held: int = 0

    def add(self, line: TrialLine) -> None:
        self.kinds[line.kind] = self.kinds.get(line.kind, 0) + line.posted
        self.held += line.pending_out

    @property
    def cells(self) -> list[str]:
        lot, issued, disposed = (self.kinds.get(kind, 0) for kind in _ITEM_KINDS[1:])
        amounts = (-self.kinds.get("donated", 0), lot, self.held, issued, disposed)
        amounts = (*amounts, self.other, self.left)
        return [self.name, *(formats.number(count, language()) for count in amounts)]

    @property
    def other(self) -> int:
        return sum(count for kind, count in self.kinds.items() if kind not in _ITEM_KINDS)

    @property
    def left(self) -> int:
        return sum(self.kinds.values())


@dataclass(slots=True)
class Late:
    """Late items of one kind: they took place on the day and were posted later."""

    kind: str
    count: int
    last_at: datetime


PLACE = MenuPlace(bar=DESK, word=_l("试算平衡"), icon="book-open", order=50, right=may.READ_BOOKS)


@page(WORK, "/books", "books", places=(PLACE,))
@needs(may.READ_BOOKS)
def books() -> str:
    """Show the trial balance at the end of a past day, or now."""
    by, on = current_by(), read_past_day(request.args.get("on"), units.today())
    at = units.now() if on is None else end_of_day(on)
    with units.reading() as session:
        lines = trial_balance(session, by.community_id, at)
        late = late_items(session, by.community_id, on) if on else []
        catalogue = items(session, by.community_id)
    parts = [*_parts(lines), *_items(lines, catalogue)]
    return render_template(
        "sealing/work_books.html", on=on, at=at, today=units.today(), parts=parts, late=_late(late),
        is_even=all(part.is_even for part in parts),
    )  # fmt: skip


def _parts(lines: Sequence[TrialLine]) -> Iterable[Part]:
    codes = sorted({line.commodity_code for line in lines} - set(COMMODITIES))
    for code in (*COMMODITIES, *(code for code in codes if not code.startswith(_PIECES))):
        own = [line for line in lines if line.commodity_code == code]
        if own:
            rows = [*(_cells(account) for account in own), _sum_of(code, own)]
            quiet = () if any(account.pending_out for account in own) else ("pending",)
            table = _table(rows, _COLUMNS, quiet)
            yield Part(str(COMMODITIES.get(code, code)), table, _comes_out(own), has_sum=True)


def _table(rows: list[list[str]], columns: Sequence[Column], quiet: Collection[str]) -> Table:
    """Build a table without its empty columns."""
    shown = [n for n, column in enumerate(columns) if column.key not in quiet]
    return table_of([[row[n] for n in shown] for row in rows], [columns[n] for n in shown])


def _cells(line: TrialLine) -> list[str]:
    amounts = (line.posted_in, line.posted_out, line.posted, line.pending_out)
    return [
        str(gathered().accounts.get(line.kind, line.kind)),
        formats.number(line.accounts, language()),
        *(_amount(line.commodity_code, count) for count in amounts),
    ]


def _sum_of(code: str, lines: Sequence[TrialLine]) -> list[str]:
    sums = [
        sum(getattr(line, name) for line in lines)
        for name in ("posted_in", "posted_out", "posted", "pending_out")
    ]
    accounts = formats.number(sum(line.accounts for line in lines), language())
    return [_("合计"), accounts, *(_amount(code, count) for count in sums)]


def _comes_out(lines: Iterable[TrialLine]) -> bool:
    lines = list(lines)
    pending = sum(line.pending_in - line.pending_out for line in lines)
    return sum(line.posted for line in lines) == 0 == pending


def _amount(code: str, count: int) -> str:
    if code in (MINUTES, SERVED):
        return formats.clock_minutes(count, language())
    if code == FEN:
        return formats.fen(count, language()).rsplit(" ", 1)[0]
    return formats.number(count, language())


def _items(lines: Sequence[TrialLine], catalogue: Sequence[Item]) -> Iterable[Part]:
    """All items as one table: one line per item, and where its pieces are."""
    own = [line for line in lines if line.commodity_code.startswith(_PIECES)]
    if not own:
        return
    names = {f"{_PIECES}{item.id}": formats.own_name(item, language()) for item in catalogue}
    rows: dict[str, ItemRow] = {}
    for line in own:
        code = line.commodity_code
        rows.setdefault(code, ItemRow(names.get(code, code))).add(line)
    ordered = [rows[code].cells for code in names if code in rows]
    ordered += [rows[code].cells for code in rows.keys() - names.keys()]
    is_even = all(row.left == 0 for row in rows.values()) and _comes_out(own)
    quiet = [
        key for key in ("held", "other") if not any(getattr(row, key) for row in rows.values())
    ]
    yield Part(_("物品（件）"), _table(ordered, _ITEM_COLUMNS, quiet), is_even)


def _late(found: Sequence[LateItem]) -> list[Late]:
    """Group late items by kind; the newest shows by when all had arrived."""
    kinds: dict[str, Late] = {}
    for account in found:
        word = str(gathered().deeds.get(account.kind, account.kind))
        kept = kinds.setdefault(account.kind, Late(word, 0, account.posted_at))
        kept.count += 1
        kept.last_at = max(kept.last_at, account.posted_at)
    return list(kinds.values())
