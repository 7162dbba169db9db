"""The inbox at a kiosk: for whoever holds the card, from the server, kept on no disk."""

import pytest

from tests.factories.people import PIN, a_request_id
from timebank.aid.messages import HOLD_ENDS
from timebank.deeds.deed import Deed
from timebank.messages.actions import NewMessage, write_messages
from timebank.messages.queries import unread_count
from timebank.people.actions import ask_for_pin, set_pin

TEXT, NUMBER = "留的东西明天到期", "S1-Q2025-000077"


@pytest.fixture(scope="session")
def copies(sqlite_copies):
    """A page is the same on every engine; one is enough."""
    return sqlite_copies


@pytest.fixture
def unread(screen):
    """A message to the volunteer; returns how many they have not read."""
    by = screen.stand.volunteer
    facts = {"claim_id": 7, "claim_no": NUMBER, "shop_zh": "店", "shop_en": "shop",
             "until": "2025-06-11T09:00:00+00:00"}  # fmt: skip
    new = NewMessage(kind=HOLD_ENDS, person_id=by.person_id, about="claim:7", facts=facts)
    screen.database.write(
        lambda session, now: write_messages(
            Deed(session, screen.stand.shop.town.by, now, a_request_id()), [new]
        )
    )
    return lambda: screen.read(unread_count, by.person_id)


def test_a_card_shows_its_messages_and_they_count_as_read(screen, unread):
    assert "请先刷服务卡" in screen.get("/messages")
    assert "1 条消息没看" in screen.scan()
    assert "有 1 条没看" in screen.get("/look")
    page = screen.get("/messages")
    assert TEXT in page
    assert NUMBER in page
    assert unread() == 0
    assert "没看" not in screen.get("/look")


def test_the_messages_come_in_the_language_of_the_visit(screen, unread):
    screen.scan()
    screen.post("/prefs", language="en")
    page = screen.get("/messages")
    assert "ends tomorrow" in page
    assert TEXT not in page


def test_the_next_person_sees_nothing_of_them(screen, unread):
    screen.scan()
    screen.get("/messages")
    screen.post("/end")
    assert NUMBER not in screen.get("/messages")


def test_without_the_network_nothing_is_shown_and_nothing_is_on_the_disk(screen, unread, tmp_path):
    screen.scan()
    screen.get("/messages")
    screen.cut()
    assert NUMBER not in screen.get("/messages")
    assert "看不到消息" in screen.page
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not [content for content in files if NUMBER.encode() in content]


def test_where_the_pin_is_wanted_it_comes_first(screen, unread):
    by = screen.stand.volunteer

    def wish(session, now):
        set_pin(Deed(session, by, now, a_request_id()), card_id=screen.stand.card.id, pin=PIN)
        ask_for_pin(Deed(session, by, now, a_request_id()), card_id=screen.stand.card.id)

    screen.database.write(wish)
    screen.kiosk.sync._looked_at = None
    screen.round()
    assert "没看" not in screen.scan()
    assert NUMBER not in screen.get("/messages")
    assert unread() == 1
    screen.post("/pin", pin=PIN)
    assert NUMBER in screen.get("/messages")
    assert unread() == 0
