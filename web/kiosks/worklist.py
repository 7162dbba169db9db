"""Kiosk events on the worklist: those that could not be posted and need a review."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from timebank.aid.queries import claim as claim_of
from timebank.aid.queries import household_of_claim, late_lots
from timebank.aid.rules import ISSUED
from timebank.desk.queries import Waiting
from timebank.errors import WrongState, refusal_of
from timebank.goods.queries import lots_named
from timebank.kiosks import rules
from timebank.kiosks.actions import ReviewSettled, settle_review
from timebank.kiosks.queries import KioskReview, review_of
from timebank.people.queries import briefs
from timebank.values import COMMUNITY_ZONE, By
from web import formats, words
from web.aid.worklist import claim_row
from web.cases import Button, CaseDeed, Row, WorkCase, WorkFace, event, who_and_where
from web.kiosks import late
from web.kiosks.forms import SettleForm
from web.kiosks.words import EVENTS, REASONS, TIME_DOUBTS
from web.kiosks.written import written_rows
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.reading import read_id

_WORD = _l("终端复核")
TIME = "time"  # Staff may enter when it took place,
ASKED = "asked"  # and must, because nothing can be proposed.


def _read(session: Session, by: By, waiting: Waiting, now: datetime) -> WorkCase:
    review = review_of(session, by, waiting.id)
    deed = EVENTS.get(review.type or "")
    case = WorkCase(one=waiting, heading=f"{_WORD} · {deed or _('看不懂的内容')}", facts=review)
    case.line = " · ".join(part for part in (review.masked_name, review.slip_no) if part)
    case.notice = (reason(review.reason), _why(review), "goods")
    if review.body:
        case.sections = [(_("终端写下的"), written_rows(session, by.community_id, review.body))]
    if review.occurred_at is not None and review.reason != rules.TIME_IMPLAUSIBLE:
        case.timeline.append(event(review.occurred_at, _("在终端办理（按终端的钟）")))
    case.timeline.append(event(review.opened_at, _("没能自动入账，等人看")))
    case.may = frozenset({rules.POST, rules.KEEP})
    if review.type == "pickup.completed":
        _add_claim(session, by, case, review)
    if review.reason in (rules.TIME_IMPLAUSIBLE, rules.CLOCK_WRONG):
        _add_time(case, review)
    return case


def _add_time(case: WorkCase, review: KioskReview) -> None:
    """Add why the time is implausible, and at which time posting it would enter the deed."""
    case.may |= {TIME}
    why, proposed_at = review.facts.get("why"), review.facts.get("proposed_at")
    if why is not None:
        case.notice = (reason(review.reason), str(TIME_DOUBTS.get(str(why), "")), "goods")
    if proposed_at is None and why is not None:
        case.may = frozenset({rules.KEEP, TIME, ASKED})
    proposed = _moment(proposed_at) if proposed_at else _("推算不出来：请问清楚，在下面写上时间")
    rows: list[Row] = [(_("照实入账记成"), proposed)] if proposed_at or why else []
    if review.occurred_at is not None:
        written = formats.full_moment(review.occurred_at, language())
        rows.insert(0, (_("终端写的时间"), written))
    if earliest := review.facts.get("earliest_at"):
        rows.append((_("不会早于"), _moment(earliest)))
    case.sections.append((_("时间"), rows))


def _moment(typed: str) -> str:
    return formats.full_moment(datetime.fromisoformat(typed), language())


def _add_claim(session: Session, by: By, case: WorkCase, review: KioskReview) -> None:
    """Add the claim of a reported hand-over, and what posting it would find."""
    claim_id = read_id(review.body.get("claim_id")) or 0
    if household_of_claim(session, by.community_id, claim_id) is None:
        return
    claim = claim_of(session, by.community_id, claim_id)
    if claim.store_id != review.store_id:
        return
    gone = late_lots(session, by.community_id, claim_id, state=claim.state)
    whose = briefs(session, by.community_id, [claim.person_id])[claim.person_id]
    what = [(_("领取人"), who_and_where(whose)), (_("单号"), claim.claim_no)]
    case.sections = [(_("这份申领"), [*what, *(claim_row(line) for line in claim.lines)])]
    if claim.ended_at is not None:
        case.timeline.append(event(claim.ended_at, _("申领结束，留的物品放回货架")))
    case.timeline = sorted(case.timeline, key=lambda entry: entry.at)
    if claim.state == ISSUED or not gone:
        case.may = frozenset({rules.KEEP})
        case.notice = (_("这一份不能再入账"), late.why_kept(claim), "goods")
        return
    if review.reason == WrongState.code:
        case.notice = late.notice(claim, gone) or case.notice
    lots = lots_named(session, by.community_id, [late_lot.lot_id for late_lot in gone])
    rows = [late.lot_row(late_lot, lots[late_lot.lot_id]) for late_lot in gone]
    case.sections.append((_("照实入账会怎么记"), rows))


def _why(found: Any) -> str:
    if found.reason not in words.refusals():
        return ""
    return words.sentence(refusal_of(found.reason, found.facts))


def reason(code: str) -> str:
    """Why a kiosk's event was not posted, in a few words."""
    known = REASONS.get(code)
    if known is not None:
        return str(known)
    return str(words.words_of(code).heading)


def _done(review_id: int, form: Any, do: str) -> CaseDeed:
    content = {"review_id": review_id, "how": do, "note": form.note.data or ""}
    if form.happened_at.data is not None:
        content["happened_at"] = form.happened_at.data.replace(tzinfo=COMMUNITY_ZONE)
    return CaseDeed(settle_review, content, _settled)


def _settled(receipt: ReviewSettled) -> str:
    if not receipt.lacking:
        return _("已处理，这一笔不再等人。")
    count = formats.pieces(receipt.lacking, language())
    return _("已照实入账。账上缺 %(count)s，已列为差额，等别的同事处理。", count=count)


def _detail(one: Waiting) -> str:
    return reason(one.number or "")


KIOSK = WorkFace(
    kind="kiosk",
    word=_WORD,
    read=_read,
    form=SettleForm,
    deed=_done,
    template="kiosks/act_review.html",
    buttons=(
        Button(do=rules.POST, word=_l("照实入账"), mark="check", key="a", if_may=rules.POST),
        Button(do=rules.POST, word=_l("按问到的时间入账"), mark="check", key="a", if_may=ASKED),
        Button(do=rules.KEEP, word=_l("只留记录，不入账"), kind="second"),
    ),
    detail=_detail,
)
