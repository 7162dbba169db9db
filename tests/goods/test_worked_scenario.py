"""S7 of the domain rules: five lines announced, judged piece by piece two days later."""

from datetime import date, timedelta

import pytest

from tests.factories.aid import make_resident
from tests.factories.goods import make_stock, shelf_row
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.errors import WrongState
from timebank.goods import actions, queries
from timebank.goods.refusals import PreDepositLapsed
from timebank.goods.rules import AnnouncedLine, JudgedLine
from timebank.ledger.queries import balance_of, sums_by_commodity
from timebank.values import HONOUR, POINTS, local_instant

JUNE_10 = local_instant(date(2025, 6, 10), 10)
JUNE_12 = local_instant(date(2025, 6, 12), 10)
RICE_KEEPS_UNTIL = date(2026, 2, 28)
BISCUITS_KEEP_UNTIL = date(2025, 6, 18)


@pytest.fixture
def d01(session, town):
    return make_resident(session, town)


@pytest.fixture
def stocked(session, shop):
    make_stock(session, shop, "大米", 10, best_before_on=RICE_KEEPS_UNTIL)
    make_stock(session, shop, "冬衣", 5)
    return shop


def announce(session, shop, by):
    lines = (
        AnnouncedLine(shop.item("儿童自行车"), 1, "nine_tenths"),
        AnnouncedLine(shop.item("大米"), 2, "new", RICE_KEEPS_UNTIL),
        AnnouncedLine(shop.item("饼干"), 3, "new", BISCUITS_KEEP_UNTIL),
        AnnouncedLine(None, 1, described="打开过的奶粉"),
        AnnouncedLine(shop.item("冬衣"), 1, "eight_tenths"),
    )
    return actions.announce_deposit(
        Deed(session, by, JUNE_10, a_request_id()),
        store_id=shop.store_id,
        donor_person_id=by.person_id,
        lines=lines,
    )


def receive(session, shop, deposit_id, *, now=JUNE_12):
    lines = (
        JudgedLine(shop.item("儿童自行车"), 1, 1, "nine_tenths", announced_line=0),
        JudgedLine(shop.item("大米"), 2, 2, "new", RICE_KEEPS_UNTIL, announced_line=1),
        JudgedLine(shop.item("饼干"), 3, 3, "new", BISCUITS_KEEP_UNTIL, announced_line=2),
        JudgedLine(None, 1, 0, described="奶粉", opened=True, announced_line=3),
        JudgedLine(shop.item("冬衣"), 1, 1, "eight_tenths", announced_line=4),
    )
    return actions.receive_deposit(
        Deed(session, shop.keeper, now, a_request_id()),
        store_id=shop.store_id,
        deposit_id=deposit_id,
        lines=lines,
    )


def on_hand(session, shop, name, now=JUNE_12):
    row = shelf_row(session, shop, name, now)
    return row.on_hand, row.available


def test_an_announcement_is_valid_for_fourteen_days_and_is_not_stock(session, stocked, d01):
    told = announce(session, stocked, d01)
    assert told.valid_until_on == date(2025, 6, 24)
    assert told.code.isdigit() and len(told.code) == 6
    assert on_hand(session, stocked, "儿童自行车") == (0, 0)
    assert on_hand(session, stocked, "大米") == (10, 10)
    assert on_hand(session, stocked, "冬衣") == (5, 5)


def test_four_pieces_worth_300_are_accepted_and_four_go_back(session, stocked, d01):
    receipt = receive(session, stocked, announce(session, stocked, d01).deposit_id)
    assert (receipt.accepted, receipt.refused, receipt.value_yuan) == (4, 4, 300)
    assert [(line.accepted, line.refused, line.refuse_code) for line in receipt.lines] == [
        (1, 0, None),
        (2, 0, None),
        (0, 3, "TOO_CLOSE_TO_EXPIRY"),
        (0, 1, "OPENED_FOOD"),
        (1, 0, None),
    ]
    assert [line.value_yuan for line in receipt.lines] == [120, 60, 0, 0, 120]
    assert [line.waits_for_cleaning for line in receipt.lines] == [False, False, False, False, True]


def test_the_coat_waits_until_its_cleaning_is_signed(session, stocked, d01):
    receipt = receive(session, stocked, announce(session, stocked, d01).deposit_id)
    assert on_hand(session, stocked, "儿童自行车") == (1, 1)
    assert on_hand(session, stocked, "大米") == (12, 12)
    assert on_hand(session, stocked, "冬衣") == (6, 5)
    signed = actions.sign_cleaning(
        Deed(session, stocked.keeper, JUNE_12, a_request_id()), lot_id=receipt.lines[4].lot_id
    )
    assert signed.pieces == 1
    assert on_hand(session, stocked, "冬衣") == (6, 6)


def test_whoever_chose_the_receipt_has_300_honour_and_no_points(session, stocked, d01):
    receipt = receive(session, stocked, announce(session, stocked, d01).deposit_id)
    assert (receipt.honour, receipt.points) == (300, 0)
    assert balance_of(session, 1, "person", HONOUR, owner_id=d01.person_id).posted == 300
    assert balance_of(session, 1, "person", POINTS, owner_id=d01.person_id).posted == 0
    assert set(sums_by_commodity(session, 1).values()) == {(0, 0)}


def test_the_receipt_is_found_by_its_number_and_by_its_token(session, stocked, d01):
    receipt = receive(session, stocked, announce(session, stocked, d01).deposit_id)
    assert receipt.receipt_no == "S1-2025-000001"
    assert receipt.receipt_token.startswith("GZR1:")
    by_no = queries.receipt_by_no(session, 1, receipt.receipt_no)
    assert by_no == queries.receipt_by_token(session, 1, receipt.receipt_token)
    assert sum(line.accepted for line in by_no.lines) == 4


def test_the_code_opens_the_list_once(session, stocked, d01):
    told = announce(session, stocked, d01)
    assert queries.announced_by_code(session, 1, told.code).pieces == 8
    receive(session, stocked, told.deposit_id)
    with pytest.raises(WrongState):
        receive(session, stocked, told.deposit_id)
    assert queries.announced_deposits(session, 1) == []


def test_the_last_day_still_counts_and_the_next_does_not(session, stocked, d01):
    told = announce(session, stocked, d01)
    last = JUNE_10 + timedelta(days=14)
    with pytest.raises(PreDepositLapsed) as refused:
        receive(session, stocked, told.deposit_id, now=last + timedelta(days=1))
    assert refused.value.facts == {"last_on": "2025-06-24"}
    assert receive(session, stocked, told.deposit_id, now=last).accepted == 4


def test_an_announcement_lapses_by_itself(session, stocked, d01, by_job):
    told = announce(session, stocked, d01)
    last = JUNE_10 + timedelta(days=14)

    def lapse(now):
        lapsed = actions.lapse_announcements(Deed(session, by_job, now, a_request_id()))
        return lapsed.deposit_ids

    assert lapse(last) == ()
    assert lapse(last + timedelta(days=1)) == (told.deposit_id,)
    with pytest.raises(PreDepositLapsed):
        receive(session, stocked, told.deposit_id, now=last + timedelta(days=1))
