"""The clock of a server follows small corrections, no jump of years, and starts near its books."""

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from tests.conftest import Clock
from tests.factories.drills import on_disk
from tests.factories.goods import LONG_AGO
from timebank import cli
from timebank.clock import ClockWrong, SteadyClock, require_plausible
from timebank.db import Database, utc_now
from web.app import create_app

NOON = datetime(2025, 6, 10, 4, 0, tzinfo=UTC)
HOUR, DAY, YEARS = timedelta(hours=1), timedelta(days=1), timedelta(days=3650)


class Machine:
    """A machine with a clock that can be set, and one that cannot."""

    def __init__(self):
        self.wall, self.seconds = NOON, 1000.0
        self.clock = SteadyClock(lambda: self.wall, lambda: self.seconds)

    def wait(self, span):
        self.wall, self.seconds = self.wall + span, self.seconds + span.total_seconds()


@pytest.mark.parametrize("step", [timedelta(seconds=-3), HOUR, -HOUR, DAY, -DAY])
def test_a_correction_of_up_to_a_day_is_followed(step):
    machine = Machine()
    machine.wait(HOUR)
    machine.wall += step
    assert machine.clock() == NOON + HOUR + step
    assert not machine.clock.is_off


@pytest.mark.parametrize("jump", [YEARS, -YEARS, DAY + HOUR, -DAY - HOUR])
def test_a_jump_is_not_followed_until_the_clock_is_right_again(jump):
    machine = Machine()
    machine.wall += jump
    machine.wait(HOUR)
    assert machine.clock() == NOON + HOUR and machine.clock.is_off
    machine.wait(2 * HOUR)
    assert machine.clock() == NOON + 3 * HOUR
    machine.wall -= jump
    assert machine.clock() == NOON + 3 * HOUR and not machine.clock.is_off


def test_a_year_that_passes_is_no_jump():
    machine = Machine()
    for _ in range(12):
        machine.wait(30 * DAY)
        assert machine.clock() == machine.wall and not machine.clock.is_off


@pytest.fixture
def database(tmp_path, info):
    """Books whose last posting is of long ago."""
    data = on_disk(tmp_path, info, clock=Clock(LONG_AGO))
    opened = Database(f"sqlite:///{data / 'timebank.sqlite'}", info=info)
    yield opened
    opened.close()


@pytest.mark.parametrize("off", [-DAY - HOUR, -YEARS, timedelta(days=731), YEARS])
def test_a_clock_far_from_the_books_is_refused_before_anything_is_written(database, off):
    with pytest.raises(ClockWrong, match="Nothing was changed"):
        require_plausible(database, LONG_AGO + off)
    require_plausible(database, LONG_AGO + off, is_told_right=True)


@pytest.mark.parametrize("off", [-HOUR, timedelta(), timedelta(days=400)])
def test_a_clock_near_the_books_is_not(database, off):
    require_plausible(database, LONG_AGO + off)


def test_empty_books_say_nothing_about_the_clock(tmp_path, info):
    data = on_disk(tmp_path / "empty", info, is_empty=True)
    opened = Database(f"sqlite:///{data / 'timebank.sqlite'}", info=info)
    require_plausible(opened, utc_now() + YEARS)
    opened.close()


def test_server_and_jobs_do_not_start_until_somebody_says_that_the_clock_is_right(
    database, tmp_path, monkeypatch
):
    for name in ("TIMEBANK_KEY", "TIMEBANK_SEAL_KEY", "TIMEBANK_CLOCK_IS_RIGHT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TIMEBANK_DATA", str(tmp_path))
    with pytest.raises(ClockWrong):
        create_app()
    refused = CliRunner().invoke(cli.main, ["tidy"])
    assert refused.exit_code == 1 and "Set the clock and start again" in refused.output
    monkeypatch.setenv("TIMEBANK_CLOCK_IS_RIGHT", "1")
    app = create_app()
    assert isinstance(app.config["DATABASE"].clock, SteadyClock)
    app.config["DATABASE"].close()
    assert CliRunner().invoke(cli.main, ["tidy"]).exit_code == 0
