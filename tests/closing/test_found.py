"""Pieces that are found where the books have none: counted, signed, and on the shelf."""

from datetime import date

import pytest

from tests.factories.aid import make_claim, make_claimant
from tests.factories.closing import close_day, make_second, open_day
from tests.factories.goods import make_stock, shelf_row
from tests.factories.people import a_request_id
from timebank.closing import actions, queries
from timebank.closing.refusals import CountOutdated
from timebank.closing.rules import Counted
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotFound
from timebank.goods.queries import lots_awaiting_cleaning, lots_on_hand, waiting_cleanings
from timebank.ledger.queries import balance_of, sums_by_commodity
from timebank.values import pieces_of

NEXT_YEAR = date(2026, 3, 1)


@pytest.fixture
def second(session, town):
    return make_second(session, town)


def count(session, shop, now, *lines):
    return actions.count_day(
        Deed(session, shop.keeper, now, a_request_id()), store_id=shop.store_id, no=1, items=lines
    )


def found(shop, name, pieces, **told):
    return Counted(shop.item(name), pieces, 0, told.pop("reason", "found"), **told)


def test_what_is_found_gets_a_lot_when_it_is_signed(session, shop, second, town, now):
    open_day(session, shop, now=now)
    rice = found(shop, "大米", 2, condition="new", best_before_on=NEXT_YEAR)
    counted = count(session, shop, now, found(shop, "肥皂", 3), rice)
    assert (counted.lines, counted.differences) == (2, 2)
    assert lots_on_hand(session, 1, now=now) == []  # Nothing is there before two have signed.
    closed = close_day(session, shop, second, now=now)
    lots = {one.item_id: one for one in lots_on_hand(session, 1, now=now)}
    assert lots[shop.item("大米")].best_before_on == NEXT_YEAR
    assert lots[shop.item("肥皂")].on_hand == 3 and lots[shop.item("肥皂")].deposit_id is None
    assert balance_of(session, 1, "variance", pieces_of(shop.item("肥皂"))).posted == -3
    told = queries.sheet_of(session, 1, shop.store_id, closed.no).told["lots"]
    soap = next(line for line in told if line["item_id"] == shop.item("肥皂"))
    wanted = {
        "opening": 0, "in": 0, "out": 0, "variance": 3, "closing": 3, "expected": 0, "counted": 3,
        "reason": "found",
    }  # fmt: skip
    assert {name: soap[name] for name in wanted} == wanted
    assert set(sums_by_commodity(session, 1).values()) == {(0, 0)}
    assert shelf_row(session, shop, "肥皂", now).available == 3
    assert make_claim(session, shop, make_claimant(session, town), now=now, 肥皂=1).approved == 1


def test_none_of_an_item_at_zero_is_a_count_without_a_difference(session, shop, second, now):
    make_stock(session, shop, "毛巾", 2)
    open_day(session, shop, now=now)
    towels = Counted(shop.item("毛巾"), 2, 2)
    counted = count(session, shop, now, towels, Counted(shop.item("肥皂"), 0, 0))
    assert (counted.lines, counted.differences) == (1, 0)
    assert close_day(session, shop, second, now=now).variance_txn_id is None


def test_a_coat_that_is_found_is_cleaned_first(session, shop, second, now):
    open_day(session, shop, now=now)
    count(session, shop, now, found(shop, "冬衣", 1, condition="nine_tenths"))
    close_day(session, shop, second, now=now)
    (coat,) = lots_awaiting_cleaning(session, 1, now=now)
    assert (coat.condition, coat.available) == ("nine_tenths", 0)
    waiting = session.execute(waiting_cleanings(shop.keeper)).all()
    assert [(row.id, row.since_at) for row in waiting] == [(coat.id, now)]


@pytest.mark.parametrize(
    ("name", "told", "field"),
    [
        ("大米", {}, "best_before_on"),
        ("肥皂", {"reason": None}, "reason"),
        ("肥皂", {"reason": "lost"}, "reason"),
        ("肥皂", {"reason": "other"}, "note"),
        ("肥皂", {"condition": "worse"}, "condition"),
    ],
)
def test_a_find_tells_its_reason_and_the_facts_of_its_lot(session, shop, now, name, told, field):
    open_day(session, shop, now=now)
    with pytest.raises(BadInput) as refused:
        count(session, shop, now, found(shop, name, 1, **told))
    assert refused.value.facts["field"] == field


def test_a_find_is_compared_with_the_books_of_now(session, shop, now):
    open_day(session, shop, now=now)
    with pytest.raises(CountOutdated):
        count(session, shop, now, Counted(shop.item("肥皂"), 1, 1, "found"))
    make_stock(session, shop, "肥皂", 2)
    with pytest.raises(CountOutdated):
        count(session, shop, now, found(shop, "肥皂", 1))


def test_what_is_no_item_or_told_twice_is_refused(session, shop, now):
    open_day(session, shop, now=now)
    with pytest.raises(NotFound):
        count(session, shop, now, Counted(1, 1, 0, "found"))
    with pytest.raises(BadInput):
        count(session, shop, now, found(shop, "肥皂", 1), found(shop, "肥皂", 2))
