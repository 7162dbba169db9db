"""The bell of the worklist: somebody at a kiosk asks for staff."""

from datetime import timedelta

import pytest

from tests.factories.kiosks import receive
from tests.web.test_work_kiosks import a_stand
from timebank.kiosks import wire


@pytest.fixture
def stand(office):
    return a_stand(office)


def ring(office, stand, page="/pickup"):
    at = office.database.clock()
    item = stand.deed(wire.StaffAsked(page), at=at, actor=None)
    assert office.do(receive, stand, item, now=at).outcome == "posted"


def told(visit):
    return visit.client.get("/work/calls").json


def test_the_worklist_carries_a_bell_that_is_hidden_until_somebody_asks(office, stand):
    visit = office.enter("keeper")
    page = visit.get("/work")
    assert 'data-bell="/work/calls"' in page.text and 'role="status" hidden' in page.text
    ring(office, stand)
    page = visit.get("/work")
    assert 'data-bell="/work/calls"' in page.text and 'role="status" hidden' not in page.text
    assert "终端前有人请您过去" in page.text


def test_an_open_worklist_is_told_and_rings_for_two_minutes(office, stand, clock):
    visit = office.enter("keeper")
    assert told(visit) == {"count": 0, "text": "", "rings": False}
    ring(office, stand)
    now = told(visit)
    assert (now["count"], now["rings"]) == (1, True) and "终端前有人请您过去" in now["text"]
    clock.move(minutes=3)
    assert (told(visit)["count"], told(visit)["rings"]) == (1, False)


def test_whoever_goes_says_so_and_the_bell_is_silent(office, stand):
    ring(office, stand)
    visit = office.enter("keeper")
    page = visit.get("/work")
    assert "有人在终端前等" in page.text and "取物品" in page.text
    done = visit.press(page, "do", "answer")
    assert "已记下您过去了" in visit.follow(done).text if done.status == 303 else done.text
    assert told(visit)["count"] == 0


def test_asking_by_itself_does_not_keep_a_visit_alive(office, stand, clock):
    visit = office.enter("keeper")
    visit.get("/work")
    for _ in range(5):
        clock.now += timedelta(minutes=10)
        answer = visit.client.get("/work/calls")
    assert answer.status_code in (302, 303)
