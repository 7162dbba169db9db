"""Calls for staff: who hears them, who answers, and for how long they ring."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import make_by
from tests.factories.kiosks import receive
from tests.factories.people import neighbour, stranger
from timebank.deeds.deed import Deed
from timebank.errors import NotAllowed, NotFound, WrongState
from timebank.kiosks import rules, wire
from timebank.kiosks.actions import answer_call
from timebank.kiosks.queries import call_of, open_calls

MINUTE = timedelta(minutes=1)


def call(session, stand, now, *, at=None, page="/pickup/12", **changes):
    body = wire.StaffAsked(page)
    return receive(session, stand, stand.deed(body, at=at or now, **changes), now=now)


def answer(session, by, call_id, now):
    return answer_call(Deed(session, by, now, f"a{call_id}{now}"), call_id=call_id)


def test_a_call_waits_for_the_keeper_and_the_coordinator(session, stand, now):
    assert call(session, stand, now).outcome == "posted"
    for by in (stand.shop.keeper, stand.coordinator):
        (waiting,) = open_calls(session, by, now)
        assert (waiting.page, waiting.asked_at) == ("pickup", now)


def test_one_of_them_answers_and_then_nobody_has_to(session, stand, now):
    call(session, stand, now)
    (waiting,) = open_calls(session, stand.coordinator, now)
    answer(session, stand.shop.keeper, waiting.call_id, now)
    assert open_calls(session, stand.coordinator, now) == []
    with pytest.raises(NotFound):
        call_of(session, stand.coordinator, waiting.call_id)
    with pytest.raises(WrongState):
        answer(session, stand.coordinator, waiting.call_id, now + MINUTE)


def test_strangers_other_keepers_and_neighbours_neither_hear_nor_answer(session, stand, now):
    call(session, stand, now)
    (waiting,) = open_calls(session, stand.coordinator, now)
    elsewhere = make_by("keeper", place_id=4)
    for by, refusal in (
        (stranger(session, stand.shop.town), NotAllowed), (elsewhere, NotFound),
        (neighbour(session), NotFound),
    ):  # fmt: skip
        assert open_calls(session, by, now) == []
        with pytest.raises(NotFound):
            call_of(session, by, waiting.call_id)
        with pytest.raises(refusal):
            answer(session, by, waiting.call_id, now)


def test_taps_within_two_minutes_are_one_call_and_later_ones_another(session, stand, now):
    for minutes in (0, 1, 5):
        call(session, stand, now + minutes * MINUTE)
    assert len(open_calls(session, stand.shop.keeper, now + 5 * MINUTE)) == 2


def test_after_an_answer_the_next_tap_rings_again(session, stand, now):
    call(session, stand, now)
    (waiting,) = open_calls(session, stand.shop.keeper, now)
    answer(session, stand.shop.keeper, waiting.call_id, now)
    call(session, stand, now + MINUTE)
    assert len(open_calls(session, stand.shop.keeper, now + MINUTE)) == 1


@pytest.mark.parametrize(("minutes", "waiting"), [(29, 1), (31, 0)])
def test_a_call_that_arrives_late_rings_for_nobody(session, stand, now, minutes, waiting):
    later = now + minutes * MINUTE
    assert call(session, stand, later, at=now).outcome == "posted"
    assert len(open_calls(session, stand.shop.keeper, later)) == waiting


def test_a_call_by_a_clock_at_2000_rings(session, stand, now):
    call(session, stand, now, at=datetime(2000, 1, 1, tzinfo=UTC))
    assert len(open_calls(session, stand.shop.keeper, now)) == 1


def test_a_call_that_nobody_answered_leaves_the_list_after_a_day(session, stand, now):
    call(session, stand, now)
    for after, waiting in ((rules.CALL_SHOWN - MINUTE, 1), (rules.CALL_SHOWN + MINUTE, 0)):
        assert len(open_calls(session, stand.shop.keeper, now + after)) == waiting


@pytest.mark.parametrize("page", ["", "/", "/<b>", "/取", "/" + "a" * 99, "//x", "/deposit/code"])
def test_what_the_person_did_is_a_plain_word(session, stand, now, page):
    call(session, stand, now, page=page)
    (waiting,) = open_calls(session, stand.shop.keeper, now)
    assert len(waiting.page) <= 20 and (not waiting.page or waiting.page.isalpha())
