"""消息: what the person has been sent. It comes from the server each time and is kept nowhere."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from kiosk.cards import ask
from kiosk.desk import _, kiosk, show, visit
from kiosk.pages.pin import ask_pin
from timebank.kiosks import wire

blueprint = Blueprint("messages", __name__)


@blueprint.get("/messages")
def page() -> ResponseReturnValue:
    """The newest messages, or why they cannot be shown now."""
    now = visit()
    if now.card is None or now.member is None:
        return show("need_card.html", title=_("我的消息"))
    if now.needs_pin:
        return ask_pin("/messages")
    question = wire.InboxAsked(now.card.ref, now.grant)
    found = ask(lambda line, identity: line.inbox(identity, question))
    if found is not None and found.is_open:
        now.unread = 0
        return show("messages.html", messages=found.messages)
    if kiosk().sync.is_up and now.member.asks_pin:
        now.grant = None  # It has run out.
        return ask_pin("/messages")
    return show("messages_down.html")
