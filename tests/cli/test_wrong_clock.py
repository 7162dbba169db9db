"""``timebank drill wrong-clock`` is good, and bad as soon as one of the guards is taken out."""

import pytest

from kiosk import outbox
from tests.factories.drills import copy_of_files, on_disk, run_drill
from timebank.commands.drills import wrong_clock
from timebank.kiosks.actions import applying
from timebank.people.actions import tries

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True, scope="session"),
]
IMPOSSIBLE = "nothing was posted at a time at which it cannot have happened"


@pytest.fixture
def data(tmp_path, info, engine_name):
    return on_disk(tmp_path, info)


def test_the_drill_is_good_and_touches_nothing(data):
    before = copy_of_files(data)
    code, said = run_drill(data, "wrong-clock")
    assert code == 0 and said.endswith("GOOD: a wrong clock.\n"), said
    assert said.count("✓") == 27 and said.count("!") == 1 and "✗" not in said
    assert copy_of_files(data) == before


def follow_every_jump(patch):
    patch.setattr(wrong_clock, "SteadyClock", lambda wall: wall)


def start_with_any_clock(patch):
    patch.setattr(wrong_clock, "require_plausible", lambda database, now: None)


def believe_every_time(patch):
    patch.setattr(applying, "checked_time", lambda session, now, told, arrived: told.at)


def count_minutes_by_any_clock(patch):
    patch.setattr(applying.rules, "CLOCK_IS_WRONG_US", 10**18)


def order_identities_by_the_clock(patch):
    def newest_by_clock(self):
        rows = self._read(
            f"SELECT {', '.join(outbox._IDENTITY)} FROM identity ORDER BY paired_at DESC LIMIT 1"
        )
        return outbox._identity(rows[0]) if rows else None

    patch.setattr(outbox.Outbox, "_current_identity", newest_by_clock)


def wait_by_any_clock(patch):
    patch.setattr(tries.rules, "is_closed", lambda now, *, last_at, until_at: now < until_at)


@pytest.mark.parametrize(
    ("take_out", "fault", "another"),
    [
        (
            follow_every_jump,
            "a running server does not follow its clock 10 years ahead",
            IMPOSSIBLE,
        ),
        (start_with_any_clock, "a server does not start with its clock 10 years back", ""),
        (
            believe_every_time,
            "what it dated and a right clock sends waits for staff",
            IMPOSSIBLE,
        ),
        (count_minutes_by_any_clock, "but no minutes are counted by its clock", ""),
        (order_identities_by_the_clock, "paired again with its clock back", ""),
        (wait_by_any_clock, "a clock set back by hours keeps out nobody who never failed", ""),
    ],
)
def test_without_a_guard_the_drill_is_bad(data, monkeypatch, take_out, fault, another):
    take_out(monkeypatch)
    code, said = run_drill(data, "wrong-clock")
    assert code == 1 and said.endswith("BAD: a wrong clock.\n"), said
    for told in (fault, another):
        assert f"✗ it is not true that {told}" in said, said
