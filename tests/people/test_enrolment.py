"""Founding, places, households and people."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from tests.factories import people as make
from tests.factories.people import Town, a_request_id
from timebank.db import Database
from timebank.deeds.deed import Deed
from timebank.deeds.queries import communities, community, community_by_code
from timebank.deeds.running import perform
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.people import actions, queries
from timebank.people.actions import NewHousehold, NewOrganisation, NewPerson, NewPlace
from timebank.people.refusals import BadIdNumber, DuplicateIdentity
from timebank.people.tables import person


def _enrol(session: Session, town: Town, now: datetime, *households: NewHousehold) -> None:
    actions.enrol_households(Deed(session, town.by, now, a_request_id()), households=households)


def test_a_community_is_founded_once(session: Session, now: datetime) -> None:
    told = {"code": "east", "name_zh": "东社区", "name_en": "East"}
    community_id = actions.found_community(session, now=now, **told)
    assert community_by_code(session, "east") == community(session, community_id)
    assert "east" in [known.code for known in communities(session)]
    with pytest.raises(WrongState):
        actions.found_community(session, now=now, **told)


def test_an_unknown_community_is_not_found(session: Session) -> None:
    assert community_by_code(session, "nowhere") is None
    with pytest.raises(NotFound):
        community(session, 404)


def test_a_building_lies_in_a_grid(session: Session, town: Town) -> None:
    buildings = queries.places(session, town.community_id, "building")
    assert [building.number for building in buildings] == [1, 2]
    assert {building.parent_id for building in buildings} == set(town.grid_ids)
    store = queries.place(session, town.community_id, town.store_place_id)
    assert store.kind == "store"
    with pytest.raises(NotFound):
        queries.place(session, town.community_id + 1, town.store_place_id)


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (NewPlace("castle", 3, "城堡", "Castle"), "kind"),
        (NewPlace("grid", 0, "零", "Nought"), "number"),
        (NewPlace("grid", 1, "又一", "Again"), "number"),
        (NewPlace("grid", 3, " ", ""), "name_zh"),
        (NewPlace("building", 3, "3号楼", "Building 3"), "parent_id"),
        (NewPlace("building", 3, "3号楼", "Building 3", 404), "parent_id"),
    ],
)
def test_a_place_that_cannot_be_is_refused(
    new: NewPlace, field: str, session: Session, town: Town, now: datetime
) -> None:
    with pytest.raises(BadInput) as refused:
        actions.add_places(Deed(session, town.by, now, a_request_id()), places=(new,))
    assert refused.value.facts["field"] == field


def test_firms_are_listed_by_name_and_known_once(
    session: Session, town: Town, now: datetime
) -> None:
    firm = NewOrganisation("甲乙书店", trade="书店", contacts="100 0000 0001")
    actions.add_organisations(Deed(session, town.by, now, a_request_id()), organisations=(firm,))
    (known,) = queries.organisations(session, town.community_id)
    assert (known.name, known.kind, known.trade) == ("甲乙书店", "firm", "书店")
    for bad in (firm, replace(firm, name=" "), replace(firm, name="x", kind="state")):
        with pytest.raises(BadInput):
            actions.add_organisations(
                Deed(session, town.by, now, a_request_id()), organisations=(bad,)
            )


def test_a_family_is_enrolled_with_all_its_members(
    session: Session, town: Town, now: datetime
) -> None:
    elder = NewPerson("陈甲一", id_no="990106195001010012", phone="100-0000 0001")
    child = NewPerson("陈乙二", birth_on=date(2011, 3, 4), registered_elsewhere=True)
    family = make.make_household(session, town, child, elder)
    found = queries.household(session, town.community_id, family.household_id)
    assert found == queries.household_by_no(session, town.community_id, family.household_no)
    assert (found.building_no, found.grid_id) == (1, town.grid_ids[0])
    assert [member.name for member in found.members] == ["陈甲一", "陈乙二"]
    first = found.members[0]
    assert (first.masked_name, first.sex) == ("陈**", "m")
    assert [member.age_group_on(date(2025, 6, 10)) for member in found.members] == [
        "70-79",
        "14-17",
    ]
    assert found.members[1].registered_elsewhere
    assert family.person_ids == (found.members[1].id, first.id)
    initials = select(person.c.initials).where(person.c.id == first.id)
    assert session.scalar(initials) == "cjy"


def test_a_brief_of_the_neighbours_is_not_given(session: Session, town: Town) -> None:
    (person_id,) = make.make_household(session, town).person_ids
    assert queries.person_brief(session, town.community_id, person_id).id == person_id
    assert queries.briefs(session, town.community_id + 1, [person_id]) == {}
    with pytest.raises(NotFound):
        queries.person_brief(session, town.community_id + 1, person_id)
    with pytest.raises(NotFound):
        queries.household(session, town.community_id + 1, 1)


def test_helpers_from_outside_have_no_household(session: Session, town: Town) -> None:
    brief = queries.person_brief(
        session, town.community_id, make.make_person(session, town, "林甲一")
    )
    assert (brief.name, brief.household_id, brief.grid_id) == ("林甲一", None, None)


def test_the_same_id_number_under_another_name_tells_nothing_of_the_first(
    session: Session, town: Town, now: datetime
) -> None:
    first = NewPerson("陈甲一", id_no="990106195001010012")
    make.make_household(session, town, first)
    again = NewHousehold("H-0900", town.building_ids[1], "101", (replace(first, name="王丙三"),))
    with pytest.raises(DuplicateIdentity) as refused:
        _enrol(session, town, now, again)
    assert refused.value.facts == {"row": 0}


def test_the_same_id_number_twice_in_one_batch_is_refused(
    session: Session, town: Town, now: datetime
) -> None:
    one = NewPerson("陈甲一", id_no="99010619491231002X")
    other = replace(one, name="王丙三", id_no="99010619491231002x")
    with pytest.raises(DuplicateIdentity):
        _enrol(session, town, now, NewHousehold("H-0900", town.building_ids[0], "1", (one, other)))


def test_two_desks_never_enrol_one_person_twice(fresh_database: Database) -> None:
    """The second desk reads before the first has committed; the database still refuses."""
    town = fresh_database.write(lambda session, now: make.make_town(session))
    one = NewPerson("陈甲一", id_no="990106195001010012")

    def enrol(session: Session, now: datetime, number: str) -> None:
        _enrol(session, town, now, NewHousehold(number, town.building_ids[0], "1", (one,)))

    def second_desk() -> str:
        try:
            fresh_database.write(lambda session, now: enrol(session, now, "H-0901"))
        except DuplicateIdentity as refusal:
            return refusal.code
        return "enrolled"

    def first_desk(session: Session, now: datetime) -> Future[str]:
        enrol(session, now, "H-0900")
        asked = pool.submit(second_desk)
        time.sleep(0.3)
        return asked

    with ThreadPoolExecutor(1) as pool:
        assert fresh_database.write(first_desk).result() == "DUPLICATE_IDENTITY"


def test_another_community_may_know_the_same_person(session: Session, town: Town) -> None:
    one = NewPerson("陈甲一", id_no="990106195001010012")
    make.make_household(session, town, one)
    next_door = make.make_town(session, town.community_id + 1)
    make.make_household(session, next_door, one)


GOOD = NewPerson("陈甲一")


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (replace(GOOD, name=""), "name"),
        (replace(GOOD, phone="abc"), "phone"),
        (replace(GOOD, sex="x"), "sex"),
        (replace(GOOD, birth_on=date(2025, 6, 11)), "birth_on"),
    ],
)
def test_a_person_that_cannot_be_is_refused_with_the_line(
    new: NewPerson, field: str, session: Session, town: Town, now: datetime
) -> None:
    good = NewHousehold("H-0900", town.building_ids[0], "1", (GOOD,))
    bad = NewHousehold("H-0901", town.building_ids[0], "2", (GOOD, new))
    with pytest.raises(BadInput) as refused:
        _enrol(session, town, now, good, bad)
    assert (refused.value.facts["field"], refused.value.facts["line"]) == (field, 1)


def test_a_wrong_id_number_is_refused_with_the_line_and_never_shown(
    session: Session, town: Town, now: datetime
) -> None:
    bad = replace(GOOD, id_no="990106195001010013")
    with pytest.raises(BadIdNumber) as refused:
        _enrol(session, town, now, NewHousehold("H-0900", town.building_ids[0], "1", (bad,)))
    assert refused.value.facts == {"why": "check", "line": 0, "row": 0}


@pytest.mark.parametrize(("number", "door"), [("117", "1"), ("h-0117", "1"), ("H-0117", " ")])
def test_a_household_without_number_or_door_is_refused(
    number: str, door: str, session: Session, town: Town, now: datetime
) -> None:
    with pytest.raises(BadInput):
        _enrol(session, town, now, NewHousehold(number, town.building_ids[0], door))


def test_a_household_number_is_given_once(session: Session, town: Town, now: datetime) -> None:
    new = NewHousehold("H-0900", town.building_ids[0], "1")
    _enrol(session, town, now, new)
    with pytest.raises(BadInput) as refused:
        _enrol(session, town, now, new)
    assert refused.value.facts["why"] == "taken"


def test_a_grid_worker_enrols_in_his_grid_only(session: Session, town: Town, now: datetime) -> None:
    by = make.grid_worker(session, town)
    inside = NewHousehold("H-0900", town.building_ids[0], "1")
    outside = NewHousehold("H-0901", town.building_ids[1], "1")
    actions.enrol_households(Deed(session, by, now, a_request_id()), households=(inside,))
    with pytest.raises(NotAllowed):
        actions.enrol_households(Deed(session, by, now, a_request_id()), households=(outside,))
    home = queries.household_by_no(session, town.community_id, "H-0900")
    actions.enrol_people(
        Deed(session, by, now, a_request_id()), people=(GOOD,), household_id=home.id
    )
    with pytest.raises(NotAllowed):
        actions.enrol_people(Deed(session, by, now, a_request_id()), people=(GOOD,))


def test_a_household_in_an_unknown_building_is_not_found(
    session: Session, town: Town, now: datetime
) -> None:
    with pytest.raises(NotFound):
        _enrol(session, town, now, NewHousehold("H-0900", town.store_place_id, "1"))


def test_an_enrolment_sent_twice_enrols_once(fresh_database: Database) -> None:
    town = fresh_database.write(lambda session, now: make.make_town(session))
    new = NewHousehold("H-0900", town.building_ids[0], "1", (make.new_person(),))
    receipts = [
        perform(
            fresh_database,
            actions.enrol_households,
            by=town.by,
            request_id="one",
            households=(new,),
        )
        for _ in range(2)
    ]
    assert receipts[0] == receipts[1]


def _families(town: Town, count: int) -> tuple[NewHousehold, ...]:
    return tuple(
        NewHousehold(
            f"H-{count * 10 + n:04d}",
            town.building_ids[n % 2],
            f"{n}室",
            tuple(make.new_person(born=1930 + n % 60) for _ in range(1 + n % 4)),
        )
        for n in range(count)
    )


def test_a_hundred_times_as_many_families_take_no_more_statements(
    session: Session, town: Town, now: datetime
) -> None:
    """A statement carries a thousand rows, so rows are never sent one by one."""
    sent: list[str] = []

    def listen(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if "data_key" not in statement:  # Asked once in a unit of work.
            sent.append(statement)

    connection, counts = session.connection(), []
    event.listen(connection, "before_cursor_execute", listen)
    for count in (4, 400):
        sent.clear()
        enrolled = actions.enrol_households(
            Deed(session, town.by, now, a_request_id()), households=_families(town, count)
        )
        counts.append(len(sent))
        assert len(enrolled.household_ids) == count
        assert sum(map(len, enrolled.person_ids)) == count // 4 * 10
    event.remove(connection, "before_cursor_execute", listen)
    assert counts[0] == counts[1], sent
