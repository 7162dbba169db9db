"""Somebody who is enrolled a second time without an id number is found by name and birth date."""

from dataclasses import replace
from datetime import date

import pytest

from tests.factories import people as make
from timebank.deeds.deed import Deed
from timebank.people.actions import NewPerson, enrol_people
from timebank.people.refusals import DuplicateIdentity
from timebank.vault.cipher import Vault

BORN = date(1950, 1, 1)
ONE = NewPerson("陈甲一", birth_on=BORN)
WITH_NUMBER = NewPerson("陈甲一", id_no=make.id_number(BORN))


@pytest.fixture
def enrol(session, town, now):
    def enrols(*people):
        enrol_people(Deed(session, town.by, now, make.a_request_id()), people=people)

    return enrols


@pytest.mark.parametrize("second", [ONE, WITH_NUMBER, replace(ONE, name=" 陈甲一 ")])
def test_the_same_name_and_birth_date_are_refused_once_more(enrol, second):
    enrol(ONE)
    with pytest.raises(DuplicateIdentity) as refused:
        enrol(second)
    assert refused.value.facts == {"why": "name_and_birth", "row": 0}


def test_who_has_a_number_is_found_by_whom_has_none(enrol):
    enrol(WITH_NUMBER)
    with pytest.raises(DuplicateIdentity):
        enrol(ONE)


def test_two_of_one_list_are_found_too(enrol):
    with pytest.raises(DuplicateIdentity):
        enrol(ONE, ONE)


@pytest.mark.parametrize(
    "other",
    [
        replace(ONE, name="陈甲二"), replace(ONE, birth_on=date(1950, 1, 2)),
        replace(ONE, birth_on=None), replace(ONE, is_other_person=True),
    ],
)  # fmt: skip
def test_another_person_is_enrolled(enrol, other):
    enrol(ONE)
    enrol(other)


def test_two_different_numbers_are_two_people(enrol):
    enrol(WITH_NUMBER)
    enrol(replace(WITH_NUMBER, id_no=make.id_number(BORN)))


def test_another_community_is_not_asked(session, enrol, now):
    enrol(ONE)
    there = make.neighbour(session)
    enrol_people(Deed(session, there, now, make.a_request_id()), people=(ONE,))


def test_while_the_key_is_replaced_both_digests_are_compared(session, town, now, vault):
    old, new = Vault(bytes(range(32))), bytes(range(1, 33))
    deed = Deed(session, town.by, now, make.a_request_id())
    enrol_people(deed, people=(ONE,))
    session.info["vault"] = Vault(new, bytes(range(32)))
    session.info.pop("vault_in_force", None)
    with pytest.raises(DuplicateIdentity):
        enrol_people(deed.under("second"), people=(ONE,))
    session.info["vault"] = old


def test_the_row_of_a_known_number_is_named_and_nobody_else(enrol):
    enrol(WITH_NUMBER)
    with pytest.raises(DuplicateIdentity) as refused:
        enrol(NewPerson("林乙二"), replace(WITH_NUMBER, name="林丙三"))
    assert refused.value.facts == {"row": 1}


PHONE = NewPerson("林乙二", birth_on=BORN, phone="100 1234 5678")


@pytest.mark.parametrize("typed", ["10012345678", "100-1234-5678"])
def test_the_phone_of_another_household_is_asked_about(session, town, enrol, typed):
    enrol(PHONE)
    second = NewPerson("黄丙三", phone=typed)
    with pytest.raises(DuplicateIdentity) as refused:
        make.make_household(session, town, NewPerson("黄丁四"), second)
    assert refused.value.facts == {"why": "phone", "row": 1}


def test_whoever_is_another_person_is_enrolled_with_the_same_phone(session, town, enrol):
    enrol(PHONE)
    second = NewPerson("黄丙三", phone=PHONE.phone, is_other_person=True)
    assert make.make_household(session, town, second).person_ids


def test_a_helper_from_elsewhere_is_not_asked_about_a_phone(session, town, enrol):
    make.make_household(session, town, PHONE)
    enrol(NewPerson("黄丙三", phone=PHONE.phone))


def test_a_family_shares_one_phone(session, town, now):
    family = make.make_household(session, town, PHONE, NewPerson("林丙三", phone=PHONE.phone))
    deed = Deed(session, town.by, now, make.a_request_id())
    child = NewPerson("林丁四", phone=PHONE.phone)
    enrol_people(deed, people=(child,), household_id=family.household_id)
    with pytest.raises(DuplicateIdentity):
        make.make_household(session, town, replace(child, name="林戊五"), child)


def test_two_documents_with_one_phone_are_two_people(session, town, enrol):
    enrol(replace(WITH_NUMBER, phone=PHONE.phone))
    other = NewPerson("黄丙三", id_no=make.id_number(BORN), phone=PHONE.phone)
    make.make_household(session, town, other)
    with pytest.raises(DuplicateIdentity):
        make.make_household(session, town, NewPerson("黄丁四", phone=PHONE.phone))


def test_twins_of_similar_names_are_two_people(enrol):
    enrol(NewPerson("黄戊五", birth_on=BORN), NewPerson("黄戊六", birth_on=BORN))
