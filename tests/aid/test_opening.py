"""Reservations follow the hours of the shop, and never outlive their goods."""

from datetime import date

import pytest

from tests.factories.aid import (
    lines_of,
    make_claim,
    make_claimant,
    pick_up,
    take_at_counter,
)
from tests.factories.goods import make_shop, make_stock
from tests.factories.people import a_request_id, make_town
from timebank.aid import actions, queries
from timebank.aid.refusals import BookingClosed
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform
from timebank.errors import BadInput
from timebank.goods.opening import OpenSpan, ShopHours
from timebank.policy.refusals import ProofExpired
from timebank.values import local_day, local_instant

NINE_TO_FIVE = (OpenSpan(540, 1020),)
# Open from Monday to Friday; Thursday 12 June is followed by a closed weekend.
WEEKDAYS = (NINE_TO_FIVE,) * 5 + ((), ())
SHOP = ShopHours(weeks=((date(2025, 6, 1), WEEKDAYS),))


def at(day, hour=0, minute=0, month=6):
    return local_instant(date(2025, month, day), hour, minute)


@pytest.mark.parametrize(
    ("planned", "wanted"),
    [
        (at(13, 16), at(13, 16)),  # A Friday afternoon stays.
        (at(15, 16), at(16, 11)),  # Sunday is closed: Monday, two hours after opening.
        (at(16, 9, 30), at(16, 11)),  # Half an hour after opening is too early.
        (at(16, 3, 30), at(16, 11)),
        (at(16, 11), at(16, 11)),
        (at(16, 17), at(16, 17)),
        (at(16, 22), at(17, 11)),  # The shop is shut in the evening.
        (at(13, 17, 1), at(16, 11)),
    ],
)
def test_a_reservation_ends_while_the_shop_is_open_and_after_two_hours(planned, wanted):
    assert SHOP.hold_end(planned) == wanted


def test_a_break_does_not_count_and_a_short_day_is_skipped():
    split = (OpenSpan(540, 600), OpenSpan(840, 1020))  # 9:00-10:00 and 14:00-17:00.
    short = (OpenSpan(540, 600),)
    hours = ShopHours(weeks=((date(2025, 6, 1), (split, short, *(split,) * 5)),))
    assert hours.hold_end(at(16, 8)) == at(16, 15)  # An hour before the break, one after it.
    assert hours.hold_end(at(17, 8)) == at(18, 15)


def test_a_shop_without_hours_is_always_open():
    assert ShopHours().hold_end(at(15, 3, 30)) == at(15, 3, 30)
    assert ShopHours().last_open(date(2025, 6, 15)) == at(15, 23, 59)


def set_week(session, shop, now, hours=WEEKDAYS, since_on=None):
    actions.set_store_week(
        Deed(session, shop.keeper, now, a_request_id()),
        store_id=shop.store_id, since_on=since_on or local_day(now), hours=hours,
    )  # fmt: skip


def close(session, shop, now, day):
    actions.set_store_day(
        Deed(session, shop.keeper, now, a_request_id()),
        store_id=shop.store_id, day_on=day, note="盘点",
    )  # fmt: skip


def lapse(session, by, now):
    return actions.lapse_claims(Deed(session, by, now, a_request_id()))


def claim_of(session, claimed):
    return queries.claim(session, 1, claimed.claim_id)


def on_shelf(session, shop, now, name="肥皂"):
    (row,) = [
        one
        for one in queries.shelf_now(session, 1, now, shop.store_id)
        if one.item_id == shop.item(name)
    ]
    return row.on_hand, row.held, row.available


@pytest.fixture
def by(session, town):
    return make_claimant(session, town)


@pytest.fixture
def soap(session, shop):
    make_stock(session, shop, "肥皂", 5)


def test_a_claim_before_a_closed_weekend_waits_until_monday(session, shop, soap, by, by_job):
    set_week(session, shop, at(12, 8))
    claimed = make_claim(session, shop, by, now=at(12, 16), 肥皂=2)
    assert claimed.hold_until_at == at(16, 11)
    assert lapse(session, by_job, at(16, 10, 59)).claim_ids == ()
    assert lapse(session, by_job, at(16, 11)).claim_ids == (claimed.claim_id,)


def test_a_day_that_is_closed_later_moves_the_end_of_what_is_reserved(session, shop, soap, by):
    set_week(session, shop, at(9, 8))
    claimed = make_claim(session, shop, by, now=at(10, 10), 肥皂=2)
    assert claimed.hold_until_at == at(13, 11)
    close(session, shop, at(12, 9), date(2025, 6, 13))
    assert claim_of(session, claimed).hold_until_at == at(16, 11)


def test_a_new_week_counts_from_its_first_day(session, shop, soap, by):
    set_week(session, shop, at(9, 8))
    set_week(session, shop, at(9, 9), (NINE_TO_FIVE,) * 7, date(2025, 6, 14))
    claimed = make_claim(session, shop, by, now=at(12, 16), 肥皂=2)
    assert claimed.hold_until_at == at(15, 16)


@pytest.mark.parametrize(
    "hours",
    [
        ((OpenSpan(540, 480),),) * 7,
        ((OpenSpan(540, 1500),),) * 7,
        ((OpenSpan(540, 700), OpenSpan(600, 800)),) * 7,
        ((),) * 7,
        ((OpenSpan(540, 600),),) * 7,
        (NINE_TO_FIVE,) * 6,
    ],
)
def test_hours_that_cannot_be_are_refused(session, shop, now, hours):
    with pytest.raises(BadInput):
        set_week(session, shop, now, hours)


def test_the_second_of_the_end_frees_pieces_and_share_without_the_job(session, shop, soap, by):
    """The job has not run, and nothing is written by looking."""
    make_claim(session, shop, by, now=at(10, 10), 肥皂=5)
    before, end = at(13, 9, 59), at(13, 10)
    assert on_shelf(session, shop, before) == (5, 5, 0)
    assert queries.quota(session, 1, by.household_id, before).used == 5
    assert on_shelf(session, shop, end) == (5, 0, 5)
    assert queries.quota(session, 1, by.household_id, end).used == 0
    offered = queries.offer(
        session, 1, by.household_id,
        store_id=shop.store_id, lines=lines_of(shop, 肥皂=5), now=end,
    )  # fmt: skip
    assert [line.approved for line in offered.lines] == [5]


@pytest.mark.parametrize("take", [make_claim, take_at_counter])
def test_whoever_claims_at_that_second_gets_the_pieces(session, shop, town, soap, by, take):
    late = make_claim(session, shop, by, now=at(10, 10), 肥皂=5)
    other = make_claimant(session, town)
    assert take(session, shop, other, now=at(13, 10), 肥皂=5).approved == 5
    assert claim_of(session, late).state == "lapsed"
    assert queries.no_shows_of_household(session, 1, by.household_id) == [date(2025, 6, 13)]


def test_the_no_show_counts_from_the_end_of_the_reservation(session, shop, soap, by, by_job):
    """The job ran ten days late; the booking opens again as if it had run in time."""
    ends = []
    for day in (1, 4, 7):
        ends.append(make_claim(session, shop, by, now=at(day, 10), 肥皂=1).hold_until_at)
    lapse(session, by_job, at(20, 10))
    days = queries.no_shows_of_household(session, 1, by.household_id)
    assert days == [date(2025, 6, 4), date(2025, 6, 7), date(2025, 6, 10)]
    assert days == [local_day(end) for end in ends]
    with pytest.raises(BookingClosed) as refused:
        make_claim(session, shop, by, now=at(20, 11), 肥皂=1)
    assert refused.value.facts == {"until_on": "2025-07-10"}


def test_the_third_no_show_closes_the_booking_before_the_job_runs(session, shop, soap, by):
    for day in (1, 4, 7):
        make_claim(session, shop, by, now=at(day, 10), 肥皂=1)
    with pytest.raises(BookingClosed):
        make_claim(session, shop, by, now=at(10, 10), 肥皂=1)


def test_a_household_that_came_and_was_sent_home_is_no_no_show(session, shop, soap, by, by_job):
    claimed = make_claim(session, shop, by, now=at(10, 10), 肥皂=1)
    actions.note_visit(
        Deed(session, shop.keeper, at(11, 10), a_request_id()),
        claim_id=claimed.claim_id, pickup_code=claimed.pickup_code,
    )  # fmt: skip
    assert claim_of(session, claimed).state == "ready"
    assert lapse(session, by_job, at(13, 10)).claim_ids == (claimed.claim_id,)
    assert queries.no_shows_of_household(session, 1, by.household_id) == []


def test_a_rule_that_sends_a_household_home_leaves_no_no_show(fresh_database, clock, by_job):
    """The refusal of the hand-over is stored, and with it that somebody came."""

    def build(session, now):
        town = make_town(session)
        shop = make_shop(session, town)
        make_stock(session, shop, "肥皂", 5)
        by = make_claimant(session, town, valid_until_on=local_day(now))
        return shop, by, make_claim(session, shop, by, now=now, 肥皂=1)

    shop, by, claimed = fresh_database.write(build)
    clock.move(minutes=60 * 24)
    with pytest.raises(ProofExpired):
        perform(
            fresh_database, actions.issue_goods, by=shop.keeper, request_id="came",
            claim_id=claimed.claim_id, pickup_code=claimed.pickup_code,
        )  # fmt: skip
    clock.move(minutes=60 * 48)
    fresh_database.write(lambda session, now: lapse(session, by_job, now))
    with fresh_database.reading() as session:
        assert queries.claim(session, 1, claimed.claim_id).state == "lapsed"
        assert queries.no_shows_of_household(session, 1, by.household_id) == []


# Goods on their last days.


@pytest.mark.parametrize(("hour", "wanted"), [(10, at(10, 17)), (16, at(10, 17))])
def test_rice_on_its_last_day_is_reserved_for_this_day_only(session, shop, by, hour, wanted):
    set_week(session, shop, at(9, 8))
    make_stock(session, shop, "大米", 2, best_before_on=date(2025, 6, 10), now=at(1, 9, month=5))
    claimed = make_claim(session, shop, by, now=at(10, hour), 大米=1)
    assert claimed.hold_until_at == wanted
    assert claim_of(session, claimed).ends_with_goods


def test_in_a_shop_without_hours_it_is_reserved_until_the_end_of_the_day(session, shop, by):
    make_stock(session, shop, "大米", 2, best_before_on=date(2025, 6, 11), now=at(1, 9, month=5))
    claimed = make_claim(session, shop, by, now=at(10, 10), 大米=1)
    assert claimed.hold_until_at == at(11, 23, 59)


def test_goods_that_outlast_the_reservation_change_nothing(session, shop, by):
    make_stock(session, shop, "大米", 2, best_before_on=date(2025, 6, 14), now=at(1, 9, month=5))
    claimed = make_claim(session, shop, by, now=at(10, 10), 大米=1)
    assert claimed.hold_until_at == at(13, 10)
    assert not claim_of(session, claimed).ends_with_goods


def test_goods_that_nobody_can_fetch_in_time_are_not_reserved(session, shop, by):
    """It is Saturday, and the rice ends on Sunday: the shop does not open before."""
    set_week(session, shop, at(9, 8))
    make_stock(session, shop, "大米", 2, best_before_on=date(2025, 6, 15), now=at(1, 9, month=5))
    claimed = make_claim(session, shop, by, now=at(14, 10), 大米=1)
    assert (claimed.state, claimed.refusal.code) == ("refused", "OUT_OF_STOCK")


def test_goods_that_end_a_reservation_leave_no_no_show(session, shop, by, by_job):
    make_stock(session, shop, "大米", 2, best_before_on=date(2025, 6, 10), now=at(1, 9, month=5))
    claimed = make_claim(session, shop, by, now=at(10, 10), 大米=1)
    assert queries.quota(session, 1, by.household_id, at(11)).used == 0
    actions.sweep_expired(Deed(session, by_job, at(11, 0, 5), a_request_id()))
    kept = claim_of(session, claimed)
    assert (kept.state, kept.end_reason) == ("cancelled", "EXPIRED_ON_SHELF")
    lapse(session, by_job, at(14))
    assert queries.no_shows_of_household(session, 1, by.household_id) == []


def test_what_is_left_of_a_reservation_stands_for_its_whole_time(session, shop, soap, by, by_job):
    make_stock(session, shop, "大米", 1, best_before_on=date(2025, 6, 10), now=at(1, 9, month=5))
    claimed = make_claim(session, shop, by, now=at(10, 10), 大米=1, 肥皂=1)
    assert claimed.hold_until_at == at(10, 23, 59)
    actions.sweep_expired(Deed(session, by_job, at(11, 0, 5), a_request_id()))
    kept = claim_of(session, claimed)
    assert (kept.state, kept.held, kept.hold_until_at) == ("ready", 1, at(13, 10))
    assert not kept.ends_with_goods
    assert pick_up(session, shop, claimed, now=at(12, 10)).pieces == 1


def test_a_share_that_was_used_since_is_not_promised_again(session, shop, by, by_job):
    """Another lot could replace the rice, but the household has taken its whole share."""
    make_stock(session, shop, "大米", 1, best_before_on=date(2025, 6, 10), now=at(1, 9, month=5))
    first = make_claim(session, shop, by, now=at(10, 10), 大米=1)
    make_stock(session, shop, "大米", 1, best_before_on=date(2025, 12, 1), now=at(10, 11))
    make_stock(session, shop, "肥皂", 40)
    most = queries.quota(session, 1, by.household_id, at(11)).remaining
    take_at_counter(session, shop, by, now=at(11), 肥皂=most)
    actions.sweep_expired(Deed(session, by_job, at(11, 0, 5), a_request_id()))
    assert claim_of(session, first).state == "cancelled"


def test_what_the_counter_gives_at_once_does_not_wait_for_open_hours(session, shop, town, by):
    set_week(session, shop, at(10, 9))
    make_stock(session, shop, "面条", 3, now=at(10, 9), best_before_on=date(2025, 7, 10))
    after_closing = at(10, 18, month=7)
    told = {"store_id": shop.store_id, "lines": lines_of(shop, 面条=2), "now": after_closing}
    later = queries.offer(session, 1, by.household_id, **told)
    assert later.refusal is not None and later.lots == ()
    now = queries.offer(session, 1, by.household_id, **told, at_once=True)
    assert [line.approved for line in now.lines] == [2]
