"""The outbox over real protocols: once, unclear after a break, bounded after a clear no."""

from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import only_on
from timebank.messages import actions, sending
from timebank.messages.gateways import GATEWAYS, Gateways
from timebank.messages.queries import calls_due, unclear_sendings
from timebank.messages.rules import LOST_AFTER, WAITS

FORBIDDEN = ("申领", "救助", "低保", "物品", "米", "Q-1", "aid", "goods", "claim", "明天")
pytestmark = only_on("sqlite")


def test_a_message_leaves_once_on_each_way_that_was_chosen(outbox):
    outbox.write()
    assert outbox.send() == 2
    assert outbox.send() == 0
    assert outbox.states() == {"email": "done", "sms": "done"}
    assert [to for to, _, _ in outbox.email.accepted] == ["lin@example.org"]
    assert len(outbox.sms.accepted) == 1


def test_nothing_outside_says_what_it_is_about(outbox):
    outbox.write()
    outbox.send()
    for _, title, text in [*outbox.email.accepted, *outbox.sms.accepted]:
        assert "消息" in text
        assert not [word for word in FORBIDDEN if word in title + text]
    assert outbox.sms.accepted[0][1] == ""


def test_an_attempt_is_written_before_it_begins(outbox, monkeypatch):
    seen: list[Any] = []

    def send(url: str, **text: str) -> Any:
        seen.append((outbox.states(), outbox.outcomes()))
        raise KeyboardInterrupt  # The machine is switched off here.

    monkeypatch.setattr(sending, "send", send)
    outbox.write()
    with pytest.raises(KeyboardInterrupt):
        outbox.send()
    assert seen == [({"email": "sending", "sms": "due"}, [("email", 1, None)])]


def test_after_a_crash_it_is_unclear_and_never_sent_again_by_itself(outbox, monkeypatch, clock):
    def crash(url: str, **text: str) -> Any:
        raise KeyboardInterrupt

    outbox.write()
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(sending, "send", crash)
        outbox.send()
    outbox.send()
    assert outbox.states() == {"email": "sending", "sms": "done"}
    clock.move(seconds=LOST_AFTER.total_seconds() + 1)
    for _ in range(3):
        outbox.send()
        clock.move(days=1)
    assert outbox.states()["email"] == "unclear"
    assert outbox.email.accepted == []


@pytest.mark.parametrize("way", ["email", "sms"])
def test_a_connection_that_breaks_is_unclear_and_not_repeated(outbox, clock, way):
    gateway = getattr(outbox, way)
    gateway.answer = "break"
    outbox.write()
    outbox.send()
    clock.move(days=1)
    outbox.send()
    assert outbox.states()[way] == "unclear"
    assert gateway.tries == 1


def test_staff_send_an_unclear_message_again_on_purpose(outbox, clock):
    outbox.sms.answer = "break"
    outbox.write()
    outbox.send()
    with outbox.database.reading() as session:
        (one,) = unclear_sendings(session, outbox.town.by)
    outbox.sms.answer = "accept"
    key = {"message_id": one.message_id, "channel": "sms"}
    outbox.do(actions.send_message_again, **key)
    outbox.send()
    assert outbox.states()["sms"] == "done"
    assert outbox.outcomes()[1:] == [("sms", 1, "unclear"), ("sms", 2, "sent")]


@pytest.mark.parametrize("way", ["email", "sms"])
def test_a_clear_no_is_tried_a_few_times_and_then_staff_call(outbox, clock, way):
    gateway = getattr(outbox, way)
    gateway.answer = "refuse"
    outbox.write()
    outbox.send()
    for wait in WAITS:
        assert outbox.states()[way] == "due"
        clock.move(seconds=wait.total_seconds())
        outbox.send()
    clock.move(days=3)
    outbox.send()
    assert gateway.tries == 1 + len(WAITS)
    assert outbox.states()[way] == "failed"
    with outbox.database.reading() as session:
        (call,) = calls_due(session, outbox.town.by, clock())
    assert call.person.id == outbox.by.person_id


def test_no_connection_is_a_clear_no(outbox):
    outbox.database.info[GATEWAYS] = Gateways(sms="json://127.0.0.1:9/?:to={to}")
    outbox.write()
    outbox.send()
    assert outbox.outcomes() == [("sms", 1, "failed")]


def test_a_slow_sender_does_not_change_what_was_given_up_meanwhile(outbox, monkeypatch, clock):
    real = sending.send

    def slow(url: str, **text: str) -> Any:
        clock.move(seconds=LOST_AFTER.total_seconds() + 1)
        outbox.database.write(lambda session, now: sending._settle_lost(
            session, now, community_id=outbox.town.community_id))  # fmt: skip
        return real(url, **text)

    monkeypatch.setattr(sending, "send", slow)
    outbox.write()
    outbox.send()
    assert set(outbox.states().values()) == {"unclear"}


def test_what_was_read_or_is_over_does_not_leave(outbox, clock):
    outbox.write("claim:1")
    outbox.write("claim:2", until_at=clock() + timedelta(minutes=1))
    outbox.do(actions.read_messages, by=outbox.by, message_ids=(outbox.messages()[0].id,))
    clock.move(hours=1)
    assert outbox.send() == 0
    assert {row.state for row in outbox.rows()} == {"dropped"}


def test_nobody_is_woken_at_night(outbox, clock):
    outbox.write()
    clock.move(hours=12)  # Ten in the evening.
    assert outbox.send() == 0
    clock.move(hours=10, minutes=1)
    assert outbox.send() == 2


def test_a_way_that_was_switched_off_since_is_not_used(outbox):
    outbox.write()
    outbox.do(actions.choose_messages, by=outbox.by, email="", by_email=False, by_sms=False,
              by_call=True)  # fmt: skip
    assert outbox.send() == 0
    assert outbox.states() == {"email": "dropped", "sms": "dropped"}
    assert len(outbox.messages()) == 1
