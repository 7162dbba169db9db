"""Deadlines in working days, with holidays and make-up weekends."""

from datetime import date

import pytest

from timebank.deeds.working_days import is_working_day, working_day_after


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
    assert working_day_after(day, count) == wanted


def test_a_holiday_rests_and_a_make_up_sunday_works():
    assert not is_working_day(date(2025, 6, 2))
    assert is_working_day(date(2025, 4, 27))


def test_beyond_the_table_of_holidays_monday_to_friday_work():
    assert is_working_day(date(2060, 1, 2))
    assert not is_working_day(date(2060, 1, 3))
    assert working_day_after(date(2060, 1, 2), 1) == date(2060, 1, 5)
    assert not is_working_day(date(1990, 1, 6))
