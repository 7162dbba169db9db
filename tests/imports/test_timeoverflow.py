"""Members and transfers of TimeOverflow, and volunteers: quirks of files without a heading."""

import pytest
from sqlalchemy import select

from tests.factories import people as make
from tests.factories.people import new_person
from tests.factories.sheets import SheetDesk
from timebank.db import Database
from timebank.hours.queries import volunteer_of
from timebank.imports.refusals import SheetBuiltOn
from timebank.ledger.queries import balances_owned
from timebank.people.tables import person
from timebank.sheets.reading import read_sheet
from timebank.values import MINUTES, SERVED

MEMBERS = (
    "1,2019-02-11,陈,甲一,,2,1958-04-03,10012340011,,jia1@example.invalid\n"
    "2,2019-02-11,欧阳,乙二,,1,,010-0001234,10012340012,\n"
    "7,2020-11-30,Ana,Ruiz,Soler,1,1949-12-31,+34622000001,,ana@example.invalid\n"
    ",2021-01-01,赵,丁四,,,1971-07-09,10012340014,,\n"
)
TRANSFERS = (
    '1,member,2,Member,5400,2021-03-01 20:15:00 +0800,"理发, 上门",\n'
    ",organization,1,Member,7200,2021-03-02,会员见面礼,\n"
    '2,Member,7,Member,1800,2021-03-05T23:59:59Z,"教""手机""",18\n'
)
BROKEN = (
    "7,Member,1,Member,-3600,2021-03-05T23:59:59Z,更正,18\n"
    "99,Member,1,Member,3600,2021-13-05,找不到的人,\n"
    '1,Member,7,Member,90,2021-03-07 00:00:00,"半分钟\n两行",\n'
    "98,Member,,Member,3600,2021-03-05,空的会员号,\n"
    "1,Member,1,Member,3600,2021-03-05,给自己,\n"
)


@pytest.fixture
def desk(fresh_database: Database) -> SheetDesk:
    return SheetDesk(fresh_database)


def _named(desk: SheetDesk, name: str) -> int:
    with desk.database.reading() as session:
        return int(session.scalar(select(person.c.id).where(person.c.name == name)) or 0)


def _hours(desk: SheetDesk, person_id: int) -> tuple[int, int]:
    with desk.database.reading() as session:
        own = balances_owned(session, desk.town.community_id, "person", person_id)
    return own[MINUTES].posted, own[SERVED].posted


def test_members_and_transfers_come_in_and_both_sides_add_up(desk: SheetDesk) -> None:
    members = desk.brought(read_sheet(MEMBERS.encode()), "to_members")
    batch_id = desk.brought(read_sheet(TRANSFERS.encode("utf-16")), "to_transfers")
    assert _hours(desk, _named(desk, "陈甲一")) == (30, 120)
    assert _hours(desk, _named(desk, "欧阳乙二")) == (60, 90)
    assert _hours(desk, _named(desk, "Ana Ruiz Soler")) == (30, 30)
    totals = desk.batch(batch_id).totals
    assert (totals["minutes"], totals["opening_minutes"], totals["transfers"]) == (120, 120, 3)
    with pytest.raises(SheetBuiltOn):
        desk.taken_back(members)
    desk.taken_back(batch_id)
    assert _hours(desk, _named(desk, "陈甲一")) == (0, 0)


def test_members_are_removed_while_nothing_knows_of_them(desk: SheetDesk) -> None:
    desk.taken_back(desk.brought(read_sheet(MEMBERS.encode("gb18030")), "to_members"))
    assert _named(desk, "陈甲一") == 0


def test_a_member_number_comes_in_once(desk: SheetDesk) -> None:
    desk.brought(read_sheet(MEMBERS.encode()), "to_members")
    again = read_sheet(b"2,,Another,Person,,,,,,\n3,,Third,Person,,,,622000001,,\n")
    assert desk.found(again, "to_members") == [
        (1, "number", "number_known"), (2, "phone", "phone_zero"),
    ]  # fmt: skip


def test_what_is_wrong_with_transfers(desk: SheetDesk) -> None:
    desk.brought(read_sheet(MEMBERS.encode()), "to_members")
    assert desk.found(read_sheet(BROKEN.encode()), "to_transfers") == [
        (1, "minutes", "seconds"), (2, "happened_on", "no_such_day"),
        (3, "minutes", "seconds_whole"), (4, "from_no", "member"), (4, "to_no", "needed"),
        (5, "to_no", "to_oneself"),
    ]  # fmt: skip
    owing = read_sheet(b"1,Member,2,Member,3600,2021-03-05,,\n")
    assert desk.found(owing, "to_transfers") == [(1, "minutes", "would_owe")]


def test_volunteers_come_in_and_are_struck_off(desk: SheetDesk) -> None:
    one = desk.write(make.make_person, desk.town, "陈甲一")
    child = desk.write(make.make_household, desk.town, new_person("林小六", born=2012)).person_ids[
        0
    ]
    heading = ("姓名", "加入日期", "队伍")
    batch_id = desk.brought((heading, ("陈甲一", "2024-03-05", "巡楼队")), "volunteers")
    with desk.database.reading() as session:
        found = volunteer_of(session, desk.town.community_id, one)
    assert found is not None and found.team == "巡楼队"
    sheet = (
        heading, ("陈甲一", "2024-03-05", ""), ("林小六", "2024-03-05", ""),
        ("王不在", "2099-03-05", ""),
    )  # fmt: skip
    assert child and desk.found(sheet, "volunteers") == [
        (2, "name", "volunteer_known"), (3, "name", "no_guardian"), (4, "name", "nobody"),
        (4, "since_on", "future"),
    ]  # fmt: skip
    desk.taken_back(batch_id)
    with desk.database.reading() as session:
        assert volunteer_of(session, desk.town.community_id, one) is None
    desk.brought((heading, ("陈甲一", "2024-03-05", "")), "volunteers")
