"""kill -9 in the middle of sealing, several sealers at once: each entry is in one place."""

import random
import time

import pytest
from sqlalchemy import select

from tests.counts import repeats
from tests.factories.ledger import make_account
from tests.factories.sealing import VERIFIER, move_some, seal_in
from tests.races.sealer import Sealers
from tests.waiting import wait_until
from timebank.sealing.notes import read_checkpoint
from timebank.sealing.queries import checkpoint_latest, sealing_state
from timebank.sealing.rules import tree_root
from timebank.sealing.tables import log_leaf

pytestmark = pytest.mark.slow
SEALERS, KILLS, POSTED = 2, repeats(6, 20), 40


def lay(database):
    database.write(lambda session, now: [make_account(session) for _ in range(2)])


def state_of(database):
    with database.reading() as session:
        return sealing_state(session, 1)


def work_and_kill(database, sealers, *, kills, until=lambda: False):
    """Post without pause while sealers are killed at random, each time after they sealed some."""
    for _ in range(kills):
        sealed = state_of(database).sealed

        def has_sealed(sealed=sealed):
            database.write(lambda session, now: move_some(session, 3))
            return state_of(database).sealed > sealed or until()

        wait_until(has_sealed, "nothing is sealed", pause=0)
        time.sleep(random.uniform(0, 0.03))
        sealers.kill_one()
        if until():
            break


def test_killed_sealers_lose_nothing_and_seal_nothing_twice(fresh_database):
    lay(fresh_database)
    sealers = Sealers(fresh_database, SEALERS)
    try:
        work_and_kill(fresh_database, sealers, kills=KILLS)
        fresh_database.write(lambda session, now: move_some(session, POSTED))

        def is_sealed():
            state = state_of(fresh_database)
            assert state.is_whole  # Also in the middle of it all.
            return state.sealed >= POSTED

        wait_until(is_sealed, "the sealers do not go on")
    finally:
        sealers.stop()
    assert sealers.ended_alone == 0  # Nobody dies of anything but us.
    while seal_in(fresh_database).count:
        pass
    state = state_of(fresh_database)
    assert (state.waiting, state.sealed) == (0, state.entries)
    with fresh_database.reading() as session:
        rows = session.execute(select(log_leaf).order_by(log_leaf.c.idx)).all()
        latest = checkpoint_latest(session, 1)
    assert [row.idx for row in rows] == list(range(state.entries))
    told = read_checkpoint(latest.note, VERIFIER)
    assert (told.size, told.root) == (len(rows), tree_root([bytes(r.leaf_hash) for r in rows]))


def test_a_sealer_that_commits_in_two_units_is_caught(fresh_database):
    """The negative control: killed between queue and leaves, an entry is lost."""
    lay(fresh_database)
    sealers = Sealers(fresh_database, 1, is_torn=True)
    try:
        work_and_kill(
            fresh_database, sealers, kills=30, until=lambda: not state_of(fresh_database).is_whole
        )
    finally:
        sealers.stop()
    assert not state_of(fresh_database).is_whole
