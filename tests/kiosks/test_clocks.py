"""A kiosk whose clock is set while it is offline: its chain and the count of its machine decide."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tests.factories.kiosks import fresh, receive
from tests.factories.looks import open_reviews
from timebank.deeds.deed import Deed
from timebank.errors import BadInput
from timebank.goods import queries as goods
from timebank.hours import queries as hours
from timebank.hours.actions import check_in
from timebank.kiosks import actions, rules, wire
from timebank.kiosks.actions.intake import receive_event
from timebank.kiosks.refusals import TimeUnknown
from timebank.kiosks.rules import Bounds, count_of, doubt_of, in_order, proposed_at
from timebank.values import to_us

Y2000 = datetime(2000, 1, 1, 0, 5, tzinfo=UTC)
ARRIVED = datetime(2025, 6, 10, 8, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
HOUR_MS, MINUTE_MS = 3_600_000, 60_000


def bounds(**changes):
    told = {
        "paired_at": ARRIVED - 99 * HOUR, "last_at": ARRIVED - 9 * HOUR, "arrived_at": ARRIVED,
        "longest": timedelta(days=31),
    }  # fmt: skip
    return Bounds(**{**told, **changes})


# Rules.
def test_what_the_machine_has_counted_since_shows_a_clock_that_fell_back():
    at = ARRIVED - 8 * HOUR
    assert doubt_of(at, bounds()) is None
    assert doubt_of(at, bounds(last_counted_at=at + 9 * MINUTE)) is None
    assert doubt_of(at, bounds(last_counted_at=at + 11 * MINUTE)) == rules.BEFORE_PREVIOUS
    assert doubt_of(at, bounds(not_before=at + 11 * MINUTE)) == rules.BEFORE_PREVIOUS


@pytest.mark.parametrize(
    ("at", "posted_at"),
    [
        (ARRIVED - 9 * HOUR - 8 * MINUTE, ARRIVED - 9 * HOUR),
        (ARRIVED - 3 * HOUR, ARRIVED - 3 * HOUR),
        (ARRIVED + 8 * MINUTE, ARRIVED),
    ],
)
def test_what_is_tolerated_is_posted_in_the_order_of_the_chain(at, posted_at):
    assert in_order(at, bounds()) == posted_at


def test_the_upload_of_the_run_is_believed_before_the_count_since_the_previous_deed():
    exact, near = ARRIVED - 2 * HOUR, ARRIVED - 3 * HOUR
    both = bounds(counted_at=exact, last_counted_at=near)
    assert proposed_at(Y2000, both, is_shift=True) == exact
    assert proposed_at(Y2000, bounds(last_counted_at=near), is_shift=True) == near
    beyond = bounds(counted_at=ARRIVED + HOUR, last_counted_at=near)
    assert proposed_at(Y2000, beyond, is_shift=True) == near


@pytest.mark.parametrize(
    ("boot_id", "counted_ms", "is_known"),
    [
        ("boot", 5, True), ("boot", 0, True), (None, 5, False), ("boot", None, False),
        ("", 5, False), ("x" * 65, 5, False), ("b\0", 5, False), ("é", 5, False),
        ("boot", -1, False), ("boot", 2**62, False),
    ],
)  # fmt: skip
def test_an_impossible_count_is_none(boot_id, counted_ms, is_known):
    assert count_of(boot_id, counted_ms) == (counted_ms if is_known else None)


# Intake.
def arrive(session, stand, told, *, at, now, run=("boot", 0), **changes):
    """An event by its clock, sent by a run of the machine with its count."""
    item = stand.item(stand.envelope(told, at=at, **changes))
    return receive_event(
        session, now=now, sender=stand.device, item=item, sent_at=to_us(now), run=run
    )


def begin(stand):
    return wire.ShiftStarted(stand.service_id)


def shift_of(session, stand):
    return hours.open_shift(session, 1, stand.volunteer.person_id)


def ended(session, stand):
    (found,) = hours.records_of_person(session, 1, stand.volunteer.person_id)
    return found


def facts(session, stand):
    (review,) = open_reviews(session, stand.coordinator)
    return review.facts


def settle(session, stand, now, *, happened_at=None, how="post"):
    (review,) = open_reviews(session, stand.coordinator)
    return actions.settle_review(
        Deed(session, stand.shop.keeper, now, f"s{review.review_id}{happened_at}"),
        review_id=review.review_id, how=how, note="问过本人", happened_at=happened_at,
    )  # fmt: skip


def test_a_clock_at_2000_corrected_before_sending_is_proposed_at_its_true_time(session, stand, now):
    sent = now + 3 * HOUR
    result = arrive(
        session, stand, stand.rice(), at=Y2000, now=sent, monotonic_ms=HOUR_MS,
        run=("boot", 2 * HOUR_MS),
    )  # fmt: skip
    assert (result.outcome, result.reason) == ("review", "TIME_IMPLAUSIBLE")
    assert facts(session, stand)["why"] == rules.BEFORE_PAIRING
    assert facts(session, stand)["proposed_at"] == (sent - HOUR).isoformat()
    assert goods.announced_deposits(session, 1) == []
    settle(session, stand, sent)
    assert len(goods.announced_deposits(session, 1)) == 1


@pytest.mark.parametrize("minutes_back", [1, 8, 9])
def test_a_clock_that_falls_back_by_minutes_does_not_keep_a_shift_open(
    session, stand, now, minutes_back
):
    arrive(session, stand, begin(stand), at=now, now=now, monotonic_ms=1, run=("boot", 1))
    end_at = now - minutes_back * MINUTE
    result = arrive(
        session, stand, wire.ShiftEnded(), at=end_at, now=now + HOUR, monotonic_ms=MINUTE_MS,
        run=("boot", HOUR_MS),
    )  # fmt: skip
    assert result.outcome == "posted"
    assert shift_of(session, stand) is None
    assert ended(session, stand).ended_at == now + MINUTE - timedelta(milliseconds=1)


def test_a_clock_that_falls_back_by_years_in_a_shift_is_proposed_though_the_machine_restarted(
    session, stand, now
):
    """No upload of the first run ever said when it began: the previous deed does."""
    run = ("next boot", 5)
    arrive(session, stand, begin(stand), at=now, now=now + 9 * HOUR, monotonic_ms=500, run=run)
    result = arrive(
        session, stand, wire.ShiftEnded(), at=Y2000, now=now + 9 * HOUR,
        monotonic_ms=500 + 2 * HOUR_MS, run=run,
    )  # fmt: skip
    assert (result.outcome, shift_of(session, stand) is None) == ("review", False)
    assert facts(session, stand)["proposed_at"] == (now + 2 * HOUR).isoformat()
    settle(session, stand, now + 9 * HOUR)
    assert ended(session, stand).real_minutes == 120


def test_what_an_earlier_upload_showed_of_a_run_dates_what_a_later_run_sends(session, stand, now):
    arrive(session, stand, wire.DeviceStarted("3", "wal"), at=now, now=now, run=("boot", 1_000))
    sent = now + 30 * HOUR
    arrive(
        session, stand, begin(stand), at=Y2000, now=sent, monotonic_ms=1_000 + 5 * HOUR_MS,
        run=("next boot", 7),
    )  # fmt: skip
    assert facts(session, stand)["proposed_at"] == (now + 5 * HOUR).isoformat()


def test_a_clock_that_falls_back_by_two_hours_is_noticed_though_it_stays_after_the_shift_began(
    session, stand, now
):
    run = ("next boot", 5)
    arrive(session, stand, begin(stand), at=now, now=now + 9 * HOUR, monotonic_ms=0, run=run)
    result = arrive(
        session, stand, wire.ShiftEnded(), at=now + HOUR, now=now + 9 * HOUR,
        monotonic_ms=3 * HOUR_MS, run=run,
    )  # fmt: skip
    assert result.reason == "TIME_IMPLAUSIBLE"
    assert facts(session, stand)["proposed_at"] == (now + 3 * HOUR).isoformat()


def test_the_upload_that_took_the_least_time_says_when_a_run_began(session, stand, now):
    note = wire.DeviceStarted("3", "wal")
    arrive(session, stand, note, at=now, now=now + 40 * MINUTE, run=("boot", 0))  # Delayed.
    arrive(session, stand, note, at=now, now=now + HOUR, run=("boot", HOUR_MS))
    arrive(session, stand, note, at=now, now=now + 3 * HOUR, run=("boot", HOUR_MS))  # Delayed.
    sent = now + 9 * HOUR
    arrive(session, stand, begin(stand), at=Y2000, now=sent, monotonic_ms=2 * HOUR_MS, run=("b", 1))
    assert facts(session, stand)["proposed_at"] == (now + 2 * HOUR).isoformat()


def test_an_upload_three_weeks_late_is_accepted_at_its_own_time(session, stand, now):
    later = now + timedelta(days=21)
    for run in (("boot", 21 * 24 * HOUR_MS), ("other", 5), (None, None)):
        result = arrive(session, stand, stand.rice(), at=now, now=later, run=run)
        assert result.outcome == "posted"
    assert fresh(session, stand).last_deed_at == now


def test_a_kiosk_that_counts_nothing_keeps_working(session, stand, now):
    old = {"boot_id": None, "monotonic_ms": None}
    none = (None, None)
    sent = now + 2 * HOUR
    for told, at in ((begin(stand), now), (wire.ShiftEnded(), now + HOUR)):
        result = arrive(session, stand, told, at=at, now=sent, run=none, **old)
        assert result.outcome == "posted"
    assert ended(session, stand).real_minutes == 60
    arrive(session, stand, begin(stand), at=Y2000, now=sent, run=none, **old)
    assert facts(session, stand)["proposed_at"] is None


def test_a_run_is_not_measured_by_the_count_of_another(session, stand, now):
    sent, unknown = now + 9 * HOUR, (None, None)
    for told, at, boot_id, counted_ms in (
        (begin(stand), now, "boot", 5 * HOUR_MS),
        (wire.ShiftEnded(), now + 11 * MINUTE, "next boot", 6 * HOUR_MS),
    ):
        result = arrive(
            session, stand, told, at=at, now=sent, boot_id=boot_id, monotonic_ms=counted_ms,
            run=unknown,
        )  # fmt: skip
        assert result.outcome == "posted"
    assert ended(session, stand).real_minutes == 11


def test_what_waits_for_staff_is_no_measure_for_the_next_deed(session, stand, now):
    """A check-out without a check-in by a clock that was three hours ahead."""
    old = {"boot_id": None, "monotonic_ms": None}
    sent, unknown = now + 9 * HOUR, (None, None)
    waits = arrive(
        session, stand, wire.ShiftEnded(), at=now + 3 * HOUR, now=sent, run=unknown, **old
    )
    assert (waits.outcome, waits.reason) == ("review", "NOT_CHECKED_IN")
    result = arrive(session, stand, begin(stand), at=now + HOUR, now=sent, run=unknown, **old)
    assert result.outcome == "posted"
    assert shift_of(session, stand).started_at == now + HOUR


def test_an_envelope_without_a_count_at_all_is_read(session, stand, now):
    plain = msgspec.to_builtins(stand.envelope(stand.rice(), at=now))
    del plain["boot_id"], plain["monotonic_ms"]
    raw = wire.canonical(plain)
    item = wire.BatchItem(
        stand.device.epoch, 1, wire.to_text(raw), wire.to_text(wire.sign(stand.key, raw))
    )
    assert receive(session, stand, item, now=now).outcome == "posted"


@pytest.mark.parametrize("counted_ms", [-5, 2**62, 2**53])
def test_a_hostile_count_is_ignored(session, stand, now, counted_ms):
    run = ("boot", min(abs(counted_ms), 2**53))
    result = arrive(session, stand, stand.rice(), at=now, now=now, monotonic_ms=counted_ms, run=run)
    assert result.outcome == "posted"
    assert fresh(session, stand).last_deed_ms is None


def checked_in_elsewhere(session, stand, now):
    check_in(
        Deed(session, stand.volunteer, now, "phone"),
        person_id=stand.volunteer.person_id, service_id=stand.service_id,
    )  # fmt: skip


def test_a_shift_that_began_on_a_phone_is_ended_by_a_kiosk_some_minutes_behind(session, stand, now):
    checked_in_elsewhere(session, stand, now + HOUR)
    end_at = now + HOUR - 7 * MINUTE
    result = arrive(
        session, stand, wire.ShiftEnded(), at=end_at, now=now + 2 * HOUR, run=(None, None)
    )
    assert result.outcome == "posted"
    assert ended(session, stand).real_minutes == 0


def test_one_far_behind_waits_with_the_time_that_the_machine_counted(session, stand, now):
    checked_in_elsewhere(session, stand, now + 5 * HOUR)
    sent = now + 8 * HOUR
    arrive(
        session, stand, wire.ShiftEnded(), at=now + HOUR, now=sent, monotonic_ms=HOUR_MS,
        run=("boot", 2 * HOUR_MS),
    )  # fmt: skip
    assert facts(session, stand)["why"] == rules.BEFORE_START
    assert facts(session, stand)["proposed_at"] == (sent - HOUR).isoformat()


# Staff decide.
def doubted(session, stand, now):
    """A shift that began, by a clock at 2000, in a run of which nothing is known."""
    arrive(session, stand, begin(stand), at=Y2000, now=now + 2 * HOUR, run=(None, None))


def test_staff_enter_a_time_that_nobody_could_work_out(session, stand, now):
    doubted(session, stand, now)
    with pytest.raises(TimeUnknown), session.begin_nested():
        settle(session, stand, now + 3 * HOUR)
    settle(session, stand, now + 3 * HOUR, happened_at=now + HOUR)
    assert shift_of(session, stand).started_at == now + HOUR


def test_a_time_that_staff_enter_lies_between_pairing_and_arrival(session, stand, now):
    doubted(session, stand, now)
    for at in (now - MINUTE, now + 2 * HOUR + MINUTE):
        with pytest.raises(BadInput) as refusal, session.begin_nested():
            settle(session, stand, now + 3 * HOUR, happened_at=at)
        assert refusal.value.facts["field"] == "happened_at"


def test_a_time_that_staff_enter_wins_over_the_proposed_one(session, stand, now):
    sent = now + 3 * HOUR
    arrive(session, stand, begin(stand), at=Y2000, now=sent, monotonic_ms=0, run=("boot", HOUR_MS))
    settle(session, stand, sent, happened_at=now + HOUR)
    assert shift_of(session, stand).started_at == now + HOUR


def test_a_shift_by_a_wrong_clock_waits_with_its_true_time(session, stand, now):
    item = stand.item(stand.envelope(begin(stand), at=now - 5 * HOUR, monotonic_ms=0))
    sent = now + HOUR
    receive_event(
        session, now=sent, sender=stand.device, item=item, sent_at=to_us(sent - 5 * HOUR),
        run=("boot", HOUR_MS),
    )  # fmt: skip
    assert facts(session, stand)["proposed_at"] == now.isoformat()
    settle(session, stand, sent)
    assert shift_of(session, stand).started_at == now
