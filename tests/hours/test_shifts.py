"""Check-in and check-out at the kiosk or by phone, and a forgotten check-out."""

from datetime import timedelta

import pytest

from tests.factories import make_by
from tests.factories.hours import (
    JUNE_10,
    at,
    confirm_both,
    enter,
    make_cast,
    make_neighbour,
    make_staff,
    told,
)
from tests.factories.looks import forgotten_shifts
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.deeds.refusals import SamePerson
from timebank.errors import BadInput, NotAllowed, WrongState
from timebank.hours import actions
from timebank.hours.queries import open_shift, open_shifts, record, records_of_person
from timebank.hours.refusals import (
    AlreadyCheckedIn,
    NotAVolunteer,
    NotCheckedIn,
    NotVolunteerService,
    SelfConfirm,
    TimeOverlap,
)

TONIGHT = at("21:00")
TOMORROW = JUNE_10 + timedelta(days=1)


@pytest.fixture
def cast(session):
    return make_cast(session)


def _in(session, cast, now, *, by=None, person_id=None, **content):
    return actions.check_in(
        Deed(session, by or cast.volunteer, now, a_request_id()),
        person_id=person_id or cast.volunteer.person_id,
        service_id=cast.service_ids["company"],
        **content,
    )


def _out(session, cast, now, *, by=None, **content):
    return actions.check_out(
        Deed(session, by or cast.volunteer, now, a_request_id()),
        person_id=cast.volunteer.person_id,
        **content,
    )


def _propose(session, by, record_id, ended_at, note="忘记签退"):
    return actions.propose_end(
        Deed(session, by, at("09:00", TOMORROW), a_request_id()),
        record_id=record_id,
        ended_at=ended_at,
        note=note,
    )


def _accept(session, by, record_id):
    return actions.accept_end(
        Deed(session, by, at("10:00", TOMORROW), a_request_id()), record_id=record_id
    )


def test_a_shift_from_check_in_to_check_out_waits_for_confirmation(session, cast):
    started = _in(session, cast, at("09:00"), recipient_person_id=cast.recipient.person_id)
    ended = _out(session, cast, at("11:50"))
    assert (ended.record_id, ended.real_minutes, ended.state) == (
        started.record_id, 170, "entered",
    )  # fmt: skip
    done = confirm_both(session, cast, ended.record_id, now=TONIGHT)
    assert done.credited[0].credited_minutes == 150


def test_the_kiosk_shows_the_shift_that_is_running(session, cast):
    _in(session, cast, at("09:00"), place="图书室")
    running = open_shift(session, 1, cast.volunteer.person_id)
    assert (running.service_zh, running.started_at, running.place) == (
        "陪伴", at("09:00"), "图书室",
    )  # fmt: skip
    _out(session, cast, at("10:00"))
    assert open_shift(session, 1, cast.volunteer.person_id) is None


def test_a_kiosk_is_told_of_everybody_who_is_in_a_shift(session, cast, neighbour_id):
    started = _in(session, cast, at("09:00"))
    running = open_shifts(session, 1)
    assert {person: shift.record_id for person, shift in running.items()} == {
        cast.volunteer.person_id: started.record_id
    }
    assert open_shifts(session, neighbour_id) == {}


def test_a_kiosk_tells_when_the_card_was_read_though_it_was_off_line(session, cast):
    kiosk = make_by(channel="kiosk")
    _in(session, cast, TONIGHT, by=kiosk, at=at("09:00"))
    ended = _out(session, cast, TONIGHT, by=kiosk, at=at("10:05"))
    kept = record(session, 1, ended.record_id)
    assert (kept.started_at, kept.real_minutes, kept.source) == (at("09:00"), 65, "kiosk")
    assert kept.recorded_at == TONIGHT


def test_a_phone_is_another_source(session, cast):
    started = _in(session, cast, at("09:00"))
    assert record(session, 1, started.record_id).source == "phone"


def test_a_second_start_within_two_minutes_is_the_first(session, cast):
    first = _in(session, cast, at("09:00"))
    second = _in(session, cast, at("09:02"))
    assert second.again
    assert (second.record_id, second.started_at) == (first.record_id, first.started_at)
    assert len(records_of_person(session, 1, cast.volunteer.person_id)) == 1


def test_a_later_start_is_told_since_when_the_shift_runs(session, cast):
    _in(session, cast, at("09:00"))
    with pytest.raises(AlreadyCheckedIn) as refused:
        _in(session, cast, at("09:03"))
    assert refused.value.facts["since_at"] == at("09:00").isoformat()


def test_a_second_check_out_within_two_minutes_is_the_first(session, cast):
    _in(session, cast, at("09:00"))
    first = _out(session, cast, at("10:00"))
    second = _out(session, cast, at("10:01"))
    assert second.again
    assert (second.record_id, second.ended_at) == (first.record_id, first.ended_at)


def test_without_a_check_in_there_is_no_check_out(session, cast):
    with pytest.raises(NotCheckedIn):
        _out(session, cast, at("10:00"))
    _in(session, cast, at("09:00"))
    _out(session, cast, at("10:00"))
    with pytest.raises(NotCheckedIn):
        _out(session, cast, at("10:30"))


def test_a_shift_does_not_end_before_it_starts(session, cast):
    _in(session, cast, at("09:00"))
    with pytest.raises(BadInput):
        _out(session, cast, TONIGHT, at=at("08:00"))


def test_what_has_not_happened_yet_is_not_taken_in(session, cast):
    with pytest.raises(BadInput):
        _in(session, cast, at("09:00"), at=at("09:06"))
    _in(session, cast, at("09:00"), at=at("09:04"))


def test_a_shift_does_not_start_within_a_session_on_record(session, cast):
    enter(session, cast, told(cast, "09:00", "11:00"), now=TONIGHT)
    with pytest.raises(TimeOverlap):
        _in(session, cast, TONIGHT, at=at("10:00"))
    _in(session, cast, TONIGHT, at=at("11:00"))


def test_a_shift_does_not_run_over_a_session_on_record(session, cast):
    enter(session, cast, told(cast, "10:00", "11:00"), now=TONIGHT)
    _in(session, cast, TONIGHT, at=at("09:00"))
    with pytest.raises(TimeOverlap):
        _out(session, cast, TONIGHT, at=at("10:30"))
    _out(session, cast, TONIGHT, at=at("10:00"))


def test_a_session_is_not_entered_into_a_shift_that_runs(session, cast):
    _in(session, cast, at("09:00"))
    with pytest.raises(TimeOverlap):
        enter(session, cast, told(cast, "09:30", "10:00"), now=at("10:00"))


def test_family_duty_is_refused_at_the_start(session, cast):
    with pytest.raises(NotVolunteerService):
        _in(session, cast, at("09:00"), recipient_household_id=cast.volunteer.household_id)


def test_only_the_registered_check_in(session, cast):
    with pytest.raises(NotAVolunteer):
        _in(session, cast, at("09:00"), by=cast.recipient, person_id=cast.recipient.person_id)


def test_a_card_at_the_kiosk_clocks_its_own_holder_only(session, cast):
    other = make_neighbour(session, cast.town)
    at_kiosk = make_by(person_id=other.person_id, channel="kiosk")
    with pytest.raises(NotAllowed):
        _in(session, cast, at("09:00"), by=at_kiosk)


def test_next_morning_does_not_end_yesterdays_shift(session, cast):
    yesterday = _in(session, cast, at("18:00"))
    late = _out(session, cast, at("08:00", TOMORROW))
    assert (late.record_id, late.state, late.ended_at) == (yesterday.record_id, "unended", None)
    assert open_shift(session, 1, cast.volunteer.person_id) is None


def test_next_mornings_check_in_starts_a_new_shift(session, cast):
    yesterday = _in(session, cast, at("18:00"))
    today = _in(session, cast, at("08:00", TOMORROW))
    assert not today.again
    assert record(session, 1, yesterday.record_id).state == "unended"
    assert open_shift(session, 1, cast.volunteer.person_id).record_id == today.record_id


def test_forgotten_shifts_are_on_the_organisers_list(session, cast):
    shift = _in(session, cast, at("18:00"))
    assert forgotten_shifts(session, cast.organiser, at("20:00")) == []
    next_morning = at("08:00", TOMORROW)
    assert forgotten_shifts(session, cast.organiser, next_morning) == [shift.record_id]
    assert forgotten_shifts(session, cast.recipient, next_morning) == []


def test_a_proposed_end_counts_once_the_volunteer_agrees(session, cast):
    started = _in(session, cast, at("18:00"), recipient_person_id=cast.recipient.person_id)
    _propose(session, cast.organiser, started.record_id, at("19:30"))
    proposed = record(session, 1, started.record_id)
    assert (proposed.state, proposed.real_minutes, proposed.note) == ("proposed", 90, "忘记签退")
    with pytest.raises(WrongState):
        confirm_both(session, cast, started.record_id, now=at("09:30", TOMORROW))
    _accept(session, cast.volunteer, started.record_id)
    done = confirm_both(session, cast, started.record_id, now=at("11:00", TOMORROW))
    assert done.credited[0].credited_minutes == 90


def test_another_member_of_staff_passes_on_that_the_volunteer_agrees(session, cast):
    started = _in(session, cast, at("18:00"))
    _propose(session, cast.organiser, started.record_id, at("19:30"))
    with pytest.raises(SamePerson):
        _accept(session, cast.organiser, started.record_id)
    _accept(session, make_staff(session, cast.town, "hotline"), started.record_id)
    assert record(session, 1, started.record_id).state == "entered"


def test_nobody_proposes_the_end_of_his_own_shift(session, cast):
    started = _in(session, cast, at("18:00"))
    me_as_staff = make_by("coordinator", person_id=cast.volunteer.person_id)
    with pytest.raises(SelfConfirm):
        _propose(session, me_as_staff, started.record_id, at("19:30"))


@pytest.mark.parametrize(
    ("ended_at", "note"),
    [
        (at("17:59"), "忘记签退"),
        (at("06:01", TOMORROW), "忘记签退"),
        (at("19:30"), "  "),
    ],
)
def test_a_proposed_end_is_possible_and_has_a_note(session, cast, ended_at, note):
    started = _in(session, cast, at("18:00"))
    with pytest.raises(BadInput):
        _propose(session, cast.organiser, started.record_id, ended_at, note)


def test_a_shift_that_has_ended_needs_no_proposal(session, cast):
    started = _in(session, cast, at("18:00"))
    _out(session, cast, at("19:00"))
    with pytest.raises(WrongState):
        _propose(session, cast.organiser, started.record_id, at("19:30"))
    with pytest.raises(WrongState):
        _accept(session, cast.volunteer, started.record_id)
