"""Holds expire once, however many processes run, and never those that belong to another job."""

from datetime import timedelta

import pytest

from tests.factories.ledger import (
    START,
    make_account,
    make_hold,
    make_request,
    post_now,
)
from tests.factories.recount import broken_accounts, open_holds
from timebank.ledger.expiry import expire_holds
from timebank.ledger.queries import balances_of
from timebank.ledger.rules import PlaceHold, ResolveHold
from timebank.values import to_us

LATER = START + timedelta(days=3)  # The deadline of the holds of ``make_hold``.


@pytest.fixture
def sides(session):
    return make_account(session, filled=60), make_account(session)


def test_what_is_past_its_deadline_goes_back(session, sides):
    make_hold(session, *sides, 40)
    assert expire_holds(session, 1, now=LATER - timedelta(microseconds=1)).ended == 0
    assert expire_holds(session, 1, now=LATER).ended == 1
    assert balances_of(session, 1, [sides[0]])[sides[0]].available == 60
    assert expire_holds(session, 1, now=LATER).ended == 0
    assert broken_accounts(session, 1) == []


def test_a_hold_that_was_captured_is_left_as_it_is(session, sides):
    hold = make_hold(session, *sides, 40)
    post_now(session, make_request(ResolveHold(*hold, 40)))
    make_hold(session, *sides, 5)
    assert expire_holds(session, 1, now=LATER).ended == 1
    assert balances_of(session, 1, [sides[1]])[sides[1]].posted == 40


def test_what_somebody_else_ends_is_left_alone(session, sides):
    line = PlaceHold(*sides, 7, to_us(START))
    post_now(session, make_request(line, kind="claim_goods"), make_request(line, kind="other"))
    assert expire_holds(session, 1, now=LATER, left_alone=("claim_goods",)).ended == 1
    assert len(open_holds(session, 1)) == 1


def test_many_end_in_parts_the_oldest_first(session, sides):
    for hours in (3, 1, 2):
        line = PlaceHold(*sides, hours, to_us(START + timedelta(hours=hours)))
        post_now(session, make_request(line))
    first = expire_holds(session, 1, now=LATER, limit=2)
    assert (first.ended, first.is_more) == (2, True)
    assert [hold[2] for hold in open_holds(session, 1)] == [3]
    last = expire_holds(session, 1, now=LATER, limit=2)
    assert (last.ended, last.is_more) == (1, False)


def test_the_neighbours_holds_are_theirs(session, sides):
    make_hold(session, *sides, 40)
    assert expire_holds(session, 2, now=LATER).ended == 0
