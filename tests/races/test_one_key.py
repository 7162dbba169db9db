"""One request sent many times at once, and one hold that many would end at once."""

import pytest
from sqlalchemy import func, select

from tests.factories import make_by
from tests.factories.ledger import make_account, make_hold, make_request, post_now
from tests.factories.recount import broken_accounts
from tests.races.racing import RACERS, Taken, address, race, take
from timebank.deeds.refusals import RequestKeyReused
from timebank.deeds.running import perform
from timebank.deeds.tables import deed
from timebank.ledger.actions import ensure_account, post
from timebank.ledger.queries import find_account
from timebank.ledger.refusals import AlreadyReversed, HoldAlreadyResolved, InsufficientBalance
from timebank.ledger.rules import Move, ResolveHold
from timebank.ledger.tables import account, balance, txn
from timebank.values import MINUTES

pytestmark = pytest.mark.slow
SENDS = 50


@pytest.fixture
def database(fresh_database):
    yield fresh_database
    with fresh_database.reading() as session:
        assert broken_accounts(session, 1) == []


@pytest.fixture
def gift(database):
    def lay(session, now):
        return {"source": make_account(session, filled=60), "destination": make_account(session)}

    return database.write(lay)


def count(database, table, *conditions):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table).where(*conditions))


def send_often(database, gift, quantity):
    """Send one request fifty times at once."""
    by = make_by()

    def work(own, number):
        return perform(own, take, by=by, request_id="once", quantity=quantity, **gift)

    return race(address(database), work, turns=SENDS)


def test_fifty_sends_of_one_request_are_one_deed_with_one_answer(database, gift):
    answers = send_often(database, gift, 40)
    assert len(answers) == SENDS
    assert isinstance(answers[0], Taken)
    assert answers == [answers[0]] * SENDS
    assert count(database, txn, txn.c.kind == "take") == 1
    assert count(database, deed) == 1


def test_fifty_sends_of_a_refused_request_are_refused_alike(database, gift):
    answers = send_often(database, gift, 61)
    assert {type(answer) for answer in answers} == {InsufficientBalance}
    assert [answer.facts for answer in answers] == [{"short_by": 1}] * SENDS
    assert (count(database, txn, txn.c.kind == "take"), count(database, deed)) == (0, 1)


def test_one_key_of_a_batch_sent_by_many_is_one_transaction(database, gift):
    request = make_request(Move(gift["source"], gift["destination"], 40), kind="take")

    def work(own, number):
        return own.write(lambda session, now: post(session, 1, [request], now=now))[0]

    outcomes = race(address(database), work)
    assert len({outcome.txn_id for outcome in outcomes}) == 1
    assert [outcome.replayed for outcome in outcomes].count(False) == 1
    assert count(database, txn, txn.c.kind == "take") == 1


def test_one_key_with_sixteen_contents_does_one_of_them(database, gift):
    by = make_by()

    def work(own, number):
        return perform(own, take, by=by, request_id="once", quantity=number + 1, **gift)

    answers = race(address(database), work)
    kinds = [type(answer) for answer in answers]
    assert (kinds.count(Taken), kinds.count(RequestKeyReused)) == (1, RACERS - 1)


def send_each(database, make):
    """Post sixteen requests of sixteen senders at once; return the results."""

    def work(own, number):
        return own.write(lambda session, now: post(session, 1, [make(number)], now=now))[0]

    return [outcome.refusal for outcome in race(address(database), work)]


def test_a_hold_that_sixteen_would_end_ends_once_and_the_others_are_told(database, gift):
    """Captured at the counter or released by the expiry: the later ones are refused."""
    hold = database.write(lambda s, now: make_hold(s, gift["source"], gift["destination"], 30))
    refusals = send_each(database, lambda number: make_request(ResolveHold(*hold, number)))
    kinds = [type(refusal) for refusal in refusals]
    assert (kinds.count(type(None)), kinds.count(HoldAlreadyResolved)) == (1, RACERS - 1)


def test_a_mistake_that_sixteen_would_correct_is_corrected_once(database, gift):
    def lay(session, now):
        return post_now(session, make_request(Move(gift["source"], gift["destination"], 10)))[0]

    mistake = database.write(lay).txn_id
    refusals = send_each(database, lambda number: make_request(reverses_id=mistake))
    kinds = [type(refusal) for refusal in refusals]
    assert (kinds.count(type(None)), kinds.count(AlreadyReversed)) == (1, RACERS - 1)


def test_an_account_that_sixteen_would_open_is_one_account(database):
    def work(own, number):
        def open_one(session, now):
            return ensure_account(session, 1, "person", MINUTES, owner_id=5, floor=0)

        return own.write(open_one)

    opened = set(race(address(database), work))
    assert len(opened) == 1
    with database.reading() as session:
        assert {find_account(session, 1, "person", MINUTES, owner_id=5)} == opened
    assert (count(database, account), count(database, balance)) == (1, 1)
