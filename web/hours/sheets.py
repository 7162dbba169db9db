"""Volunteers, services, records and one's own passbook as files."""

from collections.abc import Iterator
from functools import partial

from sqlalchemy.orm import Session

from timebank.hours import may
from timebank.hours.queries import (
    ServiceRecord,
    VolunteerListed,
    all_services,
    passbook_lines,
    records_listed,
    records_of_person,
    records_to_confirm,
    volunteers_listed,
)
from timebank.hours.rules import CATEGORIES, ORGANISER
from timebank.people.queries import briefs
from timebank.sealing.history import end_of_day
from timebank.values import By, to_us
from web import units
from web.formats import own_name
from web.hours.passbook import DIRECTIONS
from web.hours.work_services import is_wanted
from web.people.sight import sees, shown_name
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.reading import read_id, read_past_day
from web.sheets import AT_ONCE, Asked, ListSheet, Row, in_parts
from web.subjects import gathered


def _volunteers(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    """Those within the reader's sight, with what they have saved, in minutes."""
    after_no = ""
    while part := volunteers_listed(session, by.community_id, limit=AT_ONCE, after_no=after_no):
        people = briefs(session, by.community_id, [one.person_id for one in part])
        for one in part:
            brief = people[one.person_id]
            if sees(by, brief.grid_id):
                yield _volunteer(one, shown_name(by, brief))
        after_no = part[-1].volunteer_no


def _volunteer(one: VolunteerListed, name: str) -> Row:
    saved = one.available_minutes, one.cumulative_minutes
    return one.volunteer_no, name, one.team, one.since_on, *saved


def _services(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    at = 0 if language() == "zh" else 1
    for one in filter(lambda one: is_wanted(one, asked), all_services(session, by.community_id)):
        yield CATEGORIES[one.category][at], one.name_zh, one.name_en, one.retired_on


def _records(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    """Every record of the community within the reader's sight, newest first."""
    before = None
    read = partial(records_listed, session, by.community_id, limit=AT_ONCE)
    while part := read(before=before):
        ids = {id_ for one in part for id_ in (one.person_id, one.recipient_person_id) if id_}
        people = briefs(session, by.community_id, ids)
        names = {brief.id: shown_name(by, brief) for brief in people.values()}
        for one in part:
            if sees(by, one.grid_id):
                yield names[one.person_id], names.get(one.recipient_person_id or 0), *_record(one)
        before = to_us(part[-1].started_at), part[-1].id


def _record(one: ServiceRecord) -> Row:
    state = gathered().state("service_record", one.state) or one.state
    times = one.started_at, one.ended_at, one.real_minutes, one.credited_minutes
    return own_name(one, language(), "service"), *times, one.place, str(state)


def _to_confirm(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    read = partial(
        records_to_confirm, session, by, ORGANISER, limit=AT_ONCE,
        service_id=read_id(asked.get("service")),
    )  # fmt: skip
    for one in in_parts(
        lambda after: read(after=after),
        lambda row: (to_us(row.record.started_at), row.record.id),
    ):
        whom = one.recipient_masked_name or one.recipient_household_no
        yield one.volunteer_masked_name, whom, *_record(one.record)


def _mine(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    read = partial(records_of_person, session, by.community_id, by.person_id or 0, limit=AT_ONCE)
    for one in in_parts(
        lambda before: read(before=before), lambda it: (to_us(it.started_at), it.id)
    ):
        yield _record(one)


def _passbook(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    """The lines in hours of one's own account; goods have sheets of their own."""
    direction = asked.get("direction", "all")
    on = read_past_day(asked.get("on"), units.today())
    read = partial(
        passbook_lines, session, by.community_id, by.person_id or 0, limit=AT_ONCE,
        direction=direction if direction in DIRECTIONS else "all",
    )  # fmt: skip
    seq = None
    while part := read(before_seq=seq):
        for line in part:
            if on is None or line.posted_at <= end_of_day(on):
                record = line.record
                what = own_name(record, language(), "service") if record else _("时间往来")
                place = record.place if record else ""
                yield line.posted_at, what, place, line.change, line.after
        seq = part[-1].seq


_OF_RECORD = (
    _l("服务"), _l("开始时间"), _l("结束时间"), _l("实际分钟"), _l("记入分钟"), _l("地点"),
    _l("状况"),
)  # fmt: skip
VOLUNTEERS = ListSheet(
    name="volunteers", title=_l("志愿者"), page="work.sheets", right=may.REGISTER_VOLUNTEERS,
    rows=_volunteers,
    headings=(
        _l("编号"), _l("姓名"), _l("队伍"), _l("从哪天起"), _l("可用分钟"), _l("累计服务分钟")
    ),
)  # fmt: skip
SERVICES = ListSheet(
    name="services", title=_l("服务种类"), page="work.services", right=may.SUPERVISE,
    headings=(_l("类别"), _l("中文名称"), _l("英文名称"), _l("停办的日子")), rows=_services,
    kept=("kind", "state"),
)  # fmt: skip
RECORDS = ListSheet(
    name="records", title=_l("服务记录"), page="work.sheets", right=may.SUPERVISE, rows=_records,
    headings=(_l("谁服务的"), _l("帮了谁"), *_OF_RECORD),
)  # fmt: skip
TO_CONFIRM = ListSheet(
    name="records-waiting", title=_l("等确认的时长"), page="work.records", right=may.ORGANISE,
    headings=(_l("谁服务的"), _l("帮了谁"), *_OF_RECORD), rows=_to_confirm, kept=("service",),
)  # fmt: skip
MY_RECORDS = ListSheet(
    name="my-services", title=_l("我的服务"), page="me.services", rows=_mine,
    headings=_OF_RECORD,
)  # fmt: skip
PASSBOOK = ListSheet(
    name="passbook", title=_l("我的存折"), page="me.passbook", kept=("direction", "on"),
    headings=(_l("入账时间"), _l("项目"), _l("地点"), _l("分钟"), _l("余额（分钟）")),
    rows=_passbook,
)  # fmt: skip
