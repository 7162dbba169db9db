"""What a session counts: whole numbers in, whole numbers out."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_by
from tests.factories.hours import at
from timebank.hours.rules import (
    CATEGORIES,
    ORGANISER,
    RECIPIENT,
    Credit,
    Terms,
    credit_of,
    in_steps,
    is_forgotten,
    is_same_start,
    may_organise,
    may_write_for,
    needs,
    overlaps,
    real_minutes,
    shares_household,
    split_at_ceiling,
)
from timebank.hours.usual import usual_services

DEMO = Terms()
some_terms = st.builds(
    Terms,
    rounding_minutes=st.sampled_from([1, 5, 15, 30, 60]),
    shortest_minutes=st.integers(0, 120),
    daily_cap_minutes=st.integers(0, 720),
)
sessions = st.lists(st.integers(0, 720), max_size=8)


@pytest.mark.parametrize(
    ("real", "credited_that_day", "credit"),
    [
        (170, 0, Credit(150, 0)),
        (140, 150, Credit(90, 30)),
        (20, 240, Credit(0, 0)),
        (29, 0, Credit(0, 0)),
        (30, 0, Credit(30, 0)),
        (59, 0, Credit(30, 0)),
        (300, 0, Credit(240, 60)),
        (60, 240, Credit(0, 60)),
    ],
)
def test_a_session_counts_in_steps_under_the_daily_cap(real, credited_that_day, credit):
    assert credit_of(real, credited_that_day=credited_that_day, terms=DEMO) == credit


def test_whole_hours_only_where_the_community_says_so():
    guangzhou = Terms(rounding_minutes=60)
    assert credit_of(170, credited_that_day=0, terms=guangzhou) == Credit(120, 0)


@given(real=st.integers(0, 720), before=st.integers(0, 720), terms=some_terms)
def test_credit_is_never_more_than_was_served_nor_than_the_day_has_left(real, before, terms):
    credit = credit_of(real, credited_that_day=before, terms=terms)
    assert 0 <= credit.credited_minutes <= max(terms.daily_cap_minutes - before, 0)
    assert credit.credited_minutes % terms.rounding_minutes == 0
    assert credit.credited_minutes + credit.over_cap_minutes <= real
    assert real - credit.credited_minutes - credit.over_cap_minutes < max(
        terms.rounding_minutes, terms.shortest_minutes, 1
    )


@given(reals=sessions, terms=some_terms)
def test_a_day_never_credits_more_than_its_cap(reals, terms):
    day = 0
    for real in reals:
        day += credit_of(real, credited_that_day=day, terms=terms).credited_minutes
    assert day <= terms.daily_cap_minutes


@given(real=st.integers(0, 720), more=st.integers(0, 60), before=st.integers(0, 240))
def test_serving_longer_never_counts_less(real, more, before):
    shorter = credit_of(real, credited_that_day=before, terms=DEMO)
    longer = credit_of(real + more, credited_that_day=before, terms=DEMO)
    assert longer.credited_minutes >= shorter.credited_minutes


@given(st.integers(0, 720), st.sampled_from([1, 15, 30, 60]))
def test_rounding_goes_down_by_less_than_a_step(minutes, step):
    assert 0 <= minutes - in_steps(minutes, step) < step
    assert in_steps(in_steps(minutes, step), step) == in_steps(minutes, step)


@given(credited=st.integers(0, 720), held=st.integers(0, 100_000), ceiling=st.integers(0, 100_000))
def test_what_the_account_cannot_take_goes_to_the_pool_and_nothing_vanishes(
    credited, held, ceiling
):
    to_person, to_pool = split_at_ceiling(credited, held_already=held, ceiling=ceiling)
    assert to_person + to_pool == credited
    assert min(to_person, to_pool) >= 0
    assert to_person == 0 or held + to_person <= ceiling
    assert to_pool == 0 or held + to_person >= ceiling


def test_the_seconds_of_a_session_do_not_count():
    assert real_minutes(at("09:00"), at("09:29") + timedelta(seconds=59)) == 29


def test_one_session_may_begin_when_the_other_ends():
    start, end = at("09:00"), at("10:00")
    assert not overlaps(start, end, other_start=at("10:00"), other_end=at("11:00"))
    assert overlaps(start, end, other_start=at("09:59"), other_end=at("11:00"))
    assert overlaps(start, end, other_start=at("09:10"), other_end=at("09:20"))


@given(st.lists(st.integers(0, 600), min_size=4, max_size=4))
def test_overlapping_is_mutual(minutes):
    a, b, c, d = (at("08:00") + timedelta(minutes=m) for m in minutes)
    assert overlaps(a, b, other_start=c, other_end=d) == overlaps(c, d, other_start=a, other_end=b)


def test_a_shift_that_is_running_takes_the_time_from_its_start_on():
    assert overlaps(at("10:00"), at("11:00"), other_start=at("09:00"), other_end=None)
    assert not overlaps(at("07:00"), at("09:00"), other_start=at("09:00"), other_end=None)


def test_two_starts_within_two_minutes_are_one():
    assert is_same_start(at("09:00"), at("09:02"))
    assert not is_same_start(at("09:00"), at("09:02") + timedelta(seconds=1))


def test_half_a_day_without_a_check_out_is_forgotten():
    assert not is_forgotten(at("09:00"), at("21:00"))
    assert is_forgotten(at("09:00"), at("21:01"))


def test_a_group_activity_needs_the_organiser_only():
    assert needs(has_recipient=True) == {RECIPIENT, ORGANISER}
    assert needs(has_recipient=False) == {ORGANISER}


def test_an_organiser_stays_within_his_place():
    of_grid = make_by("grid_worker", place_id=7)
    assert may_organise(of_grid, 7, None)
    assert not may_organise(of_grid, 8, None)
    assert may_organise(make_by("coordinator"), None)
    assert not may_organise(make_by("auditor", "cashier", "hotline"), 7)


def test_the_hotline_writes_down_and_never_organises():
    assert may_write_for(make_by("hotline"), 7)
    assert not may_write_for(make_by("auditor"), 7)


def test_nobody_shares_an_unknown_household():
    assert not shares_household(None, None)
    assert shares_household(3, 3)


def test_the_services_of_the_sample_fill_the_seven_categories():
    services = usual_services()
    assert len(services) == len({service.code for service in services})
    assert {service.category for service in services} == set(CATEGORIES)
    assert len(CATEGORIES) == 7


@pytest.mark.parametrize(
    ("started", "ended", "wanted"),
    [
        ("2025-06-09 23:30:59", "2025-06-10 00:00:58", 30),
        ("2025-06-09 09:00:59", "2025-06-09 09:01:00", 1),
        ("2025-06-09 09:00:00", "2025-06-09 09:00:59", 0),
        ("2025-06-09 22:00:00", "2025-06-10 06:00:00", 480),
        ("2025-06-09 00:00:59", "2025-06-09 12:00:59", 720),
    ],
)
def test_the_counted_minutes_are_those_that_are_shown(started, ended, wanted):
    first, last = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (started, ended))
    assert real_minutes(first, last) == wanted
