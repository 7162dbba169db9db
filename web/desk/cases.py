"""One case as staff see it beside the queue: facts, decision, lots, what happened so far.

Read only; what may be done about it is in ``deeds.py``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy.orm import Session

from timebank.aid.queries import Claim, household_of_claim, late_lots
from timebank.aid.queries import claim as claim_of
from timebank.aid.rules import ISSUED
from timebank.desk.queries import Waiting
from timebank.desk.shortfalls import SETTLE, WRITE_OFF, may_settle, may_write_off
from timebank.errors import WrongState, refusal_of
from timebank.goods.queries import items, lots_named, lots_to_pick
from timebank.goods.rules import pick_pieces
from timebank.hours.queries import ServiceRecord, Word, record, words_on
from timebank.hours.rules import ORGANISER, RECIPIENT
from timebank.kiosks import rules as kiosks
from timebank.kiosks.queries import KioskReview, review_of
from timebank.ledger.shortfalls import Lacking, shortfall_of
from timebank.people.queries import PersonBrief, briefs, household_briefs
from timebank.policy.queries import decision
from timebank.values import FEN, MINUTES, SERVED, By, local_day, pieces_of
from web import formats, words
from web.desk import words as desk
from web.formats import own_name
from web.kiosks import late
from web.reader import gettext as _
from web.reader import language
from web.reading import read_id

Row = tuple[str, str]


@dataclass(slots=True)
class Case:
    """What a case page draws. **Shape**: ``sections`` are (heading, rows of word and value)."""

    one: Waiting
    heading: str
    line: str = ""
    notice: tuple[str, str, str] | None = None
    tree: SimpleNamespace | None = None
    sections: list[tuple[str, list[Row]]] = field(default_factory=list)
    timeline: list[SimpleNamespace] = field(default_factory=list)
    may: frozenset[str] = frozenset()
    facts: Any = None

    @property
    def act(self) -> str:
        """The template with the buttons of its kind."""
        return f"{_HOMES[self.one.kind]}/act_{self.one.kind}.html"


def read_case(session: Session, by: By, one: Waiting, *, now: datetime) -> Case:
    """Read the case behind a row of the queue. **Refuses**: ``NotFound``."""
    return _READERS[one.kind](session, by, one, now)


def _record(session: Session, by: By, one: Waiting, now: datetime) -> Case:
    found = record(session, by.community_id, one.id)
    people = (
        briefs(session, by.community_id, [found.recipient_person_id])
        if found.recipient_person_id
        else {}
    )
    homes = (
        household_briefs(session, by.community_id, [found.recipient_household_id])
        if found.recipient_household_id
        else {}
    )
    spoken = words_on(session, by.community_id, [found.id])[found.id]
    case = Case(one, f"{own_name(found, language(), 'service')} · {_length(found)}")
    case.line = _line(one)
    home = next(iter(homes.values()), None)
    case.sections = [(_("服务"), _record_rows(found, people, home))]
    case.timeline = _record_timeline(found, spoken)
    case.may = _record_deeds(found, spoken, by)
    case.facts = found
    return case


def _length(found: ServiceRecord) -> str:
    if found.real_minutes is None:
        return _("忘了签退")
    return formats.minutes(found.real_minutes, language())


def _record_rows(found: ServiceRecord, people: dict[int, PersonBrief], home: Any) -> list[Row]:
    lang = language()
    recipient = people.get(found.recipient_person_id or 0)
    helped = _("集体活动")
    if recipient is not None:
        helped = _line(recipient)
    elif home is not None:
        helped = _("家庭 %(no)s", no=home.household_no)
    ended = formats.clock_time(found.ended_at, lang) if found.ended_at else "—"
    rows = [
        (_("日期"), formats.day(found.started_on, lang)),
        (_("起止时间"), f"{formats.clock_time(found.started_at, lang)}–{ended}"),
        (_("接受服务"), helped),
        (_("地点"), found.place),
        (_("怎么记的"), str(desk.CHANNELS.get(found.source, found.source))),
        (_("说明"), found.note or ""),
    ]
    return [row for row in rows if row[1]]


def _record_timeline(found: ServiceRecord, spoken: list[Word]) -> list[SimpleNamespace]:
    clocked = found.source != "entered"
    entries = [_event(found.started_at, _("签到") if clocked else _("服务开始"))]
    if found.ended_at is not None:
        entries.append(_event(found.ended_at, _("签退") if clocked else _("服务结束")))
    if not clocked:
        entries.append(_event(found.recorded_at, _("事后登记")))
    said = {
        "recipient": _("接受服务的人确认"), "organiser": _("组织者确认"),
        "volunteer": _("本人同意结束时间"),
    }  # fmt: skip
    for word in spoken:
        by_hand = _("工作人员代记") if word.on_behalf else ""
        entries.append(_event(word.given_at, said[word.side], by_hand))
    return sorted(entries, key=lambda entry: entry.at)


def _record_deeds(found: ServiceRecord, spoken: list[Word], by: By) -> frozenset[str]:
    """Confirming and refusing always; writing down the recipient's word where it is missing."""
    sides = {word.side for word in spoken}
    has_recipient = found.recipient_person_id is not None or found.recipient_household_id
    if has_recipient and RECIPIENT not in sides and ORGANISER not in sides:
        return frozenset({"confirm", "refuse", "word"})
    return frozenset({"confirm", "refuse"})


def _review(session: Session, by: By, one: Waiting, now: datetime) -> Case:
    found = claim_of(session, by.community_id, one.id)
    case = _claim_case(one, found)
    decided = decision(session, by.community_id, found.decision_id)
    case.tree = desk.tree_of(decided.answer.trace)
    case.sections.append((_("从哪里出"), _would_come_from(session, by, found, now)))
    return case


def _pickup(session: Session, by: By, one: Waiting, now: datetime) -> Case:
    found = claim_of(session, by.community_id, one.id)
    case = _claim_case(one, found)
    lots = lots_named(session, by.community_id, [lot.lot_id for lot in found.lots])
    held = [(lots[lot.lot_id], lot.pieces) for lot in found.lots if lot.lot_id in lots]
    case.heading = _heading(one, [lot for lot, _count in held])
    rows = [(_lot_name(lot, pieces), _lot_day(lot.best_before_on)) for lot, pieces in held]
    case.sections = [(_("交给他的"), rows)]
    if found.hold_until_at is not None:
        until = formats.moment(found.hold_until_at, language())
        case.notice = (_("为他留到 %(until)s", until=until), "", "goods")
    return case


def _heading(one: Waiting, named: Sequence[Any]) -> str:
    """What the case is about, with the first few items by name."""
    names = list(dict.fromkeys(own_name(thing, language()) for thing in named))
    return _("：").join(part for part in (desk.title(one), _("、").join(names[:3])) if part)


def _claim_case(one: Waiting, found: Claim) -> Case:
    lang = language()
    case = Case(one, _heading(one, found.lines), facts=found)
    channel = str(desk.CHANNELS.get(found.channel, found.channel))
    case.line = f"{_line(one)} · {channel} · {formats.full_moment(found.asked_at, lang)}"
    if found.refusal is not None:
        told = words.told(found.refusal.error())
        case.notice = (told.heading, told.why, "goods")
    case.sections = [(_("物品"), [_claim_row(line) for line in found.lines])]
    case.timeline = [_event(found.asked_at, _("提出申领，单号 %(no)s", no=found.claim_no))]
    if found.hold_until_at is not None:
        case.timeline.append(_event(found.hold_until_at, _("预留到这时为止")))
    return case


def _claim_row(line: Any) -> Row:
    asked = formats.pieces(line.asked, language(), line)
    if line.approved and line.approved != line.asked:
        approved = formats.pieces(line.approved, language(), line)
        asked = _("要 %(asked)s，给 %(approved)s", asked=asked, approved=approved)
    return own_name(line, language()), asked


def _would_come_from(session: Session, by: By, found: Claim, now: datetime) -> list[Row]:
    """Name the lots that would be set aside if it were approved now."""
    lots = lots_to_pick(
        session, by.community_id, [line.item_id for line in found.lines],
        store_id=found.store_id, on=local_day(now),
    )  # fmt: skip
    rows = []
    for line in found.lines:
        picks = pick_pieces([lot for lot in lots if lot.item_id == line.item_id], line.asked)
        for pick in picks:
            rows.append((_lot_name(line, pick.pieces), _lot_day(pick.lot.best_before_on)))
        short = line.asked - sum(pick.pieces for pick in picks)
        if short:
            rows.append((own_name(line, language()), _("货架上还缺 %(count)s", count=short)))
    return rows


def _lot_name(named: Any, pieces: int) -> str:
    return f"{own_name(named, language())} × {pieces}"


def _lot_day(best_before_on: Any) -> str:
    if best_before_on is None:
        return _("没有到期日")
    return _("%(day)s到期", day=formats.plain_day(best_before_on, language()))


def _intake(session: Session, by: By, one: Waiting, now: datetime) -> Case:
    case = Case(one, desk.title(one), desk.who(one))
    case.sections = [(_("这一批"), [(_("存入号码"), one.number or "")])]
    case.timeline = [_event(one.since_at, _("放在自助终端旁，等店管员验收"))]
    return case


def _clearing(session: Session, by: By, one: Waiting, now: datetime) -> Case:
    case = _intake(session, by, one, now)
    case.notice = (
        _("在终端旁放得太久了"), _("一个工作日内应当验收。账上还记在这台终端名下。"), "goods"
    )  # fmt: skip
    case.may = frozenset({"receive"} if by.holds("keeper") else ())
    return case


def _cleaning(session: Session, by: By, one: Waiting, now: datetime) -> Case:
    lang = language()
    lot = lots_named(session, by.community_id, [one.id])[one.id]
    case = Case(one, desk.title(one), formats.pieces(one.count, lang, lot))
    case.sections = [(_("这一批"), [(_("收下的日子"), formats.day(lot.received_on, lang))])]
    case.timeline = [_event(one.since_at, _("收下，等清洗消毒"))]
    return case


def _kiosk(session: Session, by: By, one: Waiting, now: datetime) -> Case:
    found = review_of(session, by, one.id)
    deed = desk.KIOSK_DEEDS.get(found.type or "")
    case = Case(one, f"{desk.KINDS['kiosk']} · {deed or _('看不懂的内容')}", facts=found)
    case.line = " · ".join(part for part in (found.masked_name, found.slip_no) if part)
    case.notice = (desk.kiosk_reason(found.reason), _why(found), "goods")
    case.sections = [(_("终端写下的"), _body_rows(found.body))] if found.body else []
    if found.occurred_at is not None:
        case.timeline.append(_event(found.occurred_at, _("在终端办理（按终端的钟）")))
    case.timeline.append(_event(found.opened_at, _("没能自动入账，等人看")))
    case.may = frozenset({kiosks.POST, kiosks.KEEP})
    if found.type == "pickup.completed":
        _add_claim(session, by, case, found)
    return case


def _add_claim(session: Session, by: By, case: Case, found: KioskReview) -> None:
    """Tell of a hand-over whose claim it was, and what booking it as it was would find."""
    claim_id = read_id(found.body.get("claim_id")) or 0
    if household_of_claim(session, by.community_id, claim_id) is None:
        return
    told = claim_of(session, by.community_id, claim_id)
    if told.store_id != found.store_id:
        return
    gone = late_lots(session, by.community_id, claim_id, state=told.state)
    whose = briefs(session, by.community_id, [told.person_id])[told.person_id]
    what = [(_("领取人"), _line(whose)), (_("单号"), told.claim_no)]
    case.sections = [(_("这份申领"), [*what, *(_claim_row(line) for line in told.lines)])]
    if told.ended_at is not None:
        case.timeline.append(_event(told.ended_at, _("申领结束，留的物品放回货架")))
    case.timeline = sorted(case.timeline, key=lambda entry: entry.at)
    if told.state == ISSUED or not gone:
        case.may = frozenset({kiosks.KEEP})
        case.notice = (_("这一份不能再入账"), late.why_kept(told), "goods")
        return
    if found.reason == WrongState.code:
        case.notice = late.notice(told, gone) or case.notice
    lots = lots_named(session, by.community_id, [one.lot_id for one in gone])
    rows = [late.lot_row(one, lots[one.lot_id]) for one in gone]
    case.sections.append((_("照实入账会怎么记"), rows))


def _shortfall(session: Session, by: By, one: Waiting, now: datetime) -> Case:
    found = shortfall_of(session, by.community_id, one.id)
    counted = [_counted(lack.commodity_code, lack.quantity) for lack in found.lacking]
    case = Case(one, " · ".join([desk.title(one), *dict.fromkeys(counted)][:3]), facts=found)
    case.line = _line(one)
    is_short = any(lack.is_giving for lack in found.lacking)
    what = _("事情已经办了，账上却不够") if is_short else _("事情已经办了，账上却放不下")
    case.notice = (what, _why_short(found.lacking), "goods")
    owners = [lack.owner_id for lack in found.lacking if lack.account_kind == "person"]
    people = briefs(session, by.community_id, owners) if owners else {}
    named = {
        pieces_of(one.id): own_name(one, language()) for one in items(session, by.community_id)
    }
    rows = [_lack_row(lack, people, named) for lack in found.lacking]
    case.sections = [(_("差在哪里"), rows)]
    case.timeline = [
        _event(found.happened_at, _("当时办的")), _event(found.found_at, _("入账，社区先垫着")),
    ]  # fmt: skip
    may = {SETTLE: may_settle(by, found), WRITE_OFF: may_write_off(by, found)}
    case.may = frozenset(how for how, is_allowed in may.items() if is_allowed)
    return case


def _why_short(lacking: Sequence[Lacking]) -> str:
    if all(lack.is_giving for lack in lacking):
        return _("缺的部分先记在社区的暂挂账上，等人决定由谁承担。")
    if not any(lack.is_giving for lack in lacking):
        return _("放不下的部分先记在社区的暂挂账上，等人决定归谁。")
    return _("缺的和放不下的都先记在社区的暂挂账上，等人决定。")


def _lack_row(lack: Lacking, people: dict[int, PersonBrief], named: Mapping[str, str]) -> Row:
    """Whose account it is, or of what, and how much it could not give or take."""
    owner = people.get(lack.owner_id) if lack.account_kind == "person" else None
    whose = owner.masked_name if owner else named.get(lack.commodity_code, "")
    kind = str(desk.ACCOUNTS.get(lack.account_kind, _("社区的账")))
    count = _counted(lack.commodity_code, lack.quantity)
    much = _("缺 %(count)s", count=count) if lack.is_giving else _("多 %(count)s", count=count)
    return kind, " · ".join(part for part in (much, whose) if part)


def _counted(commodity_code: str, quantity: int) -> str:
    lang = language()
    if commodity_code in (MINUTES, SERVED):
        return formats.minutes(quantity, lang)
    if commodity_code == FEN:
        return formats.fen(quantity, lang)
    if commodity_code.startswith("pieces:"):
        return formats.pieces(quantity, lang)
    return formats.number(quantity, lang)


def _why(found: Any) -> str:
    if found.reason not in words.WORDS:
        return ""
    return words.sentence(refusal_of(found.reason, found.facts))


def _body_rows(body: dict[str, Any]) -> list[Row]:
    """What a kiosk wrote, as it is: it may be damaged, so nothing of it is trusted."""
    said = {
        "lines": _("物品"), "thanks": _("答谢方式"), "claim_id": _("申领"), "service_id": _("服务"),
        "pieces": _("数量"), "condition": _("新旧"), "item_id": _("物品"),
    }  # fmt: skip
    rows = []
    for name, value in list(body.items())[:8]:
        count = len(value) if isinstance(value, list) else None
        told = _("%(count)s 行", count=count) if count is not None else str(value)[:80]
        rows.append((said.get(name, name), told))
    return rows


def _line(person: PersonBrief | Waiting) -> str:
    """Who it is, masked, and where he lives."""
    home = _("家庭 %(no)s", no=person.household_no) if person.household_no else ""
    building = _("%(number)s 号楼", number=person.building_no) if person.building_no else ""
    return " · ".join(part for part in (person.masked_name, home, building) if part)


def _event(at: datetime, text: str, who: str = "") -> SimpleNamespace:
    return SimpleNamespace(at=at, text=text, who=who)


_READERS: dict[str, Callable[[Session, By, Waiting, datetime], Case]] = {
    "record": _record,
    "shift": _record,
    "review": _review,
    "pickup": _pickup,
    "intake": _intake,
    "clearing": _clearing,
    "cleaning": _cleaning,
    "kiosk": _kiosk,
    "shortfall": _shortfall,
}

# Whose templates hold the buttons of each kind.
_HOMES = {
    "record": "hours",
    "shift": "hours",
    "review": "aid",
    "pickup": "aid",
    "intake": "goods",
    "clearing": "goods",
    "cleaning": "goods",
    "kiosk": "kiosks",
    "shortfall": "desk",
}
