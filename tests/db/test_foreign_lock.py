"""While another program holds a SQLite file, one writer waits for it and the others give up."""

import threading

import pytest
from sqlalchemy import text

from tests.conftest import only_on
from tests.waiting import wait_until
from tests.web.test_health import foreign_lock
from timebank.db import Busy

pytestmark = only_on("sqlite")


def nothing(session, now):
    session.execute(text("SELECT 1"))


def test_only_one_writer_waits_for_another_program(fresh_database):
    head = threading.Thread(target=fresh_database.write, args=(nothing,))
    with foreign_lock(fresh_database):
        head.start()
        wait_until(lambda: fresh_database._waiting_since)
        with pytest.raises(Busy, match="another program holds"):
            fresh_database.write(nothing)
        assert head.is_alive()
    head.join()
    fresh_database.write(nothing)


def test_a_long_unit_of_ours_is_waited_for(fresh_database):
    """It has the file, so it ends by itself."""
    begun, end = threading.Event(), threading.Event()

    def long(session, now):
        begun.set()
        end.wait()

    ours = threading.Thread(target=fresh_database.write, args=(long,))
    second = threading.Thread(target=fresh_database.write, args=(nothing,))
    ours.start()
    begun.wait()
    second.start()
    try:
        second.join(2.0)  # Twice as long as a foreign lock is waited for.
        assert second.is_alive()
    finally:
        end.set()
        second.join()
        ours.join()


def test_a_hasty_write_waits_for_nobody(fresh_database):
    with foreign_lock(fresh_database), pytest.raises(Exception, match="database is locked"):
        fresh_database.write_once(nothing, within_seconds=0.1)
    fresh_database.write_once(nothing, within_seconds=0.1)
