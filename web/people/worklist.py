"""People on the worklist: papers to look at again, many openings of sealed data, PINs to be set."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from timebank.desk.queries import Waiting
from timebank.errors import BadInput
from timebank.people.actions import answer_openings, check_paper
from timebank.people.queries import (
    Opening,
    PaperEntered,
    has_opened,
    opening_alarm,
    openings_by,
    paper_entered,
    pin_reset_named,
)
from timebank.values import By, local_day
from web import formats
from web.cases import Button, CaseDeed, Row, WorkCase, WorkFace, event, who_and_where
from web.people.words import COLUMNS, PAPERS
from web.people.work_forms import OpeningForm, PaperCheckForm
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l

_PAPER = _l("再看一次证明")
_OPENING = _l("打开资料超过次数")
MORE_OPENINGS = 10  # What one answer allows on top.


def _kind(code: str | None) -> str:
    return str(PAPERS.get(code or "", PAPERS["other"]))


def _paper_detail(one: Waiting) -> str:
    return _("看着原件，把编号再打一遍")


def _paper(session: Session, by: By, waiting: Waiting, now: datetime) -> WorkCase:
    paper = paper_entered(session, by.community_id, waiting.id)
    heading = _("：").join((str(_PAPER), _kind(paper.kind)))
    case = WorkCase(one=waiting, heading=heading, facts=paper)
    case.line = who_and_where(waiting)
    if paper.has_picture and has_opened(session, by, paper.id, now=now):
        case.may = frozenset({"see"})
    case.notice = (
        _("抽到了这一份"),
        _("十份里抽一份。请看原件，或者打电话问发证单位，再把证件编号打一遍，系统会比对。"),
        "goods",
    )
    case.sections = [(_("登记的内容"), _paper_rows(paper))]
    case.timeline = [event(paper.seen_at, _("登记这份证明"), paper.seen_by_name or "")]
    return case


def _paper_rows(paper: PaperEntered) -> list[Row]:
    lang = language()
    days = _(
        "%(first)s 至 %(last)s",
        first=formats.plain_day(paper.valid_from_on, lang),
        last=formats.plain_day(paper.valid_until_on, lang),
    )
    rows = [
        (_("哪一种证明"), _kind(paper.kind)),
        (_("发证单位"), paper.issuer),
        (_("有效期"), days),
        (_("户号"), paper.household_no),
    ]
    if paper.ended_on is not None:
        rows.append((_("已提前终止"), formats.plain_day(paper.ended_on, lang)))
    return rows


def _paper_done(proof_id: int, form: Any, do: str) -> CaseDeed:
    if do not in ("confirm", "end"):
        raise BadInput(field="do", why="choice")
    content = {
        "proof_id": proof_id,
        "is_confirmed": do == "confirm",
        "document_no": form.document_no.data or "",
        "reason": form.reason.data or "",
    }
    said = _("对上了，谢谢您再看一次。") if do == "confirm" else _("这份证明从今天起不再有效。")
    return CaseDeed(check_paper, content, said)


def _opening_detail(one: Waiting) -> str:
    return _("一天里已经打开 %(count)s 次，还想再看", count=one.count)


def _opening(session: Session, by: By, waiting: Waiting, now: datetime) -> WorkCase:
    alarm = opening_alarm(session, by.community_id, waiting.id)
    opened = openings_by(session, by.community_id, alarm.person_id, alarm.on_day)
    is_today = alarm.on_day == local_day(now)
    heading = _("：").join((str(_OPENING), alarm.name))
    case = WorkCase(one=waiting, heading=heading, facts=alarm)
    case.line = formats.plain_day(alarm.on_day, language())
    case.notice = (
        _("一天打开了 %(count)s 次", count=alarm.openings_max),
        _(
            "次数到了。请先问清楚为什么；需要的话，您可以同意今天再看 %(more)s 次。",
            more=MORE_OPENINGS,
        )
        if is_today
        else _("那一天已经过去。请问清楚为什么，写一句，这条提醒就办完了。"),
        "goods",
    )
    case.may = frozenset({"allow"} if is_today else ())
    case.sections = [(_("这一天看过谁、为什么"), [_opening_row(opening) for opening in opened])]
    case.timeline = [event(alarm.raised_at, _("次数用完，还想再看"), alarm.name)]
    return case


def _opening_row(one: Opening) -> Row:
    at = formats.clock_time(one.at, language())
    return f"{at} {one.masked_name}", f"{columns_word(one.columns)} · {one.reason}"


def columns_word(columns: tuple[str, ...]) -> str:
    """The names of opened fields, in the reader's language."""
    return _("、").join(str(COLUMNS.get(name, name)) for name in columns)


def _opening_done(alarm_id: int, form: Any, do: str) -> CaseDeed:
    if do not in ("allow", "refuse"):
        raise BadInput(field="do", why="choice")
    more = MORE_OPENINGS if do == "allow" else 0
    content = {"alarm_id": alarm_id, "more_openings": more, "note": form.note.data or ""}
    said = _("已同意，今天可以再看 %(more)s 次。", more=more) if more else _("已记下：没有加次数。")
    return CaseDeed(answer_openings, content, said)


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


PAPER = WorkFace(
    kind="paper",
    word=_PAPER,
    read=_paper,
    form=PaperCheckForm,
    deed=_paper_done,
    template="people/act_paper.html",
    fields=(
        ("document_no", _l("照着原件再打一遍；这里看不到登记时写的")),
        ("reason", _l("对不上的时候写：哪里不对，问过谁")),
    ),
    buttons=(
        Button(do="confirm", word=_l("看过，对得上"), mark="check", key="a"),
        Button(do="end", word=_l("对不上，停用"), kind="stop"),
    ),
    detail=_paper_detail,
)
OPENING = WorkFace(
    kind="opening",
    word=_OPENING,
    read=_opening,
    form=OpeningForm,
    deed=_opening_done,
    fields=(("note", _l("写一句完整的话：问过他什么，为什么同意或不同意")),),
    buttons=(
        Button(do="allow", word=_l("同意今天再看 10 次"), mark="check", key="a", if_may="allow"),
        Button(do="refuse", word=_l("问过了，不加次数"), kind="second"),
    ),
    detail=_opening_detail,
)
PIN_RESET = WorkFace(
    kind="pin_reset",
    word=_l("设数字密码"),
    read=_pin_reset,
    template="people/act_pin_reset.html",
)
