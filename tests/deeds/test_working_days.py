"""Deadlines in working days, with holidays and make-up weekends."""

from datetime import date, timedelta

import pytest

from timebank.deeds.working_days import BUILT_IN_UNTIL_ON, CalendarYear, WorkingDays

BUILT_IN = WorkingDays()
# An invented year: New Year's Day, a festival of a week, and the Saturday worked for it.
REST = (date(2027, 1, 1), *(date(2027, 2, 5) + timedelta(days=n) for n in range(7)))
OWN = CalendarYear(2027, "放假通知", REST, (date(2027, 2, 13),))
KNOWN = WorkingDays(frozenset({2027}), dict(OWN.days()))


@pytest.mark.parametrize(
    ("day", "count", "wanted"),
    [
        (date(2025, 6, 3), 10, date(2025, 6, 17)),
        (date(2025, 6, 10), 20, date(2025, 7, 8)),
        (date(2025, 6, 10), 45, date(2025, 8, 12)),
        (date(2025, 5, 30), 1, date(2025, 6, 3)),
        (date(2025, 6, 10), 0, date(2025, 6, 10)),
    ],
)
def test_the_last_day_of_a_deadline(day, count, wanted):
    assert BUILT_IN.after(day, count) == (wanted, False)


def test_a_holiday_rests_and_a_make_up_sunday_works():
    assert not BUILT_IN.is_working(date(2025, 6, 2))
    assert BUILT_IN.is_working(date(2025, 4, 27))


def test_beyond_the_table_monday_to_friday_work_and_the_deadline_is_provisional():
    assert BUILT_IN.is_working(date(2060, 1, 2))
    assert not BUILT_IN.is_working(date(2060, 1, 3))
    assert BUILT_IN.after(date(2060, 1, 2), 1) == (date(2060, 1, 5), True)
    assert not BUILT_IN.is_working(date(1990, 1, 6))
    assert BUILT_IN.after(date(2026, 12, 30), 1) == (date(2026, 12, 31), False)
    assert BUILT_IN.after(date(2026, 12, 31), 1) == (date(2027, 1, 1), True)


def test_an_own_year_overrides_and_makes_the_deadline_firm():
    # Ten working days from 1 February: five weekdays of the festival rest, one Saturday works.
    assert BUILT_IN.after(date(2027, 2, 1), 10) == (date(2027, 2, 15), True)
    assert KNOWN.after(date(2027, 2, 1), 10) == (date(2027, 2, 19), False)
    assert not KNOWN.is_working(date(2027, 2, 5)) and KNOWN.is_working(date(2027, 2, 13))
    assert KNOWN.after(date(2027, 12, 31), 1) == (date(2028, 1, 3), True)


def test_an_own_year_overrides_the_built_in_one_too():
    moved = CalendarYear(2026, "更正", (date(2026, 1, 1),), ())
    calendar = WorkingDays(frozenset({2026}), dict(moved.days()))
    assert not BUILT_IN.is_working(date(2026, 10, 1))
    assert calendar.is_working(date(2026, 10, 1))


def test_a_year_after_a_gap_does_not_lengthen_the_table():
    assert BUILT_IN.known_until_on == BUILT_IN_UNTIL_ON
    assert KNOWN.known_until_on == date(BUILT_IN_UNTIL_ON.year + 1, 12, 31)
    gap = WorkingDays(frozenset({BUILT_IN_UNTIL_ON.year + 2}))
    assert gap.known_until_on == BUILT_IN_UNTIL_ON


def test_the_warning_comes_sixty_days_before_the_end():
    assert not BUILT_IN.ends_soon(BUILT_IN_UNTIL_ON - timedelta(days=61))
    assert BUILT_IN.ends_soon(BUILT_IN_UNTIL_ON - timedelta(days=60))


@pytest.mark.parametrize(
    ("year", "fault"),
    [
        (OWN, None),
        (CalendarYear(2027, "", REST, ()), ("source", "needed")),
        (CalendarYear(2027, "x", (), ()), ("rests", "needed")),
        (CalendarYear(2027, "x", (date(2026, 1, 1),), ()), ("rests", "range")),
        (CalendarYear(2027, "x", REST, (date(2028, 2, 12),)), ("works", "range")),
        (CalendarYear(2027, "x", REST, (date(2027, 2, 7),)), ("works", "repeated")),
        (CalendarYear(2027, "x", REST, (date(2027, 3, 1),)), ("works", "choice")),
        (CalendarYear(1000, "x", REST, ()), ("year", "range")),
    ],
)
def test_a_year_that_cannot_be_right_is_refused(year, fault):
    assert year.fault() == fault
