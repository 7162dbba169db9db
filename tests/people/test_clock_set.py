"""A clock that was set wrong and right again locks nobody out, and frees nobody for good."""

from datetime import timedelta
from typing import Any

import pytest

from tests.people.test_known_devices import HOME, SHOP, House
from timebank.aid.rules import WRONG_CODES_MAX, WRONG_CODES_WINDOW, shut_until
from timebank.db import Database
from timebank.people.rules.throttles import (
    CLOCKS_DIFFER,
    PAIR,
    SOURCE,
    THROTTLES,
    failures_now,
    is_closed,
)

YEARS = timedelta(days=10 * 365)


@pytest.fixture
def house(fresh_database: Database) -> House:
    return House(fresh_database)


def close_the_address(house: House) -> None:
    for number in range(THROTTLES[SOURCE].free):
        house.guess(at=HOME, login_name=f"guess-{number}")
    assert house.guess(at=HOME) == "TOO_MANY_TRIES"


def test_after_the_clock_went_back_by_years_whoever_never_failed_comes_in(
    house: House, clock: Any
) -> None:
    close_the_address(house)
    clock.now -= YEARS
    assert house.enter(at=HOME) == house.by


def test_after_the_clock_went_back_a_guesser_is_slowed_down_again(house: House, clock: Any) -> None:
    for _ in range(THROTTLES[PAIR].free + 1):
        house.guess(at=SHOP)
    clock.now -= YEARS
    assert [house.guess(at=SHOP) for _ in range(3)] == [
        "SIGN_IN_FAILED", "TOO_MANY_TRIES", "TOO_MANY_TRIES",
    ]  # fmt: skip


def test_a_jump_ahead_frees_a_guesser_once_and_not_for_good(house: House, clock: Any) -> None:
    close_the_address(house)
    clock.now += YEARS
    close_the_address(house)
    assert house.enter(at=SHOP) == house.by, "which also sweeps"
    clock.now -= YEARS
    assert house.enter(at=HOME) == house.by, "nobody is locked for ten years"
    said = [house.guess(at=HOME, login_name=f"more-{number}") for number in range(3)]
    assert said[-1] == "TOO_MANY_TRIES", "the failures are remembered"


def test_a_used_up_account_stays_closed_whatever_the_clock_says(house: House, clock: Any) -> None:
    for number in range(THROTTLES["card"].most or 0):
        house.guess("pin", at=f"203.0.113.{number}")
        clock.move(hours=1)
    for jump in (YEARS, -2 * YEARS):
        clock.now += jump
        assert house.guess("pin", at=SHOP) == "SIGN_IN_CLOSED"


def test_a_delay_is_believed_only_if_it_began_before_now(now: Any) -> None:
    def closed(began: timedelta) -> bool:
        return is_closed(now, last_at=now + began, until_at=now + began + timedelta(minutes=5))

    assert closed(timedelta()) and closed(CLOCKS_DIFFER) and closed(timedelta(minutes=-4))
    assert not closed(timedelta(minutes=-5))
    assert not closed(CLOCKS_DIFFER + timedelta(seconds=1)) and not closed(YEARS)


def test_failures_written_in_the_future_still_count(now: Any) -> None:
    assert failures_now(SOURCE, 7, last_at=now + YEARS, now=now) == 7
    assert failures_now(SOURCE, 7, last_at=now - YEARS, now=now) == 0
    assert failures_now("card", 7, last_at=now - YEARS, now=now) == 7


def test_wrong_codes_from_the_future_close_nothing(now: Any) -> None:
    wrong = [now - timedelta(minutes=number) for number in range(WRONG_CODES_MAX)]
    assert shut_until(wrong, now) == min(wrong) + WRONG_CODES_WINDOW
    assert shut_until([at + YEARS for at in wrong], now) is None
    assert shut_until([at - YEARS for at in wrong], now) is None
    assert shut_until([at + CLOCKS_DIFFER for at in wrong], now) is not None, "of another process"
