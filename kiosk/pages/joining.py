"""报名: somebody without a card registers, one question a page. It needs the server.

What was typed is in the memory of the visit only, and goes with it.
"""

from datetime import date

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from kiosk.desk import _, go, kiosk, show, visit
from kiosk.qr import qr_svg
from kiosk.server import ServerDown
from kiosk.visit import Joining
from timebank.errors import BadInput, TimebankError
from timebank.joining.refusals import TooManyRegistrations
from timebank.joining.rules import NOTICE_VERSION, TIMES, is_minor, shown_no
from timebank.kiosks import wire
from timebank.typed import read_whole
from timebank.values import from_us, local_day

blueprint = Blueprint("joining", __name__, url_prefix="/join")
SERVICES_PER_PAGE = 8
# The page that asks for a field which the server refused.
PAGE_OF = {
    "name": "name", "birth_on": "birthday", "building_id": "building", "phone": "phone",
    "guardian_name": "guardian-name", "guardian_phone": "guardian-phone",
    "service_ids": "services", "times": "times",
}  # fmt: skip


def joining() -> Joining | None:
    """What this person has typed so far, once they have agreed; it is over with the number."""
    begun = visit().joining
    return begun if begun is not None and begun.filed is None else None


def asks_guardian(begun: Joining) -> bool:
    today = local_day(from_us(kiosk().clock()))
    return begun.birth_on is not None and is_minor(begun.birth_on, today)


def next_page(begun: Joining) -> str:
    """The first question that is still open."""
    minor = asks_guardian(begun)
    open_pages = (
        ("name", not begun.name),
        ("birthday", begun.birth_on is None),
        ("guardian", minor and not begun.guardian_agrees),
        ("guardian-name", minor and not begun.guardian_name),
        ("guardian-phone", minor and not begun.guardian_phone),
        ("building", begun.building_no is None and not begun.lives_elsewhere),
        ("phone", not begun.phone),
        ("help", begun.is_volunteer is None),
        ("services", bool(begun.is_volunteer) and not begun.has_offers),
    )
    return next((f"/join/{page}" for page, is_open in open_pages if is_open), "/join/check")


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Say what is asked, why, and for how long it is kept. Offline, say when it is possible."""
    if not kiosk().sync.is_up:
        return show("join_down.html")
    return show("join.html")


@blueprint.post("")
def agree() -> ResponseReturnValue:
    """They agree: begin, or go on with what was typed before."""
    now = visit()
    if joining() is None:
        now.joining = Joining(agrees=True)
    assert now.joining is not None
    return go(next_page(now.joining))


@blueprint.get("/guardian")
def guardian() -> ResponseReturnValue:
    """Under 18: is the guardian here?"""
    return go("/join") if joining() is None else show("join_guardian.html")


@blueprint.post("/guardian")
def guardian_is_here() -> ResponseReturnValue:
    """The guardian agrees: go on."""
    begun = joining()
    if begun is None:
        return go("/join")
    begun.guardian_agrees = True
    return go(next_page(begun))


@blueprint.get("/help")
def helps() -> ResponseReturnValue:
    """Do they want to help others too?"""
    return go("/join") if joining() is None else show("join_help.html", begun=joining())


@blueprint.post("/help")
def helps_or_not() -> ResponseReturnValue:
    """Whoever does not want to help is not asked what and when."""
    begun = joining()
    if begun is None:
        return go("/join")
    begun.is_volunteer = request.form.get("yes") == "1"
    if not begun.is_volunteer:
        begun.service_ids, begun.times, begun.has_offers = set(), set(), False
    return go(next_page(begun))


@blueprint.get("/services")
def services() -> ResponseReturnValue:
    """What they can do: tap as many as they like."""
    begun = joining()
    if begun is None:
        return go("/join")
    known = kiosk().known.snapshot.services
    last = max((len(known) - 1) // SERVICES_PER_PAGE, 0)
    number = min(read_whole(request.args.get("page", "")) or 0, last)
    shown = known[number * SERVICES_PER_PAGE :][:SERVICES_PER_PAGE]
    return show("join_services.html", begun=begun, services=shown, number=number, last=last)


@blueprint.post("/services")
def service_tapped() -> ResponseReturnValue:
    """A tap chooses a service, a second one takes it back."""
    begun, number = joining(), read_whole(request.form.get("page", "")) or 0
    if begun is None:
        return go("/join")
    service_id = read_whole(request.form.get("service_id", ""))
    if service_id is not None and kiosk().known.service(service_id) is not None:
        begun.service_ids ^= {service_id}
    return go(f"/join/services?page={number}")


@blueprint.get("/times")
def times() -> ResponseReturnValue:
    """When they have time."""
    begun = joining()
    if begun is None:
        return go("/join")
    return show("join_times.html", begun=begun, times=time_words())


@blueprint.post("/times")
def time_tapped() -> ResponseReturnValue:
    """A tap chooses a time, a second one takes it back; or they are done."""
    begun = joining()
    if begun is None:
        return go("/join")
    if "done" in request.form:
        begun.has_offers = True
        return go(next_page(begun))
    begun.times ^= {request.form.get("time", "")} & set(TIMES)
    return go("/join/times")


def time_words() -> dict[str, str]:
    """The times in the visit's language."""
    words = (
        _("平日上午"), _("平日下午"), _("平日晚上"), _("周末上午"), _("周末下午"), _("周末晚上"),
    )  # fmt: skip
    return dict(zip(TIMES, words, strict=True))


@blueprint.get("/check")
def check() -> ResponseReturnValue:
    """Everything once more, each with a way to change it."""
    begun = joining()
    if begun is None:
        return go("/join")
    if next_page(begun) != "/join/check":
        return go(next_page(begun))
    known = [kiosk().known.service(service_id) for service_id in sorted(begun.service_ids)]
    return show(
        "join_check.html", begun=begun, services=[one for one in known if one is not None],
        words=time_words(), times=[time for time in TIMES if time in begun.times],
    )  # fmt: skip


@blueprint.post("/confirm")
def confirm() -> ResponseReturnValue:
    """Send it; the same event id again gets the same number, so a lost answer does no harm."""
    begun, identity = joining(), kiosk().outbox.identity
    if begun is None or identity is None:
        return go("/join/done" if visit().joining else "/join")
    if next_page(begun) != "/join/check":
        return go(next_page(begun))
    try:
        begun.filed = kiosk().line.join(identity, _asked(begun))
    except BadInput as refusal:
        visit().notice = _("这一项好像不对，请再看一看。")
        return go(f"/join/{PAGE_OF.get(str(refusal.facts.get('field')), 'check')}")
    except TimebankError as refusal:
        is_full = refusal.code == TooManyRegistrations.code
        visit().notice = (
            _("今天在这台机器上报名的人太多了，请到柜台，当面就能登记。")
            if is_full
            else _("没有报上，请到柜台，当面就能登记。")
        )
        return go("/join/check")
    except ServerDown:
        kiosk().sync.note_down()
        visit().notice = _("网络断开，还没有报上。填的都在，网络通了再点一次就行。")
        return go("/join/check")
    return go("/join/done")


def _asked(begun: Joining) -> wire.JoinAsked:
    assert begun.birth_on is not None
    return wire.JoinAsked(
        event_id=begun.event_id,
        name=begun.name,
        birth_on=begun.birth_on.isoformat(),
        phone=begun.phone,
        building_no=None if begun.lives_elsewhere else begun.building_no,
        language=visit().language,
        notice_version=NOTICE_VERSION,
        guardian_name=begun.guardian_name if asks_guardian(begun) else "",
        guardian_phone=begun.guardian_phone if asks_guardian(begun) else "",
        is_volunteer=bool(begun.is_volunteer),
        service_ids=tuple(sorted(begun.service_ids)),
        times=tuple(time for time in TIMES if time in begun.times),
    )


@blueprint.get("/done")
def done() -> ResponseReturnValue:
    """The number, large, with a code to photograph."""
    begun = visit().joining
    if begun is None or begun.filed is None:
        return go("/join")
    number = begun.filed.registration_no
    return show(
        "join_done.html", filed=begun.filed, shown=shown_no(number),
        until_on=date.fromisoformat(begun.filed.until_on), code=qr_svg(number, _("报名号的方码")),
    )  # fmt: skip
