"""The PIN: after a typed card number, and for a card whose household asked for it.

It travels in the body of one request and is kept nowhere. It needs the server.
"""

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue

from kiosk.cards import present_pin
from kiosk.desk import _, go, kiosk, show, until_words, visit
from timebank.errors import BadInput
from timebank.people.refusals import CardRevoked, SignInClosed, SignInFailed, TooManyTries
from timebank.people.rules import read_pin

blueprint = Blueprint("pin", __name__, url_prefix="/pin")
PIN_LENGTH_MAX = 6


def ask_pin(after: str, card_no: str | None = None) -> ResponseReturnValue:
    """Ask for the PIN of a typed number, or of the card in this visit; then go on to ``after``."""
    now = visit()
    now.after_pin, now.typed_no = after, card_no
    return go("/pin")


@blueprint.get("")
def page() -> ResponseReturnValue:
    """The pad. Without a network there is nothing to type: say what can be done."""
    now = visit()
    if now.typed_no is None and not now.needs_pin:
        return go("/")
    template = "pin.html" if kiosk().sync.is_up else "pin_down.html"
    return show(template, is_typed=now.typed_no is not None, most=PIN_LENGTH_MAX)


@blueprint.post("")
def typed() -> ResponseReturnValue:
    """Let the server check the PIN."""
    now, pin = visit(), request.form.get("pin", "")
    if now.typed_no is None and not now.needs_pin:
        return go("/")
    try:
        pin = read_pin(pin)
    except BadInput:
        now.notice = _("密码是 4 到 6 位数字，请再输一次。")
        return go("/pin")
    try:
        opened = present_pin(now, pin)
    except SignInClosed:
        now.notice = _(
            "这样用卡先停了：密码输错的次数太多，不一定是您。请工作人员帮忙，换个新密码就能用。"
        )
    except TooManyTries as refusal:
        now.notice = _(
            "密码输错了好几次，不一定是您。请%(moment)s以后再试；手输卡号的，直接刷卡不受影响，也可以请工作人员帮忙。",
            moment=until_words(refusal),
        )
    except SignInFailed:
        now.notice = _("卡号或密码不对，请再输一次。没有设过密码的卡，请到柜台办。")
    except CardRevoked:
        now.typed_no = None
        now.notice = _("这张卡已经停用，请工作人员帮您换一张。")
        return go("/")
    else:
        if opened is not None:
            g.visit = opened
            return go(opened.after_pin)
    return go("/pin")
