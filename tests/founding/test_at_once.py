"""Two presses of the last button at the same instant, on both engines: one community."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete

from tests.factories.empty import TODAY
from tests.founding.test_set_up import STEPS, count, save_all
from timebank.deeds.tables import community
from timebank.founding import set_up
from timebank.values import local_instant


@pytest.fixture
def empty(fresh_database):
    """A database of either engine, without any community."""
    fresh_database.clock = lambda: local_instant(TODAY, 9)
    fresh_database.write(lambda session, now: session.execute(delete(community)))
    return fresh_database


def test_two_presses_at_once_found_one_community(empty):
    save_all(empty)
    with ThreadPoolExecutor(2) as hands:
        first, second = hands.map(lambda _: set_up.found_from_draft(empty), range(2))
    assert first == second and count(empty) == 1


def test_two_steps_saved_at_once_are_both_there(empty):
    with ThreadPoolExecutor(5) as hands:
        list(hands.map(lambda step: set_up.save_step(empty, step=step, given=STEPS[step]), STEPS))
    assert set_up.found_from_draft(empty)


def test_a_burst_of_wrong_codes_is_counted_whole(empty):
    set_up.make_code(empty)

    def guess(_):
        try:
            set_up.open_set_up(empty, typed="AAAAA-AAAAA", source="10.0.0.1")
        except Exception as refusal:
            return type(refusal).__name__

    with ThreadPoolExecutor(4) as hands:
        answers = list(hands.map(guess, range(12)))
    assert answers.count("SetUpCodeWrong") == 5 and answers.count("TooManyTries") == 7
