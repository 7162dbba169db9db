"""查: the last known passbook. Amounts stay hidden until the person taps."""

import uuid

from flask import Blueprint
from flask.typing import ResponseReturnValue

from kiosk.cards import refresh_card
from kiosk.desk import _, go, kiosk, show, visit
from kiosk.outbox import SAVED, NewEvent, StoredEvent
from kiosk.pages.pin import ask_pin
from kiosk.visit import ScannedCard
from timebank.kiosks import wire

blueprint = Blueprint("passbook", __name__, url_prefix="/passbook")
SHOWN_TYPES = (
    "deposit.recorded",
    "deposit.brought",
    "shift.started",
    "shift.ended",
    "pickup.completed",
)


@blueprint.get("")
def page() -> ResponseReturnValue:
    """The hidden amounts, events that are not sent yet, and claims to pick up."""
    now = visit()
    if now.card is None or now.member is None:
        return show("need_card.html", title=_("存折、我能领什么"))
    if now.needs_pin:
        return ask_pin("/passbook")
    ready = now.pickup.ready if now.pickup else ()
    return show(
        "passbook.html",
        member=now.member,
        as_of=now.card.as_of,
        is_shown=now.view_id is not None,
        ready=ready,
        waiting=_waiting(now.card),
    )


def _waiting(card: ScannedCard) -> list[StoredEvent]:
    """Events of this card at this kiosk that the server does not know yet."""
    found = kiosk().outbox.of_cards(card.refs, *SHOWN_TYPES)
    return [kept for kept in found if kept.state == SAVED]


@blueprint.post("/show")
def reveal() -> ResponseReturnValue:
    """Show the amounts. The look is recorded, once per visit."""
    now = visit()
    if now.card is not None and now.view_id is None and not now.needs_pin:
        refresh_card(now)
        now.view_id = str(uuid.uuid4())
        kiosk().outbox.record(NewEvent(now.view_id, wire.BalanceViewed(), now.id, now.card.actor))
        kiosk().sync.wake()
    return go("/passbook")


@blueprint.post("/hide")
def hide() -> ResponseReturnValue:
    visit().view_id = None
    return go("/passbook")
