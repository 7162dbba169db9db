"""Writers of one process take turns on SQLite: none is left waiting for its luck."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.databases import SqliteCopies
from tests.factories.ledger import make_issue
from timebank.db import Busy, Database

pytestmark = pytest.mark.slow
WRITERS, UNITS = 8, 12


@pytest.fixture
def database(tmp_path):
    opened = Database(SqliteCopies(tmp_path).fresh())
    yield opened
    opened.close()


def longest_wait(database):
    """Let eight threads write without rest; seconds that the unluckiest unit took."""
    start = threading.Barrier(WRITERS, timeout=10)

    def write(number):
        start.wait()
        waits = []
        for _ in range(UNITS):
            asked = time.monotonic()
            database.write(lambda session, now: (make_issue(session), time.sleep(0.004)))
            waits.append(time.monotonic() - asked)
        return max(waits)

    with ThreadPoolExecutor(WRITERS) as pool:
        return max(pool.map(write, range(WRITERS)))


def test_no_writer_waits_much_longer_than_the_others(database):
    began = time.monotonic()
    longest = longest_wait(database)
    whole = time.monotonic() - began
    assert longest < whole / 2


def test_a_unit_within_a_unit_is_told_so_and_does_not_hang(database, monkeypatch):
    monkeypatch.setattr("timebank.db.units._PATIENCE_SECONDS", 0.1)
    with pytest.raises(Busy, match="another unit of work has been writing"):
        database.write(lambda session, now: database.write(lambda inner, at: None))
    assert database.write(lambda session, now: "free again") == "free again"
