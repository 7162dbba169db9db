"""Agent and server are killed while people donate: no acknowledged event is lost or doubled."""

import pytest

from tests.counts import repeats
from tests.kiosk.killing import (
    Neighbour,
    Program,
    check,
    check_whole,
    kill_while_people_give,
    running_place,
    settle,
)
from tests.kiosk.serve import serve_web_dying
from tests.waiting import wait_until

KILLS = repeats(3, 12)

pytestmark = pytest.mark.slow


@pytest.fixture
def place(new_database, tmp_path, engine_name):
    with running_place(new_database, tmp_path) as running:
        yield running


def test_killing_agent_and_server_loses_and_doubles_nothing(place):
    _, _, server, agent = place
    kill_while_people_give(place, [(server, agent)[number % 2] for number in range(KILLS)])


def has_given(neighbour, item_id):
    try:
        neighbour.give(item_id)
    except ConnectionError:
        return False
    return True


def test_what_was_posted_without_an_answer_is_known_when_it_comes_again(place):
    """The server dies between the commit and its answer, so the kiosk sends the same bytes again.

    Forbids: bytes that are taken for a second history, which would freeze the kiosk.
    """
    database, stand, server, agent = place
    neighbour, item_id = Neighbour(agent.port), stand.shop.item("洗衣液")
    wait_until(lambda: has_given(neighbour, item_id), "the kiosk never learns the catalogue")
    settle(agent)
    server.kill()
    url = database.engine.url.render_as_string(hide_password=False)
    dying = Program(server.port, server.log, serve_web_dying, url, server.port)
    try:
        dying.start()
        neighbour.give(item_id)
        wait_until(lambda: dying.process.exitcode is not None, "nothing was sent")
    finally:
        dying.kill()
    server.start()
    settle(agent)
    neighbour.give(item_id)
    settle(agent)
    check(database, neighbour)
    check_whole(database)
