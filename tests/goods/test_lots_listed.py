"""The keeper's shelf shows the right lots and counts, and reads no more of them than it shows."""

from datetime import date, timedelta

import pytest

from tests.conftest import only_on
from tests.factories.aid import make_claim, make_claimant
from tests.factories.goods import make_stock
from timebank.goods.queries import (
    accepted_by_month,
    items_on_shelf,
    lots_of_items,
    lots_on_hand,
    shelf,
)
from timebank.goods.rules import AWAITING_CLEANING
from timebank.values import local_instant

NOON = local_instant(date(2025, 6, 12), 12)
TODAY = NOON.date()


@pytest.fixture
def stocked(session, shop, town):
    for days in (-3, -1, 0, 4, 10, 20, 21, 45, 90):
        for name in ("大米", "饼干"):
            make_stock(session, shop, name, 2, best_before_on=TODAY + timedelta(days=days))
    for name, pieces in (("肥皂", 3), ("肥皂", 1), ("冬衣", 4)):
        make_stock(session, shop, name, pieces)
    make_stock(session, shop, "冬衣", 2, cleaned=False)
    make_claim(session, shop, make_claimant(session, town), now=NOON, 大米=3)
    return shop


FITS = {
    "": lambda lot: True,
    "ending": lambda lot: lot.is_near_expiry or lot.is_expired,
    "cleaning": lambda lot: lot.state == AWAITING_CLEANING,
}


@pytest.mark.parametrize("only", FITS)
@pytest.mark.parametrize(("most", "skip"), [(4, 0), (40, 0), (2, 3), (4, 40)])
def test_the_lots_of_a_page_are_the_first_that_leave(session, stocked, only, most, skip):
    own = 1, stocked.store_id
    items = items_on_shelf(session, *own, now=NOON, only=only)
    found = lots_of_items(session, *own, items, now=NOON, only=only, most=most, skip=skip)
    lots = [lot for lot in lots_on_hand(session, 1, now=NOON) if FITS[only](lot)]
    assert {one.id for one in items} == {lot.item_id for lot in lots}
    for one in items:
        of_item = [lot for lot in lots if lot.item_id == one.id]
        assert (one.lots, one.on_hand) == (len(of_item), sum(lot.on_hand for lot in of_item))
        last_days = [lot.best_before_on for lot in of_item if lot.best_before_on]
        assert one.first_on == min(last_days, default=None)
        page = of_item[skip : skip + most]
        assert (one.id in found) == bool(page)
        if page:
            assert list(found[one.id].lots) == page
            assert (found[one.id].count, found[one.id].on_hand) == (one.lots, one.on_hand)


def test_another_store_has_none_of_them(session, stocked):
    assert items_on_shelf(session, 1, 5, now=NOON) == []
    items = items_on_shelf(session, 1, stocked.store_id, now=NOON)
    assert lots_of_items(session, 1, 5, items, now=NOON, most=4) == {}


def steps_of(session, read):
    """Count the steps that SQLite's machine takes for what is read; no clock is asked."""
    steps = 0

    def count():
        nonlocal steps
        steps += 1
        return 0

    connection = session.connection().connection.dbapi_connection
    read()  # The first time reads the parameters, and compiles the statements.
    connection.set_progress_handler(count, 1)
    try:
        read()
    finally:
        connection.set_progress_handler(None, 1)
    return steps


PAGES = {
    "shelf": lambda session, shop: shelf(session, 1, NOON),
    "items": lambda session, shop: items_on_shelf(session, 1, shop.store_id, now=NOON),
    "lots": lambda session, shop: lots_of_items(
        session, 1, shop.store_id, items_on_shelf(session, 1, shop.store_id, now=NOON),
        now=NOON, most=2,
    ),
    "accepted": lambda session, shop: accepted_by_month(session, 1, TODAY),
}  # fmt: skip


@only_on("sqlite")
def test_ten_times_the_lots_cost_the_same(session, shop):
    def receive(times):
        for _ in range(times):
            for name, last_on in (("大米", TODAY + timedelta(days=90)), ("肥皂", None)):
                make_stock(session, shop, name, 2, best_before_on=last_on, now=NOON)

    def measured():
        return {n: steps_of(session, lambda p=p: p(session, shop)) for n, p in PAGES.items()}

    receive(3)
    few = measured()
    receive(27)
    many = measured()
    assert all(few.values())
    assert {n: many[n] / few[n] for n in few if many[n] > 1.3 * few[n]} == {}


@only_on("sqlite")
def test_a_page_of_every_lot_would_cost_more(session, shop):
    def read():
        lots_on_hand(session, 1, now=NOON)

    make_stock(session, shop, "肥皂", 2, now=NOON)
    few = steps_of(session, read)
    for _ in range(30):
        make_stock(session, shop, "肥皂", 2, now=NOON)
    assert steps_of(session, read) > 1.3 * few
