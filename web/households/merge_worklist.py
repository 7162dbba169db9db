"""Records on the worklist about which a second person says whether they are of one person."""

from datetime import datetime

from sqlalchemy.orm import Session

from timebank.desk.queries import Waiting
from timebank.people.queries import person_merge_named
from timebank.values import By
from web import formats
from web.cases import WorkCase, WorkFace, event, who_and_where
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l


def _merge(session: Session, by: By, waiting: Waiting, now: datetime) -> WorkCase:
    merge = person_merge_named(session, by.community_id, waiting.id)
    heading = _("把合并的登记拆开") if merge.is_undo else _("两份登记，是不是一个人")
    case = WorkCase(one=waiting, heading=heading, facts=merge)
    case.line = who_and_where(waiting)
    until = formats.moment(merge.until_at, language())
    case.notice = (
        _("请您再核对一遍"),
        _("%(until)s 前有效。请看证件，或者打电话问本人，再答复。", until=until),
        "goods",
    )
    case.sections = [(_("为什么"), [(_("原因"), merge.reason)])]
    case.timeline = [event(merge.asked_at, _("提出核对"), merge.asked_by)]
    return case


MERGE = WorkFace(
    kind="person_merge",
    word=_l("重复的登记"),
    read=_merge,
    template="households/act_merge.html",
)
