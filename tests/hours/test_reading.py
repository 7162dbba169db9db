"""The passbook, the worklists, the months: what people read, in a fixed number of statements."""

from datetime import date, timedelta

import pytest

from tests.factories import make_by
from tests.factories.hours import (
    JUNE_10,
    SERVICES,
    at,
    confirm,
    confirm_both,
    enter,
    make_cast,
    make_neighbour,
    make_staff,
    open_hours,
    statements,
    told,
)
from tests.factories.looks import forgotten_shifts
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.errors import NotFound
from timebank.hours import actions, queries
from timebank.values import to_us

TONIGHT = at("21:00")


@pytest.fixture
def cast(session):
    return make_cast(session)


def _days(session, cast, count, *, first=JUNE_10):
    """Credit an hour a day for some days up to the tenth of June."""
    made = []
    for back in range(count - 1, -1, -1):
        day = first - timedelta(days=back)
        made += enter(session, cast, told(cast, "09:00", "10:10", on=day), now=at("21:00", day))
    confirm_both(session, cast, *made, now=TONIGHT)
    return made


def _lines(session, cast, **asked):
    return queries.passbook_lines(session, 1, cast.volunteer.person_id, **asked)


def test_a_line_of_the_passbook_shows_the_session_behind_it(session, cast):
    open_hours(session, cast, minutes=720, served_minutes=720, now=at("08:00"))
    (record_id,) = _days(session, cast, 1)
    newest, oldest = _lines(session, cast)
    assert (newest.change, newest.after, newest.kind) == (60, 780, "service_credit")
    assert (newest.record.id, newest.record.service_zh, newest.record.place) == (
        record_id, "陪伴", "2号楼",
    )  # fmt: skip
    assert (newest.record.real_minutes, newest.record.credited_minutes) == (70, 60)
    assert newest.effective_at == at("10:10")
    assert (oldest.kind, oldest.after, oldest.record) == ("hours_opening", 720, None)


def test_what_was_taken_back_names_its_session_too(session, cast):
    (record_id,) = _days(session, cast, 1)
    actions.reverse_credit(
        Deed(session, cast.coordinator, TONIGHT, a_request_id()),
        record_id=record_id,
        reason="登记有误",
    )
    newest = _lines(session, cast)[0]
    assert (newest.kind, newest.change, newest.after) == ("credit_reversal", -60, 0)
    assert newest.record.id == record_id
    assert [one.change for one in _lines(session, cast, direction="in")] == [60]
    assert [one.change for one in _lines(session, cast, direction="out")] == [-60]


def test_the_passbook_turns_its_pages(session, cast):
    _days(session, cast, 3)
    first = _lines(session, cast, limit=2)
    second = _lines(session, cast, limit=2, before_seq=first[-1].seq)
    assert [one.after for one in (*first, *second)] == [180, 120, 60]


def test_the_passbook_of_somebody_who_never_served_reads_zero(session, cast):
    person_id = cast.recipient.person_id
    assert queries.passbook(session, 1, person_id) == queries.Passbook(0, 0, 0, 0, 0, 0)
    assert queries.passbook_lines(session, 1, person_id) == []


def test_real_minutes_are_those_of_the_year_that_is_asked_for(session, cast):
    (last_year,) = enter(
        session, cast, told(cast, "09:00", "10:10", on=date(2024, 12, 31)),
        now=at("21:00", date(2024, 12, 31)),
    )  # fmt: skip
    confirm_both(session, cast, last_year, now=TONIGHT)
    _days(session, cast, 1)
    person_id = cast.volunteer.person_id
    assert queries.passbook(session, 1, person_id, year=2025).real_minutes == 70
    assert queries.passbook(session, 1, person_id).real_minutes == 140


def test_a_person_sees_all_his_records_newest_first(session, cast):
    made = _days(session, cast, 3)
    person_id = cast.volunteer.person_id
    first = queries.records_of_person(session, 1, person_id, limit=2)
    second = queries.records_of_person(
        session, 1, person_id, before=(to_us(first[-1].started_at), first[-1].id)
    )
    assert [one.id for one in (*first, *second)] == made[::-1]


def test_a_recipient_finds_what_waits_for_his_word(session, cast):
    (entered,) = enter(session, cast, told(cast), now=TONIGHT)
    (waiting,) = queries.records_to_confirm(session, cast.recipient)
    assert waiting.record.id == entered
    assert waiting.volunteer_no == "V-0001"
    assert waiting.volunteer_masked_name[1:] == "**"
    confirm(session, cast.recipient, entered, as_="recipient", now=TONIGHT)
    assert queries.records_to_confirm(session, cast.recipient) == []


def test_a_household_finds_what_was_done_for_it(session, cast):
    new = actions.NewRecord(
        cast.volunteer.person_id, cast.service_ids["cleaning"], at("09:00"), at("10:00"),
        recipient_household_id=cast.recipient.household_id,
    )  # fmt: skip
    enter(session, cast, new, now=TONIGHT)
    (waiting,) = queries.records_to_confirm(session, cast.recipient)
    assert waiting.recipient_household_no.startswith("H-")
    assert waiting.recipient_masked_name is None


@pytest.mark.parametrize("as_", ["recipient", "organiser"])
def test_a_stranger_finds_nothing(session, cast, as_):
    enter(session, cast, told(cast), now=TONIGHT)
    assert queries.records_to_confirm(session, make_neighbour(session, cast.town), as_) == []
    assert queries.records_to_confirm(session, make_by(), as_) == []


def test_the_neighbour_community_finds_nothing(session, cast, by_neighbour):
    (entered,) = enter(session, cast, told(cast), now=TONIGHT)
    assert queries.records_to_confirm(session, by_neighbour, "organiser") == []
    assert forgotten_shifts(session, by_neighbour, TONIGHT) == []
    assert queries.services(session, by_neighbour.community_id) == []
    with pytest.raises(NotFound):
        queries.record(session, by_neighbour.community_id, entered)


def test_an_organiser_works_through_the_list_oldest_first(session, cast):
    later, earlier = enter(
        session, cast, told(cast, "14:00", "15:00"), told(cast, "09:00", "10:00"), now=TONIGHT
    )
    confirm(session, cast.recipient, later, as_="recipient", now=TONIGHT)
    waiting = queries.records_to_confirm(session, cast.organiser, "organiser")
    assert [one.record.id for one in waiting] == [earlier, later]
    assert [one.heard for one in waiting] == [(), ("recipient",)]
    assert waiting[0].recipient_masked_name[1:] == "**"


def test_a_grid_worker_sees_his_grid_only(session, cast):
    enter(session, cast, told(cast), now=TONIGHT)
    first, second = (
        queries.records_to_confirm(
            session, make_staff(session, cast.town, "grid_worker", grid_id), "organiser"
        )
        for grid_id in cast.town.grid_ids
    )
    assert (len(first), len(second)) == (0, 1)


def test_nobodys_list_holds_his_own_hours(session, cast):
    enter(session, cast, told(cast), now=TONIGHT)
    for person in (cast.volunteer, cast.recipient):
        as_staff = make_by("coordinator", person_id=person.person_id)
        assert queries.records_to_confirm(session, as_staff, "organiser") == []
    assert len(queries.records_to_confirm(session, cast.coordinator, "organiser")) == 1


def test_the_months_add_up_what_is_settled(session, cast):
    made = _days(session, cast, 11)  # From 31 May to 10 June.
    enter(session, cast, told(cast, "14:00", "15:00"), now=TONIGHT)  # Nobody confirmed it.
    months = queries.minutes_by_month(session, 1, JUNE_10)
    assert len(made) == 11
    assert months[-2:] == [(date(2025, 5, 1), 70), (date(2025, 6, 1), 700)]
    assert months[0] == (date(2024, 7, 1), 0)
    assert len(months) == 12
    assert queries.minutes_by_month(session, 2, JUNE_10)[-1][1] == 0


def test_services_come_by_category(session, cast):
    found = queries.services(session, 1)
    assert {one.code for one in found} == {code for code, *_ in SERVICES}
    categories = [one.category for one in found]
    assert categories == sorted(categories)


READINGS = {
    "passbook": lambda s, cast: queries.passbook(s, 1, cast.volunteer.person_id, year=2025),
    "lines": lambda s, cast: queries.passbook_lines(s, 1, cast.volunteer.person_id),
    "records": lambda s, cast: queries.records_of_person(s, 1, cast.volunteer.person_id),
    "mine": lambda s, cast: queries.records_to_confirm(s, cast.recipient),
    "worklist": lambda s, cast: queries.records_to_confirm(s, cast.organiser, "organiser"),
    "months": lambda s, cast: queries.minutes_by_month(s, 1, JUNE_10),
}


@pytest.mark.parametrize("name", READINGS)
def test_more_records_do_not_cost_more_statements(session, cast, name):
    counts = []
    for count in (1, 7):
        last = JUNE_10 - timedelta(days=20 * count)
        _days(session, cast, count, first=last)
        for back in range(count):
            day = last - timedelta(days=back)
            enter(session, cast, told(cast, "14:00", "15:00", on=day), now=at("21:00", day))
        with statements(session) as sent:
            READINGS[name](session, cast)
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 6
