"""When an event of a kiosk took place: what its clock cannot have seen goes to review.

Ordered by the device's own chain and by the machine's count since its start, not by its clock.
"""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.factories.kiosks import fresh, receive
from tests.factories.looks import open_reviews
from tests.factories.people import by_founder
from timebank.deeds.deed import Deed
from timebank.goods import queries as goods
from timebank.hours import queries as hours
from timebank.kiosks import actions, rules, wire
from timebank.kiosks.actions.intake import receive_event
from timebank.kiosks.refusals import TimeUnknown
from timebank.kiosks.rules import Bounds, doubt_of, proposed_at
from timebank.ledger.tables import txn
from timebank.policy.actions import set_parameter
from timebank.policy.rules import Parameters
from timebank.values import local_day, to_us

LONG_AGO = datetime(2015, 6, 10, 2, 0, tzinfo=UTC)
PAIRED = datetime(2025, 6, 1, tzinfo=UTC)
ARRIVED = datetime(2025, 6, 10, 8, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def bounds(**changes):
    told = {
        "paired_at": PAIRED, "last_at": PAIRED + HOUR, "arrived_at": ARRIVED,
        "longest": timedelta(days=31),
    }  # fmt: skip
    return Bounds(**{**told, **changes})


# Rules.
@pytest.mark.parametrize(
    ("at", "why"),
    [
        (LONG_AGO, rules.BEFORE_PAIRING),
        (PAIRED - 11 * MINUTE, rules.BEFORE_PAIRING),
        (PAIRED + 49 * MINUTE, rules.BEFORE_PREVIOUS),
        (PAIRED + 51 * MINUTE, None),  # Clocks are corrected by minutes all the time.
        (ARRIVED, None),
        (ARRIVED + 9 * MINUTE, None),
        (ARRIVED + 11 * MINUTE, rules.AFTER_ARRIVAL),
        (ARRIVED + timedelta(days=3650), rules.AFTER_ARRIVAL),
    ],
)
def test_a_time_must_lie_between_what_is_known(at, why):
    assert doubt_of(at, bounds()) == why


def test_a_time_just_before_pairing_is_a_small_error_of_the_clock():
    assert doubt_of(PAIRED - 9 * MINUTE, bounds(last_at=None)) is None


def test_an_upload_three_weeks_late_is_accepted_and_one_of_forty_days_is_looked_at():
    old = bounds(paired_at=LONG_AGO, last_at=None)
    assert doubt_of(ARRIVED - timedelta(days=21), old) is None
    late = ARRIVED - timedelta(days=40)
    assert doubt_of(late, old) == rules.LATE
    assert proposed_at(late, old, is_shift=True) == late


@pytest.mark.parametrize("is_shift", [True, False])
def test_the_machines_own_count_gives_the_time_exactly(is_shift):
    known = bounds(counted_at=ARRIVED - 3 * HOUR)
    assert proposed_at(LONG_AGO, known, is_shift=is_shift) == ARRIVED - 3 * HOUR


def test_a_count_that_reaches_back_before_pairing_is_not_believed():
    known = bounds(counted_at=ARRIVED - timedelta(days=300))
    assert proposed_at(LONG_AGO, known, is_shift=True) is None


def test_without_a_count_goods_get_the_nearest_time_and_minutes_are_not_guessed():
    assert proposed_at(LONG_AGO, bounds(), is_shift=False) == PAIRED + HOUR
    future = ARRIVED + timedelta(days=400)
    assert proposed_at(future, bounds(), is_shift=False) == ARRIVED
    assert proposed_at(LONG_AGO, bounds(), is_shift=True) is None


# Intake.
def start(stand):
    return wire.ShiftStarted(stand.service_id)


def only_review(session, stand):
    (waiting,) = open_reviews(session, stand.coordinator)
    return waiting


@pytest.mark.parametrize("kind", ["shift", "deposit"])
def test_a_deed_dated_ten_years_back_by_a_right_clock_is_not_posted(session, stand, now, kind):
    body = start(stand) if kind == "shift" else stand.rice()
    result = receive(session, stand, stand.deed(body, at=LONG_AGO), now=now)
    assert (result.outcome, result.reason) == ("review", "TIME_IMPLAUSIBLE")
    assert only_review(session, stand).facts["why"] == rules.BEFORE_PAIRING
    assert hours.open_shift(session, 1, stand.volunteer.person_id) is None
    assert goods.announced_deposits(session, 1) == []


def test_a_deed_before_the_one_before_it_is_looked_at(session, stand, now):
    later = now + 5 * HOUR
    receive(session, stand, stand.deed(stand.rice(), at=now + 4 * HOUR), now=later)
    receive(session, stand, stand.deed(start(stand), at=now + HOUR), now=later)
    assert only_review(session, stand).facts["why"] == rules.BEFORE_PREVIOUS


def test_a_doubtful_time_is_no_measure_for_the_next_deed(session, stand, now):
    ahead = receive(session, stand, stand.deed(stand.rice(), at=now + 99 * HOUR), now=now)
    after = receive(session, stand, stand.deed(stand.rice(), at=now), now=now)
    assert (ahead.outcome, after.outcome) == ("review", "posted")
    assert fresh(session, stand).last_deed_at == now


def test_a_small_step_back_does_not_lower_the_measure(session, stand, now):
    for minutes in (30, 22, 14):
        item = stand.deed(stand.rice(), at=now + minutes * MINUTE)
        outcome = receive(session, stand, item, now=now + HOUR).outcome
        assert outcome == ("review" if minutes == 14 else "posted")


@pytest.mark.parametrize("body", [wire.BalanceViewed(), wire.DeviceStarted("3", "wal")])
def test_a_note_has_no_time_to_doubt_and_is_no_measure(session, stand, now, body):
    for at in (LONG_AGO, now + 999 * HOUR):
        assert receive(session, stand, stand.deed(body, at=at), now=now).outcome == "posted"
    assert fresh(session, stand).last_deed_at is None


def test_how_late_an_upload_may_be_is_a_dated_parameter(session, stand, now):
    set_parameter(
        Deed(session, by_founder(), now, "p"), key="kiosks.upload_days_max", value=2,
        valid_from_on=local_day(now + 24 * HOUR), source="居委会会议",
    )  # fmt: skip
    at = now + 48 * HOUR
    fine = receive(session, stand, stand.deed(stand.rice(), at=now), now=at)
    late = receive(session, stand, stand.deed(stand.rice(), at=now), now=at + HOUR)
    assert (fine.outcome, late.reason) == ("posted", "TIME_IMPLAUSIBLE")
    assert only_review(session, stand).facts["why"] == rules.LATE


def test_a_community_without_that_parameter_has_the_usual_one():
    days = Parameters({}).whole("kiosks.upload_days_max", rules.UPLOAD_DAYS_MAX)
    assert days == rules.UPLOAD_DAYS_MAX


def arrive(session, stand, envelope, now, *, monotonic_ms):
    return receive_event(
        session, now=now, sender=stand.device, item=stand.item(envelope), sent_at=to_us(now),
        run=("boot", monotonic_ms),
    )  # fmt: skip


def settle(session, stand, now, how="post"):
    review = only_review(session, stand)
    return actions.settle_review(
        Deed(session, stand.shop.keeper, now, "s"), review_id=review.review_id, how=how, note="x"
    )


def test_staff_post_a_shift_at_the_time_that_the_machine_counted(session, stand, now):
    later = now + 3 * HOUR
    envelope = stand.envelope(start(stand), at=LONG_AGO, monotonic_ms=1_000)
    arrive(session, stand, envelope, later, monotonic_ms=1_000 + 2 * 3_600_000)
    assert only_review(session, stand).facts["proposed_at"] == (later - 2 * HOUR).isoformat()
    settle(session, stand, later + HOUR)
    shift = hours.open_shift(session, 1, stand.volunteer.person_id)
    assert shift.started_at == later - 2 * HOUR


def test_a_count_of_another_run_says_nothing(session, stand, now):
    envelope = stand.envelope(start(stand), at=LONG_AGO, monotonic_ms=1_000, boot_id="other")
    arrive(session, stand, envelope, now, monotonic_ms=9_000)
    assert only_review(session, stand).facts["proposed_at"] is None
    with pytest.raises(TimeUnknown):
        settle(session, stand, now)
    settle(session, stand, now, how="keep")
    assert hours.open_shift(session, 1, stand.volunteer.person_id) is None


def test_goods_with_an_impossible_time_are_posted_at_a_possible_one(session, stand, now):
    receive(session, stand, stand.deed(stand.rice(), at=LONG_AGO), now=now + HOUR)
    settle(session, stand, now + 2 * HOUR)
    asked = select(txn.c.effective_us).where(txn.c.kind == "announce_deposit")
    assert to_us(now) <= session.scalar(asked) <= to_us(now + HOUR)


def test_an_impossible_time_behind_another_reason_is_not_posted_either(session, stand, now):
    wrong = stand.deed(start(stand), at=LONG_AGO, prev="0" * 64, seq=7)
    item = wire.BatchItem(stand.device.epoch, 1, wrong.raw, wrong.sig)
    assert receive(session, stand, item, now=now).reason == "MISPLACED"
    with pytest.raises(TimeUnknown):
        settle(session, stand, now)
