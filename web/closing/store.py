"""Close of day: the count, its differences from the books, and the second signature."""

from dataclasses import dataclass, field
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy.orm import Session

from timebank.aid.actions import cancel_claim
from timebank.aid.queries import Promise, promises_on
from timebank.closing import may
from timebank.closing.actions import close_day, count_day, open_day
from timebank.closing.queries import Day, Draft, Sheet, day_of, draft_sheet, sheets_of, till_of
from timebank.closing.refusals import CountOutdated
from timebank.closing.rules import KioskDay, kiosk_days, outdated
from timebank.goods.queries import Item, Store, items, lots_named, lots_on_hand
from timebank.people.closeness import Involved, closeness
from timebank.values import By
from web import units
from web.aid.finding import Finding
from web.auth import current_by, needs
from web.closing.counts import (
    CountedLine,
    forget_looks,
    has_strange_line,
    items_to_add,
    judge_reasons,
    lines_of,
    reason_words,
    shown_lines,
    typed,
)
from web.closing.signers import Signers, signers_of
from web.formats import own_name
from web.forms import PlainForm
from web.goods.shop import shop_of
from web.listing import Listed, listed, read_cursor
from web.pages import BOTH, STORE, page
from web.reader import gettext as _
from web.reader import language
from web.reading import read_id
from web.redrawing import is_redrawn

SHEETS_A_PAGE = 14  # Two weeks of signed sheets.


@dataclass(slots=True)
class Difference:
    """The difference of an item from the books, over all its lots. **Units**: pieces."""

    item: Item
    expected: int = 0
    counted: int = 0
    reason: str = ""
    note: str = ""
    promises: list[Promise] = field(default_factory=list)

    @property
    def difference(self) -> int:
        return self.counted - self.expected


@dataclass(slots=True)
class DayPage:
    """The content of the day page."""

    shop: Store
    day: Day
    lines: list[CountedLine]
    to_add: list[Item]
    draft: Draft | None
    kiosk_days: list[KioskDay]
    differences: list[Difference]
    sheets: Listed[Sheet]
    signers: Signers
    may_count: bool
    may_sign: bool


@page(STORE, "/day", "day", methods=BOTH)
@needs(may.READ_DAY)
def day() -> Any:
    """Show the state of the day, and do what the pressed button says."""
    by, form = current_by(), PlainForm()
    with units.reading() as session:
        today = _read(session, by, shop_of(session, by, may.READ_DAY))
    step = _step(form, today) if request.method == "POST" else ""
    if step == "done":
        return redirect(url_for("store.day", store=today.shop.id), 303)
    if getattr(form, "refusal", None) is not None:
        with units.reading() as session:  # The state of the day may have changed meanwhile.
            values = {line.key: line.faults for line in today.lines}
            today = _read(session, by, today.shop)
        for line in today.lines:
            line.faults = values.get(line.key, line.faults)
    template = "closing/store_day_check.html" if step == "check" else "closing/store_day.html"
    counts_again = today.may_count and (step in ("count", "again") or _asks_again(today.day))
    return units.draw(
        template, form=form, today=today, is_counting=counts_again or today.day.state == "open",
        shows_books="show" in request.form or request.form.get("shown") == "1",
        reasons=reason_words(), now=units.now(), address=url_for("store.day", store=today.shop.id),
        finding=Finding.of_request(), shown_lines=shown_lines,
    )  # fmt: skip


def _asks_again(found: Day) -> bool:
    return found.state == "counted" and request.args.get("again") == "1"


def _read(session: Session, by: By, shop: Store) -> DayPage:
    day = day_of(session, by.community_id, shop.id)
    catalogue = {item.id: item for item in items(session, by.community_id)}
    lots = lots_on_hand(session, by.community_id, now=units.now(), store_id=shop.id)
    till = till_of(session, by.community_id, shop.id)
    lines, draft, differences = lines_of(lots, catalogue, till), None, []
    if day.count is not None and day.is_open:
        draft = draft_sheet(session, by.community_id, shop.id, day)
        differences = _differences(session, by, day, catalogue)
    return DayPage(
        shop=shop, day=day, lines=lines, to_add=items_to_add(lines, catalogue), draft=draft,
        kiosk_days=_kiosk_days(draft), differences=differences,
        sheets=_sheets(session, by, shop),
        signers=signers_of(session, by), may_count=may.COUNT_DAY.is_held_at(by, shop.place_id),
        may_sign=may.SIGN_DAY.is_held_at(by, shop.place_id) and not _counted_by(session, day, by),
    )  # fmt: skip


def _sheets(session: Session, by: By, shop: Store) -> Listed[Sheet]:
    before = read_cursor(request.args.get("before"), 1)
    found = sheets_of(session, by.community_id, shop.id, limit=SHEETS_A_PAGE + 1, before=before)
    return listed(found, SHEETS_A_PAGE, lambda one: (one.no,), at=before)


def _kiosk_days(draft: Draft | None) -> list[KioskDay]:
    waiting = draft.clearing if draft else ()
    return kiosk_days((pending.device_id, pending.since_at, pending.pieces) for pending in waiting)


def _counted_by(session: Session, found: Day, by: By) -> bool:
    """Tell whether the reader or a housemate counted, so that somebody else must sign."""
    count = found.count
    if count is None:
        return False
    counter = Involved((count.counted_by,), (count.counted_person_id,))
    return closeness(session, by, counter) is not None


def _differences(
    session: Session, by: By, found: Day, catalogue: dict[int, Item]
) -> list[Difference]:
    """Add up the lots of a count by item, and list the reservations on missing pieces."""
    count = found.count
    lines = count.lots if count else ()
    named = lots_named(session, by.community_id, [line.id for line in lines])
    differences: dict[int, Difference] = {}
    for line in lines:
        difference = differences.setdefault(
            named[line.id].item_id, Difference(catalogue[named[line.id].item_id])
        )
        difference.expected += line.expected
        difference.counted += line.counted
        difference.reason, difference.note = (
            line.reason or difference.reason,
            line.note or difference.note,
        )
    short = [line.id for line in lines if line.difference < 0]
    for promise in promises_on(session, by.community_id, short):
        differences[named[promise.lot_id].item_id].promises.append(promise)
    for find in count.found if count else ():
        item = catalogue[find.item_id]
        differences[find.item_id] = Difference(
            item=item, counted=find.counted, reason=find.reason, note=find.note
        )
    found_ones = [difference for difference in differences.values() if difference.reason]
    return sorted(found_ones, key=lambda one: one.item.name_zh)


def _step(form: PlainForm, today: DayPage) -> str:
    """Do what the button says; return the next page, or ``done``."""
    if not form.validate_on_submit():
        form.renew()
        return "count" if is_redrawn() and typed(today.lines) else ""
    for name, work in _STEPS.items():
        if name in request.form:
            return work(form, today)
    return "count"  # Enter in a field, or an unknown button: keep what was typed.


def _open(form: PlainForm, today: DayPage) -> str:
    receipt = units.tried(open_day, form, store_id=today.shop.id)
    if receipt is None:
        return ""
    flash(_("今天的账开始了。下班前来这里盘点。"))
    return "done"


def _back(form: PlainForm, today: DayPage) -> str:
    form.renew()
    return "count"


def _check(form: PlainForm, today: DayPage) -> str:
    """Compare with the current books; nothing is stored yet."""
    forget_looks(today.lines)
    form.renew()
    if _has_faults(form, today):
        return "count"
    return "count" if _is_blank(form, today) else "check"


def _has_faults(form: PlainForm, today: DayPage) -> bool:
    """Name each line that cannot be read; nothing of the form is taken then."""
    for line in today.lines:
        if line.faults:
            name = own_name(line.item, language()) if line.item else _("钱箱里的现金")
            why = next(iter(line.faults.values()))
            form.form_errors.append(_("“%(name)s”：%(why)s", name=name, why=why))
    if has_strange_line(today.lines):
        form.form_errors.append(_("有一样刚才全部发完了，已经不在单子上。请再核对一遍。"))
    return bool(form.form_errors)


def _is_blank(form: PlainForm, today: DayPage) -> bool:
    """Tell, with a message, whether nothing was counted although there is something to count."""
    is_blank = bool(today.lines) and not typed(today.lines)
    if is_blank:
        form.form_errors.append(_("还没有写数量。数一样写一样，没有数的可以空着。"))
    return is_blank


def _count(form: PlainForm, today: DayPage) -> str:
    if _has_faults(form, today) or _is_blank(form, today):
        form.renew()
        return "count"
    lines = typed(today.lines)
    moved = next((line for line in lines if line.seen not in (None, line.expected)), None)
    if moved is not None:
        form.refuse(outdated(moved.id, moved.seen or 0, moved.expected, is_till=moved.is_till))
        _say_outdated(form, today)
        return "count"
    if not judge_reasons(lines):
        form.form_errors.append(_("不一样的地方，请每一行选一个原因。"))
        form.renew()
        return "check"
    cash = next((line.as_counted() for line in lines if line.is_till), None)
    receipt = units.tried(
        count_day, form, store_id=today.shop.id, no=_number("no"),
        items=tuple(line.as_counted() for line in lines if not line.is_till), cash=cash,
    )  # fmt: skip
    if receipt is not None:
        flash(_("盘点写下来了。请另一位同事来核对、签字。"))
        return "done"
    if isinstance(form.refusal, CountOutdated):
        _say_outdated(form, today)
    return "count"


def _say_outdated(form: Any, today: DayPage) -> None:
    """List what has moved, so that the keeper recounts only that."""
    moved = next((line for line in today.lines if line.id == form.refusal.facts["line"]), None)
    if moved is None:
        return
    if moved.item is None:
        moved.faults["n"] = _("钱箱刚才有收付，请再数一次。")
    else:
        name = own_name(moved.item, language())
        moved.faults["n"] = _("“%(name)s”刚才有人领走或送来，请再数一次。", name=name)


def _sign(form: PlainForm, today: DayPage) -> str:
    receipt = units.tried(
        close_day, form, store_id=today.shop.id, no=_number("no"), round_id=_number("round_id")
    )
    if receipt is None:
        return ""
    flash(_("已签字，今天的账结好了。"))
    return "done"


def _release(form: PlainForm, today: DayPage) -> str:
    """Release a reservation whose pieces are missing: the household may choose again."""
    receipt = units.tried(cancel_claim, form, claim_id=_number("release"))
    if receipt is None:
        return ""
    flash(_("这一单已经取消，请告诉那户人家。"))
    return "done"


def _number(name: str) -> int:
    return read_id(request.form.get(name)) or 0


_STEPS = {
    "open": _open, "back": _back, "show": _back, "add": _back, "check": _check, "count": _count,
    "sign": _sign, "release": _release, "find_item": _back,
}  # fmt: skip
