"""S1 and S2 of the community's worked scenarios, as they are written."""

from datetime import date

import pytest

from tests.factories.hours import (
    at,
    confirm,
    confirm_both,
    enter,
    make_cast,
    open_hours,
    register,
    told,
)
from tests.factories.people import make_household, new_person
from timebank.hours.queries import passbook, record, records_of_person
from timebank.hours.refusals import LateRecord, NotVolunteerService, SelfConfirm, TimeOverlap
from timebank.ledger.queries import sums_by_commodity

HOUR = 60
TONIGHT = at("21:00")


@pytest.fixture
def cast(session):
    made = make_cast(session)
    open_hours(session, made, minutes=12 * HOUR, served_minutes=36 * HOUR, now=at("08:00"))
    return made


def _three_sessions(session, cast):
    return enter(
        session,
        cast,
        told(cast, "09:00", "11:50"),
        told(cast, "14:00", "16:20"),
        told(cast, "20:00", "20:20"),
        now=TONIGHT,
    )


def _book(session, cast):
    return passbook(session, 1, cast.volunteer.person_id, year=2025)


def test_s1_steps_the_daily_cap_and_the_shortest_session(session, cast):
    entered = _three_sessions(session, cast)
    done = confirm_both(session, cast, *entered, now=TONIGHT)
    assert [one.credited_minutes for one in done.credited] == [150, 90, 0]
    assert [one.over_cap_minutes for one in done.credited] == [0, 30, 0]
    book = _book(session, cast)
    assert book.posted_minutes == book.available_minutes == 16 * HOUR
    assert book.cumulative_minutes == 40 * HOUR
    assert book.real_minutes == 330
    assert set(sums_by_commodity(session, 1).values()) == {(0, 0)}


def test_s1_comes_out_the_same_when_each_session_is_confirmed_by_itself(session, cast):
    credited = [
        confirm_both(session, cast, record_id, now=TONIGHT).credited[0].credited_minutes
        for record_id in _three_sessions(session, cast)
    ]
    assert credited == [150, 90, 0]
    assert _book(session, cast).posted_minutes == 16 * HOUR


def test_s1_keeps_the_real_minutes_on_each_record(session, cast):
    entered = _three_sessions(session, cast)
    confirm_both(session, cast, *entered, now=TONIGHT)
    kept = [record(session, 1, record_id) for record_id in entered]
    assert [one.real_minutes for one in kept] == [170, 140, 20]
    assert [one.state for one in kept] == ["credited", "credited", "confirmed"]


def test_s2a_a_session_inside_another_is_refused(session, cast):
    _three_sessions(session, cast)
    with pytest.raises(TimeOverlap) as refused:
        enter(session, cast, told(cast, "10:00", "12:00"), now=TONIGHT)
    assert refused.value.facts["other_started_at"] == at("09:00").isoformat()
    assert len(records_of_person(session, 1, cast.volunteer.person_id)) == 3


def test_s2b_nobody_confirms_his_own_session(session, cast):
    (record_id,) = enter(session, cast, told(cast), now=TONIGHT)
    for side in ("recipient", "organiser"):
        with pytest.raises(SelfConfirm):
            confirm(session, cast.volunteer, record_id, as_=side, now=TONIGHT)
    assert _book(session, cast).posted_minutes == 12 * HOUR


def test_s2c_cooking_for_ones_own_mother_is_no_volunteer_service(session, cast):
    family = make_household(session, cast.town, new_person(born=1990), new_person(born=1960))
    daughter, mother = family.person_ids
    register(session, cast.town, daughter)
    with pytest.raises(NotVolunteerService):
        enter(
            session,
            cast,
            told(cast, person_id=daughter, recipient_person_id=mother),
            now=TONIGHT,
            by=cast.organiser,
        )
    assert records_of_person(session, 1, daughter) == []


def test_s2d_a_session_is_recorded_within_ten_working_days(session, cast):
    late = told(cast, on=date(2025, 6, 3))
    last_day = at("20:00", date(2025, 6, 17))
    enter(session, cast, told(cast, "14:00", "15:00", on=date(2025, 6, 3)), now=last_day)
    with pytest.raises(LateRecord) as refused:
        enter(session, cast, late, now=at("08:00", date(2025, 6, 18)))
    assert refused.value.facts == {"last_on": "2025-06-17"}


def test_s2d_a_supervisor_enters_it_late_with_a_reason(session, cast):
    too_late = at("08:00", date(2025, 6, 18))
    without = told(cast, on=date(2025, 6, 3))
    reasoned = told(cast, on=date(2025, 6, 3), late_reason="纸质记录补交")
    with pytest.raises(LateRecord):
        enter(session, cast, without, now=too_late, by=cast.coordinator)
    with pytest.raises(LateRecord):
        enter(session, cast, reasoned, now=too_late, by=cast.organiser)
    (record_id,) = enter(session, cast, reasoned, now=too_late, by=cast.coordinator)
    assert record(session, 1, record_id).note == "纸质记录补交"
