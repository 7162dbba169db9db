"""Claims on the worklist: reviews that a person decides, and goods ready for pick-up."""

from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from timebank.aid import may
from timebank.aid.actions import decide_review, issue_goods, note_visit
from timebank.aid.queries import Claim
from timebank.aid.queries import claim as claim_of
from timebank.aid.rules import READY
from timebank.desk.queries import Waiting
from timebank.errors import BadInput, NotFound
from timebank.goods import may as goods
from timebank.goods.queries import lots_named, lots_to_pick, stores_served
from timebank.goods.rules import pick_pieces
from timebank.people.queries import briefs
from timebank.policy.queries import decision
from timebank.values import By, local_day
from web import formats, words
from web.aid.forms import ProofOfComing, ReviewForm
from web.aid.tree import tree_of
from web.cases import (
    Button,
    CaseDeed,
    CaseOutcome,
    Row,
    WorkCase,
    WorkFace,
    event,
    heading,
    who_and_where,
)
from web.formats import own_name
from web.people.sight import sees
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.reading import is_card
from web.subjects import gathered
from web.words.common import CHANNELS


def _review_title(one: Waiting) -> str:
    return _("申领 %(pieces)s", pieces=formats.pieces(one.count, language()))


def _pickup_title(one: Waiting) -> str:
    return _("取 %(pieces)s", pieces=formats.pieces(one.count, language()))


def _review(session: Session, by: By, one: Waiting, now: datetime) -> WorkCase:
    found = claim_of(session, by.community_id, one.id)
    case = _claim_case(one, found, _review_title(one))
    decided = decision(session, by.community_id, found.decision_id)
    case.tree = tree_of(decided.answer.trace)
    case.sections.append((_("从哪里出"), _would_come_from(session, by, found, now)))
    return case


def _pickup(session: Session, by: By, waiting: Waiting, now: datetime) -> WorkCase:
    claim = claim_of(session, by.community_id, waiting.id)
    case = _claim_case(waiting, claim, _pickup_title(waiting))
    lots = lots_named(session, by.community_id, [lot.lot_id for lot in claim.lots])
    held = [(lots[lot.lot_id], lot.pieces) for lot in claim.lots if lot.lot_id in lots]
    case.heading = heading(_pickup_title(waiting), [lot for lot, _count in held])
    rows = [(_lot_name(lot, pieces), _lot_day(lot.best_before_on)) for lot, pieces in held]
    case.sections = [(_("交给他的"), rows)]
    if claim.hold_until_at is not None:
        until = formats.hold_end(claim, language())
        case.notice = (_("为他留到 %(until)s", until=until), "", "goods")
    return case


def _claim_case(waiting: Waiting, claim: Claim, title: str) -> WorkCase:
    lang = language()
    case = WorkCase(one=waiting, heading=heading(title, claim.lines), facts=claim)
    channel = str(CHANNELS.get(claim.channel, claim.channel))
    case.line = (
        f"{who_and_where(waiting)} · {channel} · {formats.full_moment(claim.asked_at, lang)}"
    )
    if claim.refusal is not None:
        sentence = words.told(claim.refusal.error())
        case.notice = (sentence.heading, sentence.why, "goods")
    case.sections = [(_("物品"), [claim_row(line) for line in claim.lines])]
    case.timeline = [event(claim.asked_at, _("提出申领，单号 %(no)s", no=claim.claim_no))]
    if claim.hold_until_at is not None:
        case.timeline.append(event(claim.hold_until_at, _("预留到这时为止")))
    return case


def claim_row(line: Any) -> Row:
    """An item of a claim, and how many were asked for and approved."""
    asked = formats.pieces(line.asked, language(), line)
    if line.approved and line.approved != line.asked:
        approved = formats.pieces(line.approved, language(), line)
        asked = _("要 %(asked)s，给 %(approved)s", asked=asked, approved=approved)
    return own_name(line, language()), asked


def _would_come_from(session: Session, by: By, claim: Claim, now: datetime) -> list[Row]:
    """The lots that would be reserved if it were approved now."""
    lots = lots_to_pick(
        session, by.community_id, {line.item_id: line.asked for line in claim.lines},
        store_id=claim.store_id, on=local_day(now),
    )  # fmt: skip
    rows = []
    for line in claim.lines:
        picks = pick_pieces([lot for lot in lots if lot.item_id == line.item_id], line.asked)
        for pick in picks:
            rows.append((_lot_name(line, pick.pieces), _lot_day(pick.lot.best_before_on)))
        short = line.asked - sum(pick.pieces for pick in picks)
        if short:
            lacking = formats.pieces(short, language(), line)
            rows.append((own_name(line, language()), _("货架上还缺 %(count)s", count=lacking)))
    return rows


def _lot_name(named: Any, pieces: int) -> str:
    lang = language()
    return f"{own_name(named, lang)} {formats.pieces(pieces, lang, named)}"


def _lot_day(best_before_on: Any) -> str:
    if best_before_on is None:
        return _("没有到期日")
    return _("%(day)s到期", day=formats.plain_day(best_before_on, language()))


def _decided(claim_id: int, form: Any, do: str) -> CaseDeed:
    if do not in ("approve", "refuse"):
        raise BadInput(field="do", why="choice")
    is_yes = do == "approve"
    content = {"claim_id": claim_id, "approve": is_yes, "reason": form.reason.data or ""}
    agreed = form.told_agreed()
    if is_yes:
        content["confirmed"] = agreed
    elif not all(line.pieces for line in agreed):
        raise BadInput(field="agreed", why="choice")  # No page of ours sends this.
    said = _("已同意，物品已经留好。") if is_yes else _("已答复，原因写在这户人家的申领里。")
    return CaseDeed(decide_review, content, said)


def _handed_over(claim_id: int, form: Any, do: str) -> CaseDeed:
    code = form.pickup_code.data or ""
    if do == "sent_home":
        content = {"claim_id": claim_id, _proof(code): code}
        return CaseDeed(note_visit, content, _("记下了：他来过，这次不算没来取。"))
    return hand_over(claim_id, code)


def hand_over(claim_id: int, typed: str) -> CaseDeed:
    """Hand over to a visitor with a code or a card."""
    return CaseDeed(
        issue_goods, {"claim_id": claim_id, _proof(typed): typed}, _("已发放，记在账上了。")
    )


def _proof(typed: str) -> str:
    return "card_token" if is_card(typed) else "pickup_code"


def _outcome(session: Session, by: By, claim_id: int) -> CaseOutcome | None:
    """What became of a claim, for those who serve its shop or decide about its household."""
    try:
        claim = claim_of(session, by.community_id, claim_id)
    except NotFound:
        return None
    served = {store.id for store in stores_served(session, by, goods.READ_STORE)}
    person = briefs(session, by.community_id, [claim.person_id])[claim.person_id]
    decides = may.DECIDE_REVIEW.is_held(by) and sees(by, person.grid_id)
    if claim.household_id == by.household_id or not (decides or claim.store_id in served):
        return None
    word = gathered().state("claim", "held" if claim.state == READY else claim.state)
    said = _("单号 %(no)s，现在：%(state)s。", no=claim.claim_no, state=word)
    href = url_for("store.slip", claim_id=claim_id) if claim.store_id in served else ""
    return CaseOutcome(said, href)


REVIEW = WorkFace(
    kind="review",
    word=_l("申领复核"),
    read=_review,
    form=ReviewForm,
    deed=_decided,
    fields=(("reason", _l("同意和不同意都写一句，这户人家会看到")),),
    buttons=(
        Button(do="approve", word=_l("同意发放"), mark="check", key="a"),
        Button(do="refuse", word=_l("这次不发"), kind="stop"),
    ),
    title=_review_title,
    outcome=_outcome,
)
PICKUP = WorkFace(
    kind="pickup",
    word=_l("等人来取"),
    read=_pickup,
    form=ProofOfComing,
    deed=_handed_over,
    fields=(("pickup_code", _l("请来的人报六位号码，或者扫他家的服务卡")),),
    buttons=(
        Button(do="hand_over", word=_l("交给他"), mark="check", key="a"),
        Button(do="sent_home", word=_l("来了，但今天没领成"), kind="second"),
    ),
    title=_pickup_title,
    outcome=_outcome,
)
