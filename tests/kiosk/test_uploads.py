"""A slow server: uploads are cut by the time that they take, and waited for by their size."""

import pytest

from kiosk.outbox import NewEvent
from kiosk.server import Call, HttpCarrier, ServerDown, patience_for
from kiosk.sync import BATCH_SECONDS, FIRST_BATCH, next_size
from tests.factories.kiosks import make_stand
from timebank.kiosks import wire
from timebank.kiosks.actions import intake
from timebank.values import to_us

WAITING = 200


@pytest.fixture(scope="session")
def copies(sqlite_copies):
    """The outbox and the wire are the same on every engine."""
    return sqlite_copies


class Ticking:
    """A clock that each reading moves on by some seconds."""

    def __init__(self, seconds):
        self.now, self.seconds = 0.0, seconds

    def __call__(self):
        self.now += self.seconds
        return self.now


def fill(screen, count):
    for number in range(count):
        body = wire.DepositRecorded(
            (wire.WireDepositLine(screen.stand.shop.item("洗衣液"), 1, "new"),)
        )
        screen.kiosk.outbox.record(NewEvent(f"event-{number}", body, "visit"))


# The kiosk.
@pytest.mark.parametrize(
    ("events", "seconds", "following"),
    [(25, 0.1, 50), (150, 0.1, 200), (100, 0.7, 100), (100, 1.1, 50), (1, 99.0, 1), (200, 30, 100)],
)
def test_an_upload_grows_and_shrinks_by_the_time_that_it_took(events, seconds, following):
    assert next_size(events, seconds) == following


def test_a_larger_upload_is_waited_for_longer():
    assert patience_for(200) > patience_for(25) > patience_for(1) > 2.0


def test_a_page_waits_as_before_and_the_thread_behind_it_longer(monkeypatch):
    waited = []

    class Opener:
        def open(self, request, timeout):
            waited.append(timeout)
            raise OSError

    monkeypatch.setattr("urllib.request.build_opener", lambda *handlers: Opener())
    carrier = HttpCarrier("http://127.0.0.1:1", 2.0)
    for patience in (None, patience_for(200)):
        with pytest.raises(ServerDown):
            carrier(Call(method="GET", path="/", body=b"", headers={}, patience=patience))
    assert waited == [2.0, patience_for(200)]


def test_nobody_waits_for_the_thread_so_it_waits_long_for_each_answer(screen):
    fill(screen, 1)
    sync, whole, waits = screen.kiosk.sync, screen.line, {}
    sync._looked_at = None
    sync._checked.clear()

    def heard(call):
        waits[call.path.rpartition("/")[2]] = call.patience
        return whole(call)

    screen.line = heard
    assert screen.round()
    assert waits.keys() >= {"head", "events", "snapshot"}
    waits.pop("nonce", None)  # Pages need one too.
    assert all(one is not None and one > 2.0 for one in waits.values()), waits


class SlowServer:
    """It needs a while for each event; who waits less long hears nothing."""

    def __init__(self, screen, each):
        self.screen, self.each, self.line, self.sizes, self.now = screen, each, screen.line, [], 0.0

    def __call__(self, call):
        events = call.body.count(b'"raw"') if call.path.endswith("/events") else 0
        seconds = self.each * events
        self.now += seconds
        self.sizes += [events] if events else []
        reply = self.line(call)
        if seconds > (call.patience or 2.0):
            raise ServerDown("no answer in time")
        return reply


@pytest.mark.parametrize("each", [0.001, 0.05, 0.3])
def test_two_hundred_waiting_events_arrive_in_one_round_from_a_slow_server(screen, each):
    fill(screen, WAITING)
    slow = SlowServer(screen, each)
    screen.line, screen.kiosk.sync._timer = slow, lambda: slow.now
    screen.kiosk.sync.round()
    assert screen.kiosk.outbox.count_waiting() == 0
    assert screen.kiosk.sync.is_up
    # A server that is busy answers for a part in its time, and the rest is sent again.
    assert slow.sizes[0] == FIRST_BATCH and sum(slow.sizes) >= WAITING
    if each * FIRST_BATCH > BATCH_SECONDS:
        assert slow.sizes[1] < FIRST_BATCH


def test_after_no_answer_less_is_sent_at_once(screen):
    fill(screen, 60)
    whole, tried = screen.line, []

    def deaf(call):
        if call.path.endswith("/events"):
            tried.append(call.body.count(b'"raw"'))
            raise ServerDown("no answer")
        return whole(call)

    screen.line = deaf
    for _ in range(3):
        screen.round()
    assert tried == [25, 12, 6]
    screen.line = whole
    assert screen.round()
    assert screen.kiosk.outbox.count_waiting() == 0


# The server.
def batch_of(database, count):
    stand = database.write(lambda session, now: make_stand(session, now=now))
    now = database.clock()
    items = tuple(stand.deed(stand.rice(), at=now) for _ in range(count))
    return stand, wire.Batch(to_us(now), items)


def test_a_server_answers_for_what_it_has_done_within_its_time(fresh_database):
    stand, batch = batch_of(fresh_database, 9)
    answer = intake.receive_batch(fresh_database, stand.device, batch, timer=Ticking(0.3))
    assert [one.outcome for one in answer.results] == ["posted"] * 4
    assert answer.head_seq == 4


def test_a_server_that_is_slower_than_that_still_answers_for_one(fresh_database):
    stand, batch = batch_of(fresh_database, 3)
    answer = intake.receive_batch(fresh_database, stand.device, batch, timer=Ticking(60))
    assert [one.seq for one in answer.results] == [1]


def test_a_kiosk_sends_what_a_slow_server_has_not_answered(screen, monkeypatch):
    fill(screen, 30)
    monkeypatch.setattr(intake.receive_batch, "__kwdefaults__", {"timer": Ticking(0.4)})
    screen.kiosk.sync.round()
    assert screen.kiosk.outbox.count_waiting() == 0
    assert len(screen.deposits()) == 30
