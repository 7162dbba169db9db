"""取: hand out the goods of a claim. This needs the server; offline the page says so."""

import uuid

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from kiosk.cards import ask_server
from kiosk.desk import _, go, kiosk, record, show, until_words, visit
from kiosk.devices.scanner import Kind, read_scan
from kiosk.outbox import NewEvent
from kiosk.pages.pin import ask_pin
from kiosk.visit import Pickup, Visit
from timebank.aid.rules import WRONG_CODES_MAX
from timebank.kiosks import wire
from timebank.people.refusals import TooManyTries
from timebank.typed import read_whole

blueprint = Blueprint("pickup", __name__, url_prefix="/pickup")
PATIENCE = 5.0  # Seconds to wait for the server's answer before the goods are handed out.


@blueprint.get("")
def page() -> ResponseReturnValue:
    """The claims that are ready for the card or code; without either, ask for one."""
    now = visit()
    if not kiosk().sync.is_up:
        return _sent_home(now)
    if now.needs_pin and not (now.pickup and now.pickup.pickup_code):
        return ask_pin("/pickup")
    if now.pickup is not None and (now.card or now.pickup.pickup_code):
        return show("pickup_ready.html", ready=now.pickup.ready)
    if now.card is not None:
        return _ask(wire.CardAsked(ref=now.card.ref, grant=now.grant), None)
    return show("pickup.html")


def _sent_home(now: Visit) -> str:
    """Say that this kiosk cannot serve them now, and record that they came: it is no no-show."""
    is_known = now.card is not None and now.member is not None and not now.member.revoked
    if is_known and now.card is not None and not now.was_sent_home:
        body = wire.PickupRefused()
        record(NewEvent(str(uuid.uuid4()), body, now.id, now.card.actor), patience=0.0)
        now.was_sent_home = True
    return show("pickup_down.html")


@blueprint.post("/code")
def code_typed() -> ResponseReturnValue:
    reading = read_scan(request.form.get("digits", ""))
    if reading.kind is not Kind.PICKUP_CODE:
        visit().notice = _("取物码是 6 位数字，请再输一次。")
        return go("/pickup")
    return present_code(reading.text)


def _too_many(now: Visit) -> ResponseReturnValue:
    """Close the codes for this person; the next one is not punished for it."""
    now.notice = _(
        "这次已经输错 %(count)s 次，先不能再输了。现在刷服务卡就能取，也可以请工作人员帮忙。",
        count=WRONG_CODES_MAX,
    )
    return go("/pickup")


def present_code(code: str) -> ResponseReturnValue:
    """Look up the claim of a pick-up code."""
    return _ask(wire.CardAsked(pickup_code=code), code)


def _ask(asked: wire.CardAsked, code: str | None) -> ResponseReturnValue:
    now = visit()
    if code is not None and now.wrong_codes >= WRONG_CODES_MAX:
        return _too_many(now)
    try:
        today = ask_server(asked)
    except TooManyTries as refusal:
        now.notice = _(
            "取物码输错了好几次，不一定是您。请%(moment)s以后再试；现在刷服务卡就能取，也可以请工作人员帮忙。",
            moment=until_words(refusal),
        )
        return go("/pickup")
    if today is None:
        return _sent_home(now)
    if code is not None and not today.ready:
        now.wrong_codes += 1
        if now.wrong_codes >= WRONG_CODES_MAX:
            return _too_many(now)
        now.notice = _("没有找到这个取物码，请核对后再输，或请工作人员帮忙。")
        return go("/pickup")
    now.pickup = Pickup(today.ready, code, grant=today.grant if code else None)
    return show("pickup_ready.html", ready=today.ready)


@blueprint.get("/<int:claim_id>")
def claim_page(claim_id: int) -> ResponseReturnValue:
    """The checklist of one claim."""
    now, claim = visit(), _claim(claim_id)
    if claim is None or now.pickup is None:
        return go("/pickup")
    event_id = now.pickup.event_ids.setdefault(claim_id, str(uuid.uuid4()))
    drawn = show("pickup_check.html", claim=claim, event_id=event_id)
    now.page = "/pickup"
    return drawn


def _claim(claim_id: int) -> wire.ReadyClaim | None:
    waiting = visit().pickup
    ready = waiting.ready if waiting else ()
    return next((ready_claim for ready_claim in ready if ready_claim.claim_id == claim_id), None)


def _proof(now: Visit, pickup: Pickup, claim_id: int) -> wire.PickupCompleted:
    """What proves who came. The code itself is not written down where a grant stands for it."""
    if pickup.pickup_code is None:
        return wire.PickupCompleted(claim_id, None, now.grant)
    if pickup.grant is None:  # The server is older than this kiosk.
        return wire.PickupCompleted(claim_id, pickup.pickup_code)
    return wire.PickupCompleted(claim_id, None, pickup.grant)


@blueprint.post("/confirm")
def confirm() -> ResponseReturnValue:
    """Record the pick-up, and wait briefly for the server's answer."""
    now, event_id = visit(), request.form.get("event_id", "")
    first = kiosk().outbox.find(event_id)
    if first is not None and first.visit_id == now.id:
        return go(f"/done/{event_id}")
    claim = _claim(read_whole(request.form.get("claim_id", "")) or 0)
    if claim is None or now.pickup is None or now.pickup.event_ids.get(claim.claim_id) != event_id:
        return go("/pickup")
    if not kiosk().sync.is_up:
        return _sent_home(now)
    body = _proof(now, now.pickup, claim.claim_id)
    actor = now.card.actor if now.card else None
    record(NewEvent(event_id, body, now.id, actor), patience=PATIENCE)
    left = tuple(
        ready_claim for ready_claim in now.pickup.ready if ready_claim.claim_id != claim.claim_id
    )
    now.pickup = Pickup(left, None, now.pickup.event_ids)
    return go(f"/done/{event_id}")
