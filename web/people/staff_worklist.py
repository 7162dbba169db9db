"""Staff on the worklist: roles and forgotten passwords that wait for the second person."""

from datetime import datetime

from sqlalchemy.orm import Session

from timebank.desk.queries import Waiting
from timebank.errors import NotFound
from timebank.people.queries import open_invitations, password_reset_named
from timebank.values import By
from web import formats
from web.cases import WorkCase, WorkFace, event, who_and_where
from web.people.words import ROLES
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l


def _invitation(session: Session, by: By, waiting: Waiting, now: datetime) -> WorkCase:
    found = open_invitations(session, by.community_id, now=now)
    offered = next((one for one in found if one.id == waiting.id), None)
    if offered is None:
        raise NotFound(kind="invitation")
    case = WorkCase(one=waiting, heading=_("：").join((_("同意岗位"), offered.name)), facts=offered)
    case.line = _("、").join(str(ROLES[role.name]) for role in offered.roles)
    until = formats.moment(offered.until_at, language())
    case.notice = (
        _("这个岗位要两个人定"),
        _("%(until)s 前有效。请先想一想、问一问，合适再同意。", until=until),
        "goods",
    )
    case.timeline = [event(offered.asked_at, _("提出"), offered.asked_by)]
    return case


def _password_reset(session: Session, by: By, waiting: Waiting, now: datetime) -> WorkCase:
    reset = password_reset_named(session, by.community_id, waiting.id)
    case = WorkCase(one=waiting, heading=_("重设登录密码"), facts=reset)
    case.line = who_and_where(waiting)
    values = {"until": formats.moment(reset.until_at, language()), "name": reset.asked_by}
    case.notice = (
        _("请您再看一眼证件，然后把屏幕转给本人"),
        _("%(until)s 前有效。设好以后，今天余下的时间您和 %(name)s 都不能替他办事。", **values),
        "goods",
    )
    case.timeline = [event(reset.asked_at, _("提出重设登录密码"), reset.asked_by)]
    return case


INVITATION = WorkFace(
    kind="invitation",
    word=_l("同意岗位"),
    read=_invitation,
    template="people/act_invitation.html",
)
PASSWORD_RESET = WorkFace(
    kind="password_reset",
    word=_l("重设登录密码"),
    read=_password_reset,
    template="people/act_password_reset.html",
)
