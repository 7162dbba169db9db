"""Joining: what is kept of whoever registers, who completes it, and how often one may send."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from tests.factories import make_by
from tests.factories import people as make
from tests.factories.people import a_request_id
from tests.factories.policy import make_preset
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.households.actions import NewFamily, NewMember
from timebank.joining import actions
from timebank.joining.known import why_known
from timebank.joining.queries import registration_reached, waiting_list
from timebank.joining.refusals import TooManyRegistrations
from timebank.joining.rules import (
    ADDRESS_MAX,
    BROWSER_MAX,
    TIMES,
    NewRegistration,
    Sender,
    read_birthday,
    read_registration_no,
    times_no,
    times_of,
)
from timebank.joining.tables import registration
from timebank.people.actions import NewPerson
from timebank.people.rules.names import mask_name
from timebank.values import By

NEW = NewRegistration(name="覃小满", birth_on=date(1958, 5, 21), phone="10099990201", agrees=True)
HOME = Sender("192.0.2.9")
MINOR = replace(NEW, birth_on=date(2012, 9, 1))


@pytest.fixture
def town(session):
    return make.make_town(session)


@pytest.fixture
def send(session, town, now):
    """Register somebody of the first building; returns what waits with the number."""
    nobody = By(community_id=town.community_id, client="nobody")

    def register(new=NEW, *, sender=HOME, at=now, **changed):
        new = replace(new, **{"building_id": town.building_ids[0], **changed})
        deed = Deed(session, nobody, at, a_request_id())
        number = actions.register(deed, new=new, sender=sender).registration_no
        waiting = waiting_list(session, town.by, now=at)
        return next(one for one in waiting if one.registration_no == number)

    return register


def family_of(town, *people):
    members = tuple(NewMember(person) for person in people)
    return NewFamily(
        building_id=town.building_ids[0], door="101", members=members, consents=("register",)
    )


def row_of(session, registration_id):
    return session.execute(select(registration).where(registration.c.id == registration_id)).one()


def test_nothing_in_clear_says_who_has_registered(session, send):
    waiting = send(is_volunteer=True)
    row = row_of(session, waiting.id)
    told = " ".join(str(value) for value in row)
    for secret in ("覃小满", "1958-05-21", "10099990201"):
        assert secret not in told and secret not in repr(waiting) and secret not in repr(NEW)


def test_the_counter_completes_it_once_and_name_and_phone_go(session, town, send, now):
    waiting, deed = send(), Deed(session, town.by, now, a_request_id())
    family = family_of(town, NewPerson("覃小满", birth_on=NEW.birth_on))
    done = actions.complete_registration(deed, registration_id=waiting.id, family=family)
    row = row_of(session, waiting.id)
    assert (row.state, row.person_id) == ("completed", done.person_ids[0])
    assert row.name_sealed is None and row.phone_sealed is None
    with pytest.raises(WrongState):
        actions.complete_registration(deed, registration_id=waiting.id, family=family)


def test_a_grid_worker_sees_the_buildings_of_their_grid_only(session, town, send, now):
    here, elsewhere = send(), send(building_id=town.building_ids[1])
    away = send(building_id=None, is_volunteer=True)
    worker = make.grid_worker(session, town)
    assert [one.id for one in waiting_list(session, worker, now=now)] == [here.id]
    for other in (elsewhere, away):
        with pytest.raises(NotFound):
            registration_reached(session, worker, other.id, now=now)
        with pytest.raises(NotFound):
            deed = Deed(session, worker, now, a_request_id())
            actions.end_registration(deed, registration_id=other.id, why="known")


@pytest.mark.parametrize("role", ["keeper", "auditor", "approver", None])
def test_others_complete_nothing(session, town, send, now, role):
    by = make_by(*([role] if role else []), community_id=town.community_id)
    waiting, deed = send(), Deed(session, by, now, a_request_id())
    family = family_of(town, NewPerson("覃小满"))
    assert waiting_list(session, by, now=now) == []
    for deed_of in (
        lambda: actions.complete_registration(deed, registration_id=waiting.id, family=family),
        lambda: actions.end_registration(deed, registration_id=waiting.id, why="known"),
        lambda: actions.complete_helper(deed, registration_id=waiting.id),
    ):
        with pytest.raises(NotAllowed):
            deed_of()


def test_the_neighbour_community_reaches_nothing(session, send, now, by_neighbour):
    waiting = send()
    assert waiting_list(session, by_neighbour, now=now) == []
    with pytest.raises(NotFound):
        deed = Deed(session, by_neighbour, now, a_request_id())
        actions.end_registration(deed, registration_id=waiting.id, why="known")


def test_a_known_person_gets_the_same_answer_and_only_the_counter_sees_it(session, town, send):
    known = NewPerson("覃小满", birth_on=NEW.birth_on, phone="10099990299")
    make.make_household(session, town, known)
    assert why_known(session, town.community_id, send()) == "name_and_birth"
    other = send(name="骆春生", phone="10099990299")
    assert why_known(session, town.community_id, other) == "phone"
    assert why_known(session, town.community_id, send(name="骆春生")) is None


def test_one_browser_and_one_address_register_so_many_a_day(session, send, now):
    browser = Sender("192.0.2.9", "this-browser")
    for _ in range(BROWSER_MAX):
        send(sender=browser)
    with pytest.raises(TooManyRegistrations):
        send(sender=replace(browser, source="192.0.2.10"))
    for _ in range(ADDRESS_MAX - BROWSER_MAX):
        send()
    with pytest.raises(TooManyRegistrations):
        send()
    send(sender=Sender("192.0.2.11"))
    send(at=now + timedelta(hours=24))


def test_what_is_settled_still_counts_for_the_sender(session, town, send, now):
    browser = Sender("192.0.2.9", "this-browser")
    for _ in range(BROWSER_MAX):
        deed = Deed(session, town.by, now, a_request_id())
        waiting = send(sender=browser)
        actions.end_registration(deed, registration_id=waiting.id, why="not_coming")
    with pytest.raises(TooManyRegistrations):
        send(sender=browser)


@pytest.mark.parametrize(
    ("changed", "field", "why"),
    [
        ({"name": " "}, "name", "missing"),
        ({"name": "字" * 41}, "name", "length"),
        ({"name": "a\u202eb"}, "name", "characters"),
        ({"birth_on": None}, "birth_on", "missing"),
        ({"birth_on": date(2199, 1, 1)}, "birth_on", "range"),
        ({"phone": ""}, "phone", "missing"),
        ({"phone": "12"}, "phone", "digits"),
        ({"phone": "12x4567"}, "phone", "digits"),
        ({"building_id": 1}, "building_id", "unknown"),
        ({"building_id": None}, "building_id", "lives_where"),
        ({"agrees": False}, "agrees", "agree_first"),
        ({"language": "fr"}, "language", "unknown"),
        ({"is_volunteer": True, "service_ids": (1,)}, "service_ids", "unknown"),
        ({"is_volunteer": True, "times": ("always",)}, "times", "unknown"),
    ],
)
def test_what_cannot_be_is_refused(send, changed, field, why):
    with pytest.raises(BadInput) as refused:
        send(**changed)
    assert refused.value.facts["field"] == field and refused.value.facts["why"] == why


def test_a_minor_registers_with_the_guardian_beside_them(send):
    guardian = {"guardian_name": "覃大满", "guardian_phone": "10099990301", "guardian_agrees": True}
    for name, empty in (("guardian_name", ""), ("guardian_phone", ""), ("guardian_agrees", False)):
        with pytest.raises(BadInput) as refused:
            send(MINOR, **{**guardian, name: empty})
        assert refused.value.facts["field"] == name
    assert send(MINOR, **guardian).guardian_name == "覃大满"
    assert send(**guardian).guardian_name == ""  # Of an adult no guardian is kept.


def test_a_helper_from_elsewhere_becomes_a_volunteer_without_a_household(session, town, send, now):
    make_preset(session, now=now, by=town.by)
    deed = Deed(session, town.by, now, a_request_id())
    waiting = send(building_id=None, is_volunteer=True, times=TIMES)
    assert waiting.times == TIMES
    done = actions.complete_helper(deed, registration_id=waiting.id)
    assert done.volunteer_no.startswith("V-")
    with pytest.raises(BadInput):
        actions.complete_helper(deed, registration_id=send().id)


def test_the_database_keeps_no_phone_of_somebody_who_is_enrolled(session, send):
    waiting = send()
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(
            text("UPDATE registration SET state = 'ended', end_why = 'known', settled_at = 1")
        )
    assert waiting.registration_no


def test_numbers_and_birthdays_are_read_as_people_write_them():
    assert read_registration_no("４８２１ 0937") == "48210937"
    assert [read_registration_no(typed) for typed in ("", "0821 0937", "4821093", "x")] == [
        None
    ] * 4
    written = ("1953-4-12", "1953年4月12日", "19530412", "1953/04/12", "１９５３．４．１２")
    assert {read_birthday(typed) for typed in written} == {date(1953, 4, 12)}
    assert [read_birthday(typed) for typed in ("195341", "1953-13-1", "", "x")] == [None] * 4
    assert times_of(times_no(TIMES[1:3])) == TIMES[1:3]
    assert mask_name("覃小满") == "覃**"
