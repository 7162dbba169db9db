"""Windows: what counts today, and the first day on which it no longer does."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timebank.policy.rules.windows import (
    free_on,
    last_day_outside,
    months_after,
)

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))
KINDS = st.sampled_from(["calendar_month", "rolling_days", "rolling_months"])


@pytest.mark.parametrize(
    ("day", "months", "wanted"),
    [
        (date(2024, 6, 20), 12, date(2025, 6, 20)),
        (date(2024, 2, 29), 12, date(2025, 3, 1)),
        (date(2024, 1, 31), 1, date(2024, 3, 1)),
        (date(2024, 11, 30), 3, date(2025, 3, 1)),
        (date(2024, 12, 31), 12, date(2025, 12, 31)),
    ],
)
def test_an_anniversary_that_the_month_lacks_falls_on_the_first_of_the_next(day, months, wanted):
    assert months_after(day, months) == wanted


@given(KINDS, st.integers(1, 400), DAYS)
def test_an_entry_counts_until_the_day_before_it_is_free(kind, length, day):
    free = free_on(kind, length, day)
    assert free > day
    assert day <= last_day_outside(kind, length, free)
    assert day > last_day_outside(kind, length, free - timedelta(days=1))


@given(KINDS, st.integers(1, 400), DAYS, DAYS)
def test_what_lies_after_the_day_asked_for_counts_too(kind, length, on, later):
    if later > on:
        assert later > last_day_outside(kind, length, on)


@pytest.mark.parametrize("kind", ["calendar_month", "rolling_days", "rolling_months"])
@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_ends_of_time_break_nothing(kind, day):
    assert free_on(kind, 1200, day) >= day
    assert last_day_outside(kind, 1200, day) <= day
