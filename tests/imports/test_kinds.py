"""Items, stock, hours and firms: each booked against the account of what was there before."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.factories import people as make
from tests.factories.sheets import SheetDesk
from timebank.db import Database
from timebank.deeds.deed import Deed
from timebank.errors import TimebankError
from timebank.goods.queries import items
from timebank.goods.tables import lot
from timebank.hours.actions import open_balance
from timebank.imports.refusals import SheetBuiltOn, SheetFaulty
from timebank.ledger.actions import ensure_account, post_one
from timebank.ledger.queries import balances_owned, sums_by_commodity
from timebank.ledger.rules import Move
from timebank.people.queries import organisations
from timebank.values import MINUTES

ITEMS = (
    ("名称", "单位", "种类", "参考价", "保质期"),
    ("红豆 500g", "袋", "食品", "9.00", "365"),
    ("毛毯", "条", "被褥", "1,230.99", ""),
)
STOCK = (
    ("数量", "品名", "保质期到"),
    ("1,200", "红豆 500g", "2027-03-31"),
    ("12.0", "毛毯", ""),
    ("0", "毛毯", ""),
)
FIRMS = (("单位名称", "类别"), ("幸福超市", "企业"), ("晚晴合唱队", "团体"))


@pytest.fixture
def desk(fresh_database: Database) -> SheetDesk:
    from tests.factories.goods import make_shop

    found = SheetDesk(fresh_database)
    found.write(make_shop, found.town)
    return found


def _is_even(desk: SheetDesk) -> None:
    """What came in equals what went out, of each commodity."""
    with desk.database.reading() as session:
        sums = sums_by_commodity(session, desk.town.community_id)
    assert all(came == went for came, went in sums.values()), sums


def _person(desk: SheetDesk, name: str) -> int:
    return int(desk.write(make.make_person, desk.town, name))


def _minutes(desk: SheetDesk, person_id: int) -> int:
    with desk.database.reading() as session:
        own = balances_owned(session, desk.town.community_id, "person", person_id)
    return own[MINUTES].posted if MINUTES in own else 0


def test_items_come_in_once_and_are_ended_again(desk: SheetDesk) -> None:
    batch_id = desk.brought(ITEMS, "items")
    with desk.database.reading() as session:
        known = {item.name_zh: item for item in items(session, desk.town.community_id)}
    assert (known["毛毯"].reference_fen, known["红豆 500g"].shelf_life_days) == (123099, 365)
    again = (*ITEMS, ("毛巾毯", "条", "被褥", "1.230", ""), ("小米", "袋", "食品", "5", ""))
    assert desk.found(again, "items") == [
        (2, "name_zh", "item_known"), (3, "name_zh", "item_known"),
        (4, "reference_fen", "amount_two_ways"), (5, "shelf_life_days", "food_days"),
    ]  # fmt: skip
    desk.taken_back(batch_id)
    desk.brought(ITEMS, "items")


def test_stock_comes_in_from_what_was_there_before(desk: SheetDesk) -> None:
    desk.brought(ITEMS, "items")
    batch_id = desk.brought(STOCK, "stock")
    totals = desk.batch(batch_id).totals
    assert (totals["pieces"], totals["opening_pieces"], totals["lots"]) == (1212, 1212, 2)
    _is_even(desk)
    desk.taken_back(batch_id)
    _is_even(desk)
    with desk.database.reading() as session:
        states = set(session.scalars(select(lot.c.state).where(lot.c.received_pieces > 11)))
    assert states == {"finished"}
    desk.brought(STOCK, "stock")


def test_items_with_stock_are_not_taken_back(desk: SheetDesk) -> None:
    batch_id = desk.brought(ITEMS, "items")
    desk.brought(STOCK, "stock")
    with pytest.raises(SheetBuiltOn):
        desk.taken_back(batch_id)


def test_the_faults_of_stock(desk: SheetDesk) -> None:
    desk.brought(ITEMS, "items")
    sheet = (
        STOCK[0], ("六", "红豆 500g", "2027-03-31"), ("6", "香皂盒", ""), ("6", "红豆 500g", ""),
        ("6", "红豆 500g", "2020-01-01"), ("1.200", "毛毯", ""),
    )  # fmt: skip
    assert desk.found(sheet, "stock") == [
        (2, "pieces", "whole"), (3, "item", "item"), (4, "best_before_on", "best_before"),
        (5, "best_before_on", "past"), (6, "pieces", "whole"),
    ]  # fmt: skip


def test_hours_come_along_and_are_taken_back_while_nobody_has_spent_them(desk: SheetDesk) -> None:
    one, other = _person(desk, "陈甲一"), _person(desk, "林乙二")
    sheet = (("姓名", "余额", "累计"), ("陈甲一", "12.5", "120"), ("林乙二", "3:30", ""))
    batch_id = desk.brought(sheet, "hours")
    assert (_minutes(desk, one), _minutes(desk, other)) == (750, 210)
    assert desk.batch(batch_id).totals["opening_minutes"] == 960
    _is_even(desk)
    assert desk.found((sheet[0], ("陈甲一", "1", "")), "hours") == [(2, "name", "hours_known")]
    with pytest.raises(TimebankError):
        desk.do(open_balance, desk.first, person_id=one, minutes=1, served_minutes=0, note="旧账")
    desk.taken_back(batch_id)
    assert (_minutes(desk, one), _minutes(desk, other)) == (0, 0)
    desk.brought(sheet, "hours")


def test_hours_that_were_spent_are_not_taken_back(desk: SheetDesk) -> None:
    one = _person(desk, "陈甲一")
    batch_id = desk.brought((("姓名", "余额"), ("陈甲一", "2")), "hours")

    def spend(session: Any) -> None:
        community_id = desk.town.community_id
        own = ensure_account(session, community_id, "person", MINUTES, owner_id=one)
        pool = ensure_account(session, community_id, "pool", MINUTES, floor=0)
        deed = Deed(session, desk.town.by, desk.database.clock(), make.a_request_id())
        post_one(deed, kind="hours_given", lines=[Move(own, pool, 30)])

    desk.write(spend)
    with pytest.raises(SheetBuiltOn):
        desk.taken_back(batch_id)


def test_the_faults_of_hours(desk: SheetDesk) -> None:
    _person(desk, "陈甲一")
    _person(desk, "林乙二")
    _person(desk, "林乙二")
    sheet = (
        ("姓名", "余额"), ("王不在", "1"), ("林乙二", "1"), ("陈甲一", "2.33"), ("陈甲一", "0"),
    )  # fmt: skip
    assert desk.found(sheet, "hours") == [
        (2, "name", "nobody"), (3, "name", "many_people"), (4, "minutes", "whole_minutes"),
        (5, "minutes", "no_hours"),
    ]  # fmt: skip


def test_nobody_brings_in_or_signs_their_own_hours(desk: SheetDesk) -> None:
    from timebank.people.queries import briefs

    with desk.database.reading() as session:
        people = briefs(
            session, desk.town.community_id, {desk.first.person_id, desk.approver.person_id}
        )
    mine = (("姓名", "余额"), (people[desk.first.person_id].name, "5"))
    assert desk.found(mine, "hours") == [(2, "name", "own_hours")]
    theirs = (("姓名", "余额"), (people[desk.approver.person_id].name, "5"))
    batch_id = desk.stage(theirs, "hours")
    with pytest.raises(SheetFaulty):
        desk.book(batch_id)
    desk.book(batch_id, desk.second)


def test_firms_come_in_and_are_removed_while_they_gave_nothing(desk: SheetDesk) -> None:
    batch_id = desk.brought(FIRMS, "firms")
    assert desk.found((*FIRMS[:1], FIRMS[1]), "firms") == [(2, "name", "name_known")]
    desk.taken_back(batch_id)
    with desk.database.reading() as session:
        assert organisations(session, desk.town.community_id) == []


def test_records_come_in_and_wait_for_their_confirmations(desk: SheetDesk) -> None:
    from tests.factories.hours import make_services, register
    from timebank.hours.tables import service_record

    code = next(iter(desk.write(make_services, desk.town)))
    helper = _person(desk, "陈甲一")
    desk.write(register, desk.town, helper)
    desk.write(make.make_household, desk.town, make.new_person("林乙二"))
    heading = ("姓名", "服务", "日期", "开始", "结束", "服务对象")
    good = ("陈甲一", code, "2025-06-02", "9:00", "10:30", "林乙二")
    batch_id = desk.brought((heading, good), "records")
    assert desk.batch(batch_id).totals == {"records": 1, "minutes": 90}
    sheet = (
        heading, ("陈甲一", code, "2025-06-02", "10:00", "11:30", "林乙二"),
        ("王不在", code, "2025-06-03", "9:00", "10:30", ""),
        ("陈甲一", "飞行", "2025-06-03", "9点", "10:30", ""),
        ("林乙二", code, "2025-06-04", "9:00", "10:30", ""),
        ("陈甲一", "飞行", "2025-06-03", "9:00", "10:30", ""),
    )  # fmt: skip
    assert desk.found(sheet, "records") == [
        (2, "served_on", "refused"), (3, "name", "one_person"), (4, "begins", "clock"),
        (5, "served_on", "refused"), (6, "service", "service"),
    ]  # fmt: skip
    desk.taken_back(batch_id)
    with desk.database.reading() as session:
        assert list(session.scalars(select(service_record.c.state))) == ["refused"]
    desk.brought((heading, good), "records")
