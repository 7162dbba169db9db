"""Entering sessions afterwards: shape, overlaps, family duty, many at once."""

from datetime import date, timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from tests.factories.hours import (
    at,
    enter,
    make_cast,
    make_neighbour,
    make_staff,
    make_volunteer,
    told,
)
from timebank.errors import BadInput, NotAllowed, NotFound
from timebank.hours.actions import NewRecord
from timebank.hours.queries import record, records_of_person
from timebank.hours.refusals import NotAVolunteer, NotVolunteerService, TimeOverlap
from timebank.hours.tables import service_record

TONIGHT = at("21:00")


@pytest.fixture
def cast(session):
    return make_cast(session)


def _told(cast, **changed):
    content = {
        "person_id": cast.volunteer.person_id,
        "service_id": cast.service_ids["company"],
        "started_at": at("09:00"),
        "ended_at": at("10:00"),
    }
    return NewRecord(**{**content, **changed})


def test_when_it_was_entered_and_when_it_happened_are_both_kept(session, cast):
    (record_id,) = enter(session, cast, told(cast), now=TONIGHT)
    kept = record(session, 1, record_id)
    assert (kept.started_at, kept.ended_at) == (at("09:00"), at("11:50"))
    assert kept.recorded_at == TONIGHT
    assert (kept.source, kept.state, kept.place) == ("entered", "entered", "2号楼")
    assert (kept.service_zh, kept.service_en) == ("陪伴", "Keeping company")


def test_a_session_belongs_to_the_grid_of_who_received_it(session, cast):
    (record_id,) = enter(session, cast, told(cast), now=TONIGHT)
    assert record(session, 1, record_id).grid_id == cast.town.grid_ids[1]
    (group,) = enter(session, cast, told(cast, "14:00", "15:00", in_group=True), now=TONIGHT)
    assert record(session, 1, group).grid_id == cast.town.grid_ids[0]


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        ("10:00", "10:00", "before_start"),
        ("10:00", "09:00", "before_start"),
        ("20:00", "21:01", "future"),
        ("07:00", "19:01", "too_long"),
    ],
)
def test_a_session_has_a_start_and_a_later_end_in_the_past(session, cast, start, end, why):
    with pytest.raises(BadInput) as refused:
        enter(session, cast, told(cast, start, end), now=TONIGHT)
    assert refused.value.facts == {"field": "ended_at", "why": why}


def test_two_sessions_of_one_batch_do_not_overlap(session, cast):
    with pytest.raises(TimeOverlap):
        enter(session, cast, told(cast), told(cast, "11:00", "12:00"), now=TONIGHT)
    assert records_of_person(session, 1, cast.volunteer.person_id) == []


def test_two_people_may_serve_at_the_same_time(session, cast):
    other = make_volunteer(session, cast.town)
    enter(
        session, cast, told(cast), told(cast, person_id=other.person_id),
        now=TONIGHT, by=cast.organiser,
    )  # fmt: skip


def test_sessions_may_follow_each_other_without_a_pause(session, cast):
    enter(session, cast, told(cast, "09:00", "10:00"), now=TONIGHT)
    enter(session, cast, told(cast, "10:00", "11:00"), now=TONIGHT)


def test_help_for_oneself_is_no_volunteer_service(session, cast):
    with pytest.raises(NotVolunteerService):
        enter(session, cast, _told(cast, recipient_person_id=cast.volunteer.person_id), now=TONIGHT)


def test_nor_is_help_for_ones_own_household(session, cast):
    own = cast.volunteer.household_id
    with pytest.raises(NotVolunteerService):
        enter(session, cast, _told(cast, recipient_household_id=own), now=TONIGHT)


def test_a_session_has_one_recipient(session, cast):
    both = _told(
        cast,
        recipient_person_id=cast.recipient.person_id,
        recipient_household_id=cast.recipient.household_id,
    )
    with pytest.raises(BadInput):
        enter(session, cast, both, now=TONIGHT)


@pytest.mark.parametrize(
    ("unknown", "kind"),
    [
        ({"service_id": 5}, "service"),
        ({"recipient_person_id": 5}, "person"),
        ({"recipient_household_id": 5}, "household"),
        ({"place_id": 5}, "place"),
    ],
)
def test_what_is_named_is_known_in_this_community(session, cast, unknown, kind):
    with pytest.raises(NotFound) as refused:
        enter(session, cast, _told(cast, **unknown), now=TONIGHT)
    assert refused.value.facts["kind"] == kind


def test_only_the_registered_serve(session, cast):
    with pytest.raises(NotAVolunteer):
        enter(
            session, cast, told(cast, person_id=cast.recipient.person_id),
            now=TONIGHT, by=cast.recipient,
        )  # fmt: skip


def test_nobody_enters_hours_for_another_neighbour(session, cast):
    with pytest.raises(NotAllowed):
        enter(session, cast, told(cast), now=TONIGHT, by=make_neighbour(session, cast.town))


def test_a_grid_worker_enters_hours_of_people_in_their_grid(session, cast):
    first, second = (
        make_staff(session, cast.town, "grid_worker", grid_id) for grid_id in cast.town.grid_ids
    )
    for worker in (first, second):  # Each reaches only one of the two.
        with pytest.raises(NotFound):
            enter(session, cast, told(cast), now=TONIGHT, by=worker)
    here = told(cast, recipient_person_id=make_neighbour(session, cast.town).person_id)
    enter(session, cast, here, now=TONIGHT, by=first)
    with pytest.raises(NotFound):
        enter(session, cast, here, now=TONIGHT, by=second)


def test_a_batch_is_neither_empty_nor_endless(session, cast):
    for count in (0, 1001):
        with pytest.raises(BadInput):
            enter(session, cast, *[told(cast)] * count, now=TONIGHT)


def _row(cast, **changed):
    row = {
        "community_id": 1, "id": 1, "person_id": cast.volunteer.person_id,
        "service_id": cast.service_ids["company"], "state": "entered", "source": "entered",
        "started_at": at("09:00"), "started_on": date(2025, 6, 10), "ended_at": at("10:00"),
        "real_minutes": 60, "place": "", "recorded_at": TONIGHT, "recorded_by": "test",
    }  # fmt: skip
    return {**row, **changed}


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "paid"},
        {"source": "guess"},
        {"state": "open"},
        {"ended_at": None, "real_minutes": None},
        {"ended_at": at("08:59")},
        {"real_minutes": -1},
        {"real_minutes": 721},
        {"state": "credited"},
        {"state": "confirmed"},
        {"state": "confirmed", "credited_minutes": 60, "over_cap_minutes": 0, "pool_minutes": 0},
        {"state": "confirmed", "credited_minutes": 0, "over_cap_minutes": 90, "pool_minutes": 0},
        {"credited_minutes": 60, "over_cap_minutes": 0, "pool_minutes": 0},
        {"state": "refused"},
        {"reason": "no state for it"},
        {"person_id": 99},
    ],
)
def test_the_database_itself_refuses_a_record_that_cannot_be(session, cast, wrong):
    session.execute(insert(service_record), [_row(cast, id=2)])
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(insert(service_record), [_row(cast, **wrong)])


def test_the_database_itself_keeps_one_open_shift_a_person(session, cast):
    running = {"state": "open", "ended_at": None, "real_minutes": None}
    session.execute(insert(service_record), [_row(cast, id=2, **running)])
    later = at("12:00") + timedelta(hours=1)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(insert(service_record), [_row(cast, **running, started_at=later)])
