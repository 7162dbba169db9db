"""A small community with a little of everything, for pages; it is created in a second or two.

Everybody in ``PEOPLE`` signs in by that name and ``PASSWORD``. It is the same in each run, except
for the ids. Not here: servers and browsers (see ``tests/browser``).
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from tests.databases import COMMUNITY_ID
from tests.factories import aid, goods, hours
from tests.factories import people as make
from tests.factories.people import PASSWORD, PIN, Town, a_request_id, new_person
from timebank.aid.actions import cancel_claim, lapse_claims
from timebank.deeds.deed import Deed
from timebank.goods.actions import announce_deposit, receive_deposit
from timebank.goods.rules import AnnouncedLine, JudgedLine
from timebank.hours.actions import NewRecord, confirm_records, enter_records, refuse_record
from timebank.values import By, Role, local_instant

__all__ = ["NOW", "PASSWORD", "PIN", "Sample", "make_sample", "own_copy"]

TODAY = date(2025, 6, 10)
NOW = datetime(2025, 6, 10, 2, 0, tzinfo=UTC)  # A Tuesday, ten in the morning local time.
STOCK = {
    "大米": 6, "面条": 5, "食用油": 4, "食盐": 8, "酱油": 2, "白糖": 3, "鸡蛋": 2, "牛奶": 3,
    "洗衣粉": 4, "肥皂": 6, "毛巾": 5, "卫生纸": 7, "冬衣": 2, "童装": 3, "图书": 9,
}  # fmt: skip
# Food has a last day; the noodles are near expiry.
BEST_BEFORE = dict.fromkeys(list(STOCK)[:8], date(2026, 3, 1)) | {"面条": date(2025, 6, 28)}
# The users, their roles and their buildings. A login name is a role in the walks.
RESIDENTS = {
    "volunteer": ("陈甲一", 1957), "claimant": ("林乙二", 1949), "donor": ("黄丙三", 1968),
    "nopapers": ("张丁四", 1952), "newcomer": ("李戊五", 1990), "stranger": ("王己六", 1975),
}  # fmt: skip
STAFF = {
    "keeper": ("赵庚七", ("keeper",)), "social": ("梁辛八", ("social_worker",)),
    "coordinator": ("何甲九", ("coordinator",)), "approver": ("罗乙十", ("approver",)),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """The people by their login names, and the cases that pages show."""

    town: Town
    shop: goods.Shop
    services: dict[str, int]
    people: dict[str, By]
    household_nos: dict[str, str]
    cases: dict[str, int]


def own_copy(sample: Sample) -> Sample:
    """The same sample for one test, which may add its own cases."""
    return replace(sample, cases=dict(sample.cases))


def make_sample(session: Session, community_id: int = COMMUNITY_ID) -> Sample:
    """Found the community and simulate a spring."""
    town = make.make_town(session, community_id)
    shop = goods.make_shop(session, town)
    goods.make_donation_point(session, town)
    services = hours.make_services(session, town)
    people, household_nos = _settle(session, town)
    sample = Sample(town, shop, services, people, household_nos, {})
    for name, pieces in STOCK.items():
        goods.make_stock(
            session, shop, name, pieces,
            best_before_on=BEST_BEFORE.get(name), now=local_instant(date(2025, 5, 6), 10),
        )  # fmt: skip
    live(session, sample, ends_on=TODAY)
    _leave_open(session, sample)
    return sample


def _settle(session: Session, town: Town) -> tuple[dict[str, By], dict[str, str]]:
    people, household_nos = {}, {}
    for at, (login, (name, born)) in enumerate(RESIDENTS.items()):
        kin = (new_person(born=2012), new_person(born=1980)) if login == "claimant" else ()
        family = make.make_household(
            session, town, new_person(name, born=born), *kin, building=at % 2
        )
        household_nos[login] = family.household_no
        people[login] = make.make_user(session, town, family.person_ids[0], login_name=login)
        make.make_card(session, town, family.person_ids[0], PIN)
    make.make_proof(session, town, people["claimant"].household_id or 0)
    hours.register(session, town, people["volunteer"].person_id or 0)
    for login, (name, roles) in STAFF.items():
        place_id = town.store_place_id if login == "keeper" else None
        held = tuple(Role(role, place_id) for role in roles)
        person_id = make.make_person(session, town, name, born=1985)
        people[login] = make.make_user(session, town, person_id, *held, login_name=login)
    return people, household_nos


def live(session: Session, sample: Sample, *, ends_on: date, weeks: int = 12) -> None:
    """Simulate the weeks: a service each week; every third week a donation and a pick-up."""
    for back in range(weeks, 0, -1):
        day = ends_on - timedelta(days=7 * back)
        serve(session, sample, on=day, minutes=(150, 95, 60, 205)[back % 4])
        if back % 3 == 0:
            give(session, sample, on=day)
            take(session, sample, on=day + timedelta(days=1), is_fetched=back % 2 == 0)


def serve(session: Session, sample: Sample, *, on: date, minutes: int) -> int:
    """The volunteer helps the claimant, and both sides confirm it that evening."""
    record_id = enter(session, sample, on=on, minutes=minutes)
    now = local_instant(on, 21)
    for name, side in (("claimant", "recipient"), ("social", "organiser")):
        confirm_records(
            Deed(session, sample.people[name], now, a_request_id()),
            record_ids=(record_id,),
            as_=side,
        )
    return record_id


def enter(session: Session, sample: Sample, *, on: date, minutes: int) -> int:
    """The volunteer enters a morning with the claimant."""
    volunteer, claimant = sample.people["volunteer"], sample.people["claimant"]
    started_at = local_instant(on, 9)
    record = NewRecord(
        volunteer.person_id or 0,
        sample.services["company" if on.day % 2 else "shopping"],
        started_at,
        started_at + timedelta(minutes=minutes),
        recipient_person_id=claimant.person_id,
        place="2号楼",
    )
    done = enter_records(
        Deed(session, volunteer, local_instant(on, 20), a_request_id()), records=(record,)
    )
    return done.record_ids[0]


def give(session: Session, sample: Sample, *, on: date) -> int:
    """The donor brings four kinds; coats wait for cleaning, expired food is refused."""
    item = sample.shop.item
    lines = (
        JudgedLine(item("大米"), 3, 3, best_before_on=on + timedelta(days=200)),
        JudgedLine(item("童装"), 2, 2, condition="nine_tenths"),
        JudgedLine(item("饼干"), 4, 4, best_before_on=on + timedelta(days=3)),
        JudgedLine(None, 1, 0, described="旧电饭煲", refuse_code="OTHER", refuse_note="缺了电源线"),
    )
    receipt = receive_deposit(
        Deed(session, sample.people["keeper"], local_instant(on, 10), a_request_id()),
        store_id=sample.shop.store_id,
        lines=lines,
        donor_person_id=sample.people["donor"].person_id,
    )
    sample.cases["received"] = receipt.deposit_id
    return receipt.deposit_id


def take(session: Session, sample: Sample, *, on: date, is_fetched: bool) -> int:
    """The claimant asks for two pieces, and picks them up or not."""
    claimed = aid.make_claim(
        session, sample.shop, sample.people["claimant"], now=local_instant(on, 9), 肥皂=1, 图书=1
    )
    if is_fetched:
        aid.pick_up(session, sample.shop, claimed, now=local_instant(on, 15))
    else:
        lapse_claims(
            Deed(
                session,
                sample.people["coordinator"],
                local_instant(on + timedelta(days=4), 9),
                a_request_id(),
            )
        )
    sample.cases["issued" if is_fetched else "lapsed"] = claimed.claim_id
    return claimed.claim_id


def _leave_open(session: Session, sample: Sample) -> None:
    """Leave open work for everybody who signs in this morning."""
    people, cases = sample.people, sample.cases
    yesterday = TODAY - timedelta(days=1)
    cases["record"] = enter(session, sample, on=yesterday, minutes=100)
    refused = enter(session, sample, on=yesterday - timedelta(days=1), minutes=45)
    refuse_record(
        Deed(session, people["social"], local_instant(yesterday, 18), a_request_id()),
        record_id=refused,
        reason="当天活动取消了",
    )
    evening = local_instant(yesterday, 19)
    claimed = aid.make_claim(session, sample.shop, people["claimant"], now=evening, 大米=2, 毛巾=1)
    cases["ready"] = claimed.claim_id
    dropped = aid.make_claim(session, sample.shop, people["claimant"], now=evening, 食盐=1)
    cancel_claim(
        Deed(session, people["claimant"], evening, a_request_id()), claim_id=dropped.claim_id
    )
    cases["cancelled"] = dropped.claim_id
    told = (
        AnnouncedLine(sample.shop.item("食用油"), 2, best_before_on=date(2026, 1, 15)),
        AnnouncedLine(None, 1, "eight_tenths", described="儿童自行车"),
    )
    announced = announce_deposit(
        Deed(session, people["donor"], evening, a_request_id()),
        store_id=sample.shop.store_id,
        lines=told,
        donor_person_id=people["donor"].person_id,
        bring_on=TODAY + timedelta(days=3),
    )
    cases["announced"] = announced.deposit_id
