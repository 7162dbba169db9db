"""Ids increase within a process, and forked processes do not share them."""

import subprocess
import sys
import time

from timebank import values
from timebank.values import new_id


def test_ids_grow_and_fit_into_63_bits():
    drawn = [new_id() for _ in range(5000)]
    assert drawn == sorted(set(drawn))
    assert drawn[0] > 0
    assert drawn[-1] < 2**63


def test_ids_grow_while_the_clock_stands_or_is_set_back(monkeypatch):
    first = new_id()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert first < new_id() < new_id()


def test_a_full_millisecond_flows_over_into_the_next(monkeypatch):
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    new_id()
    values._id_state[2] = 0x3FFFFF
    last = values._id_state[1]
    assert new_id() >> 22 == last + 1


FORKED = """
import os, time
from timebank.values import new_id
new_id()
time.time_ns = lambda: 0  # All of them in one millisecond.
children = [os.fork(), os.fork()]  # Four processes in all.
for _ in range(10):
    os.write(1, b"%d\\n" % new_id())
if children[0] and children[1]:
    os.wait(), os.wait()
elif children[1]:
    os.wait()
"""


def test_forked_processes_draw_different_ids():
    """Forked workers would otherwise continue counting where their parent stopped."""
    done = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, check=True)
    drawn = done.stdout.split()
    assert len(drawn) == 40
    assert len(set(drawn)) == 40
