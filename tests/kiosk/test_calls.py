"""Asking for staff, having more time, and what the kiosk may call saved."""

import re

import pytest

from tests.kiosk.test_pages import claim_for
from timebank.aid import queries as aid
from timebank.aid.actions import lapse_claims
from timebank.deeds.deed import Deed
from timebank.kiosks.queries import open_calls


@pytest.fixture(scope="session")
def copies(sqlite_copies):
    """A page is the same on every engine; one is enough."""
    return sqlite_copies


def calls(screen):
    with screen.database.reading() as session:
        return open_calls(session, screen.stand.shop.keeper, screen.database.clock())


def test_asking_for_staff_rings_on_their_worklist(screen):
    screen.get("/deposit")
    assert "已经叫了工作人员" in screen.post("/help")
    (call,) = calls(screen)
    assert (call.store_id, call.page) == (screen.stand.shop.store_id, "deposit")
    assert 'href="/deposit"' in screen.page  # Back to where the person was.


def test_several_taps_of_one_person_are_one_call(screen):
    for _ in range(3):
        assert "已经叫了工作人员" in screen.post("/help")
    assert len(calls(screen)) == 1
    screen.post("/end")
    screen.post("/help")
    assert len(calls(screen)) == 1  # Somebody else, while nobody has answered yet.


def test_offline_the_bell_is_not_promised_and_a_late_call_rings_for_nobody(screen, clock):
    screen.cut()
    page = screen.post("/help")
    assert "铃没有响" in page and "已经叫了工作人员" not in page and "请到柜台" in page
    clock.move(minutes=45)
    screen.mend()
    assert calls(screen) == []


def test_a_call_that_comes_soon_after_still_rings(screen, clock):
    screen.cut()
    screen.post("/help")
    clock.move(minutes=3)
    screen.mend()
    assert len(calls(screen)) == 1


def test_asking_for_staff_is_one_tap_on_every_page(screen):
    for path in ("/", "/deposit", "/pickup", "/shift", "/passbook", "/card"):
        page = screen.get(path)
        assert re.search(r'<button class="help" form="call">', page), path
        assert '<form id="call" method="post" action="/help"' in page


# Time.
def test_the_screen_asks_after_40_seconds_and_ends_the_visit_after_60(screen):
    page = screen.get("/deposit")
    assert 'data-idle="40"' in page and 'data-grace="20"' in page
    visits, now = screen.kiosk.visits, [100.0]
    visits._clock = lambda: now[0]
    visit = visits.begin()
    now[0] += 60
    assert visits.find(visit.id, touch=False) is visit
    now[0] += 1
    assert visits.find(visit.id) is None


def test_whoever_asks_for_more_time_gets_150_seconds(screen):
    screen.get("/deposit")
    page = screen.post("/prefs", more_time="1")
    assert 'data-idle="150"' in page and "存物品" in page
    visits, now = screen.kiosk.visits, [100.0]
    visits._clock = lambda: now[0]
    visit = visits.begin()
    visit.more_time = True
    now[0] += 170
    assert visits.find(visit.id, touch=False) is visit
    now[0] += 1
    assert visits.find(visit.id) is None
    assert 'data-idle="40"' in screen.post("/prefs", more_time="0")


def test_a_finished_deed_stays_longer_for_whoever_asked_for_more_time(screen):
    screen.list_soap()
    page = screen.post("/deposit/confirm", event_id=screen.field("event_id"))
    assert 'data-leave="15"' in page
    assert 'data-leave="60"' in screen.post("/prefs", more_time="1")


def test_more_time_ends_with_the_visit(screen):
    screen.post("/prefs", more_time="1")
    screen.post("/end")
    assert 'data-idle="40"' in screen.get("/deposit")


# What is saved.
def test_nothing_is_called_saved_after_mere_looking(screen):
    screen.scan()
    screen.cut()
    screen.get("/passbook")
    screen.post("/passbook/show")
    screen.post("/scan", code="GZT1:AAAAAAAAAAAAAAAA")
    screen.post("/help")
    page = screen.get("/")
    assert screen.kiosk.outbox.count_waiting() > 0
    assert "已保存" not in page and "网络断开，可以继续使用" in page


def test_a_deposit_is_called_saved(screen):
    screen.cut()
    screen.list_soap()
    screen.post("/deposit/confirm", event_id=screen.field("event_id"))
    assert "已保存 1 笔" in screen.get("/")


# Sent home.
def no_shows(screen, claimed):
    claim = screen.read(aid.claim, claimed.claim_id)
    return screen.read(aid.no_shows_of_household, claim.household_id)


def test_whoever_comes_with_a_card_while_the_kiosk_is_offline_is_no_no_show(screen, clock):
    claimed = claim_for(screen)
    screen.scan()
    screen.cut()
    assert "还给您留着" in screen.get("/pickup")
    screen.get("/pickup")
    waiting = screen.kiosk.outbox._deeds("WHERE type='pickup.refused'")
    assert len(waiting) == 1
    clock.move(minutes=60 * 24 * 9)
    screen.database.write(
        lambda session, now: lapse_claims(Deed(session, screen.stand.shop.keeper, now, "l"))
    )
    assert screen.read(aid.claim, claimed.claim_id).state == "lapsed"
    assert len(no_shows(screen, claimed)) == 1
    screen.mend()  # The kiosk tells it days later.
    assert no_shows(screen, claimed) == []
