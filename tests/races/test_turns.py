"""Writers of one process queue on SQLite, so that none waits for long."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.databases import SqliteCopies
from tests.factories.ledger import make_issue
from tests.waiting import HANG_SECONDS
from timebank.db import Busy, Database

pytestmark = pytest.mark.slow
WRITERS, UNITS = 8, 12


@pytest.fixture
def database(tmp_path):
    opened = Database(SqliteCopies(tmp_path).fresh())
    yield opened
    opened.close()


def most_let_pass(database):
    """Let eight threads write; return how many others passed the unluckiest unit of work."""
    start = threading.Barrier(WRITERS, timeout=HANG_SECONDS)
    turns = []  # The threads that wrote, in order; appended only while writing.

    def write(number):
        start.wait()
        passed = []
        for _ in range(UNITS):
            asked = len(turns)
            database.write(
                lambda session, now: (make_issue(session), time.sleep(0.004), turns.append(number))
            )
            passed.append(turns.index(number, asked) - asked)
        return max(passed)

    with ThreadPoolExecutor(WRITERS) as pool:
        return max(pool.map(write, range(WRITERS)))


def test_no_writer_lets_most_of_the_others_pass(database):
    assert most_let_pass(database) < WRITERS * UNITS * 3 / 4


def test_a_unit_within_a_unit_is_told_so_and_does_not_hang(database, monkeypatch):
    monkeypatch.setattr("timebank.db.units._PATIENCE_SECONDS", 0.1)
    with pytest.raises(Busy, match="another unit of work has been writing"):
        database.write(lambda session, now: database.write(lambda inner, at: None))
    assert database.write(lambda session, now: "free again") == "free again"
