"""Reading and writing units of ``timebank/db.py`` on both engines."""

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.deeds.tables import community


def _found(session: Session, code: str) -> None:
    session.execute(insert(community).values(id=9, code=code, name_zh="新", name_en="New"))


def _codes(database: Database) -> list[str]:
    with database.reading() as session:
        return sorted(session.scalars(select(community.c.code)))


def test_what_a_unit_writes_is_there_once_it_ends(fresh_database):
    fresh_database.write(lambda session, now: _found(session, "new"))
    assert "new" in _codes(fresh_database)


def test_a_unit_that_fails_leaves_nothing_behind(fresh_database):
    def work(session, now):
        _found(session, "new")
        raise KeyError("afterwards")

    with pytest.raises(KeyError, match="afterwards"):
        fresh_database.write(work)
    assert _codes(fresh_database) == ["neighbour", "ours"]


def test_what_was_written_in_a_savepoint_goes_with_it(fresh_database):
    def work(session, now):
        assert session.scalar(select(community.c.id).limit(1)) is not None
        with pytest.raises(KeyError), session.begin_nested():
            _found(session, "new")
            raise KeyError("inside")
        _found(session, "kept")

    fresh_database.write(work)
    assert _codes(fresh_database) == ["kept", "neighbour", "ours"]


def test_a_unit_gets_the_time_of_the_clock(fresh_database, now):
    assert fresh_database.write(lambda session, at: at) == now


def test_sessions_carry_the_info_of_the_database(fresh_database, vault):
    with fresh_database.reading() as session:
        assert session.info["vault"] is vault


def test_the_test_session_sees_both_communities(session, community_id, neighbour_id):
    assert set(session.scalars(select(community.c.id))) == {community_id, neighbour_id}


def test_two_fresh_databases_are_strangers(new_database, clock):
    ours, other = new_database(clock), new_database(clock)
    ours.write(lambda session, now: _found(session, "new"))
    assert "new" not in _codes(other)
