"""Who has registered and waits for the counter, and who can do what, as files."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from timebank.hours.queries import all_services
from timebank.joining import may
from timebank.joining.queries import offered_services, waiting_list
from timebank.joining.rules import shown_no
from timebank.people.queries import briefs, places
from timebank.people.rules.names import mask_name
from timebank.values import By
from web import units
from web.formats import own_name
from web.joining.words import TIME_WORDS
from web.people.sight import shown_name
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.sheets import Asked, ListSheet, Row


def _registrations(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    """Those within the grids of the reader, with masked names."""
    buildings = {one.id: one.number for one in places(session, by.community_id, "building")}
    for one in waiting_list(session, by, now=units.now()):
        wish = _("想做志愿者") if one.is_volunteer else ""
        building = buildings.get(one.building_id or 0)
        yield (
            shown_no(one.registration_no), mask_name(one.name), building, one.registered_at,
            one.until_on, wish,
        )  # fmt: skip


def _offers(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    """What volunteers said that they can do, by service."""
    known = offered_services(session, by.community_id)
    people = briefs(session, by.community_id, {one.person_id for one in known})
    services = {one.id: own_name(one, language()) for one in all_services(session, by.community_id)}
    for one in known:
        times = _("、").join(str(TIME_WORDS[time]) for time in one.times)
        name = shown_name(by, people[one.person_id])
        yield services[one.service_id], name, times, one.since_on


REGISTRATIONS = ListSheet(
    name="registrations", title=_l("自己报名的人"), page="work.registrations",
    right=may.COMPLETE, rows=_registrations,
    headings=(
        _l("报名号"), _l("姓名"), _l("楼栋"), _l("报名时间"), _l("最晚哪天来"), _l("想做什么")
    ),
)  # fmt: skip
OFFERS = ListSheet(
    name="offers", title=_l("谁会做什么"), page="work.offers", right=may.READ_OFFERS, rows=_offers,
    headings=(_l("服务"), _l("姓名"), _l("什么时候有空"), _l("从哪天起")),
)  # fmt: skip
