"""领: what the household may take, choosing, and the claim. All of it needs the server."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from kiosk.cards import ask, refresh_card
from kiosk.desk import _, go, kiosk, record, show, slip_of, visit
from kiosk.outbox import SAVED, NewEvent, StoredEvent
from kiosk.pages.pin import ask_pin
from kiosk.visit import Taking, Visit
from timebank.kiosks import wire
from timebank.typed import read_whole

blueprint = Blueprint("take", __name__, url_prefix="/take")
ROWS_PER_PAGE = 6
PATIENCE = 5.0  # Seconds to wait for the server's answer about a claim.
CHANGED, REFUSED = "changed", "refused"


@blueprint.get("")
def page() -> ResponseReturnValue:
    """What may be taken now, or why nothing, in the words of the web."""
    now = visit()
    stop = _stop(now)
    if stop is not None:
        return stop
    if now.taking is None or not now.taking.chosen:
        now.taking = None
    found = _asked(now)
    if found is None:
        return _nothing(now)
    if found.today.why is not None:
        return show("take_why.html", today=found.today)
    return go("/take/list")


def _stop(now: Visit) -> ResponseReturnValue | None:
    """What must come first: a card, its PIN, the connection."""
    if now.card is None or now.member is None:
        return show("need_card.html", title=_("我今天可以领什么"))
    if now.needs_pin:
        return ask_pin("/take")
    return None if kiosk().sync.is_up else show("take_down.html")


def _asked(now: Visit, lines: tuple[wire.TakeWanted, ...] = ()) -> Taking | None:
    """Ask the server again. What was chosen stays, as far as it is still there."""
    assert now.card is not None, "asked for before"
    question = wire.TakeAsked(now.card.ref, now.grant, lines)
    today = ask(lambda line, identity: line.take(identity, question))
    if today is None or not today.is_open:
        return None
    taking = now.taking or Taking(today)
    taking.today, taking.offered = today, today.offered
    taking.chosen = {line.item_id: line.pieces for line in taking.wanted()}
    now.taking = taking
    return taking


def _nothing(now: Visit) -> ResponseReturnValue:
    """The server did not answer, or the proof of the PIN has run out."""
    if kiosk().sync.is_up and now.member is not None and now.member.asks_pin:
        now.grant = None
        return ask_pin("/take")
    return show("take_down.html")


@blueprint.get("/list")
def list_page() -> ResponseReturnValue:
    """The items, a few per page, with what was chosen."""
    taking = visit().taking
    if taking is None:
        return go("/take")
    rows = taking.today.rows
    last = max((len(rows) - 1) // ROWS_PER_PAGE, 0)
    number = min(read_whole(request.args.get("page", "")) or 0, last)
    start = number * ROWS_PER_PAGE
    drawn = show(
        "take_list.html", taking=taking, rows=rows[start : start + ROWS_PER_PAGE],
        number=number, last=last,
    )  # fmt: skip
    visit().page = f"/take/list?page={number}"
    return drawn


@blueprint.get("/item/<int:item_id>")
def item_page(item_id: int) -> ResponseReturnValue:
    """How many pieces of one item."""
    taking = visit().taking
    row = taking.row(item_id) if taking else None
    if taking is None or row is None:
        return go("/take/list")
    back = visit().page if visit().page.startswith("/take/list") else "/take/list"
    return show("take_item.html", row=row, chosen=taking.chosen.get(item_id, 1), back_to=back)


@blueprint.post("/item")
def item_told() -> ResponseReturnValue:
    """Keep the number of pieces; zero takes the item off the list."""
    taking, item_id = visit().taking, read_whole(request.form.get("item_id", "")) or 0
    row = taking.row(item_id) if taking else None
    if taking is None or row is None:
        return go("/take/list")
    pieces = read_whole(request.form.get("pieces", ""))
    if "drop" in request.form or pieces == 0:
        taking.chosen.pop(item_id, None)
        return go("/take/list")
    if pieces is None or not 1 <= pieces <= row.most:
        visit().notice = _("请说要几件，从 1 到 %(most)s。", most=row.most)
        return go(f"/take/item/{item_id}")
    taking.chosen[item_id] = pieces
    return go("/take/list")


@blueprint.get("/check")
def check_page() -> ResponseReturnValue:
    """What would be given of it now. Nothing is set aside until the person confirms."""
    now = visit()
    stop = _stop(now)
    if stop is not None:
        return stop
    if now.taking is None or not now.taking.chosen:
        return go("/take")
    taking = _asked(now, now.taking.wanted())
    if taking is None:
        return _nothing(now)
    if not taking.chosen:
        now.notice = _("刚才选的物品已经被别人领走了，请再选一次。")
        return go("/take/list")
    is_asking = taking.today.why is not None
    given = sum(line.approved for line in taking.offered)
    return show(
        "take_check.html", taking=taking, is_asking=is_asking, given=given,
        is_less=not is_asking and any(line.approved < line.asked for line in taking.offered),
    )  # fmt: skip


@blueprint.post("/confirm")
def confirm() -> ResponseReturnValue:
    """Claim exactly what was shown. A second tap leads to the first result."""
    now, event_id = visit(), request.form.get("event_id", "")
    if _own(event_id) is not None:
        return go(f"/take/done/{event_id}")
    taking = now.taking
    if taking is None or taking.event_id != event_id or now.card is None or now.needs_pin:
        return go("/take")
    if not kiosk().sync.is_up:
        return show("take_down.html")
    lines = _confirmed(taking)
    if not lines:
        return go("/take/check")
    is_asking = taking.today.why is not None
    body = wire.GoodsClaimed(lines, now.grant, is_asking)
    record(NewEvent(event_id, body, now.id, now.card.actor), patience=PATIENCE)
    now.taking = None
    return go(f"/take/done/{event_id}")


def _confirmed(taking: Taking) -> tuple[wire.TakeWanted, ...]:
    """What the person saw and agrees to: what would be given, or what they ask a person for."""
    if taking.today.why is not None:
        return taking.wanted() if taking.today.may_ask else ()
    given = ((line.item_id, line.approved) for line in taking.offered)
    return tuple(wire.TakeWanted(item_id, pieces) for item_id, pieces in given if pieces)


def _own(event_id: str) -> StoredEvent | None:
    kept = kiosk().outbox.find(event_id)
    return kept if kept is not None and kept.visit_id == visit().id else None


@blueprint.get("/done/<event_id>")
def done(event_id: str) -> ResponseReturnValue:
    """What became of the claim; a reload asks again and changes nothing."""
    event, now = _own(event_id), visit()
    if event is None:
        return go("/")
    filed = None
    if event.state not in (SAVED, "review"):
        found = ask(lambda line, identity: line.result(identity, event.seq))
        filed = found.claim if found else None
    if filed is not None and filed.state == CHANGED:
        return _choose_again(now, event)
    refresh_card(now)
    return show("take_done.html", deed=event, filed=filed, slip=slip_of(event))


def _choose_again(now: Visit, event: StoredEvent) -> ResponseReturnValue:
    """Somebody else was faster, and nothing was filed: show what there is now."""
    body = event.body()
    taking = _asked(now) if now.card is not None and not now.needs_pin else None
    if taking is None or not isinstance(body, wire.GoodsClaimed):
        return go("/take")
    taking.chosen = taking.chosen or {line.item_id: line.pieces for line in body.lines}
    now.notice = _("刚才有人先领走了一些，什么都还没有留。请看看现在能给的数量。")
    return go("/take/check")
