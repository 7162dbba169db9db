"""Ids, numbers, amounts, days and codes are read alike wherever they come from."""

from datetime import date

import pytest

from web import reading

LARGEST = 2**63 - 1


@pytest.mark.parametrize(
    ("told", "number"),
    [
        ("7", 7),
        (7, 7),
        (str(LARGEST), LARGEST),
        ("0", None),
        ("-7", None),
        ("+7", None),
        ("007", None),
        ("7.0", None),
        ("７", None),
        ("seven", None),
        ("", None),
        (None, None),
        (str(LARGEST + 1), None),
        ("9" * 5000, None),
    ],
)
def test_an_id_is_a_whole_number_that_a_column_can_hold(told, number):
    assert reading.read_id(told) == number


@pytest.mark.parametrize(
    ("told", "number"),
    [
        ("0", 0),
        (" 12 ", 12),
        ("１２", 12),
        ("012", 12),
        ("1²", None),
        ("①", None),
        ("-1", None),
        ("1.5", None),
        ("", None),
    ],
)
def test_a_number_is_read_as_people_type_it(told, number):
    assert reading.read_number(told) == number


def test_a_number_above_its_bound_is_none():
    assert reading.read_number("999", 999) == 999
    assert reading.read_number("1000", 999) is None
    assert reading.read_number("9" * 5000) is None


@pytest.mark.parametrize(
    ("told", "fen"),
    [
        ("120.50", 12050),
        ("120.5", 12050),
        ("120", 12000),
        ("120.", 12000),
        ("１２０。５", 12050),
        ("120.505", None),
        (".50", None),
        ("-1", None),
        ("x", None),
    ],
)
def test_an_amount_is_read_in_yuan_and_kept_in_fen(told, fen):
    assert reading.read_fen(told) == fen


@pytest.mark.parametrize(
    ("told", "day"),
    [
        ("2026-06-10", date(2026, 6, 10)),
        ("2026-6-1", date(2026, 6, 1)),
        ("1990-01-01", date(1990, 1, 1)),
        ("1989-12-31", None),
        ("2101-01-01", None),
        ("2026-02-30", None),
        ("20260610", None),
        ("2026-W01-1", None),
        ("today", None),
        (None, None),
    ],
)
def test_a_day_is_one_of_the_calendar_and_not_too_far_off(told, day):
    assert reading.read_day(told) == day


def test_a_past_day_is_before_today():
    today = date(2026, 6, 10)
    assert reading.read_past_day("2026-06-09", today) == date(2026, 6, 9)
    assert reading.read_past_day("2026-06-10", today) is None


@pytest.mark.parametrize(
    ("told", "household_no"),
    [
        ("h-12", "H-0012"),
        ("H-0012", "H-0012"),
        ("12", "H-0012"),
        (" Ｈ12 ", "H-0012"),
        ("H-1234567", None),
        ("house", None),
        ("", None),
    ],
)
def test_the_number_of_a_household_is_read_as_it_is_typed(told, household_no):
    assert reading.read_household_no(told) == household_no
