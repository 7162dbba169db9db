"""Cards on the worklist that wait for the second person."""

from datetime import datetime

from sqlalchemy.orm import Session

from timebank.desk.queries import Waiting
from timebank.people.queries import card_issue_named
from timebank.values import By
from web import formats
from web.cases import WorkCase, WorkFace, event, who_and_where
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l


def _card_issue(session: Session, by: By, waiting: Waiting, now: datetime) -> WorkCase:
    issue = card_issue_named(session, by.community_id, waiting.id)
    case = WorkCase(one=waiting, heading=_("办服务卡"), facts=issue)
    case.line = who_and_where(waiting)
    values = {"until": formats.moment(issue.until_at, language()), "name": issue.asked_by}
    case.notice = (
        _("请您再看一眼证件，是本人再办"),
        _("%(until)s 前有效。办好以后，今天余下的时间您和 %(name)s 都不能替这一户办事。", **values),
        "goods",
    )
    case.timeline = [event(issue.asked_at, _("提出办卡"), issue.asked_by)]
    return case


CARD_ISSUE = WorkFace(
    kind="card_issue",
    word=_l("办服务卡"),
    read=_card_issue,
    template="people/act_card_issue.html",
)
