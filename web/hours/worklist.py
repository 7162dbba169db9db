"""Hours on the worklist: records to confirm, and forgotten check-outs."""

from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy.orm import Session

from timebank.desk.queries import Waiting
from timebank.errors import BadInput
from timebank.hours.actions import confirm_records, propose_end, refuse_record, settle_overlap
from timebank.hours.queries import ServiceRecord, Word, overlap, record, records_named, words_on
from timebank.hours.rules import ENTERED, ORGANISER, RECIPIENT
from timebank.people.queries import HouseholdBrief, PersonBrief, briefs, household_briefs
from timebank.values import By
from web import formats
from web.cases import Button, CaseDeed, Row, WorkCase, WorkFace, event, who_and_where
from web.formats import own_name
from web.forms import ReasonForm
from web.hours.forms import OverlapForm, ShiftForm
from web.hours.words import STATES
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.words.common import CHANNELS


def _helped(
    session: Session, by: By, found: ServiceRecord
) -> tuple[dict[int, PersonBrief], dict[int, HouseholdBrief]]:
    """Whom a record helped: the person or the household, if it names one."""
    person_id, home_id = found.recipient_person_id, found.recipient_household_id
    people = briefs(session, by.community_id, [person_id]) if person_id else {}
    homes = household_briefs(session, by.community_id, [home_id]) if home_id else {}
    return people, homes


def _read(session: Session, by: By, waiting: Waiting, now: datetime) -> WorkCase:
    record_read = record(session, by.community_id, waiting.id)
    people, homes = _helped(session, by, record_read)
    spoken = words_on(session, by.community_id, [record_read.id])[record_read.id]
    case = WorkCase(
        one=waiting,
        heading=f"{own_name(record_read, language(), 'service')} · {_length(record_read)}",
    )
    case.line = who_and_where(waiting)
    home = next(iter(homes.values()), None)
    case.sections = [(_("服务"), _record_rows(record_read, people, home))]
    case.timeline = _record_timeline(record_read, spoken)
    case.may = _record_deeds(record_read, spoken, by)
    case.facts = record_read
    return case


def _length(found: ServiceRecord) -> str:
    if found.real_minutes is None:
        return _("忘了签退")
    return formats.minutes(found.real_minutes, language())


def _record_rows(
    service_record: ServiceRecord, people: dict[int, PersonBrief], home: Any
) -> list[Row]:
    lang = language()
    recipient = people.get(service_record.recipient_person_id or 0)
    helped = _("集体活动")
    if recipient is not None:
        helped = who_and_where(recipient)
    elif home is not None:
        helped = _("家庭 %(no)s", no=home.household_no)
    ended = formats.clock_time(service_record.ended_at, lang) if service_record.ended_at else "—"
    rows = [
        (_("日期"), formats.day(service_record.started_on, lang)),
        (_("起止时间"), f"{formats.clock_time(service_record.started_at, lang)}–{ended}"),
        (_("接受服务"), helped),
        (_("地点"), service_record.place),
        (_("怎么记的"), str(CHANNELS.get(service_record.source, service_record.source))),
        (_("说明"), service_record.note or ""),
    ]
    return [row for row in rows if row[1]]


def _record_timeline(found: ServiceRecord, spoken: list[Word]) -> list[SimpleNamespace]:
    clocked = found.source != "entered"
    entries = [event(found.started_at, _("签到") if clocked else _("服务开始"))]
    if found.ended_at is not None:
        entries.append(event(found.ended_at, _("签退") if clocked else _("服务结束")))
    if not clocked:
        entries.append(event(found.recorded_at, _("事后登记")))
    said = {
        "recipient": _("接受服务的人确认"), "organiser": _("组织者确认"),
        "volunteer": _("本人同意结束时间"),
    }  # fmt: skip
    for word in spoken:
        by_hand = _("工作人员代记") if word.on_behalf else ""
        entries.append(event(word.given_at, said[word.side], by_hand))
    return sorted(entries, key=lambda entry: entry.at)


def _record_deeds(found: ServiceRecord, spoken: list[Word], by: By) -> frozenset[str]:
    """Confirm and refuse always; enter the recipient's confirmation if it is missing."""
    sides = {word.side for word in spoken}
    has_recipient = found.recipient_person_id is not None or found.recipient_household_id
    if has_recipient and RECIPIENT not in sides and ORGANISER not in sides:
        return frozenset({"confirm", "refuse", "word"})
    return frozenset({"confirm", "refuse"})


def _done(record_id: int, form: Any, do: str) -> CaseDeed:
    if do == "confirm":
        content = {"record_ids": (record_id,), "as_": ORGANISER}
        return CaseDeed(confirm_records, content, _("已确认，谢谢。"))
    if do == "word":
        content = {"record_ids": (record_id,), "as_": RECIPIENT}
        return CaseDeed(
            confirm_records, content, _("已代记对方的确认，还要另一位同事以组织者的身份确认。")
        )
    if do == "refuse":
        content = {"record_id": record_id, "reason": form.reason.data or ""}
        return CaseDeed(refuse_record, content, _("已退回，原因会告诉志愿者。"))
    raise BadInput(field="do", why="choice")


def _end_told(record_id: int, form: Any, do: str) -> CaseDeed:
    content = {"record_id": record_id, "ended_at": form.ended_at(), "note": form.note.data or ""}
    return CaseDeed(propose_end, content, _("已写下结束时间，等志愿者本人同意。"))


def _overlap(session: Session, by: By, waiting: Waiting, now: datetime) -> WorkCase:
    """Both records beside each other, and who stands on both sides."""
    pair = overlap(session, by.community_id, waiting.id)
    case = WorkCase(one=waiting, heading=_("一个人，两处在场"), line=who_and_where(waiting))
    case.notice = (
        _("请先问一问"),
        _(
            "同一段时间里，这个人既在帮别人，又在接受别人的帮助。两条都可能是真的；问清楚以前都不能确认。"
        ),
        "goods",
    )
    both = records_named(session, by.community_id, [pair.record_id, pair.other_record_id])
    people, homes = _of_both(session, by, both)
    others = [(_("后登记的一条"), pair.record_id), (_("先登记的一条"), pair.other_record_id)]
    allowed = {"none"}
    for word, record_id in others:
        found = both[record_id]
        case.sections.append((word, _both_rows(found, people, homes)))
        if found.state == ENTERED:
            allowed.add("record" if record_id == pair.record_id else "other")
    case.timeline = [event(pair.found_at, _("登记时发现时间重合"))]
    case.may = frozenset(allowed)
    return case


def _of_both(
    session: Session, by: By, both: Mapping[int, ServiceRecord]
) -> tuple[dict[int, PersonBrief], dict[int, HouseholdBrief]]:
    """Everybody who helped or was helped, and the households that were."""
    people = {
        id_
        for record_read in both.values()
        for id_ in (record_read.person_id, record_read.recipient_person_id)
        if id_
    }
    homes = {
        record_read.recipient_household_id
        for record_read in both.values()
        if record_read.recipient_household_id
    }
    known = household_briefs(session, by.community_id, homes) if homes else {}
    return briefs(session, by.community_id, people), known


def _both_rows(
    session_read: ServiceRecord, people: dict[int, PersonBrief], homes: dict[int, HouseholdBrief]
) -> list[Row]:
    about = [
        (_("做了什么"), own_name(session_read, language(), "service")),
        (_("谁帮的"), who_and_where(people[session_read.person_id])),
        (_("现在的状态"), str(STATES["service_record", session_read.state])),
    ]
    home = homes.get(session_read.recipient_household_id or 0)
    return about + _record_rows(session_read, people, home)


def _overlap_done(overlap_id: int, form: Any, do: str) -> CaseDeed:
    content = {"overlap_id": overlap_id, "refused": do, "note": form.note.data or ""}
    said = {
        "none": _("已写下：两条都属实，可以照常确认。"),
        "record": _("后登记的一条已退回，原因会告诉志愿者。"),
        "other": _("先登记的一条已退回，原因会告诉志愿者。"),
    }
    return CaseDeed(settle_overlap, content, said.get(do, ""))


def _title(one: Waiting) -> str:
    return _("确认 %(minutes)s", minutes=formats.minutes(one.count, language()))


RECORD = WorkFace(
    kind="record",
    word=_l("服务时长"),
    read=_read,
    form=ReasonForm,
    deed=_done,
    template="hours/act_record.html",
    title=_title,
    batch="work.records",
)
OVERLAP = WorkFace(
    kind="overlap",
    word=_l("一个人，两处在场"),
    read=_overlap,
    form=OverlapForm,
    deed=_overlap_done,
    fields=(("note", _l("例如：打电话问过双方，是同一天的上午和下午写反了")),),
    buttons=(
        Button(do="none", word=_l("两条都属实"), mark="check", key="a", if_may="none"),
        Button(do="record", word=_l("退回后登记的"), kind="stop", if_may="record"),
        Button(do="other", word=_l("退回先登记的"), kind="stop", if_may="other"),
    ),
)
SHIFT = WorkFace(
    kind="shift",
    word=_l("忘了签退"),
    read=_read,
    form=ShiftForm,
    deed=_end_told,
    fields=(
        ("ended_on", _l("写好以后，志愿者本人同意了才算数")),
        ("ends", _l("例如 17:30；半夜十二点可以写 24:00")),
        ("note", _l("例如：打电话问过本人")),
    ),
    buttons=(Button(do="propose", word=_l("写下结束时间"), mark="check", key="a"),),
)
