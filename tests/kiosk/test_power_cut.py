"""A power cut while a kiosk records: every acknowledged event is on the disk.

A preloaded shim simulates a disk that keeps only what was flushed. With ``synchronous=NORMAL`` the
same test must lose events, or it would prove nothing.
"""

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kiosk.outbox import Outbox
from tests.counts import repeats
from tests.waiting import wait_until
from timebank.kiosks import wire

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CUTS = repeats(3, 12)
ON_CI = os.environ.get("CI", "").lower() in ("1", "true")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    """The simulated disk, compiled for this machine."""
    gcc = shutil.which("gcc") or shutil.which("cc")
    if gcc is None or not sys.platform.startswith("linux"):
        why = "the power-cut test needs gcc on Linux to compile its disk"
        if ON_CI:
            pytest.fail(why)
        pytest.skip(why)
    built = tmp_path_factory.mktemp("shim") / "power_cut.so"
    source = HERE / "power_cut.c"
    subprocess.run([gcc, "-shared", "-fPIC", "-O2", "-o", built, source, "-ldl"], check=True)
    return built


def cut(shim, folder, synchronous, *, after=0.0, deeds=1, journal="wal"):
    """Cut the power some seconds after so many events; return what the kiosk acknowledged."""
    disk, work = folder / "disk", folder / "work"
    disk.mkdir(parents=True)
    told = folder / "acknowledged"
    environ = os.environ | {"LD_PRELOAD": str(shim), "DISK": str(disk), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(HERE / "power_cut_writer.py"), str(work), synchronous, journal]
    with told.open("wb") as out, subprocess.Popen(command, stdout=out, env=environ) as writer:
        _wait_for(told, writer, deeds)
        time.sleep(after)
        writer.kill()
    return told.read_text().split("\n")[:-1], disk


def _wait_for(told, writer, deeds):
    def has_recorded():
        assert writer.poll() is None, "the writer ended by itself"
        return told.read_bytes().count(b"\n") >= deeds

    wait_until(has_recorded, "the writer records nothing", pause=0.005)


def lost(acknowledged, disk):
    """The acknowledged events that are not on the disk; those on the disk must be consistent."""
    for key in disk.parent.joinpath("work").glob("key-*"):
        shutil.copy(key, disk)  # Another test covers the flush of the key.
    outbox = Outbox(disk, clock=lambda: 0)
    assert outbox._db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    kept = outbox._deeds("ORDER BY seq")
    previous = wire.NO_PREVIOUS
    for number, one in enumerate(kept, start=1):
        envelope = wire.read_envelope(one.raw)
        assert (envelope.seq, envelope.prev) == (number, previous)
        previous = one.digest
    there = {one.event_id for one in kept}
    outbox.close()
    return [event_id for event_id in acknowledged if event_id not in there]


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_a_power_cut_loses_nothing_that_was_acknowledged(shim, tmp_path, journal):
    rng = random.Random()
    total = 0
    for number in range(CUTS):
        after = rng.uniform(0, 0.5)
        acknowledged, disk = cut(
            shim, tmp_path / str(number), "FULL", after=after, deeds=5, journal=journal
        )
        assert lost(acknowledged, disk) == [], f"cut {number} after {after:.3f} s"
        total += len(acknowledged)
    assert total >= CUTS * 5, "too few deeds to prove anything"


def test_without_the_flush_the_same_cuts_lose_deeds(shim, tmp_path):
    """Cut long before the first WAL checkpoint (about 180 events), which would flush."""
    losses = [
        len(lost_or_all(*cut(shim, tmp_path / str(number), "NORMAL", deeds=30)))
        for number in range(3)
    ]
    assert max(losses) >= 30


def lost_or_all(acknowledged, disk):
    """Without flushes even the tables may be missing; then everything is lost."""
    if not (disk / "outbox.sqlite").exists():
        return acknowledged
    return lost(acknowledged, disk)
