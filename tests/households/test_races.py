"""Several counters at once: one number for each household, one home for each person."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest

from tests.factories import people as make
from tests.factories.aid import lines_of, make_claimant, took_before
from tests.factories.goods import make_shop, make_stock
from tests.factories.people import a_request_id
from tests.waiting import HANG_SECONDS
from timebank.aid import actions as aid
from timebank.aid.queries import quota
from timebank.aid.refusals import ClaimsOpen
from timebank.deeds.running import perform
from timebank.errors import TimebankError, WrongState
from timebank.households.actions import (
    NewFamily,
    NewHome,
    NewMember,
    enrol_family,
    move_members,
    moving,
)
from timebank.people.actions import NewPerson, enrol_people
from timebank.people.queries import household
from timebank.people.refusals import DuplicateIdentity
from timebank.people.rules.records import REGISTER
from timebank.values import local_day

MANY = 8
BORN = date(1953, 4, 12)
pytestmark = pytest.mark.slow


def at_once(count, work):
    """Run ``work(number)`` in threads that start together; return the results."""
    gate = Barrier(count)

    def run(number):
        gate.wait(timeout=HANG_SECONDS)
        try:
            return work(number)
        except TimebankError as refusal:
            return refusal

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.fixture
def town(fresh_database):
    return fresh_database.write(lambda session, now: make.make_town(session))


@pytest.fixture
def worker(fresh_database, town):
    return fresh_database.write(lambda session, now: make.social_worker(session, town))


def enrol(database, town, worker, person):
    family = NewFamily(
        building_id=town.building_ids[0], door="1", members=(NewMember(person),),
        consents=(REGISTER,),
    )  # fmt: skip
    return perform(database, enrol_family, by=worker, request_id=a_request_id(), family=family)


def test_each_counter_gets_a_number_of_its_own(fresh_database, town, worker):
    def work(number):
        return enrol(fresh_database, town, worker, NewPerson("陈甲" + "一二三四五六七八"[number]))

    numbers = sorted(one.household_no for one in at_once(MANY, work))
    assert numbers == [f"H-{number:04d}" for number in range(1, MANY + 1)]


def test_one_document_is_enrolled_at_one_counter(fresh_database, town, worker):
    number = make.id_number(BORN)
    answers = at_once(
        MANY, lambda _: enrol(fresh_database, town, worker, NewPerson("陈甲一", id_no=number))
    )
    assert sum(isinstance(one, DuplicateIdentity) for one in answers) == MANY - 1
    assert sum(hasattr(one, "household_no") for one in answers) == 1


@pytest.fixture
def homes(fresh_database, town):
    """A shop, somebody whose household may take goods, with a second member; and four homes."""

    def prepare(session, now):
        shop = make_shop(session)
        make_stock(session, shop, "肥皂", 60)
        by = make_claimant(session, shop.town)
        deed = make.Deed(session, shop.town.by, now, a_request_id())
        added = enrol_people(deed, people=(make.new_person(),), household_id=by.household_id)
        others = [make.make_household(session, shop.town).household_id for _ in range(MANY)]
        took_before(session, shop.town, by, now=now, taken={local_day(now): 15})
        return shop, by, added.person_ids[0], others

    return fresh_database.write(prepare)


def move(database, worker, person_id, clock, **values):
    return perform(
        database, move_members, by=worker, request_id=a_request_id(), person_ids=(person_id,),
        happened_on=local_day(clock.now), **values,
    )  # fmt: skip


def test_somebody_moves_to_one_home(fresh_database, worker, homes, clock):
    _, by, person_id, others = homes
    answers = at_once(
        MANY,
        lambda number: move(
            fresh_database, worker, person_id, clock, why="moved", to_household_id=others[number]
        ),
    )
    done = [one for one in answers if not isinstance(one, TimebankError)]
    assert {type(one) for one in answers if isinstance(one, TimebankError)} <= {WrongState}
    with fresh_database.reading() as session:
        living = [one for one in others if len(household(session, 1, one).members) == 2]
        assert len(living) == 1 and done[-1].household_id in others
        assert len(household(session, 1, by.household_id).members) == 1


def crowd(database, worker, homes, clock):
    """One split and many hand-overs of one piece at once; the split, and both quotas after it."""
    shop, by, person_id, _ = homes
    place = NewHome(shop.town.building_ids[1], "9")

    def work(number):
        if number == 0:
            return move(database, worker, person_id, clock, why="split", new_home=place)
        return perform(
            database, aid.issue_at_counter, by=shop.keeper, request_id=a_request_id(),
            household_id=by.household_id, person_id=by.person_id, store_id=shop.store_id,
            lines=lines_of(shop, 肥皂=1),
        )  # fmt: skip

    split = at_once(MANY, work)[0]
    assert not isinstance(split, TimebankError), split
    with database.reading() as session:
        old, new = (
            quota(session, 1, one, clock.now) for one in (by.household_id, split.household_id)
        )
    return old.used, new.used


def test_a_split_among_hand_overs_begins_with_what_was_taken(fresh_database, worker, homes, clock):
    old, new = crowd(fresh_database, worker, homes, clock)
    assert old == 20 and 15 <= new <= 20


def test_without_the_count_a_split_begins_fresh(fresh_database, worker, homes, clock, monkeypatch):
    """The negative control: the same crowd, without what counts for the new household."""
    monkeypatch.setattr(moving.aid, "count_for", lambda *rest: None)
    assert crowd(fresh_database, worker, homes, clock)[1] == 0


def test_a_claim_and_a_split_never_pass_each_other(fresh_database, worker, homes, clock):
    shop, by, person_id, _ = homes
    place = NewHome(shop.town.building_ids[1], "9")

    def work(number):
        if number == 0:
            return move(fresh_database, worker, person_id, clock, why="split", new_home=place)
        return perform(
            fresh_database, aid.claim_goods, by=by, request_id=a_request_id(),
            household_id=by.household_id, person_id=by.person_id, store_id=shop.store_id,
            lines=lines_of(shop, 肥皂=1),
        )  # fmt: skip

    split, *claims = at_once(4, work)
    assert all(one.approved == 1 for one in claims)
    if isinstance(split, TimebankError):
        assert isinstance(split, ClaimsOpen)
    else:
        with fresh_database.reading() as session:
            assert quota(session, 1, split.household_id, clock.now).used == 15
