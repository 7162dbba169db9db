"""签: a volunteer checks in or out. The two are separate buttons, never a toggle."""

import uuid

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from kiosk.desk import _, go, kiosk, record, show, visit
from kiosk.known import SAME_START_US, Shift
from kiosk.outbox import NewEvent
from kiosk.visit import Helping, ScannedCard, Visit
from timebank.kiosks import wire
from timebank.typed import read_whole

blueprint = Blueprint("shift", __name__, url_prefix="/shift")
SERVICES_PER_PAGE = 8


def _under_way(card: ScannedCard) -> Shift | None:
    return kiosk().known.shift_of(card.refs)


def _mint(now: Visit) -> str:
    """Return the event id of the current check-in or check-out, created when it starts."""
    if now.shift_id is None or kiosk().outbox.find(now.shift_id) is not None:
        now.shift_id = str(uuid.uuid4())
    return now.shift_id


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Offer check-out if a service is in progress, otherwise check-in."""
    now = visit()
    if now.card is None or now.member is None:
        return show("need_card.html", title=_("志愿服务签到、签退"))
    if not now.member.is_volunteer:
        return show("not_volunteer.html")
    shift = _under_way(now.card)
    if shift is not None:
        service = kiosk().known.service(shift.service_id)
        return show("shift_end.html", shift=shift, service=service, event_id=_mint(now))
    return _choose()


def _choose() -> str:
    services = kiosk().known.snapshot.services
    last = max((len(services) - 1) // SERVICES_PER_PAGE, 0)
    number = min(read_whole(request.args.get("page", "")) or 0, last)
    start = number * SERVICES_PER_PAGE
    return show(
        "shift_choose.html",
        services=services[start : start + SERVICES_PER_PAGE], number=number, last=last,
    )  # fmt: skip


@blueprint.get("/start/<int:service_id>")
def start_page(service_id: int) -> ResponseReturnValue:
    """Choose a service; then the page asks whom it is for."""
    now = visit()
    if now.card is None or kiosk().known.service(service_id) is None:
        return go("/shift")
    now.helping = Helping(service_id)
    return go("/shift/helped")


@blueprint.get("/confirm")
def confirm_page() -> ResponseReturnValue:
    """Ask for confirmation before the service starts."""
    now = visit()
    helping = now.helping
    service = kiosk().known.service(helping.service_id) if helping else None
    if now.card is None or helping is None or helping.start is None or service is None:
        return go("/shift")
    return show("shift_start.html", service=service, whom=helping.whom, event_id=_mint(now))


@blueprint.post("/start")
def start() -> ResponseReturnValue:
    """Check in. A second start within two minutes is a double tap and returns the first."""
    now, event_id = visit(), request.form.get("event_id", "")
    if _is_done(now, event_id):
        return go(f"/done/{event_id}")
    helping = now.helping
    if now.card is None or helping is None or event_id != now.shift_id:
        return go("/shift")
    if helping.start is None:
        return go("/shift/helped")
    shift = _under_way(now.card)
    if shift is not None:
        return _instead_of_a_second(now, shift)
    record(NewEvent(event_id, helping.start, now.id, now.card.actor))
    now.helping = None
    return go(f"/done/{event_id}")


def _instead_of_a_second(now: Visit, shift: Shift) -> ResponseReturnValue:
    first = kiosk().outbox.find(shift.event_id) if shift.event_id else None
    is_same = first is not None and kiosk().outbox.age_us(first) < SAME_START_US
    if is_same and shift.event_id and _is_done(now, shift.event_id):
        return go(f"/done/{shift.event_id}")
    now.notice = _("您已经签到了。")
    return go("/shift")


@blueprint.post("/end")
def end() -> ResponseReturnValue:
    """Check out of the service in progress."""
    now, event_id = visit(), request.form.get("event_id", "")
    if _is_done(now, event_id):
        return go(f"/done/{event_id}")
    shift = _under_way(now.card) if now.card else None
    if now.card is None or shift is None or event_id != now.shift_id:
        return go("/shift")
    record(NewEvent(event_id, wire.ShiftEnded(shift.started_at), now.id, now.card.actor))
    return go(f"/done/{event_id}")


def _is_done(now: Visit, event_id: str) -> bool:
    kept = kiosk().outbox.find(event_id)
    return kept is not None and kept.visit_id == now.id
