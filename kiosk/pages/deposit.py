"""存: the donor lists goods one by one and confirms; the keeper checks them later."""

from datetime import date

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from kiosk import formats
from kiosk.desk import _, go, kiosk, record, show, visit
from kiosk.devices.scanner import is_barcode
from kiosk.outbox import NewEvent
from kiosk.visit import UnfinishedDeposit, UnfinishedLine
from timebank.goods.rules import EIGHT_TENTHS, NEW, NINE_TENTHS
from timebank.kiosks import wire
from timebank.typed import code_in, read_whole
from timebank.values import from_us, local_day

blueprint = Blueprint("deposit", __name__, url_prefix="/deposit")
ITEMS_PER_PAGE = 8
# Conditions that a donor may choose. Goods in worse condition are not accepted.
CONDITIONS = (NEW, NINE_TENTHS, EIGHT_TENTHS)


def _deposit() -> UnfinishedDeposit:
    now = visit()
    if now.deposit is None:
        now.deposit = UnfinishedDeposit()
    return now.deposit


@blueprint.get("")
def page() -> ResponseReturnValue:
    """The list so far, and three ways to add to it: scan, choose, type."""
    if not kiosk().is_disk_fit:
        visit().notice = _("这台机器现在存不下新的记录，请到柜台办理。")
        return go("/")
    deposit = _deposit()
    if deposit.entry is not None:
        return go(_question(deposit.entry))
    return show("deposit.html", deposit=deposit, item_of=kiosk().known.item)


@blueprint.get("/list")
def items_page() -> str:
    """The catalogue, a few items per page."""
    _deposit()
    items = kiosk().known.snapshot.items
    last = max((len(items) - 1) // ITEMS_PER_PAGE, 0)
    number = min(read_whole(request.args.get("page", "")) or 0, last)
    start = number * ITEMS_PER_PAGE
    return show(
        "deposit_list.html", items=items[start : start + ITEMS_PER_PAGE], number=number, last=last
    )


@blueprint.get("/code")
def code_page() -> str:
    """Type the digits below the barcode."""
    _deposit()
    return show("deposit_code.html")


@blueprint.post("/code")
def code_typed() -> ResponseReturnValue:
    digits = code_in(request.form.get("digits", ""))
    if not is_barcode(digits):
        visit().notice = _("数字没有对上，请看着条码再输一次。")
        return go("/deposit/code")
    return begin_item(digits)


def begin_item(barcode: str) -> ResponseReturnValue:
    """Begin a line for a scanned or typed barcode."""
    item = kiosk().known.item_of_barcode(barcode)
    if item is None:
        visit().notice = _("目录里没有这个条码，请从列表里选。")
        return go("/deposit")
    return _begin(item)


def _begin(item: wire.CatalogueItem) -> ResponseReturnValue:
    deposit = _deposit()
    if len(deposit.lines) >= wire.LINES_MAX:
        visit().notice = _("一次最多 %(count)s 种，其余请再存一次。", count=wire.LINES_MAX)
        return go("/deposit")
    deposit.entry = UnfinishedLine(item.item_id)
    return go("/deposit/pieces")


@blueprint.post("/pick")
def pick() -> ResponseReturnValue:
    item = kiosk().known.item(read_whole(request.form.get("item_id", "")) or 0)
    return _begin(item) if item else go("/deposit/list")


def _entry() -> tuple[UnfinishedLine, wire.CatalogueItem] | None:
    """The unfinished line and its item. None if the browser went Back to a finished line."""
    deposit = visit().deposit
    entry = deposit.entry if deposit else None
    item = kiosk().known.item(entry.item_id) if entry else None
    return (entry, item) if entry and item else None


def _question(entry: UnfinishedLine) -> str:
    """The next question about a line."""
    item = kiosk().known.item(entry.item_id)
    if item is None or not entry.is_counted:
        return "/deposit/pieces"
    if item.has_best_before:
        return "/deposit/before"
    return "/deposit/condition"


@blueprint.get("/pieces")
def pieces_page() -> ResponseReturnValue:
    found = _entry()
    if found is None:
        return go("/deposit")
    return show("deposit_pieces.html", entry=found[0], item=found[1], most=wire.PIECES_MAX)


@blueprint.post("/pieces")
def pieces_told() -> ResponseReturnValue:
    """Store the number of pieces; then ask the one question that the item still needs."""
    entry = _entry()
    if entry is None:
        return go("/deposit")
    pieces = read_whole(request.form.get("pieces", "")) or 0
    if not 1 <= pieces <= wire.PIECES_MAX:
        visit().notice = _("请说有几件，从 1 到 %(most)s。", most=wire.PIECES_MAX)
        return go("/deposit/pieces")
    entry[0].pieces, entry[0].is_counted = pieces, True
    return go(_question(entry[0]))


@blueprint.get("/condition")
def condition_page() -> ResponseReturnValue:
    found = _entry()
    if found is None:
        return go("/deposit")
    return show("deposit_condition.html", item=found[1], conditions=CONDITIONS)


@blueprint.post("/condition")
def condition_told() -> ResponseReturnValue:
    found, condition = _entry(), request.form.get("condition", "")
    if found is None or condition not in CONDITIONS:
        return go("/deposit")
    return _add(found[0], condition, None)


@blueprint.get("/before")
def before_page() -> ResponseReturnValue:
    found = _entry()
    if found is None:
        return go("/deposit")
    return show("deposit_before.html", item=found[1])


@blueprint.post("/before")
def before_told() -> ResponseReturnValue:
    """Store the best-before day. Refuse expired goods with a friendly sentence."""
    entry = _entry()
    if entry is None:
        return go("/deposit")
    on = formats.read_day(request.form.get("digits", ""))
    today = local_day(from_us(kiosk().clock()))
    if on is None or not today.year - 2 <= on.year <= today.year + 30:
        visit().notice = _("请输八位数字，年、月、日，例如 20270131。")
        return go("/deposit/before")
    if on < today:
        visit().notice = _("这一天已经过了。过了期的食品不能收，谢谢您的心意。")
        return go("/deposit/before")
    return _add(entry[0], NEW, on)


def _add(entry: UnfinishedLine, condition: str, best_before_on: date | None) -> ResponseReturnValue:
    deposit = _deposit()
    deposit.lines.append(
        wire.WireDepositLine(entry.item_id, entry.pieces, condition, best_before_on)
    )
    deposit.entry = None
    return go("/deposit")


@blueprint.post("/drop")
def drop() -> ResponseReturnValue:
    """Remove a line from the list, or cancel the unfinished one."""
    deposit = _deposit()
    number = read_whole(request.form.get("line", ""))
    if number is not None and number < len(deposit.lines):
        del deposit.lines[number]
    else:
        deposit.entry = None
    return go("/deposit")


@blueprint.get("/check")
def check_page() -> ResponseReturnValue:
    deposit = _deposit()
    if not deposit.lines:
        return go("/deposit")
    return show("deposit_check.html", deposit=deposit, item_of=kiosk().known.item)


@blueprint.post("/confirm")
def confirm() -> ResponseReturnValue:
    """Record the deposit. A second tap, or Back and confirm, leads to the first result."""
    now, event_id = visit(), request.form.get("event_id", "")
    first = kiosk().outbox.find(event_id)
    if first is not None and first.visit_id == now.id:
        return go(f"/done/{event_id}")
    deposit = now.deposit
    if deposit is None or deposit.event_id != event_id or not deposit.lines:
        return go("/deposit")
    body = wire.DepositRecorded(tuple(deposit.lines))
    record(NewEvent(event_id, body, now.id, now.card.actor if now.card else None))
    now.deposit = None
    return go(f"/done/{event_id}")
