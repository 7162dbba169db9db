"""What of the health page is well, to be watched, or to be acted on."""

from datetime import UTC, date, datetime, timedelta

import pytest

from timebank.oversight import rules
from timebank.oversight.rules import ACT, WATCH, WELL, DrillFacts, KioskFacts

NOW = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
A_MOMENT = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("age", "state"),
    [
        (rules.BACKUP_WATCH, WELL),
        (rules.BACKUP_WATCH + A_MOMENT, WATCH),
        (rules.BACKUP_ACT, WATCH),
        (rules.BACKUP_ACT + A_MOMENT, ACT),
    ],
)
def test_a_backup_becomes_old(age, state):
    line = rules.judge_backup(NOW - age, NOW)
    assert (line.state, line.since) == (state, NOW - age)


def test_a_community_without_a_backup_must_make_one():
    assert rules.judge_backup(None, NOW).state == ACT


def drill(age, *, is_good=True):
    at = None if age is None else NOW - age
    facts = DrillFacts(name="restore", at=at, is_good=None if at is None else is_good)
    line = rules.judge_drill(facts, NOW)
    return line.state, line.why


def test_a_drill_that_failed_is_red_and_one_never_run_is_not():
    assert drill(None) == (WATCH, "never")
    assert drill(A_MOMENT) == (WELL, "well")
    assert drill(A_MOMENT, is_good=False) == (ACT, "bad")
    assert drill(rules.DRILL_WATCH + A_MOMENT) == (WATCH, "old")
    assert drill(rules.DRILL_ACT + A_MOMENT) == (ACT, "old")


def seal(waits_for):
    oldest = None if waits_for is None else NOW - waits_for
    line = rules.judge_seal(NOW, oldest_at=oldest, now=NOW)
    return line.state, line.why


def test_what_waits_for_its_seal_is_told_by_its_age():
    assert seal(None) == seal(rules.SEAL_WATCH) == (WELL, "well")
    assert seal(rules.SEAL_WATCH + A_MOMENT) == (WATCH, "waits")
    assert seal(rules.SEAL_ACT + A_MOMENT) == (ACT, "waits")
    assert rules.judge_seal(None, oldest_at=None, now=NOW).why == "nothing"


def test_a_full_disk_is_red_where_healthz_fails():
    from web.health import ROOM_MIN_BYTES

    assert rules.FREE_ACT_BYTES == ROOM_MIN_BYTES
    free = (rules.FREE_WATCH_BYTES, rules.FREE_WATCH_BYTES - 1, rules.FREE_ACT_BYTES - 1)
    assert [rules.judge_disk(count).state for count in free] == [WELL, WATCH, ACT]


def test_a_clock_ahead_or_behind_is_told():
    def state(**drift):
        span = timedelta(**drift) if drift else None
        return rules.judge_clock(has_jumped=False, drift=span).state

    assert state() == state(seconds=15) == WELL
    assert state(seconds=16) == state(seconds=-16) == WATCH
    assert state(seconds=121) == ACT
    assert rules.judge_clock(has_jumped=True, drift=None).state == ACT


def test_the_table_of_holidays_ends():
    today = date(2026, 12, 1)

    def state(until_on, *, soon):
        return rules.judge_calendar(until_on, ends_soon=soon, today=today).state

    assert state(today, soon=True) == WATCH
    assert state(today - timedelta(days=1), soon=True) == ACT
    assert state(date(2027, 12, 31), soon=False) == WELL


def kiosk(**changes):
    facts = {
        "name": "1", "is_frozen": False, "seen_at": NOW, "version": "1.0", "waiting": 0,
        "ahead": None,
    } | changes  # fmt: skip
    line = rules.judge_kiosk(KioskFacts(**facts), NOW, newest="1.0")
    return line.state, line.why


def test_the_gravest_of_a_kiosk_is_told():
    silent = {"seen_at": NOW - rules.SILENT_WATCH - A_MOMENT}
    assert kiosk() == kiosk(version=None) == (WELL, "well")
    assert kiosk(version="0.9") == (WATCH, "version")
    assert kiosk(**silent) == (WATCH, "silent")
    assert kiosk(**silent, waiting=3) == (ACT, "silent")
    assert kiosk(seen_at=NOW - rules.SILENT_ACT - A_MOMENT) == (ACT, "silent")
    assert kiosk(ahead=timedelta(seconds=-61)) == (WATCH, "clock")
    assert kiosk(ahead=timedelta(minutes=11)) == (ACT, "clock")
    assert kiosk(ahead=timedelta(minutes=11), is_frozen=True) == (ACT, "frozen")


def test_a_schema_that_is_not_the_newest_is_red():
    assert rules.judge_schema("0025", "0026").state == ACT
    assert rules.judge_schema("0026", "0026").state == rules.judge_schema(None, "0026").state
