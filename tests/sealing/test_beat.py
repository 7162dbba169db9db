"""A run of the sealer takes what waits and ends, however busy the hour is."""

import threading

import pytest

from tests.factories.ledger import make_account
from tests.factories.sealing import SIGNER, move_some
from timebank import sealer
from timebank.sealing.actions import SealingStopped, seal
from timebank.sealing.queries import sealing_state


def test_a_beat_ends_while_others_go_on_posting(fresh_database, monkeypatch):
    """Otherwise a busy hour would be sealed entry by entry without an end."""
    beats = []

    def seal_while_others_post(session, community_id, **told):
        beats.append(community_id)
        assert len(beats) < 9, "the beat does not end"
        done = seal(session, community_id, **told)
        move_some(session, 1)
        return done

    fresh_database.write(lambda session, now: move_some(session, 3))
    monkeypatch.setattr(sealer, "seal", seal_while_others_post)
    assert sealer.seal_all(fresh_database, SIGNER) >= 3
    assert beats == [1]
    with fresh_database.reading() as session:
        assert sealing_state(session, 1).waiting > 0


def test_a_beat_seals_all_that_waits_in_parts(fresh_database, monkeypatch):
    monkeypatch.setattr(sealer, "LIMIT", 4)
    monkeypatch.setattr(sealer, "seal", lambda *where, **told: seal(*where, **told, limit=4))
    fresh_database.write(lambda session, now: move_some(session, 9))
    sealer.seal_all(fresh_database, SIGNER)
    with fresh_database.reading() as session:
        assert sealing_state(session, 1).waiting == 0


def test_a_beat_leaves_the_rest_where_its_time_is_over(fresh_database, monkeypatch):
    """However much waits, the writers are not blocked."""
    monkeypatch.setattr(sealer, "LIMIT", 4)
    monkeypatch.setattr(sealer, "seal", lambda *where, **told: seal(*where, **told, limit=4))
    fresh_database.write(lambda session, now: move_some(session, 9))
    assert sealer.seal_all(fresh_database, SIGNER, seconds=0) == 4


def test_the_clock_gives_a_beat_a_small_share_of_its_time(fresh_database, monkeypatch):
    stopped, told = threading.Event(), []

    def beat(database, signer, *, seconds):
        told.append(seconds)
        stopped.set()

    monkeypatch.setattr(sealer, "SEALING_SECONDS", 0.01)
    monkeypatch.setattr(sealer, "seal_all", beat)
    sealer.keep_sealing(fresh_database, SIGNER, stopped)
    assert told == [0.01 * sealer.SEALING_SHARE]
    assert 0 < sealer.SEALING_SHARE <= 0.05


@pytest.mark.parametrize("ill", [1, 2])
def test_a_community_that_is_stopped_keeps_no_other_from_its_seal(fresh_database, monkeypatch, ill):
    def seal_all_but_one(session, community_id, **told):
        if community_id == ill:
            raise SealingStopped(community_id, "txn 7", "it was changed")
        return seal(session, community_id, **told)

    def post_in_both(session, now):
        move_some(session, 1)
        make_account(session, community_id=2)

    fresh_database.write(post_in_both)
    monkeypatch.setattr(sealer, "seal", seal_all_but_one)
    with pytest.raises(SealingStopped, match="txn 7"):
        sealer.seal_all(fresh_database, SIGNER)
    with fresh_database.reading() as session:
        assert sealing_state(session, ill).sealed == 0
        assert sealing_state(session, 3 - ill).waiting == 0
