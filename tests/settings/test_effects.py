"""For whom a change changes something is said before anybody confirms it."""

from datetime import date, timedelta

import pytest

from tests.factories import people as make
from tests.factories.aid import make_claim, make_claimant, make_resident, took_before
from tests.factories.goods import make_shop, make_stock
from tests.factories.hours import confirm_both, enter, make_cast, open_hours, told
from tests.factories.people import make_proof
from timebank.policy.rules import PARAMETERS, Parameter
from timebank.policy.rules.effects import LISTED_MAX, Affected, effect
from timebank.settings.queries import change_read, effects_of
from timebank.subjects import effects
from timebank.values import Role, local_day


@pytest.fixture
def shop(session):
    return make_shop(session)


@pytest.fixture
def said(session, now, community_id):
    """What a change of a parameter from tomorrow on means, by kind."""

    def of(key, value):
        row = Parameter(
            key=key, value=value, unit=PARAMETERS[key].unit,
            valid_from_on=local_day(now) + timedelta(days=1), source="议事会",
        )  # fmt: skip
        change = change_read(session, community_id, row, now=now)
        found = effects_of(session, community_id, change, tell=effects())
        return {one.kind: one for one in found}

    return of


def test_households_that_lose_and_gain_are_named(session, now, shop, said):
    some, full, little = (make_claimant(session, shop.town) for _ in range(3))
    for by, pieces in ((some, 12), (full, 20), (little, 2)):
        took_before(session, shop.town, by, now=now, taken={date(2025, 3, 1): pieces})
    less = said("aid.household_pieces_max", 10)
    assert less["none_left"].affected == (
        Affected(household_id=some.household_id, before=8, after=0),
    )
    assert less["share_changes"].affected == (
        Affected(household_id=little.household_id, before=18, after=8),
    )
    more = said("aid.household_pieces_max", 25)
    assert [one.household_id for one in more["some_again"].affected] == [full.household_id]
    shorter = said("aid.window_months", 1)
    assert [one.household_id for one in shorter["some_again"].affected] == [full.household_id]


def test_a_household_without_a_paper_loses_nothing(session, now, shop, said):
    """The control of the test above: only who is entitled can lose the right."""
    by = make_resident(session, shop.town)
    took_before(session, shop.town, by, now=now, taken={date(2025, 3, 1): 12})
    assert said("aid.household_pieces_max", 10) == {}
    make_proof(session, shop.town, by.household_id)
    assert said("aid.household_pieces_max", 10)["none_left"].count == 1


def test_what_is_reserved_counts_and_keeps_its_end(session, now, shop, said):
    make_stock(session, shop, "大米", 5, best_before_on=date(2026, 3, 1))
    by = make_claimant(session, shop.town)
    took_before(session, shop.town, by, now=now, taken={date(2025, 3, 1): 8})
    make_claim(session, shop, by, now=now, 大米=2)
    assert said("aid.household_pieces_max", 10)["none_left"].count == 1
    holds = said("aid.hold_hours", 1)
    assert holds["holds_keep"].affected == (Affected(household_id=by.household_id),)


def test_people_at_the_new_limit_are_named_with_their_hours(session, now, said):
    cast = make_cast(session)
    open_hours(session, cast, minutes=6000, served_minutes=6000, now=now)
    over = said("hours.balance_cap_minutes", 3000)
    assert over["over_cap"].affected == (Affected(person_id=cast.volunteer.person_id, before=6000),)
    assert said("hours.balance_cap_minutes", 6001) == {}
    assert said("hours.balance_cap_minutes", 100_000) == {}


@pytest.mark.parametrize(
    ("key", "value", "kind", "after"),
    [
        ("hours.rounding_minutes", 60, "credited_less", 120),
        ("hours.rounding_minutes", 1, "credited_more", 170),
        ("hours.daily_cap_minutes", 60, "credited_less", 60),
        ("hours.shortest_minutes", 180, "credited_less", 0),
    ],
)
def test_the_last_month_is_tried_by_the_new_rule(session, now, said, key, value, kind, after):
    cast = make_cast(session)
    later = now + timedelta(hours=4)
    confirm_both(session, cast, *enter(session, cast, told(cast), now=later), now=later)
    (moved,) = said(key, value)[kind].affected
    assert (moved.person_id, moved.before, moved.after) == (cast.volunteer.person_id, 150, after)


def test_the_sessions_of_a_day_share_its_cap(session, now, said):
    cast, later = make_cast(session), now + timedelta(hours=8)
    both = told(cast, "09:00", "11:00"), told(cast, "13:00", "15:00")
    confirm_both(session, cast, *enter(session, cast, *both, now=later), now=later)
    (moved,) = said("hours.daily_cap_minutes", 180)["credited_less"].affected
    assert (moved.before, moved.after) == (240, 180)


def test_staff_who_need_a_second_step_are_named(session, now, shop, said):
    keeper = make.staff(session, shop.town, Role("keeper", shop.town.store_place_id))
    found = said("people.second_factor_roles", ["keeper"])
    assert keeper.person_id in {one.person_id for one in found["second_step"].affected}
    assert "no_second_step" not in said("people.second_factor_roles", ["coordinator"])


def test_staff_whose_openings_change_are_named(session, now, shop, said):
    head = make.coordinator(session, shop.town)
    (one,) = said("people.openings_max", {"coordinator": 5})["opens_less"].affected
    assert (one.person_id, one.before, one.after) == (head.person_id, 20, 5)
    (one,) = said("people.openings_max", {"coordinator": 25})["opens_more"].affected
    assert one.after == 25


def test_lots_that_become_near_expiry_are_counted(session, now, shop, said):
    make_stock(session, shop, "大米", 5, best_before_on=date(2026, 3, 1))
    every_lot_is_near = [[0, 4000]]
    near = said("goods.near_expiry", every_lot_is_near)
    assert near["lots_near"].count == 1 and not near["lots_near"].affected


def test_papers_keep_their_day_and_pictures_go(session, now, shop, said):
    make_claimant(session, shop.town)
    assert said("people.paper_months_max", {"dibao": 1})["papers_keep"].count == 1
    assert said("people.picture_days", 1) == {}


def test_a_long_list_is_cut_and_its_count_is_whole():
    one = effect("over_cap", (Affected(person_id=number) for number in range(LISTED_MAX + 5)))
    assert (one.count, len(one.affected)) == (LISTED_MAX + 5, LISTED_MAX)
