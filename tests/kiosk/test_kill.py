"""Agent and server are killed while people donate: no acknowledged event is lost or doubled."""

import pytest

from tests.counts import repeats
from tests.kiosk.killing import kill_while_people_give, running_place

KILLS = repeats(3, 12)

pytestmark = pytest.mark.slow


@pytest.fixture
def place(new_database, tmp_path, engine_name):
    with running_place(new_database, tmp_path) as running:
        yield running


def test_killing_agent_and_server_loses_and_doubles_nothing(place):
    _, _, server, agent = place
    kill_while_people_give(place, [(server, agent)[number % 2] for number in range(KILLS)])
