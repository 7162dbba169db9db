"""Mandates on the worklist that wait for the second person."""

from datetime import datetime

from sqlalchemy.orm import Session

from timebank.desk.queries import Waiting
from timebank.people.queries import mandate_named
from timebank.values import By
from web import formats
from web.cases import WorkCase, WorkFace, event, who_and_where
from web.people.mandates import mandates_shown
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l


def _mandate(session: Session, by: By, waiting: Waiting, now: datetime) -> WorkCase:
    held = mandate_named(session, by.community_id, waiting.id)
    (shown,) = mandates_shown(session, by, [held])
    case = WorkCase(one=waiting, heading=_("登记代办人"), facts=held)
    case.line = who_and_where(waiting)
    until = formats.moment(held.until_at, language())
    case.notice = (
        _("请您再看一眼委托书，或者问问本人"), _("%(until)s 前有效。", until=until), "goods",
    )  # fmt: skip
    rows = [(_("谁来代办"), shown.agent), (_("可以代办什么"), shown.what)]
    rows += [(_("凭什么"), f"{shown.ground} · {held.ground_note}")]
    case.sections = [(_("代办"), rows)]
    case.timeline = [event(held.asked_at, _("提出登记"), held.asked_by)]
    return case


MANDATE = WorkFace(
    kind="mandate", word=_l("代办人"), read=_mandate, template="people/act_mandate.html"
)
