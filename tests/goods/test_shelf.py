"""The shelf: sums of the books, and the same few statements for any amount of data."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event

from tests.factories.aid import make_claim, make_claimant, make_resident, pick_up, take_at_counter
from tests.factories.goods import make_stock, shelf_row
from tests.factories.looks import lots_of_item
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.goods import actions, queries
from timebank.goods.rules import ON_SHELF, JudgedLine
from timebank.ledger.queries import balance_of
from timebank.values import local_instant, pieces_of

NOON = local_instant(date(2025, 6, 12), 12)
SOON, LATER = date(2025, 7, 15), date(2026, 2, 28)


@pytest.fixture
def counted(session):
    """Count the statements of a call."""
    seen = []
    connection = session.connection()

    def listen(conn, cursor, statement, *rest):
        seen.append(statement)

    def count(call):
        seen.clear()
        event.listen(connection, "before_cursor_execute", listen)
        call()
        event.remove(connection, "before_cursor_execute", listen)
        return len(seen)

    return count


def test_a_row_tells_what_is_there_held_waiting_and_near_its_day(session, shop, town):
    make_stock(session, shop, "大米", 4, best_before_on=SOON)
    make_stock(session, shop, "大米", 6, best_before_on=LATER)
    make_stock(session, shop, "冬衣", 3, cleaned=False)
    make_claim(session, shop, make_claimant(session, town), now=NOON, 大米=5)
    rice, coat = (shelf_row(session, shop, name, NOON) for name in ("大米", "冬衣"))
    assert (rice.on_hand, rice.held, rice.available, rice.near_expiry) == (10, 5, 5, 4)
    assert rice.nearest_best_before_on == SOON
    assert (coat.on_hand, coat.available, coat.awaiting_cleaning) == (3, 0, 3)


def test_the_figures_of_every_row_add_up_to_the_books(session, shop, town):
    make_stock(session, shop, "大米", 4, best_before_on=date(2025, 6, 11))
    make_stock(session, shop, "大米", 6, best_before_on=LATER)
    make_stock(session, shop, "冬衣", 3, cleaned=False)
    make_stock(session, shop, "肥皂", 9)
    make_stock(session, shop, "轮椅", 2)
    by = make_claimant(session, town)
    pick_up(session, shop, make_claim(session, shop, by, now=NOON, 大米=2), now=NOON)
    make_claim(session, shop, by, now=NOON, 大米=1, 肥皂=4)
    for row in queries.shelf(session, 1, NOON):
        parts = (row.available, row.held, row.awaiting_cleaning, row.expired, row.kept_back)
        assert row.on_hand == sum(parts)
        commodity = pieces_of(row.item_id)
        given = -balance_of(session, 1, "donated", commodity).posted
        issued = balance_of(session, 1, "issued", commodity).posted
        assert row.on_hand == given - issued


def test_the_shelf_is_the_sum_of_its_lots(session, shop, town):
    for days in (-3, -1, 0, 1, 4, 5, 10, 15, 20, 21, 44, 45, 46, 90):
        for name in ("大米", "饼干"):
            make_stock(session, shop, name, 2, best_before_on=NOON.date() + timedelta(days=days))
    make_stock(session, shop, "冬衣", 3, cleaned=False)
    make_stock(session, shop, "肥皂", 1)
    make_claim(session, shop, make_claimant(session, town), now=NOON, 大米=3)
    lots = queries.lots_on_hand(session, 1, now=NOON)
    for row in queries.shelf(session, 1, NOON):
        own = [lot for lot in lots if lot.item_id == row.item_id]
        good = [lot for lot in own if lot.state == ON_SHELF and not lot.is_expired]
        days = [lot.best_before_on for lot in good if lot.best_before_on]
        assert row.on_hand == sum(lot.on_hand for lot in own)
        assert row.held == sum(lot.held for lot in own)
        assert row.available == sum(lot.available for lot in good)
        assert row.near_expiry == sum(lot.on_hand for lot in good if lot.is_near_expiry)
        assert row.nearest_best_before_on == min(days, default=None)
        assert {type(count) for count in (row.on_hand, row.held, row.near_expiry)} == {int}
    assert {row.near_expiry for row in queries.shelf(session, 1, NOON)} == {0, 14, 20}


def test_a_store_shows_its_own_shelf_only(session, shop):
    make_stock(session, shop, "肥皂", 9)
    assert all(row.on_hand == 0 for row in queries.shelf(session, 1, NOON, store_id=5))
    assert queries.shelf(session, 2, NOON) == []


def test_the_shelf_takes_the_same_statements_for_one_lot_and_for_forty(session, shop, counted):
    make_stock(session, shop, "大米", 1, best_before_on=LATER)
    once = counted(lambda: queries.shelf(session, 1, NOON))
    for days in range(40):
        make_stock(session, shop, "大米", 1, best_before_on=LATER + timedelta(days=days))
    assert counted(lambda: queries.shelf(session, 1, NOON)) == once <= 4


def test_lists_of_deposits_take_the_same_statements_for_one_and_for_twenty(
    session, shop, town, counted
):
    by = make_resident(session, town)

    def give():
        lines = (
            JudgedLine(shop.item("肥皂"), 2, 2),
            JudgedLine(shop.item("大米"), 1, 1, best_before_on=LATER),
        )
        actions.receive_deposit(
            Deed(session, shop.keeper, NOON, a_request_id()),
            store_id=shop.store_id,
            donor_person_id=by.person_id,
            lines=lines,
        )

    def read():
        queries.deposits_of_person(session, 1, by.person_id)
        queries.announced_deposits(session, 1)

    give()
    once = counted(read)
    for _ in range(20):
        give()
    assert counted(read) == once <= 11
    assert len(queries.deposits_of_person(session, 1, by.person_id)) == 21


def test_a_donor_sees_where_his_pieces_went_and_not_with_whom(session, shop, town, by_job):
    by = make_resident(session, town)
    receipt = actions.receive_deposit(
        Deed(session, shop.keeper, NOON, a_request_id()),
        store_id=shop.store_id,
        donor_person_id=by.person_id,
        lines=(
            JudgedLine(shop.item("肥皂"), 5, 5),
            JudgedLine(shop.item("冬衣"), 2, 2),
            JudgedLine(shop.item("饼干"), 1, 0, refuse_code="NOT_ACCEPTED"),
        ),
    )
    claimant = make_claimant(session, town)
    take_at_counter(session, shop, claimant, now=NOON, 肥皂=2)
    make_claim(session, shop, claimant, now=NOON, 肥皂=1)
    (given,) = queries.deposits_of_person(session, 1, by.person_id)
    soap, coat, biscuits = given.lines
    assert (soap.accepted, soap.on_shelf, soap.issued) == (5, 3, 2)
    assert (coat.waiting, coat.waits_for_cleaning, coat.issued) == (2, True, 0)
    assert (biscuits.accepted, biscuits.refused, biscuits.issued) == (0, 1, 0)
    assert given.receipt_no == receipt.receipt_no
    told = repr(given)
    assert str(claimant.household_id) not in told and str(claimant.person_id) not in told


def test_the_keeper_sees_the_lots_in_the_order_in_which_they_leave(session, shop):
    late = make_stock(session, shop, "大米", 1, best_before_on=LATER)
    soon = make_stock(session, shop, "大米", 1, best_before_on=SOON)
    found = lots_of_item(session, 1, shop.item("大米"), now=NOON)
    assert [one.id for one in found] == [soon, late]


def test_what_waits_for_cleaning_is_listed_oldest_first(session, shop):
    second = make_stock(session, shop, "冬衣", 1, now=NOON, cleaned=False)
    first = make_stock(session, shop, "棉被", 1, cleaned=False)
    found = queries.lots_awaiting_cleaning(session, 1, now=NOON)
    assert [one.id for one in found] == [first, second]


def test_a_lot_that_the_last_piece_has_left_is_read_no_more(session, shop, town):
    make_stock(session, shop, "肥皂", 2)
    by = make_claimant(session, town)
    take_at_counter(session, shop, by, now=NOON, 肥皂=1)
    pick_up(session, shop, make_claim(session, shop, by, now=NOON, 肥皂=1), now=NOON)
    assert lots_of_item(session, 1, shop.item("肥皂"), now=NOON) == []
    assert shelf_row(session, shop, "肥皂", NOON).on_hand == 0
