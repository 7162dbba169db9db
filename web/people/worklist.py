"""What waits on the worklist about people: PINs that a second member of staff lets be set."""

from datetime import datetime

from sqlalchemy.orm import Session

from timebank.desk.queries import Waiting
from timebank.people.queries import pin_reset_named
from timebank.values import By
from web import formats
from web.cases import WorkCase, WorkFace, event, who_and_where
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l


def _pin_reset(session: Session, by: By, waiting: Waiting, now: datetime) -> WorkCase:
    reset = pin_reset_named(session, by.community_id, waiting.id)
    case = WorkCase(one=waiting, heading=_("设数字密码"), facts=reset)
    case.line = who_and_where(waiting)
    until = formats.moment(reset.until_at, language())
    case.notice = (
        _("请您再看一眼证件，然后把屏幕转给本人"),
        _("%(until)s 前有效。设好以后，今天余下的时间您和 %(name)s 都不能替他办事。", until=until,
          name=reset.asked_by),
        "goods",
    )  # fmt: skip
    case.timeline = [event(reset.asked_at, _("提出设数字密码"), reset.asked_by)]
    return case


PIN_RESET = WorkFace(
    kind="pin_reset",
    word=_l("设数字密码"),
    read=_pin_reset,
    template="people/act_pin_reset.html",
)
