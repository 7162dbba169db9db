"""People move, households split and join; what was taken counts once, and the past stays."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.factories import make_by
from tests.factories import people as make
from tests.factories.aid import make_claim, take_at_counter, took_before
from tests.factories.goods import make_shop, make_stock
from timebank.aid.actions import lapse_claims
from timebank.aid.queries import booking_closed_until, quota
from timebank.aid.refusals import ClaimsOpen
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.households.actions import NewHome, move_members
from timebank.people.queries import (
    card_of_person,
    home_changes,
    household,
    household_then,
    member_records,
    person_brief,
    pin_wish_of,
    proofs_of_household,
)
from timebank.people.tables import app_user
from timebank.policy.queries import parameters_on
from timebank.values import Role, local_day

LATER, LONG_AGO = date(2099, 1, 1), date(2020, 1, 1)


class House:
    """Two families of two, a shop, and a social worker who moves people."""

    def __init__(self, session, now):
        self.session, self.now = session, now
        self.shop = make_shop(session)
        self.town = self.shop.town
        self.worker = make.social_worker(session, self.town)
        self.one = self.family()
        self.two = self.family(building=1)

    def family(self, building=0):
        people = (make.new_person(), make.new_person())
        return make.make_household(self.session, self.town, *people, building=building)

    def by(self, family):
        return make_by(
            community_id=self.town.community_id, person_id=family.person_ids[0],
            household_id=family.household_id,
        )  # fmt: skip

    def paper(self, family, person_id=None):
        return make.make_proof(
            self.session, self.town, family.household_id, person_id=person_id,
            valid_from_on=date(2025, 1, 1), valid_until_on=date(2025, 12, 31),
        )  # fmt: skip

    def move(self, *person_ids, why, now=None, by=None, **values):
        deed = Deed(self.session, by or self.worker, now or self.now, make.a_request_id())
        values = {"happened_on": local_day(self.now), **values}
        return move_members(deed, person_ids=person_ids, why=why, **values)

    def split(self, *person_ids, **values):
        home = NewHome(self.town.building_ids[1], "909")
        return self.move(*person_ids, why="split", new_home=home, **values)

    def used(self, household_id, now=None):
        return quota(self.session, self.town.community_id, household_id, now or self.now).used


@pytest.fixture
def house(session, now):
    return House(session, now)


def took(house, family, pieces=5, days=30):
    day = local_day(house.now) - timedelta(days=days)
    by = house.by(family)
    took_before(house.session, house.town, by, now=house.now, taken={day: pieces})


def test_a_household_that_splits_off_gets_no_fresh_share(house):
    took(house, house.one, 7)
    split = house.split(house.one.person_ids[1])
    assert house.used(split.household_id) == house.used(house.one.household_id) == 7
    later = house.now = house.now + timedelta(minutes=1)
    took(house, house.one, 2, days=0)
    assert house.used(split.household_id, later) == 7
    assert house.used(house.one.household_id, later) == 9


def test_a_chain_of_moves_gains_nothing(house):
    took(house, house.one, 7)
    house.move(house.one.person_ids[1], why="moved", to_household_id=house.two.household_id)
    assert house.used(house.two.household_id) == 0
    split = house.split(house.one.person_ids[1])
    assert house.used(split.household_id) == 7
    house.move(house.two.person_ids[1], why="moved", to_household_id=split.household_id)
    again = house.split(house.one.person_ids[1])
    assert house.used(again.household_id) == 7


def test_what_was_given_while_the_move_waited_counts_too(house):
    """Another unit of work may hand over pieces, with a later clock, before we get the lock."""
    moved_at, house.now = house.now, house.now + timedelta(seconds=5)
    took(house, house.one, 7, days=0)
    split = house.split(house.one.person_ids[1], now=moved_at)
    assert house.used(split.household_id) == 7


def test_a_day_that_a_kiosk_tells_late_counts_for_both(house):
    split = house.split(house.one.person_ids[1])
    house.now += timedelta(days=2)
    took(house, house.one, 3, days=3)
    assert house.used(split.household_id) == house.used(house.one.household_id) == 3


def test_a_whole_household_does_not_split_off(house):
    with pytest.raises(BadInput) as refused:
        house.split(*house.one.person_ids)
    assert refused.value.facts == {"field": "person_ids", "why": "whole_household"}


def test_suspended_booking_and_its_marks_go_along(house):
    parameters = parameters_on(house.session, 1, local_day(house.now))
    most = parameters.whole("aid.no_show_max")
    house.paper(house.one)
    house.paper(house.two)
    make_stock(house.session, house.shop, "肥皂", 30, now=house.now)

    def miss(by, count):
        for _ in range(count):
            make_claim(house.session, house.shop, by, now=house.now, 肥皂=1)
            house.now += timedelta(days=14)
            lapse_claims(Deed(house.session, house.shop.keeper, house.now, make.a_request_id()))

    miss(house.by(house.one), most - 1)
    split = house.split(house.one.person_ids[1])
    mine = replace(house.by(house.one), person_id=house.one.person_ids[1],
                   household_id=split.household_id)  # fmt: skip
    make.make_proof(house.session, house.town, split.household_id)
    miss(mine, 1)
    assert booking_closed_until(house.session, 1, split.household_id, local_day(house.now))
    assert not booking_closed_until(house.session, 1, house.one.household_id, local_day(house.now))
    house.move(house.two.person_ids[1], why="moved", to_household_id=split.household_id)
    again = house.split(house.one.person_ids[1])
    assert booking_closed_until(house.session, 1, again.household_id, local_day(house.now))


def test_whoever_rejoins_counts_once(house):
    took(house, house.one, 7)
    split = house.split(house.one.person_ids[1])
    joined = house.move(
        house.one.person_ids[1], why="moved", to_household_id=house.one.household_id
    )
    assert joined.why == "joined"
    assert house.used(house.one.household_id) == 7
    assert household(house.session, 1, split.household_id).members == ()


def test_whoever_follows_brings_nothing_twice(house):
    took(house, house.one, 7)
    split = house.split(house.one.person_ids[1])
    house.now += timedelta(minutes=1)
    house.move(house.one.person_ids[0], why="moved", to_household_id=split.household_id)
    assert house.used(split.household_id) == 7


def test_a_household_that_joins_another_brings_what_it_took(house):
    took(house, house.one, 7)
    took(house, house.two, 3)
    house.move(*house.one.person_ids, why="moved", to_household_id=house.two.household_id)
    assert house.used(house.two.household_id) == 10


def test_a_paper_that_moves_brings_what_it_opened(house):
    house.paper(house.one, house.one.person_ids[1])
    took(house, house.one, 7)
    house.move(house.one.person_ids[1], why="moved", to_household_id=house.two.household_id)
    assert house.used(house.two.household_id) == 7
    (paper,) = proofs_of_household(house.session, 1, house.two.household_id)
    assert paper.person_id == house.one.person_ids[1]
    assert proofs_of_household(house.session, 1, house.one.household_id) == []


def test_a_paper_of_the_whole_household_stays(house):
    house.paper(house.one)
    split = house.split(house.one.person_ids[1])
    assert proofs_of_household(house.session, 1, split.household_id) == []
    assert len(proofs_of_household(house.session, 1, house.one.household_id)) == 1


def test_nothing_is_reserved_over_a_split(house):
    house.paper(house.one)
    make_stock(house.session, house.shop, "肥皂", 5, now=house.now)
    make_claim(house.session, house.shop, house.by(house.one), now=house.now, 肥皂=2)
    with pytest.raises(ClaimsOpen) as refused:
        house.split(house.one.person_ids[1])
    assert set(refused.value.facts) == {"claim_no"}
    with pytest.raises(ClaimsOpen):
        house.move(*house.one.person_ids, why="left")
    house.move(house.one.person_ids[1], why="moved", to_household_id=house.two.household_id)


def test_nothing_is_reserved_when_a_paper_moves(house):
    house.paper(house.one, house.one.person_ids[1])
    make_stock(house.session, house.shop, "肥皂", 5, now=house.now)
    make_claim(house.session, house.shop, house.by(house.one), now=house.now, 肥皂=2)
    with pytest.raises(ClaimsOpen):
        house.move(house.one.person_ids[1], why="moved", to_household_id=house.two.household_id)


def test_what_the_counter_gave_counts_for_the_new_household(house):
    house.paper(house.one)
    make_stock(house.session, house.shop, "肥皂", 5, now=house.now)
    take_at_counter(house.session, house.shop, house.by(house.one), now=house.now, 肥皂=2)
    assert house.used(house.split(house.one.person_ids[1]).household_id) == 2


def test_the_past_shows_the_household_of_its_day(house):
    then = house.now - timedelta(days=1)
    house.split(house.one.person_ids[1])
    past = household_then(house.session, 1, house.one.household_id, at=then)
    assert [one.id for one in past.members] == list(house.one.person_ids)
    present = household_then(house.session, 1, house.one.household_id, at=house.now)
    assert [one.id for one in present.members] == [house.one.person_ids[0]]
    with pytest.raises(NotFound):
        household_then(
            house.session, 1, person_brief(house.session, 1, house.one.person_ids[1]).household_id,
            at=then,
        )  # fmt: skip
    (change,) = home_changes(house.session, 1, house.one.household_id)
    assert (change.why, change.person_id) == ("split", house.one.person_ids[1])


def test_the_first_of_a_new_household_is_its_head(house):
    split = house.split(house.one.person_ids[1])
    records = member_records(house.session, 1, split.person_ids)
    assert records[house.one.person_ids[1]].relation == "head"


@pytest.mark.parametrize("why", ["left", "died"])
def test_whoever_is_gone_opens_nothing_any_more(house, why):
    gone = house.one.person_ids[1]
    make.make_card(house.session, house.town, gone, pin="2591")
    user_id = make.make_user(house.session, house.town, gone).user_id
    house.move(gone, why=why, happened_on=local_day(house.now) - timedelta(days=3))
    assert person_brief(house.session, 1, gone).household_id is None
    assert card_of_person(house.session, 1, gone) is None
    closed = select(app_user.c.closed_at).where(app_user.c.id == user_id)
    assert house.session.scalar(closed) == house.now
    record = member_records(house.session, 1, [gone])[gone]
    assert record.away_why == why
    assert record.away_since_on == local_day(house.now) - timedelta(days=3)
    with pytest.raises(WrongState):
        make.make_card(house.session, house.town, gone)


def test_somebody_who_works_here_first_ends_their_work(house):
    at_home = house.one.person_ids[1]
    make.make_user(house.session, house.town, at_home, Role("keeper"))
    with pytest.raises(WrongState) as refused:
        house.move(at_home, why="left")
    assert refused.value.facts == {"kind": "user", "state": "has_roles"}


def test_somebody_who_comes_back_brings_what_they_took(house):
    took(house, house.one, 7)
    back = house.one.person_ids[1]
    house.move(back, why="left")
    split = house.split(back)
    assert house.used(split.household_id) == 7
    assert member_records(house.session, 1, [back])[back].away_why is None


def test_the_wish_for_the_pin_goes_along(house):
    from timebank.people.actions.homes import write_pin_wish

    deed = Deed(house.session, house.town.by, house.now, make.a_request_id())
    write_pin_wish(deed, house.one.household_id, house.one.person_ids[0])
    split = house.split(house.one.person_ids[1])
    assert pin_wish_of(house.session, 1, split.household_id) is not None


@pytest.mark.parametrize(
    ("values", "facts"),
    [
        ({"why": "joined"}, {"field": "why", "why": "unknown"}),
        ({"why": "moved"}, {"field": "household_no", "why": "needed"}),
        ({"why": "split"}, {"field": "building_id", "why": "needed"}),
        (
            {"why": "left", "happened_on": date(2099, 1, 1)},
            {"field": "happened_on", "why": "future"},
        ),
        (
            {"why": "left", "happened_on": date(2020, 1, 1)},
            {"field": "happened_on", "why": "range"},
        ),
        ({"why": "left", "note": "长" * 201}, {"field": "note", "why": "too_long"}),
    ],
)
def test_a_move_that_says_too_little_is_refused(house, values, facts):
    with pytest.raises(BadInput) as refused:
        house.move(house.one.person_ids[1], **values)
    assert refused.value.facts == facts


def test_people_of_two_households_do_not_move_as_one(house):
    with pytest.raises(BadInput):
        house.move(house.one.person_ids[0], house.two.person_ids[0], why="left")
    with pytest.raises(BadInput):
        house.move(why="left")
    with pytest.raises(BadInput):
        home = house.one.household_id
        house.move(house.one.person_ids[0], why="moved", to_household_id=home)


def test_nobody_moves_their_own_family_or_beyond_their_grid(house):
    one, town = house.one, house.town
    own = make.make_user(house.session, town, one.person_ids[0], Role("social_worker"))
    with pytest.raises(NotAllowed):
        house.move(one.person_ids[1], why="left", by=own)
    with pytest.raises(NotAllowed):
        home = one.household_id
        house.move(house.two.person_ids[1], why="moved", to_household_id=home, by=own)
    worker = make.staff(house.session, town, Role("grid_worker", town.grid_ids[0]))
    with pytest.raises(NotFound):
        home = house.two.household_id
        house.move(one.person_ids[1], why="moved", to_household_id=home, by=worker)
    with pytest.raises(NotAllowed):
        house.move(one.person_ids[1], why="left", by=make.keeper(house.session, town))
