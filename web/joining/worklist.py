"""Registrations on the worklist: who may come to the counter any day."""

from datetime import datetime

from sqlalchemy.orm import Session

from timebank.desk.queries import Waiting
from timebank.joining.queries import registration_reached
from timebank.joining.rules import shown_no
from timebank.people.rules.names import mask_name
from timebank.values import By
from web import formats
from web.cases import WorkCase, WorkFace, event
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l


def _registration(session: Session, by: By, waiting: Waiting, now: datetime) -> WorkCase:
    registered = registration_reached(session, by, waiting.id, now=now)
    heading = _("：").join((_("自己报的名"), mask_name(registered.name)))
    case = WorkCase(one=waiting, heading=heading, facts=registered)
    case.line = _("报名号 %(no)s", no=shown_no(registered.registration_no))
    until = formats.day(waiting.until_on, language())
    case.notice = (
        _("等本人带证件来柜台"),
        _("来了就对着证件办好。到 %(until)s 没有来，填的内容自动删掉。", until=until),
        "goods",
    )
    case.timeline = [event(registered.registered_at, _("自己报了名"))]
    return case


REGISTRATION = WorkFace(
    kind="registration",
    word=_l("自己报的名"),
    read=_registration,
    template="joining/act_registration.html",
    nameless=_l("还没有登记的人"),
    detail=lambda one: _("报名号 %(no)s", no=shown_no(one.number or "")),
)
