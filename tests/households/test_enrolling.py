"""A household is enrolled at the counter with everything that it begins with, all or nothing."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from tests.factories import people as make
from tests.factories.goods import make_preset
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound
from timebank.hours.queries import volunteer_of
from timebank.households.actions import FamilyPaper, NewFamily, NewMember, enrol_family
from timebank.people.actions import NewPerson, withdraw_consent
from timebank.people.queries import (
    consents_of,
    household,
    member_records,
    pin_wish_of,
    proofs_of_household,
    waiting_card_issue_of,
)
from timebank.people.refusals import BadIdNumber, DuplicateIdentity, MinorNoGuardian
from timebank.people.rules.records import REGISTER, SENSITIVE
from timebank.people.tables import household as household_table
from timebank.people.tables import person
from timebank.values import Role

BORN = date(1953, 4, 12)
HEAD = NewMember(NewPerson("陈甲一", birth_on=BORN, phone="10000000117", language="zh"))
WIFE = NewMember(NewPerson("李乙二", birth_on=date(1955, 9, 30), relation="spouse"))
PAPER = FamilyPaper("dibao", date(2025, 1, 1), date(2025, 12, 31), 0, "DB-7", "示范区民政局")


@pytest.fixture
def family(session, town):
    make_preset(session, town)
    return NewFamily(
        building_id=town.building_ids[0], door="302", members=(HEAD, WIFE), consents=(REGISTER,)
    )


@pytest.fixture
def worker(session, town):
    return make.social_worker(session, town)


@pytest.fixture
def enrol(session, worker, now):
    def enrols(family, by=None):
        deed = Deed(session, by or worker, now, make.a_request_id())
        with session.begin_nested():
            return enrol_family(deed, family=family)

    return enrols


def test_everything_that_a_household_begins_with_is_written_at_once(
    session, town, enrol, family, now
):
    whole = replace(
        family,
        members=(replace(HEAD, wants_card=True, is_volunteer=True), WIFE),
        papers=(PAPER,),
        consents=(REGISTER, SENSITIVE),
        asks_for_pin=True,
    )
    enrolled = enrol(whole)
    home = household(session, town.community_id, enrolled.household_id)
    assert home.household_no == enrolled.household_no == "H-0001"
    assert [one.name for one in home.members] == ["陈甲一", "李乙二"]
    records = member_records(session, town.community_id, enrolled.person_ids)
    assert [records[one].relation for one in enrolled.person_ids] == ["head", "spouse"]
    (proof,) = proofs_of_household(session, town.community_id, enrolled.household_id)
    assert (proof.kind, proof.person_id) == ("dibao", enrolled.person_ids[0])
    assert volunteer_of(session, town.community_id, enrolled.person_ids[0]) is not None
    issue = waiting_card_issue_of(session, town.community_id, enrolled.person_ids[0], now=now)
    assert issue is not None and issue.id == enrolled.card_issue_ids[0]
    assert pin_wish_of(session, town.community_id, enrolled.household_id) is not None


def test_each_household_gets_the_next_number(session, town, enrol, family):
    make.make_household(session, town)
    assert enrol(family).household_no == "H-0002"


def test_consent_is_kept_with_its_version_for_each_person(session, town, enrol, family, now):
    enrolled = enrol(family)
    held = consents_of(session, town.community_id, enrolled.person_ids)
    assert {
        key: (one.version, one.since_at, one.said_by_person_id) for key, one in held.items()
    } == {
        (person_id, REGISTER): (1, now, enrolled.person_ids[0]) for person_id in enrolled.person_ids
    }


def test_a_consent_is_withdrawn_as_easily_as_it_was_given(
    session, town, enrol, family, worker, now
):
    wife_id = enrol(replace(family, consents=(REGISTER, SENSITIVE))).person_ids[1]
    deed = Deed(session, worker, now, make.a_request_id())
    withdraw_consent(deed, person_id=wife_id, kind=SENSITIVE)
    assert set(consents_of(session, town.community_id, [wife_id])) == {(wife_id, REGISTER)}


@pytest.mark.parametrize(
    ("change", "facts"),
    [
        ({"consents": ()}, {"field": "consents", "why": "consent"}),
        ({"papers": (PAPER,)}, {"field": "sensitive", "why": "consent"}),
        (
            {"members": (replace(HEAD, person=replace(HEAD.person, notes="腿脚不便")),)},
            {"field": "sensitive", "why": "consent"},
        ),
        ({"members": ()}, {"field": "members", "why": "count"}),
        ({"consents": ("register", "all")}, {"field": "consents", "why": "unknown"}),
        (
            {"members": (HEAD, replace(WIFE, person=replace(WIFE.person, relation="head")))},
            {"field": "relation", "why": "two_heads", "part": "people", "row": 1},
        ),
        (
            {"members": (HEAD, replace(WIFE, person=replace(WIFE.person, phone="no")))},
            {"field": "phone", "why": "digits", "part": "people", "row": 1},
        ),
        (
            {"papers": (PAPER, replace(PAPER, document_no="")), "consents": (REGISTER, SENSITIVE)},
            {"field": "document_no", "why": "needed", "part": "papers", "row": 1},
        ),
        (
            {"papers": (replace(PAPER, member=2),), "consents": (REGISTER, SENSITIVE)},
            {"field": "person_id", "why": "unknown", "part": "papers", "row": 0},
        ),
    ],
)
def test_a_fault_names_its_part_and_row(enrol, family, change, facts):
    with pytest.raises(BadInput) as refused:
        enrol(replace(family, **change))
    assert refused.value.facts == facts


def test_a_wrong_document_number_names_its_row(enrol, family):
    person = replace(WIFE.person, id_no="990106195509300013")
    with pytest.raises(BadIdNumber) as refused:
        enrol(replace(family, members=(HEAD, replace(WIFE, person=person))))
    assert refused.value.facts["row"] == 1


def test_somebody_who_may_be_known_is_asked_about_in_their_row(session, town, enrol, family):
    make.make_household(session, town, WIFE.person)
    with pytest.raises(DuplicateIdentity) as refused:
        enrol(family)
    assert refused.value.facts == {"why": "name_and_birth", "row": 1, "part": "people"}
    other = replace(WIFE, person=replace(WIFE.person, is_other_person=True))
    assert len(enrol(replace(family, members=(HEAD, other))).person_ids) == 2


def test_a_minor_volunteers_with_a_guardian_only(enrol, family, now):
    child = NewMember(NewPerson("陈丙三", birth_on=date(2012, 1, 1)), is_volunteer=True)
    minor = replace(family, members=(HEAD, child), consents=(REGISTER, SENSITIVE))
    with pytest.raises(MinorNoGuardian):
        enrol(minor)
    consent = replace(PAPER, kind="guardian_consent", member=1)
    assert enrol(replace(minor, papers=(consent,))).volunteer_nos == ("V-0001",)


def test_a_refusal_leaves_nothing_behind(fresh_database):
    from timebank.deeds.running import perform

    def prepare(session, now):
        town = make.make_town(session)
        return town, make.social_worker(session, town)

    town, worker = fresh_database.write(prepare)
    family = NewFamily(
        building_id=town.building_ids[0], door="302", members=(HEAD,),
        consents=(REGISTER, SENSITIVE), papers=(replace(PAPER, issuer=""),),
    )  # fmt: skip
    with pytest.raises(BadInput):
        perform(fresh_database, enrol_family, by=worker, request_id="one", family=family)
    with fresh_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(household_table)) == 0
        assert session.scalar(select(func.count()).where(person.c.name == "陈甲一")) == 0
    whole = replace(family, papers=())
    first = perform(fresh_database, enrol_family, by=worker, request_id="two", family=whole)
    again = perform(fresh_database, enrol_family, by=worker, request_id="two", family=whole)
    assert first == again
    with fresh_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(household_table)) == 1


def test_a_grid_worker_enrols_in_their_grid_and_a_keeper_nowhere(session, town, enrol, family):
    worker = make.staff(session, town, Role("grid_worker", town.grid_ids[0]))
    assert enrol(family, by=worker).household_no == "H-0001"
    outside = replace(family, building_id=town.building_ids[1], members=(WIFE,))
    with pytest.raises((NotAllowed, NotFound)):
        enrol(outside, by=worker)
    with pytest.raises(NotAllowed):
        enrol(outside, by=make.keeper(session, town))
