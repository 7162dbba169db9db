"""存: a donor opens by its code what they announced at home, and leaves it here."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from kiosk.desk import _, go, kiosk, record, show, until_words, visit
from kiosk.devices.scanner import Kind, read_scan
from kiosk.outbox import NewEvent
from kiosk.server import ServerDown
from kiosk.visit import Announced
from timebank.aid.rules import WRONG_CODES_MAX
from timebank.errors import TimebankError
from timebank.kiosks import wire
from timebank.people.refusals import TooManyTries

blueprint = Blueprint("bringing", __name__, url_prefix="/deposit/announced")
ADDRESS = "/deposit/announced"
CHECK = "/deposit/announced/check"


@blueprint.get("")
def page() -> str:
    """Type the code. The server has to look, so offline the page says what can be done."""
    if not kiosk().sync.is_up:
        return show("bring_down.html")
    return show("bring.html")


@blueprint.post("")
def code_typed() -> ResponseReturnValue:
    reading = read_scan(request.form.get("digits", ""))
    if reading.kind is not Kind.PICKUP_CODE:
        visit().notice = _("存入号码是 6 位数字，请再输一次。")
        return go(ADDRESS)
    return open_announced(reading.text)


def open_announced(code: str) -> ResponseReturnValue:
    """Show what was announced under a code. Wrong ones count as wrong pick-up codes do."""
    now = visit()
    if now.wrong_codes >= WRONG_CODES_MAX:
        return _too_many()
    try:
        announcement = _ask(code)
    except TooManyTries as refusal:
        now.notice = _(
            "号码输错了好几次，不一定是您。请%(moment)s以后再试；也可以从列表里选，或请工作人员帮忙。",
            moment=until_words(refusal),
        )
        return go(ADDRESS)
    if announcement is None:
        return show("bring_down.html")
    if announcement.deposit_id is None:
        now.wrong_codes += 1
        now.notice = _("没有找到这个存入号码。请核对后再输，或者从列表里选您带来的东西。")
        return _too_many() if now.wrong_codes >= WRONG_CODES_MAX else go(ADDRESS)
    now.announced = Announced(announcement)
    return go(CHECK)


def _too_many() -> ResponseReturnValue:
    visit().notice = _(
        "这次已经输错 %(count)s 次，先不能再输了。可以从列表里选，也可以请工作人员帮忙。",
        count=WRONG_CODES_MAX,
    )
    return go("/deposit")


def _ask(code: str) -> wire.DepositFound | None:
    here = kiosk()
    identity = here.outbox.identity
    if identity is None:
        return None
    try:
        return here.line.deposit(identity, wire.DepositAsked(code))
    except TooManyTries:
        raise
    except (ServerDown, TimebankError):
        here.sync.note_down()
        return None


@blueprint.get("/check")
def check_page() -> ResponseReturnValue:
    """The announced goods; the donor says that they lie here."""
    announced = visit().announced
    if announced is None:
        return go(ADDRESS)
    return show("bring_check.html", announced=announced, item_of=kiosk().known.item)


@blueprint.post("/confirm")
def confirm() -> ResponseReturnValue:
    """Record it. A second tap, or Back and confirm, leads to the first result."""
    now, event_id = visit(), request.form.get("event_id", "")
    first = kiosk().outbox.find(event_id)
    if first is not None and first.visit_id == now.id:
        return go(f"/done/{event_id}")
    announced = now.announced
    if announced is None or announced.event_id != event_id or announced.found.deposit_id is None:
        return go(ADDRESS)
    body = wire.DepositBrought(announced.found.deposit_id, announced.found.grant)
    record(NewEvent(event_id, body, now.id, now.card.actor if now.card else None))
    now.announced = None
    return go(f"/done/{event_id}")
