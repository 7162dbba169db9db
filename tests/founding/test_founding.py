"""A community is founded whole from its description, or not at all, and once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.factories.empty import TODAY
from tests.factories.people import PASSWORD
from timebank.deeds.queries import community
from timebank.deeds.tables import audit_line
from timebank.deeds.tables import community as community_table
from timebank.errors import BadInput, WrongState
from timebank.founding.actions import found
from timebank.founding.entering import enter_first, found_with_slips
from timebank.founding.files import read_file
from timebank.founding.refusals import SetUpCodeWrong
from timebank.goods.queries import opening_of, stores
from timebank.people.actions import sign_in
from timebank.people.queries import factor_roles, places, staff
from timebank.people.refusals import TooManyTries
from timebank.people.rules.throttles import Origin
from timebank.people.rules.visits import FACTOR_ROLES
from timebank.policy.queries import parameters_on
from timebank.values import local_instant

NOW = local_instant(TODAY, 9)


@pytest.fixture
def database(fresh_database):
    fresh_database.clock = lambda: NOW
    return fresh_database


@pytest.fixture
def plan(written):
    closed = ('["sun"]', '["sun"]\nclosed_days = [{ day = 2027-02-06, note = "春节" }]')
    return read_file(written(closed), today=TODAY)


def rows(database):
    """How many communities and lines of the audit trail there are."""
    with database.reading() as session:
        tables = (community_table, audit_line)
        return [session.scalar(select(func.count()).select_from(one)) for one in tables]


def test_everything_of_the_description_is_there(database, plan):
    founded, _ = database.write(lambda session, now: found_with_slips(session, now, plan))
    with database.reading() as session:
        known = community(session, founded.community_id)
        assert (known.street, known.division_code) == ("车站街道", "440106")
        assert (known.contact_name, known.contact_phone) == ("陈甲一", "10020000010")
        point, shop = sorted(stores(session, known.id), key=lambda one: one.code)
        sites = {one.id: one for one in places(session, known.id, "store")}
        hours = opening_of(session, known.id, shop.id)
        assert sites[shop.place_id].address == "3栋一楼"
        assert sites[shop.place_id].phone == "10020000011"
        assert sites[point.place_id].parent_id == founded.grid_ids[1]
        assert len(places(session, known.id, "building")) == len(plan.buildings) == 12
        assert len(hours.week_on(TODAY)[0]) == 2 and hours.week_on(TODAY)[6] == ()
        assert hours.hours(plan.stores[0].closed_days[0].day_on) == ()
        assert parameters_on(session, known.id, TODAY).whole("hours.rounding_minutes") == 30
        assert staff(session, known.id) == []  # They come in with the codes on their slips.


def test_the_first_people_choose_name_and_password_with_their_slips(database, plan):
    founded, slips = database.write(lambda session, now: found_with_slips(session, now, plan))
    assert [one.name for one in slips] == ["陈甲一", "林乙二"]
    for one, login in zip(slips, ("chen", "lin2"), strict=True):
        assert one.code not in repr(one)
        assert enter(database, founded, one.code.lower(), login) == login
        signed = sign_in(
            database, community_id=founded.community_id, login_name=login,
            password=PASSWORD, origin=Origin("test"), now=NOW,
        )  # fmt: skip
        assert signed.by.person_id == one.person_id
    with database.reading() as session:
        roles = {one.login_name: one.role for one in staff(session, founded.community_id)}
    assert roles == {"chen": "coordinator", "lin2": "approver"}


def enter(database, founded, code, login_name="chen", password=PASSWORD, source="10.0.0.1"):
    return enter_first(
        database, community_id=founded.community_id, typed=code, login_name=login_name,
        password=password, source=source,
    )  # fmt: skip


@pytest.fixture
def handed(database, plan):
    """A founded community, and the slip of its first person."""
    founded, slips = database.write(lambda session, now: found_with_slips(session, now, plan))
    return founded, slips[0]


def test_a_slip_is_used_once(database, handed):
    founded, slip = handed
    enter(database, founded, slip.code)
    with pytest.raises(SetUpCodeWrong):
        enter(database, founded, slip.code, "again")


def test_a_slip_lasts_thirty_days(database, handed):
    founded, slip = handed
    database.clock = lambda: NOW + timedelta(days=30)
    with pytest.raises(SetUpCodeWrong):
        enter(database, founded, slip.code)
    database.clock = lambda: NOW + timedelta(days=29)
    assert enter(database, founded, slip.code, source="10.0.0.2")


def test_a_slip_opens_its_own_community_alone(database, handed, neighbour_id):
    founded, slip = handed
    with pytest.raises(SetUpCodeWrong):
        enter(database, replace(founded, community_id=neighbour_id), slip.code)


def test_wrong_codes_slow_down_and_a_weak_password_does_not(database, handed):
    founded, slip = handed
    for _ in range(7):
        with pytest.raises(BadInput):
            enter(database, founded, slip.code, password="12345678")
    for _ in range(5):
        with pytest.raises(SetUpCodeWrong):
            enter(database, founded, "AAAAA-AAAAA")
    with pytest.raises(TooManyTries):
        enter(database, founded, slip.code)
    assert enter(database, founded, slip.code, source="10.0.0.2")


def test_a_code_is_founded_once(database, plan):
    database.write(lambda session, now: found(session, now, plan))
    before = rows(database)
    with pytest.raises(WrongState):
        database.write(lambda session, now: found(session, now, plan))
    assert rows(database) == before


def test_a_fault_at_the_end_leaves_nothing(database, plan, monkeypatch):
    def refuse(*_, **__):
        raise BadInput(field="name", why="length")

    monkeypatch.setattr("timebank.founding.actions.enrol_people", refuse)
    before = rows(database)
    with pytest.raises(BadInput):
        database.write(lambda session, now: found(session, now, plan))
    assert rows(database) == before


def test_staff_need_a_second_factor_whatever_the_preset_of_the_sample_says(database, written):
    plan = read_file(written(), today=TODAY)
    assert plan.preset == "demo"
    founded = database.write(lambda session, now: found(session, now, plan))
    with database.reading() as session:
        assert factor_roles(session, founded.community_id, now=NOW) == FACTOR_ROLES
    off = ('preset = "demo"', 'preset = "demo"\nsecond_factor = false'), ('"liuyuan"', '"other"')
    without = read_file(written(*off), today=TODAY)
    founded = database.write(lambda session, now: found(session, now, without))
    with database.reading() as session:
        assert factor_roles(session, founded.community_id, now=NOW) == ()
