"""Somebody at a kiosk asks for staff: the bell of the worklist, and the case."""

from datetime import datetime
from typing import Any

from flask import Response, g, jsonify
from sqlalchemy.orm import Session

from timebank.desk.queries import Waiting
from timebank.goods.queries import store
from timebank.kiosks import may, rules
from timebank.kiosks.actions import answer_call
from timebank.kiosks.queries import call_of, open_calls
from timebank.values import By
from web import units
from web.auth import current_by, needs
from web.cases import Bell, Button, CaseDeed, WorkCase, WorkFace, event
from web.desk.words import since_word
from web.formats import own_name
from web.kiosks.words import PAGES_OF_KIOSK
from web.pages import WORK, page
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l

_WORD = _l("有人在终端前等")


@page(WORK, "/calls", "calls")
@needs(may.ANSWER_CALL)
def calls() -> Response:
    """Tell an open worklist how many wait at the kiosks, and whether to ring. It asks by itself,
    so this is no sign that anybody is there: it does not keep the visit alive.
    """
    g.is_unattended = True
    now, by = units.now(), current_by()
    with units.reading() as session:
        waiting = open_calls(session, by, now)
        newest = waiting[0] if waiting else None
        shop = None if newest is None else store(session, by.community_id, newest.store_id)
    text = "" if newest is None or shop is None else _(
        "%(store)s：终端前有人请您过去（%(since)s）",
        store=own_name(shop, language()), since=since_word(newest.asked_at, now),
    )  # fmt: skip
    is_ringing = newest is not None and now - newest.asked_at <= rules.CALL_RINGS
    return jsonify(count=len(waiting), text=text, rings=is_ringing)


def _read(session: Session, by: By, waiting: Waiting, now: datetime) -> WorkCase:
    call = call_of(session, by, waiting.id)
    shop = store(session, by.community_id, call.store_id)
    case = WorkCase(one=waiting, heading=f"{_WORD} · {own_name(shop, language())}")
    case.notice = (_("请到终端前去看看"), _("去之前点一下，别的同事就知道有人去了。"), "goods")
    rows = [(_("店"), own_name(shop, language()))]
    if call.page in PAGES_OF_KIOSK:
        rows.append((_("当时在办"), str(PAGES_OF_KIOSK[call.page])))
    case.sections = [(_("终端"), rows)]
    case.timeline = [event(call.asked_at, _("有人点了“请工作人员帮忙”"))]
    return case


def _done(call_id: int, form: Any, do: str) -> CaseDeed:
    return CaseDeed(answer_call, {"call_id": call_id}, _("已记下您过去了。"))


def _detail(one: Waiting) -> str:
    return str(PAGES_OF_KIOSK.get(one.number or "", ""))


CALL = WorkFace(
    kind="call",
    word=_WORD,
    read=_read,
    deed=_done,
    buttons=(Button(do="answer", word=_l("我过去"), mark="check", key="a"),),
    detail=_detail,
    bell=Bell("work.calls", may.ANSWER_CALL),
)
