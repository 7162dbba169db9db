"""A sheet of people: tried out, signed by a second person, booked as one, taken back as one."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from tests.factories import people as make
from tests.factories.people import id_number
from tests.factories.sheets import FAMILY, HEADING, SheetDesk
from timebank.db import Database
from timebank.deeds.refusals import SamePerson
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.imports import actions
from timebank.imports.refusals import SheetBuiltOn, SheetFaulty, SheetKnown
from timebank.imports.rules import STAGED_LIFE, UNDO_LIFE
from timebank.imports.tables import import_batch
from timebank.people.actions import NewDetails, change_person, enrol_people
from timebank.people.tables import household, person


@pytest.fixture
def desk(fresh_database: Database) -> SheetDesk:
    return SheetDesk(fresh_database)


def _count(desk: SheetDesk, table: Any) -> int:
    with desk.database.reading() as session:
        return int(session.scalar(select(func.count()).select_from(table)) or 0)


def _person_id(desk: SheetDesk, name: str) -> int:
    with desk.database.reading() as session:
        return int(session.scalar(select(person.c.id).where(person.c.name == name)) or 0)


def test_a_sheet_is_booked_once_a_second_person_signs_it(desk: SheetDesk) -> None:
    homes, people = _count(desk, household), _count(desk, person)
    batch_id = desk.stage((("示范社区人员名单",), (), *FAMILY))
    waiting = desk.batch(batch_id)
    assert (waiting.state, waiting.row_count, waiting.fault_count) == ("waiting", 3, 0)
    assert waiting.totals == {"households": 2, "people": 3}
    assert _count(desk, person) == people
    desk.book(batch_id)
    assert (_count(desk, household), _count(desk, person)) == (homes + 2, people + 3)
    assert desk.batch(batch_id).state == "booked"
    with desk.database.reading() as session:
        rows = session.execute(
            select(person.c.name, person.c.relation_to_head, household.c.household_no)
            .join(household, household.c.id == person.c.household_id)
            .order_by(household.c.household_no, person.c.id)
        ).all()
    assert [tuple(row) for row in rows] == [
        ("陈甲一", "head", "H-0001"), ("李乙二", "spouse", "H-0001"), ("林丙三", "head", "H-0002"),
    ]  # fmt: skip


def test_whoever_uploaded_does_not_sign_nor_do_others_without_the_right(desk: SheetDesk) -> None:
    batch_id = desk.stage(FAMILY)
    with pytest.raises(SamePerson):
        desk.book(batch_id, desk.first)
    for name in ("keeper", "social_worker", "auditor", "stranger"):
        by = desk.write(getattr(make, name), desk.town)
        with pytest.raises(NotAllowed):
            desk.book(batch_id, by)
        with pytest.raises(NotAllowed):
            desk.stage(FAMILY, by=by)
    desk.book(batch_id)
    with pytest.raises(WrongState):
        desk.book(batch_id)


def test_the_database_refuses_the_same_person_too(desk: SheetDesk) -> None:
    batch_id = desk.brought(FAMILY)
    for cells in (
        {"booked_by_person_id": desk.first.person_id},
        {"fault_count": 2},
        {"staged_sealed": b"x"},
    ):
        with pytest.raises(IntegrityError):
            desk.write(
                lambda session, told=cells: session.execute(
                    update(import_batch).where(import_batch.c.id == batch_id).values(**told)
                )
            )


def test_the_rows_are_sealed_and_wiped_when_they_are_done(desk: SheetDesk) -> None:
    batch_id = desk.stage(FAMILY)
    with desk.database.reading() as session:
        row = session.execute(select(import_batch)).one()
    assert "陈甲一".encode() not in bytes(row.staged_sealed)
    desk.book(batch_id)
    with desk.database.reading() as session:
        row = session.execute(select(import_batch)).one()
    assert (row.staged_sealed, row.report_sealed) == (None, None)


def test_a_sheet_that_nobody_signs_is_forgotten(desk: SheetDesk) -> None:
    batch_id = desk.stage(FAMILY)
    now = desk.database.clock()
    desk.database.clock = lambda: now + STAGED_LIFE
    assert desk.batch(batch_id).state == "over"
    with pytest.raises(WrongState):
        desk.book(batch_id)
    assert desk.do(actions.forget_sheets, desk.town.by).batches == 1
    with desk.database.reading() as session:
        assert session.scalar(select(import_batch.c.staged_sealed)) is None
    desk.stage(FAMILY)  # The same sheet may come again.


def test_the_same_sheet_is_recognised_until_it_is_taken_back(desk: SheetDesk) -> None:
    batch_id = desk.stage(FAMILY)
    with pytest.raises(SheetKnown) as refused:
        desk.stage((*FAMILY, ()))
    assert refused.value.facts["batch_id"] == batch_id
    desk.book(batch_id)
    with pytest.raises(SheetKnown):
        desk.stage(FAMILY)
    desk.taken_back(batch_id)
    desk.brought(FAMILY)


def test_a_batch_is_taken_back_as_one_by_two(desk: SheetDesk) -> None:
    homes, people = _count(desk, household), _count(desk, person)
    batch_id = desk.brought(FAMILY)
    with pytest.raises(WrongState):
        desk.do(actions.undo_sheet, desk.second, batch_id=batch_id)
    desk.do(actions.ask_undo_sheet, desk.second, batch_id=batch_id, reason="传错了表，是旧的名单")
    with pytest.raises(SamePerson):
        desk.do(actions.undo_sheet, desk.second, batch_id=batch_id)
    desk.do(actions.undo_sheet, desk.first, batch_id=batch_id)
    assert (_count(desk, household), _count(desk, person)) == (homes, people)
    assert desk.batch(batch_id).state == "undone"


def test_what_was_built_on_is_not_taken_back(desk: SheetDesk) -> None:
    batch_id = desk.brought(FAMILY)
    changed = NewDetails(name="陈甲一", phone="10012340099")
    desk.do(
        change_person, desk.first, person_id=_person_id(desk, "陈甲一"), details=changed
    )  # fmt: skip
    with pytest.raises(SheetBuiltOn):
        desk.taken_back(batch_id)
    assert _person_id(desk, "林丙三")


def test_somebody_who_moved_in_since_keeps_the_household(desk: SheetDesk) -> None:
    batch_id = desk.brought(FAMILY)
    with desk.database.reading() as session:
        home = session.scalar(select(person.c.household_id).where(person.c.name == "陈甲一"))
    desk.do(enrol_people, desk.first, people=(make.new_person(),), household_id=home)
    with pytest.raises(SheetBuiltOn):
        desk.taken_back(batch_id)


def test_a_batch_is_not_taken_back_after_its_last_day(desk: SheetDesk) -> None:
    batch_id = desk.brought(FAMILY)
    now = desk.database.clock()
    desk.database.clock = lambda: now + UNDO_LIFE + timedelta(seconds=1)
    with pytest.raises(WrongState):
        desk.taken_back(batch_id)


def _with(**cells: str) -> tuple[str, ...]:
    usual = dict(zip(HEADING, ("1", "501", "赵丁四", "", "", "", ""), strict=True))
    return tuple((usual | cells).values())


@pytest.mark.parametrize(
    ("cells", "field", "expected"),
    [
        ({"身份证号": "9.90106195001010E+17"}, "id_no", "scientific"),
        ({"身份证号": "990106195001010013"}, "id_no", "id_check"),
        ({"身份证号": "99010619500101001"}, "id_no", "id_length"),
        ({"身份证号": "990106195001010012", "出生日期": "1951-01-01"}, "id_no", "id_birth"),
        ({"出生日期": "10/11/2019"}, "birth_on", "day_two_ways"),
        ({"出生日期": "2019-02-30"}, "birth_on", "no_such_day"),
        ({"出生日期": "43000"}, "birth_on", "day"),
        ({"出生日期": "2099-01-01"}, "birth_on", "range"),
        ({"电话": "7551234567"}, "phone", "phone_zero"),
        ({"电话": "1.00123E+10"}, "phone", "scientific"),
        ({"楼栋": "77"}, "building", "building"),
        ({"楼栋": ""}, "building", "needed"),
        ({"姓名": ""}, "name", "needed"),
        ({"和户主的关系": "朋友"}, "relation", "choice"),
    ],
)
def test_nothing_is_guessed(
    desk: SheetDesk, cells: dict[str, str], field: str, expected: str
) -> None:
    assert desk.found((HEADING, (), _with(**cells))) == [(3, field, expected)]


def test_two_heads_and_people_who_stand_twice_are_faults(desk: SheetDesk) -> None:
    number = id_number(make.date(1950, 1, 1))
    sheet = (
        HEADING,
        _with(和户主的关系="户主", 身份证号=number),
        _with(姓名="钱戊五", 和户主的关系="户主"),
        _with(门牌="502", 姓名="孙己六", 身份证号=number),
        _with(门牌="503", 姓名="周庚七", 出生日期="1960-01-02"),
        _with(门牌="504", 姓名="周庚七", 出生日期="1960-01-02"),
    )
    assert desk.found(sheet) == [
        (3, "relation", "two_heads"), (4, "id_no", "id_known"), (6, "name", "namesake_known"),
    ]  # fmt: skip


def test_people_who_are_registered_are_faults_unless_the_sheet_says_they_are_others(
    desk: SheetDesk,
) -> None:
    known = make.NewPerson(
        "郑辛八", birth_on=make.date(1961, 2, 3), phone="10012340055",
        id_no=id_number(make.date(1961, 2, 3)), sex="m",
    )  # fmt: skip
    desk.write(make.make_household, desk.town, known)
    twin = _with(姓名="郑辛八", 出生日期="1961-02-03", 电话="10012340055")
    same = _with(身份证号=known.id_no, 门牌="502")
    assert desk.found((HEADING, twin, same)) == [
        (2, "name", "namesake_known"), (2, "phone", "phone_known"), (3, "id_no", "id_known"),
    ]  # fmt: skip
    desk.brought(((*HEADING, "确认是另一个人"), (*twin, "是")))


def test_faults_that_came_since_refuse_the_whole_sheet(desk: SheetDesk) -> None:
    batch_id = desk.stage(FAMILY)
    people = _count(desk, person)
    desk.write(
        make.make_household, desk.town, make.NewPerson("吴壬九", id_no=FAMILY[1][4], sex="m")
    )
    with pytest.raises(SheetFaulty):
        desk.book(batch_id)
    assert _count(desk, person) == people + 1


def test_a_booking_that_breaks_leaves_nothing(
    desk: SheetDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id, people = desk.stage(FAMILY), _count(desk, person)
    with monkeypatch.context() as patched:
        patched.setattr(actions, "_write_entries", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            desk.book(batch_id)
    assert (_count(desk, person), desk.batch(batch_id).state) == (people, "waiting")
    desk.book(batch_id)


def test_columns_are_matched_by_hand(desk: SheetDesk) -> None:
    rows = (("哪栋", "住哪间", "叫什么"), ("1", "601", "冯癸十"))
    batch_id = desk.stage(rows)
    assert desk.batch(batch_id).state == "columns"
    with pytest.raises(BadInput) as refused:
        desk.do(actions.match_sheet, desk.first, batch_id=batch_id, heading=0, places={"name": 2})
    assert refused.value.facts["field"] == "building"
    twice = {"building": 0, "door": 0, "name": 2}
    with pytest.raises(BadInput):
        desk.do(actions.match_sheet, desk.first, batch_id=batch_id, heading=0, places=twice)
    chosen = {"building": 0, "door": 1, "name": 2}
    desk.do(actions.match_sheet, desk.first, batch_id=batch_id, heading=0, places=chosen)
    assert desk.batch(batch_id).state == "waiting"
    desk.book(batch_id)
    assert _person_id(desk, "冯癸十")


def test_a_sheet_of_another_community_is_not_found(desk: SheetDesk) -> None:
    batch_id = desk.stage(FAMILY)
    other = desk.write(make.make_town, make.NEIGHBOUR_ID)
    by = desk.write(make.coordinator, other)
    with pytest.raises(NotFound):
        desk.book(batch_id, by)
