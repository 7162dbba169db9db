"""Over the wire: a kiosk whose clock is set wrong offline, and right before it sends."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories.looks import open_reviews
from timebank.deeds.deed import Deed
from timebank.hours import queries as hours
from timebank.kiosks.actions import settle_review
from timebank.values import to_us

Y2000 = datetime(2000, 1, 1, 0, 5, tzinfo=UTC)


@pytest.fixture
def machine(screen):
    """The clock and the count of the kiosk's machine, in the test's hands."""
    return Machine(screen)


class Machine:
    def __init__(self, screen):
        self.screen, self.shown = screen, None
        self.began = screen.database.clock()
        screen.kiosk.clock = screen.kiosk.outbox._clock = screen.kiosk.sync._clock = self.clock_us
        self.restart("first boot")

    def clock_us(self):
        return to_us(self.shown or self.screen.clock())

    def restart(self, boot_id):
        outbox, since = self.screen.kiosk.outbox, self.screen.clock()
        outbox._boot_id = boot_id
        outbox._monotonic = lambda: int((self.screen.clock() - since) / timedelta(milliseconds=1))


def start(screen):
    screen.scan()
    return screen.post("/shift/start", **screen.choose_service())


def told(screen):
    return {"event_id": screen.field("event_id"), "service_id": screen.stand.service_id}


def end(screen):
    screen.get("/shift")
    return screen.post("/shift/end", event_id=screen.field("event_id"))


def reviews(screen):
    with screen.database.reading() as session:
        found = open_reviews(session, screen.stand.shop.keeper)
    return sorted(found, key=lambda one: one.seq)


def settle_all(screen):
    for review in reviews(screen):
        screen.database.write(
            lambda session, now, review=review: settle_review(
                Deed(session, screen.stand.shop.keeper, now, f"s{review.seq}"),
                review_id=review.review_id, how="post", note="",
            )
        )  # fmt: skip


def minutes(screen):
    person_id = screen.stand.volunteer.person_id
    return [one.real_minutes for one in screen.read(hours.records_of_person, person_id)]


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_clock_that_falls_back_during_a_shift_lets_it_end(screen, clock, machine, is_restarted):
    assert "签到好了" in start(screen)
    screen.cut()
    clock.move(minutes=90)
    machine.shown = Y2000
    ended = end(screen)
    assert "签退好了" in ended and "这台机器的钟不准" in ended
    screen.post("/end")
    screen.scan()
    assert "正在服务" not in screen.get("/shift")
    if is_restarted:
        machine.restart("second boot")
    clock.move(minutes=30)
    machine.shown = None
    screen.mend()
    assert [one.reason for one in reviews(screen)] == ["TIME_IMPLAUSIBLE"]
    assert "正在服务" not in screen.get("/shift")  # It waits for staff, but it has ended.
    settle_all(screen)
    assert minutes(screen) == [90]


def test_a_whole_shift_at_2000_is_posted_by_staff_with_its_true_minutes(screen, clock, machine):
    screen.cut()
    machine.shown = Y2000
    assert "签到好了" in start(screen)
    clock.move(minutes=75)
    machine.shown = Y2000 + timedelta(minutes=75)
    assert "签退好了" in end(screen)
    clock.move(minutes=10)
    machine.shown = None
    screen.mend()
    assert [one.reason for one in reviews(screen)] == ["TIME_IMPLAUSIBLE"] * 2
    settle_all(screen)
    assert minutes(screen) == [75]
    (served,) = screen.read(hours.records_of_person, screen.stand.volunteer.person_id)
    assert screen.clock() - served.ended_at < timedelta(minutes=11)


def test_a_shift_whose_beginning_waits_for_staff_can_still_be_ended_here(screen, clock, machine):
    screen.cut()
    machine.shown = Y2000
    start(screen)
    clock.move(minutes=40)
    machine.shown = None
    screen.mend()
    assert [one.reason for one in reviews(screen)] == ["TIME_IMPLAUSIBLE"]
    assert "签退好了" in end(screen)
    settle_all(screen)
    assert minutes(screen) == [40]


def test_a_second_start_after_the_clock_fell_back_is_no_double_tap(screen, clock, machine):
    start(screen)
    clock.move(minutes=30)
    machine.shown = screen.clock() - timedelta(hours=3)
    first = screen.kiosk.outbox._deeds("WHERE type='shift.started'")[0]
    assert screen.kiosk.outbox.age_us(first) == 30 * 60_000_000
