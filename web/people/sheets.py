"""The lists of people, households, staff, firms, places and rights as files."""

from collections.abc import Iterator
from functools import partial

from sqlalchemy.orm import Session

from timebank.desk import may as desk
from timebank.people import may
from timebank.people.queries import (
    PersonBrief,
    homes_listed,
    mandates_held,
    mandates_of,
    openings_about,
    organisations,
    people_listed,
    places,
    representatives,
    search_people,
)
from timebank.people.queries import staff as staff_of
from timebank.people.queries.search import LIMIT_MAX, PersonFound
from timebank.values import By, to_us
from web import units
from web.formats import own_name
from web.people.firms import is_wanted as is_wanted_firm
from web.people.kept_search import opened_search
from web.people.mandates import mandates_shown
from web.people.places import place_names
from web.people.sight import shown_name
from web.people.staff import holds_role
from web.people.who_may import rights_by_subject
from web.people.words import ROLES
from web.people.work_places import is_wanted as is_wanted_place
from web.people.worklist import columns_word
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.sheets import AT_ONCE, Asked, ListSheet, Row, in_parts
from web.wording import Names

AGES: Names = {
    "0-13": _l("未满 14 岁"),
    "14-17": _l("14 到 17 岁"),
    "18-59": _l("18 到 59 岁"),
    "60-64": _l("60 到 64 岁"),
    "65-69": _l("65 到 69 岁"),
    "70-79": _l("70 到 79 岁"),
    "80+": _l("80 岁以上"),
}
MANDATE_STATES: Names = {
    "held": _l("有效"), "waiting": _l("等另一位同事"), "ended": _l("已经停掉"),
    "over": _l("已经到期"),
}  # fmt: skip
PLACES: Names = {"grid": _l("网格"), "building": _l("楼栋")}


def _people(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    """Those whom the search of the page finds, or everybody within sight."""
    if "search" in asked:
        text = opened_search(asked["search"])
        found = search_people(session, by, text, limit=LIMIT_MAX) if text else []
        yield from (_person(one, one.shown_name) for one in found)
        return
    read = partial(people_listed, session, by, limit=AT_ONCE)
    for one in in_parts(lambda after: read(after=after), lambda brief: (brief.id,)):
        yield _person(one, shown_name(by, one))


def _person(one: PersonBrief | PersonFound, name: str) -> Row:
    age = AGES.get(one.age_group_on(units.today()) or "", "")
    return name, str(age), one.household_no, one.building_no


def _homes(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    names = place_names(by)
    read = partial(homes_listed, session, by, limit=AT_ONCE)
    for one in in_parts(lambda after: read(after=after), lambda home: (home.id,)):
        grid = names.get(one.grid_id, "")
        yield one.household_no, one.building_no, grid, one.members, one.enrolled_at


def _staff(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    names, held = place_names(by), staff_of(session, by.community_id, now=units.now())
    users = {
        user_id
        for user_id in {one.user_id for one in held}
        if holds_role([one for one in held if one.user_id == user_id], asked)
    }
    for one in held:
        if one.user_id not in users:
            continue
        place = names.get(one.place_id, "") if one.place_id else _("整个社区")
        yield one.name, str(ROLES[one.role]), place, one.until_at, one.login_name


def _firms(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    named = representatives(session, by.community_id)
    for firm in organisations(session, by.community_id):
        speakers = [one for one in named if one.organisation_id == firm.id]
        if is_wanted_firm(speakers, asked):
            yield firm.name, firm.trade, _("、").join(one.name for one in speakers)


def _places(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    known = [one for one in places(session, by.community_id) if one.kind != "store"]
    names = {one.id: own_name(one, language()) for one in known}
    for one in filter(lambda place: is_wanted_place(place, asked), known):
        parent = names.get(one.parent_id, "") if one.parent_id else ""
        kind = str(PLACES.get(one.kind, one.kind))
        yield kind, one.number, one.name_zh, one.name_en, parent, one.ended_on


def _rights(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    for heading, rights in rights_by_subject(asked.get("role", "")):
        yield from ((heading, right.word, right.roles) for right in rights)


def _openings(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    if by.person_id is None:
        return
    read = partial(openings_about, session, by.community_id, by.person_id, limit=AT_ONCE)
    for one in in_parts(lambda before: read(before=before), lambda it: (to_us(it.at), it.id)):
        yield one.at, one.opener_name, columns_word(one.columns), one.reason


def _mandates(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    """Who acts for the reader, then for whom the reader acts: both sides know each other."""
    own_id = by.person_id or 0
    own = [
        *mandates_of(session, by.community_id, own_id),
        *mandates_held(session, by.community_id, own_id),
    ]
    for one in mandates_shown(session, by, own, names=lambda _by, brief: brief.name):
        until_on, state = one.mandate.until_on, MANDATE_STATES[one.state]
        yield one.person, one.agent, one.what, one.mandate.from_on, until_on, one.ground, str(state)


PEOPLE = ListSheet(
    name="people", title=_l("人员"), page="work.people", right=may.SEARCH, kept=("search",),
    headings=(_l("姓名"), _l("年龄段"), _l("户号"), _l("楼栋")), rows=_people,
)  # fmt: skip
HOUSEHOLDS = ListSheet(
    name="households", title=_l("家庭"), page="work.people", right=may.SEARCH, rows=_homes,
    headings=(_l("户号"), _l("楼栋"), _l("网格"), _l("人数"), _l("登记时间")),
)  # fmt: skip
STAFF = ListSheet(
    name="staff", title=_l("工作人员"), page="work.staff", right=may.CONFIRM_STAFF, rows=_staff,
    kept=("role",),
    headings=(_l("姓名"), _l("岗位"), _l("在哪里"), _l("到什么时候"), _l("用户名")),
)  # fmt: skip
FIRMS = ListSheet(
    name="firms", title=_l("合作单位"), page="work.firms", right=may.KEEP_REPRESENTATIVES,
    headings=(_l("单位"), _l("行业"), _l("代表")), rows=_firms, is_proven=True, kept=("state",),
)  # fmt: skip
PLACES_LISTED = ListSheet(
    name="places", title=_l("网格和楼栋"), page="work.places", right=may.ADD_PLACES, rows=_places,
    kept=("grid", "state"),
    headings=(
        _l("种类"), _l("编号"), _l("中文名称"), _l("英文名称"), _l("在哪里"), _l("停用的日子")
    ),
)  # fmt: skip
RIGHTS = ListSheet(
    name="rights", title=_l("谁能做什么"), page="work.who_may", right=desk.OPEN_WORKLIST,
    headings=(_l("方面"), _l("能做什么"), _l("哪些岗位")), rows=_rights, kept=("role",),
)  # fmt: skip
OPENINGS = ListSheet(
    name="openings", title=_l("谁看过我的资料"), page="account.openings", rows=_openings,
    headings=(_l("时间"), _l("谁"), _l("看了什么"), _l("原因")),
)  # fmt: skip
MANDATES = ListSheet(
    name="my-mandates", title=_l("代办"), page="account.mandates", rows=_mandates,
    headings=(
        _l("替谁办"), _l("谁来代办"), _l("可以办什么"), _l("从哪天起"), _l("到哪天为止"),
        _l("凭什么"), _l("状况"),
    ),
)  # fmt: skip
