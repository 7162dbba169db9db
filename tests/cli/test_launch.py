"""Children of the demo answer, stop in order, and never outlive their parent."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager

import pytest

from tests.house.sources import ROOT
from tests.waiting import HANG_SECONDS, wait_until
from timebank import launch
from timebank.schema import migrate

pytestmark = pytest.mark.slow


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def served(tmp_path):
    """A web on a migrated database, not started yet, and its environment."""
    migrate(f"sqlite:///{tmp_path / 'timebank.sqlite'}")
    child = launch.Child("web", ("serve",), free_port(), tmp_path / "logs" / "web.log")
    environ = {**os.environ, "TIMEBANK_DATA": str(tmp_path), "PORT": str(child.port)}
    environ.pop("TIMEBANK_DATABASE", None)
    return child, environ


def answers(child):
    try:
        with urllib.request.urlopen(f"{child.address}/healthz", timeout=HANG_SECONDS) as answer:
            return answer.status == 200
    except OSError:
        return False


@contextmanager
def lent(child, environ, **patience):
    """Start a child and wait until it answers, as the demo does with two of them."""
    with launch.start_child(child, environ) as running:
        launch.wait_until_answering(running, **patience)
        yield running


def test_a_child_answers_while_it_is_lent_and_is_gone_afterwards(served):
    child, environ = served
    with lent(child, environ) as running:
        assert answers(child)
        running.require_alive()
    assert running.process.returncode is not None
    assert not answers(child)
    launch.require_free_port(child.port, "PORT")


def test_a_child_is_stopped_although_the_work_beside_it_failed(served):
    child, environ = served
    with pytest.raises(KeyError), lent(child, environ) as running:
        raise KeyError("beside")
    assert running.process.returncode is not None


def test_a_child_that_ends_by_itself_leaves_its_last_words(served):
    child, environ = served
    with (
        pytest.raises(launch.CannotStart, match=r"exited unexpectedly[\s\S]*PORT=many is not"),
        lent(child, {**environ, "PORT": "many"}),
    ):
        raise AssertionError("it never answered")


def test_a_child_that_does_not_answer_is_not_waited_for_for_ever(served):
    child, environ = served
    deaf = launch.Child("web", child.words, free_port(), child.log)
    with (
        pytest.raises(launch.CannotStart, match="does not answer"),
        lent(deaf, environ, patience=0.5),
    ):
        raise AssertionError("it never answered")


PARENT = """
import os, sys, time
from pathlib import Path
from timebank import launch
child = launch.Child("web", ("serve",), int(os.environ["PORT"]), Path(sys.argv[1]))
with launch.start_child(child, os.environ) as running:
    launch.wait_until_answering(running)
    print("answers", flush=True)
    time.sleep(3600)
"""


def test_a_child_ends_when_its_parent_is_killed(served):
    child, environ = served
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(child.log)],
        cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert parent.stdout.readline() == "answers\n"
    assert answers(child)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    wait_until(lambda: not answers(child), "the child outlived its parent")
