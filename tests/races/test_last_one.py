"""Sixteen connections over one last item and one last hour: one gets it, fifteen are refused."""

import pytest

from tests.factories.recount import broken_accounts
from tests.races.racing import RACERS, Taken, lay_last_one
from tests.races.unguarded import (
    drop_constraints,
    take_out_begin_immediate,
    take_out_the_guard,
    take_out_the_lock,
)
from timebank.ledger.queries import sums_by_commodity
from timebank.ledger.refusals import InsufficientBalance
from timebank.values import MINUTES, pieces_of

pytestmark = pytest.mark.slow

LAST = pytest.mark.parametrize(("commodity", "quantity"), [(pieces_of(7), 1), (MINUTES, 60)])


def assert_one_has_it(answers, *, short_by):
    taken = [answer for answer in answers if isinstance(answer, Taken)]
    refused = [answer for answer in answers if isinstance(answer, InsufficientBalance)]
    assert (len(taken), len(refused)) == (1, RACERS - 1), answers
    assert {refusal.facts["short_by"] for refusal in refused} == {short_by}


def assert_whole(database):
    with database.reading() as session:
        assert broken_accounts(session, 1) == []
        assert set(sums_by_commodity(session, 1).values()) == {(0, 0)}


@LAST
def test_exactly_one_has_the_last_one(fresh_database, commodity, quantity):
    last = lay_last_one(fresh_database, commodity, quantity)
    assert_one_has_it(last.race(fresh_database), short_by=quantity)
    assert last.left(fresh_database) == 0
    assert_whole(fresh_database)


def test_the_guard_of_the_row_alone_is_enough(fresh_database, monkeypatch):
    """Without the lock the losers find the row changed, and are retried."""
    last = lay_last_one(fresh_database, MINUTES, 60)
    take_out_the_lock(monkeypatch)
    assert_one_has_it(last.race(fresh_database), short_by=60)
    assert_whole(fresh_database)


def test_without_the_guards_the_last_one_is_given_many_times(fresh_database, monkeypatch):
    """The negative control: the race is real, and only the guards prevent overselling."""
    drop_constraints(fresh_database)
    last = lay_last_one(fresh_database, MINUTES, 60)
    take_out_the_lock(monkeypatch)
    take_out_the_guard(monkeypatch)
    take_out_begin_immediate(monkeypatch)
    answers = last.race(fresh_database)
    taken = [answer for answer in answers if isinstance(answer, Taken)]
    assert len(taken) > 1, answers
    assert last.left(fresh_database) < 0
    with pytest.raises(AssertionError):
        assert_one_has_it(answers, short_by=60)
