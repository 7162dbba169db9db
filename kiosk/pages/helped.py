"""Whom a service is for: a household by its card or number, or a group on purpose."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from kiosk.cards import ask, card_of, ref_of
from kiosk.desk import _, go, kiosk, show, visit
from kiosk.visit import Helping, Visit
from timebank.kiosks import wire
from timebank.people.rules import read_card_no, read_household_no

blueprint = Blueprint("helped", __name__, url_prefix="/shift/helped")
PAGE = "/shift/helped"
CONFIRM = "/shift/confirm"


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Three ways to say it: scan their card, type a number, or press for a group."""
    now = visit()
    service = kiosk().known.service(now.helping.service_id) if now.helping else None
    if now.card is None or service is None:
        return go("/shift")
    return show("shift_helped.html", service=service)


def card_scanned(token: str) -> ResponseReturnValue:
    """The card of the household that is helped; it opens nothing and stays out of the visit."""
    now, ref = visit(), ref_of(token)
    member = card_of(ref).member
    if now.card is None or now.helping is None:
        return go("/shift")
    if ref in now.card.refs:
        now.notice = _("这是您自己的卡。请刷对方的卡。")
        return go(PAGE)
    if member is None and kiosk().sync.is_up:
        asked = wire.CardAsked(ref=ref)
        found = ask(lambda line, identity: line.card(identity, asked))
        member = found.member if found else None
    if member is None or member.revoked:
        now.notice = _("这张卡认不出来或者停用了。请输对方的户号，或请工作人员帮忙。")
        return go(PAGE)
    question = wire.HelpedAsked(now.card.ref, helped_ref=ref)
    found_home = ask(lambda line, identity: line.helped(identity, question))
    if found_home is not None and found_home.is_own:
        return _own_home(now)
    start = wire.ShiftStarted(now.helping.service_id, helped_ref=ref)
    return _named(now, _("%(name)s 家", name=member.name), start)


@blueprint.post("/number")
def number_typed() -> ResponseReturnValue:
    """A household number; online a card number too, which is not kept here."""
    now, digits = visit(), request.form.get("digits", "")
    household_no = read_household_no(digits, is_bare=True)
    if now.card is None or now.helping is None:
        return go("/shift")
    if household_no is None and read_card_no(digits) is None:
        now.notice = _("户号是门牌卡上 H 后面的数字，卡号是九位数字。请再输一次。")
        return go(PAGE)
    service_id = now.helping.service_id
    question = wire.HelpedAsked(now.card.ref, number=digits)
    found = ask(lambda line, identity: line.helped(identity, question))
    whom = household_no or _("这张卡的那一户")
    if found is not None and found.is_own:
        return _own_home(now)
    if found is not None and found.household_id is not None:
        start = wire.ShiftStarted(service_id, helped_id=found.household_id)
        return _named(now, whom, start)
    if found is not None:
        now.notice = _("没有找到这个号码，请再看一下门牌或服务卡。")
        return go(PAGE)
    if household_no is None:
        now.notice = _("现在网络断开，认不出卡号。请刷对方的卡，或者输户号。")
        return go(PAGE)
    return _named(now, household_no, wire.ShiftStarted(service_id, helped_no=household_no))


@blueprint.post("/group")
def group_chosen() -> ResponseReturnValue:
    """A group activity, on purpose."""
    now = visit()
    if now.card is None or now.helping is None:
        return go("/shift")
    start = wire.ShiftStarted(now.helping.service_id, is_group=True)
    return _named(now, _("集体活动，没有特定的人"), start)


def _own_home(now: Visit) -> ResponseReturnValue:
    now.notice = _("照顾自己和自己的家人很珍贵，但不记入时间存折。")
    return go(PAGE)


def _named(now: Visit, whom: str, start: wire.ShiftStarted) -> ResponseReturnValue:
    now.helping = Helping(start.service_id, start, whom)
    return go(CONFIRM)
