"""Details are changed with their day; what they were before still shows for its day."""

from datetime import date, timedelta

import pytest

from tests.factories import people as make
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.people.actions import (
    NewDetails,
    NewPerson,
    change_home,
    change_person,
    give_consent,
    withdraw_consent,
)
from timebank.people.queries import detail_changes, household_then, member_records, search_people
from timebank.people.refusals import BadIdNumber, DuplicateIdentity
from timebank.people.rules.records import SENSITIVE
from timebank.values import Role
from timebank.vault.cipher import vault_of

BORN = date(1950, 1, 1)


@pytest.fixture
def family(session, town):
    return make.make_household(
        session, town, NewPerson("陈甲一", birth_on=BORN, phone="10000000001"), NewPerson("李乙二")
    )


@pytest.fixture
def worker(session, town):
    return make.social_worker(session, town)


@pytest.fixture
def change(session, worker, family, now):
    def changes(by=None, who=0, **details):
        deed = Deed(session, by or worker, now, make.a_request_id())
        person_id = family.person_ids[who]
        return change_person(deed, person_id=person_id, details=NewDetails(**details)).details

    return changes


def test_a_new_name_is_found_and_the_old_one_stands_for_its_day(
    session, worker, family, change, now
):
    assert change(name="陈甲二") == ("name",)
    for text in ("陈甲二", "cje"):
        found = search_people(session, worker, text, limit=5)
        assert [one.shown_name for one in found] == ["陈甲二"]
    past = household_then(session, 1, family.household_id, at=now - timedelta(seconds=1))
    assert past.members[0].name == "陈甲一"
    assert household_then(session, 1, family.household_id, at=now).members[0].name == "陈甲二"


def test_what_stays_the_same_is_not_recorded(session, family, change):
    assert change(name="陈甲一", phone="100 0000 0001", notes="") == ()
    assert detail_changes(session, 1, family.household_id, family.person_ids) == []


def agree(session, worker, family, now):
    deed = Deed(session, worker, now, make.a_request_id())
    give_consent(deed, person_id=family.person_ids[0], kind=SENSITIVE)


def test_needs_are_written_down_after_consent_only(session, worker, family, change, now):
    with pytest.raises(BadInput) as refused:
        change(notes="听力不好")
    assert refused.value.facts == {"field": "notes", "why": "consent_first"}
    agree(session, worker, family, now)
    assert change(notes="听力不好") == ("notes",)
    with pytest.raises(WrongState):
        agree(session, worker, family, now)
    withdraw_consent(Deed(session, worker, now, "w"), person_id=family.person_ids[0])
    with pytest.raises(BadInput):
        change(notes="腿脚不便")
    assert change(notes="") == ("notes",)


def test_each_change_is_listed_without_its_value(session, worker, family, change, now):
    agree(session, worker, family, now)
    assert change(phone="", notes="听力不好", contacts="女儿", language="en") == (
        "contacts", "language", "notes", "phone",
    )  # fmt: skip
    listed = detail_changes(session, 1, family.household_id, family.person_ids)
    assert sorted(one.detail for one in listed) == ["contacts", "language", "notes", "phone"]
    record = member_records(session, 1, family.person_ids)[family.person_ids[0]]
    assert (record.language, record.has_phone) == ("en", False)


def test_the_values_are_sealed(session, change, family):
    from sqlalchemy import select

    from timebank.people.tables import detail_change

    change(phone="10000000002")
    row = session.execute(select(detail_change)).one()
    assert b"10000000001" not in row.before_sealed and b"10000000002" not in row.after_sealed
    vault = vault_of(session)
    assert vault.open(row.before_sealed, "detail_change.before") == "10000000001"
    assert vault.open(row.after_sealed, "detail_change.after") == "10000000002"


def test_a_household_has_one_head(session, family, change):
    change(relation="head")
    change(who=1, relation="head")
    records = member_records(session, 1, family.person_ids)
    assert [records[one].relation for one in family.person_ids] == ["other", "head"]


def test_a_document_is_entered_when_it_is_seen_and_only_once(session, town, family, change):
    assert change(id_no=make.id_number(BORN)) == ("id_no",)
    assert member_records(session, 1, family.person_ids)[family.person_ids[0]].has_document
    with pytest.raises(BadInput) as refused:
        change(id_no=make.id_number(BORN))
    assert refused.value.facts == {"field": "id_no", "why": "has_number"}


def test_a_document_of_somebody_else_is_refused(session, town, change):
    known = make.id_number(BORN)
    make.make_household(session, town, NewPerson("林丙三", id_no=known))
    with pytest.raises(DuplicateIdentity) as refused:
        change(id_no=known)
    assert refused.value.facts == {"row": 0}
    with pytest.raises(BadIdNumber) as other:
        change(id_no=make.id_number(date(1951, 1, 1)))
    assert other.value.facts == {"why": "birth"}


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"name": " "}, "name"), ({"phone": "abc"}, "phone"), ({"language": "fr"}, "language"),
        ({"relation": "uncle"}, "relation"), ({"notes": "长" * 201}, "notes"),
        ({"contacts": "长" * 201}, "contacts"),
    ],
)  # fmt: skip
def test_a_wrong_detail_is_named(change, details, field):
    with pytest.raises(BadInput) as refused:
        change(**details)
    assert refused.value.facts["field"] == field


def test_the_household_moves_and_its_old_building_stands_for_its_day(
    session, town, worker, family, now
):
    deed = Deed(session, worker, now, make.a_request_id())
    home_id, there = family.household_id, town.building_ids[1]
    changed = change_home(deed, household_id=home_id, building_id=there, door="1203")
    assert changed.details == ("building", "door")
    past = household_then(session, 1, home_id, at=now - timedelta(seconds=1))
    assert (past.building_no, household_then(session, 1, home_id, at=now).building_no) == (1, 2)
    again = change_home(deed, household_id=home_id, building_id=there, door="")
    assert again.details == ()
    with pytest.raises(BadInput):
        change_home(deed, household_id=home_id, building_id=there, door="9" * 81)


def test_nobody_changes_their_own_or_beyond_their_grid(session, town, family, change, now):
    own = make.make_user(session, town, family.person_ids[1], Role("social_worker"))
    with pytest.raises(NotAllowed):
        change(by=own, name="陈甲二")
    deed = Deed(session, own, now, make.a_request_id())
    with pytest.raises(NotAllowed):
        building_id = town.building_ids[1]
        change_home(deed, household_id=family.household_id, building_id=building_id, door="")
    there = make.staff(session, town, Role("grid_worker", town.grid_ids[1]))
    with pytest.raises(NotFound):
        change(by=there, name="陈甲二")
    here = make.staff(session, town, Role("grid_worker", town.grid_ids[0]))
    deed = Deed(session, here, now, make.a_request_id())
    with pytest.raises((NotFound, NotAllowed)):
        building_id = town.building_ids[1]
        change_home(deed, household_id=family.household_id, building_id=building_id, door="")
    with pytest.raises(NotAllowed):
        change(by=make.keeper(session, town), name="陈甲二")
