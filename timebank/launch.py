"""The child processes of the demo: check ports, start, wait until they answer, stop all.

Not here: what the processes do, and what the demo shows (see ``demo_server.py``).
"""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from timebank.db import database_file
from timebank.private_files import InUse, hold_alone

LOOPBACK = "127.0.0.1"
# How long a child may take until it answers. One that ended is noticed at once, so this only
# limits the wait for a child that hangs; a slow and busy machine needs minutes.
PATIENCE_SECONDS = 180.0


class CannotStart(Exception):
    """A process cannot start; the message is one clear sentence for an operator."""


def require_free_port(port: int, variable: str) -> None:
    """Check that a port is free before anything is started."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as why:
            raise CannotStart(
                f"Port {port} is in use already: stop the program that uses it, or choose another "
                f"port with {variable}=…, for example {variable}={port + 10} make demo."
            ) from why


@contextmanager
def holding_database(url: str) -> Iterator[None]:
    """Hold an SQLite file for one server, which serves all its threads.

    A second one would run every job twice and wait for the first one's locks. PostgreSQL serves
    many. Other commands may run beside the server.
    """
    path = database_file(url)
    if path is None or not path.is_file():
        yield
        return
    try:
        held = hold_alone(path.with_name(f"{path.name}.lock"), f"The database {path}")
    except InUse as why:
        raise CannotStart(str(why)) from why
    with held:
        yield


@dataclass(frozen=True, slots=True)
class Child:
    """A process to run: its command line, its port and its log file."""

    name: str
    words: tuple[str, ...]
    port: int
    log: Path

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"


@dataclass
class Running:
    """A started child and its process."""

    child: Child
    process: subprocess.Popen[bytes]

    def require_alive(self) -> None:
        if self.process.poll() is not None:
            last_lines = self.child.log.read_text("utf-8", "replace").strip().splitlines()[-15:]
            raise CannotStart(
                "\n".join(
                    [f"The {self.child.name} exited unexpectedly; the end of its log:", *last_lines]
                )
            )

    def answers(self) -> bool:
        """Tell whether ``/healthz`` answers with status 200."""
        try:
            with urllib.request.urlopen(f"{self.child.address}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=8)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def start_child(child: Child, environ: Mapping[str, str]) -> Iterator[Running]:
    """Start a child, yield it at once, and stop it at the end."""
    child.log.parent.mkdir(parents=True, exist_ok=True)
    with child.log.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "timebank.cli", *child.words, "--end-with-stdin"],
            stdin=subprocess.PIPE,  # Closes when we end, even by SIGKILL: see end_with_stdin.
            stdout=log,
            stderr=subprocess.STDOUT,
            env=dict(environ),
            start_new_session=True,  # Only we get Ctrl-C; then we stop the children in order.
        )
    running = Running(child, process)
    try:
        yield running
    finally:
        running.stop()


def wait_until_answering(running: Running, patience: float = PATIENCE_SECONDS) -> None:
    """Wait until a child answers. Raises ``CannotStart`` if it does not."""
    deadline = time.monotonic() + patience
    while not running.answers():
        running.require_alive()
        if time.monotonic() > deadline:
            child = running.child
            raise CannotStart(
                f"The {child.name} does not answer at {child.address}; see {child.log}."
            )
        time.sleep(0.05)


def watch(running: Sequence[Running]) -> None:
    """Watch the children until Ctrl-C. Raises ``CannotStart`` when one of them ends."""
    while True:
        for child in running:
            child.require_alive()
        time.sleep(0.5)


def end_with_stdin() -> None:
    """End this process when its parent has ended, for any reason."""
    while os.read(0, 1024):
        pass
    os._exit(0)
