"""``timebank demo`` from an empty folder to a web and a kiosk that answer, and back."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from kiosk.agent import now_us
from kiosk.outbox import Outbox
from tests.cli.test_launch import free_port
from tests.house.sources import ROOT
from tests.waiting import HANG_SECONDS
from timebank import launch
from timebank.db import make_engine
from timebank.deeds.tables import community
from timebank.demo_server import stopping_on_signals
from timebank.ledger.tables import txn
from timebank.schema import migrate

pytestmark = pytest.mark.slow


@dataclass
class Demo:
    """A demo with a folder and ports of its own."""

    data: Path
    port: int = field(default_factory=free_port)
    kiosk_port: int = field(default_factory=free_port)

    @property
    def address(self) -> str:
        return f"sqlite:///{self.data / 'timebank.sqlite'}"

    @contextmanager
    def started(self, *words: str) -> Iterator[subprocess.Popen]:
        """Start the demo as a background job would, and end it whatever the test does.

        Its web and its kiosk end with it: see ``launch.end_with_stdin``.
        """
        told = {"TIMEBANK_DATA": self.data, "PORT": self.port, "KIOSK_PORT": self.kiosk_port}
        environ = {**os.environ, **{name: str(value) for name, value in told.items()}}
        environ.pop("TIMEBANK_DATABASE", None)
        process = subprocess.Popen(
            ["/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh",
             sys.executable, "-m", "timebank.cli", "demo", *words],
            cwd=ROOT, env=environ, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        with process:
            try:
                yield process
            finally:
                process.kill()

    def counts(self) -> tuple[list[str], int]:
        engine = make_engine(self.address)
        with engine.connect() as connection:
            codes = list(connection.scalars(select(community.c.code)))
            deeds = connection.scalar(select(func.count()).select_from(txn))
        engine.dispose()
        return codes, deeds or 0


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A demo whose first loading was interrupted: it must start over by itself."""
    made = Demo(tmp_path_factory.mktemp("demo"))
    migrate(made.address)
    engine = make_engine(made.address)
    with engine.begin() as connection:
        half = {"id": 1, "code": "demo", "name_zh": "半", "name_en": "Half"}
        connection.execute(insert(community).values(**half))
    engine.dispose()
    with made.started("--data-only") as process:
        said, _ = process.communicate(timeout=HANG_SECONDS)
    assert process.returncode == 0, said
    return made


def test_the_data_is_there_and_its_schema_is_the_newest(demo):
    codes, deeds = demo.counts()
    assert codes == ["demo"]
    assert deeds > 3000
    assert migrate(demo.address) is False


def test_the_demo_keeps_its_data_joins_its_kiosk_and_stops_in_order(demo):
    before = demo.counts()
    with demo.started() as process:
        said = _until(process, "Ctrl-C")
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=HANG_SECONDS)
    assert process.returncode == 0, rest
    assert f"http://127.0.0.1:{demo.port}" in said
    assert f"http://127.0.0.1:{demo.kiosk_port}" in said
    for name in ("claimant", "volunteer", "donor", "keeper1", "coordinator"):
        assert f"  {name}" in said
    launch.require_free_port(demo.port, "PORT")
    launch.require_free_port(demo.kiosk_port, "KIOSK_PORT")
    assert demo.counts() == before
    outbox = Outbox(demo.data / "kiosk", clock=now_us)
    assert outbox.identity.store_code == "S1"
    outbox.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_demo_even_where_the_parent_ignored_it(number):
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with stopping_on_signals(), pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        assert signal.getsignal(number) == signal.SIG_IGN
    finally:
        signal.signal(number, before)


def _until(process, words):
    """Read the output of a process until some words appear, or until it ends."""
    said = ""
    while words not in said:
        line = process.stdout.readline()
        assert line, f"it ended:\n{said}"
        said += line
    return said
