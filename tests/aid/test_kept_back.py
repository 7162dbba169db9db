"""What lies where nothing is issued, and what is only lent, is neither offered nor given."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from tests.factories import make_by
from tests.factories.aid import (
    lines_of,
    make_claim,
    make_claimant,
    make_resident,
    pick_up,
    take_at_counter,
)
from tests.factories.goods import make_donation_point, make_stock, shelf_row
from tests.factories.people import a_request_id
from timebank.aid import queries
from timebank.aid.actions import ask_for_person, decide_review
from timebank.deeds.deed import Deed
from timebank.goods.queries import lots_to_pick, shelf
from timebank.goods.refusals import LoanOnly
from timebank.goods.tables import item
from timebank.values import local_day


@pytest.fixture
def by(session, town):
    return make_claimant(session, town)


def lend(session, shop, name):
    """From now on the item is only lent."""
    session.execute(update(item).where(item.c.id == shop.item(name)).values(is_loan=True))


def offered(session, shop, by, now, name, **place):
    rows = queries.may_take(session, 1, by.household_id, now, **place)
    return next(row for row in rows if row.item_id == shop.item(name))


def test_what_lies_at_a_donation_point_is_shown_nowhere_as_available(session, shop, town, by, now):
    keeper = make_by("keeper")
    point = replace(shop, store_id=make_donation_point(session, town), keeper=keeper)
    make_stock(session, point, "肥皂", 7)
    make_stock(session, shop, "肥皂", 2)
    there = shelf_row(session, point, "肥皂", now)
    assert (there.on_hand, there.available, there.kept_back) == (7, 0, 7)
    (all_of_it,) = [row for row in shelf(session, 1, now) if row.item_id == shop.item("肥皂")]
    assert (all_of_it.on_hand, all_of_it.available, all_of_it.kept_back) == (9, 2, 7)
    assert offered(session, shop, by, now, "肥皂").most == 2
    assert offered(session, shop, by, now, "肥皂", store_id=point.store_id).most == 0
    wanted = {shop.item("肥皂"): 9}
    assert not lots_to_pick(session, 1, wanted, store_id=point.store_id, on=local_day(now))
    assert make_claim(session, shop, by, now=now, 肥皂=2).approved == 2


def test_what_is_only_lent_is_not_offered_and_the_page_says_why(session, shop, by, now):
    make_stock(session, shop, "轮椅", 3)
    chair = shelf_row(session, shop, "轮椅", now)
    assert (chair.on_hand, chair.available, chair.kept_back) == (3, 0, 3)
    row = offered(session, shop, by, now, "轮椅")
    assert (row.most, row.may, row.code) == (0, False, "LOAN_ONLY")
    with pytest.raises(LoanOnly):
        queries.offer(
            session, 1, by.household_id, store_id=shop.store_id,
            lines=lines_of(shop, 轮椅=1), now=now,
        )  # fmt: skip


@pytest.mark.parametrize("stocked", [True, False])
def test_what_is_only_lent_is_not_given_away(session, shop, by, now, stocked):
    make_stock(session, shop, "肥皂", 3)
    if stocked:
        make_stock(session, shop, "轮椅", 3)
    for give in (make_claim, take_at_counter):
        with pytest.raises(LoanOnly):
            give(session, shop, by, now=now, 轮椅=1, 肥皂=1)


def test_a_household_that_may_take_nothing_hears_the_same_of_a_loan(session, shop, now, town):
    with pytest.raises(LoanOnly):
        make_claim(session, shop, make_resident(session, town), now=now, 轮椅=1)


def test_a_reservation_from_before_is_not_handed_over_once_its_item_is_lent(session, shop, by, now):
    make_stock(session, shop, "肥皂", 3)
    claimed = make_claim(session, shop, by, now=now, 肥皂=1)
    lend(session, shop, "肥皂")
    with pytest.raises(LoanOnly):
        pick_up(session, shop, claimed, now=now)


def test_what_a_lapsed_reservation_frees_is_not_offered_once_it_is_lent(session, shop, by, now):
    make_stock(session, shop, "肥皂", 3)
    claimed = make_claim(session, shop, by, now=now, 肥皂=1)
    lend(session, shop, "肥皂")
    later = claimed.hold_until_at
    (row,) = [
        row for row in queries.shelf_now(session, 1, later) if row.item_id == shop.item("肥皂")
    ]
    assert (row.on_hand, row.available, row.held, row.expired, row.kept_back) == (3, 0, 0, 0, 3)


def test_a_reviewer_cannot_give_away_what_is_lent(session, shop, town, now):
    make_stock(session, shop, "肥皂", 3)
    resident = make_resident(session, town)
    claimed = make_claim(session, shop, resident, now=now, 肥皂=1)
    ask_for_person(Deed(session, resident, now, a_request_id()), claim_id=claimed.claim_id)
    lend(session, shop, "肥皂")
    with pytest.raises(LoanOnly):
        decide_review(
            Deed(session, make_by("approver"), now, a_request_id()),
            claim_id=claimed.claim_id, approve=True, reason="急用",
        )  # fmt: skip
