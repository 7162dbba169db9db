"""The poster on both engines: who waits together is posted together, and nobody for another."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import OperationalError

from tests.conftest import only_on
from tests.factories.ledger import START, make_account, make_request
from timebank.db import Busy, Database, StaleRow
from timebank.errors import InsufficientBalance
from timebank.ledger import poster as poster_module
from timebank.ledger.poster import BATCH_MAX, Poster
from timebank.ledger.queries import balances_of, broken_accounts
from timebank.ledger.rules import Move
from timebank.ledger.tables import txn


class Gate:
    """The clock of the database, which each unit asks once: it counts them, and can hold one."""

    def __init__(self):
        self.units = 0
        self.faults = []
        self.open = threading.Event()
        self.open.set()
        self.reached = threading.Event()

    def __call__(self):
        self.units += 1
        self.reached.set()
        assert self.open.wait(20)
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
        return START

    def shut(self):
        self.units = 0
        self.reached.clear()
        self.open.clear()


@pytest.fixture(scope="module")
def shared(copies, info):
    """One database for the file: each test brings people of its own."""
    url, gate = copies.fresh(), Gate()
    made = Database(url, clock=gate, info=info)
    yield made, gate
    made.close()
    copies.drop(url)


@pytest.fixture
def gate(shared):
    return shared[1]


@pytest.fixture
def database(shared, gate):
    yield shared[0]
    gate.open.set()
    with shared[0].reading() as session:
        assert broken_accounts(session, 1) == []


@pytest.fixture
def poster(database):
    made = Poster(database)
    yield made
    made.stop(patience=5)


@pytest.fixture
def pool():
    with ThreadPoolExecutor(64) as threads:
        yield threads


@pytest.fixture
def gift(database, gate):
    """Somebody with an hour, somebody without."""
    made = database.write(lambda s, now: (make_account(s, filled=60), make_account(s)))
    gate.units = 0
    return made


def ask(gift, quantity=10, **told):
    return make_request(Move(*gift, quantity), **told)


def wait_in_line(poster, pool, requests, community_id=1):
    """Let requests wait behind a shut gate, in their order; the futures of their outcomes."""
    asked = []
    for request in requests:
        before = len(poster._waiting)
        asked.append(pool.submit(poster.post, community_id, request))
        give_up = time.monotonic() + 10
        while len(poster._waiting) == before and time.monotonic() < give_up:
            time.sleep(0.0005)
        assert len(poster._waiting) == before + 1
    return asked


def shut_behind_one(poster, gate, pool, request):
    """Shut the gate with one request in the middle of its unit."""
    gate.shut()
    first = pool.submit(poster.post, 1, request)
    assert gate.reached.wait(10)
    return first


def posted(database, account_id):
    with database.reading() as session:
        return balances_of(session, 1, [account_id])[account_id].posted


def count(database, key):
    with database.reading() as session:
        return session.scalar(select(func.count()).where(txn.c.request_key == key))


def test_a_lonely_request_is_a_batch_of_its_own(poster, gate, gift, database):
    outcomes = [poster.post(1, ask(gift)) for _ in range(3)]
    assert [outcome.refusal for outcome in outcomes] == [None] * 3
    assert gate.units == 3
    assert posted(database, gift[0]) == 30


def test_what_waits_together_is_one_unit_in_the_order_it_came(poster, gate, gift, pool):
    first = shut_behind_one(poster, gate, pool, ask(gift))
    asked = wait_in_line(poster, pool, [ask(gift) for _ in range(8)])
    gate.open.set()
    kinds = [type(each.result().refusal) for each in [first, *asked]]
    assert kinds == [type(None)] * 6 + [InsufficientBalance] * 3
    assert gate.units == 2


def test_a_batch_has_a_largest_size(poster, gate, gift, pool, monkeypatch):
    assert BATCH_MAX == 200
    monkeypatch.setattr(poster_module, "BATCH_MAX", 3)
    first = shut_behind_one(poster, gate, pool, ask(gift, 1))
    asked = wait_in_line(poster, pool, [ask(gift, 1) for _ in range(7)])
    gate.open.set()
    assert [each.result().refusal for each in [first, *asked]] == [None] * 8
    assert gate.units == 1 + 3


def test_a_key_sent_twice_into_one_batch_is_one_transaction(poster, gate, gift, pool, database):
    first = shut_behind_one(poster, gate, pool, ask(gift))
    twice = ask(gift)
    asked = wait_in_line(poster, pool, [twice, twice])
    gate.open.set()
    outcomes = [first.result(), *(each.result() for each in asked), poster.post(1, twice)]
    assert [outcome.replayed for outcome in outcomes] == [False, False, True, True]
    assert len({outcome.txn_id for outcome in outcomes}) == 2
    assert posted(database, gift[0]) == 40


@pytest.mark.parametrize("place", [0, 3, 6])
def test_a_request_that_breaks_its_batch_breaks_alone(poster, gate, gift, pool, database, place):
    """Half a letter, which neither engine can write down, and no rule has looked."""
    first = shut_behind_one(poster, gate, pool, ask(gift, 1))
    requests = [ask(gift) for _ in range(7)]
    requests[place] = ask(gift, kind="\ud800")
    asked = wait_in_line(poster, pool, requests)
    gate.open.set()
    assert first.result().refusal is None
    faults = [each.exception() for each in asked]
    assert [fault is not None for fault in faults] == [n == place for n in range(7)]
    others = [each.result().refusal for each in asked if each.exception() is None]
    # In their order, so that the hour is there for five and not for the last.
    assert [type(refusal) for refusal in others] == [type(None)] * 5 + [InsufficientBalance]
    assert count(database, requests[place].key) == 0


def test_a_fault_of_the_database_is_told_to_all_and_tried_no_further(poster, gate, gift, pool):
    first = shut_behind_one(poster, gate, pool, ask(gift))
    asked = wait_in_line(poster, pool, [ask(gift) for _ in range(5)])
    full = OperationalError("INSERT", {}, Exception("disk full"))
    gate.faults = [None, full]
    gate.open.set()
    assert first.result().refusal is None
    assert {each.exception() for each in asked} == {full}
    assert gate.units == 2
    assert poster.post(1, ask(gift)).refusal is None


def test_a_unit_that_must_start_again_does_so_unseen(poster, gate, gift, database):
    gate.faults = [StaleRow("moved"), StaleRow("moved again")]
    assert poster.post(1, ask(gift)).refusal is None
    assert (gate.units, posted(database, gift[0])) == (3, 50)


@only_on("postgresql")
@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
def test_a_line_lost_around_the_commit_leaves_each_key_once(
    poster, gate, gift, pool, database, is_done
):
    """SQLite has no line to lose: there the processes are killed (``tests/races``)."""
    first = shut_behind_one(poster, gate, pool, ask(gift))
    asked = wait_in_line(poster, pool, [ask(gift) for _ in range(4)])
    event.listen(database.engine, "commit", cut_one_line(database, is_done=is_done))
    gate.open.set()
    outcomes = [each.result() for each in [first, *asked]]
    assert [outcome.refusal for outcome in outcomes] == [None] * 5
    assert [outcome.replayed for outcome in outcomes] == [is_done] + [False] * 4
    assert posted(database, gift[0]) == 10
    assert gate.units == 3


def cut_one_line(database, *, is_done):
    """End the server's side of the first unit that commits, or just after it has."""
    cut = []

    def on_commit(connection):
        if cut:
            return
        cut.append(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
        if is_done:  # Something must be left for the commit that will find the line cut.
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("SELECT 1")
        with database.reading() as session:
            assert session.scalar(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": cut[0]})

    return on_commit


def test_who_finds_the_line_full_is_told_at_once(poster, gate, gift, pool, monkeypatch):
    monkeypatch.setattr(poster_module, "WAITING_MAX", 2)
    first = shut_behind_one(poster, gate, pool, ask(gift))
    asked = wait_in_line(poster, pool, [ask(gift), ask(gift)])
    with pytest.raises(Busy, match="2 requests are waiting"):
        poster.post(1, ask(gift))
    gate.open.set()
    assert [each.result().refusal for each in [first, *asked]] == [None] * 3
    assert poster.post(1, ask(gift)).refusal is None


def test_to_stop_is_to_finish_what_was_taken(poster, gate, gift, pool, database):
    first = shut_behind_one(poster, gate, pool, ask(gift))
    asked = wait_in_line(poster, pool, [ask(gift) for _ in range(3)])
    stopping = pool.submit(poster.stop)
    while not poster._is_stopped:
        time.sleep(0.0005)
    with pytest.raises(Busy, match="stopped"):
        poster.post(1, ask(gift))
    gate.open.set()
    stopping.result(10)
    assert [each.result().refusal for each in [first, *asked]] == [None] * 4
    assert posted(database, gift[0]) == 20


def test_who_still_waits_when_patience_with_a_stop_ends_is_told_so(poster, gate, gift, pool):
    first = shut_behind_one(poster, gate, pool, ask(gift))
    asked = wait_in_line(poster, pool, [ask(gift)])
    poster.stop(patience=0.01)
    assert "stopped" in str(asked[0].exception(10))
    gate.open.set()
    assert first.result().refusal is None


def test_a_poster_that_never_posted_stops_too(database):
    Poster(database).stop()


def test_what_was_begun_when_patience_ended_is_found_by_its_key(poster, gate, gift, database):
    gate.shut()
    slow = ask(gift)
    with pytest.raises(Busy, match="no outcome within"):
        poster.post(1, slow, patience=0.05)
    gate.open.set()
    outcome = poster.post(1, slow)
    assert (outcome.refusal, outcome.replayed) == (None, True)
    assert posted(database, gift[0]) == 50


def test_what_was_not_begun_when_patience_ended_is_not_done(poster, gate, gift, pool, database):
    first = shut_behind_one(poster, gate, pool, ask(gift))
    late = ask(gift)
    with pytest.raises(Busy, match="no outcome within"):
        poster.post(1, late, patience=0.05)
    gate.open.set()
    assert first.result().refusal is None
    assert poster.post(1, ask(gift)).refusal is None  # Whatever was before it is through.
    assert count(database, late.key) == 0


def test_each_community_has_its_own_batch(poster, gate, gift, pool, database, neighbour_id):
    def lay(session, now):
        told = {"community_id": neighbour_id}
        return make_account(session, filled=60, **told), make_account(session, **told)

    theirs = database.write(lay)
    first = shut_behind_one(poster, gate, pool, ask(gift))
    ours = wait_in_line(poster, pool, [ask(gift), ask(gift)])
    next_door = wait_in_line(poster, pool, [ask(theirs), ask(theirs)], neighbour_id)
    strange = wait_in_line(poster, pool, [ask(theirs)])
    gate.open.set()
    done = [first, *ours, *next_door]
    assert [each.result().refusal for each in done] == [None] * 5
    assert strange[0].result().refusal.code == "NOT_FOUND"
    assert gate.units == 3
