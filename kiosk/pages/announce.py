"""登记: goods that are still at home. They will be brought; nothing is taken in now."""

from datetime import date

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from kiosk.cards import ask
from kiosk.desk import _, go, kiosk, record, show, slip_of, visit
from kiosk.outbox import NewEvent
from timebank.kiosks import wire

blueprint = Blueprint("announce", __name__, url_prefix="/announce")
PATIENCE = 5.0  # Seconds to wait for the code.


@blueprint.post("")
def confirm() -> ResponseReturnValue:
    """Record the list. A second tap, or Back and again, leads to the first result."""
    now, event_id = visit(), request.form.get("event_id", "")
    first = kiosk().outbox.find(event_id)
    if first is not None and first.visit_id == now.id:
        is_ours = first.type == "goods.announced"
        return go(f"/announce/{event_id}" if is_ours else f"/done/{event_id}")
    deposit = now.deposit
    if deposit is None or deposit.event_id != event_id or not deposit.lines:
        return go("/deposit")
    if now.card is None:
        now.notice = _("先登记、以后再带来的，要先刷卡，这样才知道是谁的。")
        return go("/deposit/check")
    body = wire.GoodsAnnounced(tuple(deposit.lines))
    record(NewEvent(event_id, body, now.id, now.card.actor), patience=PATIENCE)
    now.deposit = None
    return go(f"/announce/{event_id}")


@blueprint.get("/<event_id>")
def done(event_id: str) -> ResponseReturnValue:
    """The code for the counter, once the server has answered."""
    event = kiosk().outbox.find(event_id)
    if event is None or event.visit_id != visit().id or event.type != "goods.announced":
        return go("/")
    filed = None
    if event.state == "posted":
        found = ask(lambda line, identity: line.result(identity, event.seq))
        filed = found.announcement if found else None
    until_on = date.fromisoformat(filed.valid_until_on) if filed else None
    return show(
        "announce_done.html", deed=event, filed=filed, until_on=until_on, slip=slip_of(event)
    )
