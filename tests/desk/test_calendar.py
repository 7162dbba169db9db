"""The calendar of a community: its end, a new year, and deadlines that move with it."""

from datetime import date, timedelta

import pytest

from tests.factories import make_by
from tests.factories.hours import enter, make_cast, told
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.deeds.queries import working_days
from timebank.deeds.working_days import CalendarYear
from timebank.desk.calendar import deadline_changes, keep_calendar, take_calendar
from timebank.desk.queries import Key, worklist
from timebank.errors import BadInput, NotAllowed
from timebank.hours.actions import NewRecord, enter_records
from timebank.hours.refusals import LateRecord
from timebank.subjects import work_kinds
from timebank.values import local_instant

# An invented notice: a festival from 5 to 11 January 2027, and the Saturday worked for it.
REST = (date(2027, 1, 1), *(date(2027, 1, 5) + timedelta(days=n) for n in range(7)))
NOTICE = CalendarYear(2027, "放假通知", REST, (date(2027, 1, 16),))
DEC_28 = local_instant(date(2026, 12, 28), 10)


@pytest.fixture
def cast(session):
    return make_cast(session)


def take(session, now, new=NOTICE):
    deed = Deed(session, make_by("coordinator"), now, a_request_id())
    return take_calendar(deed, new=new, kinds=work_kinds())


def shown(session, cast, now):
    (one,) = worklist(session, cast.organiser, work_kinds(), now=now).rows
    return one.until_on, one.is_provisional


def test_a_deadline_beyond_the_table_is_provisional_until_the_year_is_known(session, cast):
    (record_id,) = enter(session, cast, told(cast, on=date(2026, 12, 25)), now=DEC_28)
    # 29, 30 and 31 December, then from 1 January on Monday to Friday: a guess.
    guess, real = (date(2027, 1, 11), True), (date(2027, 1, 18), False)
    assert shown(session, cast, DEC_28) == guess
    taken = take(session, DEC_28)
    assert shown(session, cast, DEC_28) == real
    assert taken.changed == 1
    (change,) = deadline_changes(session, 1, Key("record", record_id))
    assert (change.old_on, change.was_provisional) == guess
    assert (change.new_on, change.is_provisional) == real
    assert (change.source, change.changed_at) == ("放假通知", DEC_28)


def test_a_second_edition_of_a_year_replaces_the_first_and_both_moves_are_kept(session, cast):
    (record_id,) = enter(session, cast, told(cast, on=date(2026, 12, 25)), now=DEC_28)
    take(session, DEC_28)
    take(session, DEC_28, CalendarYear(2027, "更正", (date(2027, 1, 1),), ()))
    moves = deadline_changes(session, 1, Key("record", record_id))
    assert [one.new_on for one in moves] == [date(2027, 1, 18), date(2027, 1, 12)]
    assert [one.source for one in moves] == ["放假通知", "更正"]


def test_a_deadline_that_stays_leaves_no_record(session, cast, now):
    (record_id,) = enter(session, cast, told(cast, on=date(2025, 6, 9)), now=now)
    assert take(session, now).changed == 0
    assert deadline_changes(session, 1, Key("record", record_id)) == []


def test_the_calendar_of_the_neighbour_community_stays(session, cast):
    take(session, DEC_28)
    assert working_days(session, 1).years == {2027}
    assert working_days(session, 2).years == frozenset()


def test_a_year_without_holidays_is_refused(session, cast, now):
    with pytest.raises(BadInput) as refused:
        take(session, now, CalendarYear(2027, "x", (), ()))
    assert refused.value.facts == {"field": "rests", "why": "needed"}
    assert working_days(session, 1).years == frozenset()


def record_late(session, cast, now):
    on = date(2026, 12, 25)
    new = NewRecord(
        person_id=cast.volunteer.person_id, service_id=cast.service_ids["company"],
        started_at=local_instant(on, 9), ended_at=local_instant(on, 11),
        recipient_person_id=cast.recipient.person_id,
    )  # fmt: skip
    enter_records(Deed(session, cast.organiser, now, a_request_id()), records=(new,))


def test_a_service_is_recorded_in_time_by_the_calendar_of_the_community(session, cast):
    """By the guess 8 January is the tenth working day; by the notice it is the 15th."""
    late = local_instant(date(2027, 1, 12), 10)
    with pytest.raises(LateRecord) as refused:
        record_late(session, cast, late)
    assert refused.value.facts == {"last_on": "2027-01-08", "provisional_on": "2027-01-08"}
    take(session, DEC_28)
    record_late(session, cast, late)


def test_a_page_takes_a_year_from_a_coordinator_only(fresh_database):
    told = {"new": NOTICE, "kinds": work_kinds()}
    with pytest.raises(NotAllowed):
        keep_calendar(fresh_database, by=make_by("approver"), **told)
    assert keep_calendar(fresh_database, by=make_by("coordinator"), **told).year == 2027
    with fresh_database.reading() as session:
        assert working_days(session, 1).known_until_on == date(2027, 12, 31)
