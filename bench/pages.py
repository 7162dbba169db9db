"""What a page costs beside its floor, with the data of the sample and with ten times as much.

The floor (``floor.py``) is the page's own SQL text through the bare driver and its own
template with the same values. Page and floor run in this process, in turns; the figures are
CPU time of this process, medians of several rounds. The larger community is in ``larger.py``.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
from flask import Flask
from flask.testing import FlaskClient

from bench.floor import Floor, Page
from bench.larger import TIMES, larger
from timebank import schema
from timebank.db import Database
from timebank.demo.load import STEPS, load
from timebank.keyfile import as_text
from timebank.people.passwords import PROFILE
from timebank.people.sample.sign_ins import PASSWORD
from timebank.vault.cipher import Vault
from web.app import create_app

KEY = bytes(32)  # Of the sample, so that its pages can be served again.
GOAL_OF_FLOOR = 2.0
GOAL_LARGER = 1.3
BYTES_MOST = 150_000
ROUNDS, REQUESTS = 9, 20
FOLDER = Path(__file__).parent.parent / "data" / "bench"
PAGES = (
    ("home", "", "/"),
    ("shelf", "", "/shelf"),
    ("passbook", "volunteer", "/me/"),
    ("take", "claimant", "/me/take"),
    ("worklist", "coordinator", "/work"),
    ("search", "coordinator", "/work/people"),
    ("keeper's shelf", "keeper1", "/store/shelf"),
)
SOUGHT = {"search": "l"}  # Sent by a form; the address that it leads to is measured.


def sample() -> Database:
    """Open the full sample community, loading it once."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    revision = re.sub(r"\W", "", schema.newest_revision())
    path, mark = FOLDER / "sample.sqlite", FOLDER / f"sample-{revision}.whole"
    url = f"sqlite:///{path}"
    if not mark.exists():
        for ending in ("", "-wal", "-shm"):
            Path(f"{path}{ending}").unlink(missing_ok=True)
        schema.migrate(url)
    database = Database(url, info={"vault": Vault(KEY), PROFILE: "small"})
    if not mark.exists():
        with click.progressbar(length=STEPS, label="Loading the sample community") as bar:
            load(database, progress=bar.update)
        mark.touch()
    return database


@dataclass
class Site:
    """One community with its application and the pages that are measured."""

    database: Database
    app: Flask
    pages: dict[str, Page]
    floors: dict[str, Floor]


def site(database: Database) -> Site:
    """Make the application over a database, and sign in once for each page."""
    app = create_app({"DATABASE": database, "SECRET_KEY": "b" * 32})
    app.config["WTF_CSRF_ENABLED"] = False
    clients = {login: _signed_in(app, login) for _, login, _ in PAGES}
    paths = {name: _address(clients[login], name, path) for name, login, path in PAGES}
    app.config["WTF_CSRF_ENABLED"] = True
    pages = {name: _page(app, clients[login], paths[name]) for name, login, _ in PAGES}
    for page in pages.values():
        page.ask()  # The first request reads templates and compiles statements.
    return Site(
        database, app, pages, {n: Floor(page, database.engine) for n, page in pages.items()}
    )


def _signed_in(app: Flask, login_name: str) -> FlaskClient:
    client = app.test_client()
    if login_name:
        told = {"login_name": login_name, "password": PASSWORD}
        answer = client.post("/sign-in/name", data=told)
        assert answer.status_code == 303, answer.status_code
    return client


def _address(client: FlaskClient, name: str, path: str) -> str:
    if name not in SOUGHT:
        return path
    return client.post(path, data={"q": SOUGHT[name]}).headers["Location"]


def _page(app: Flask, client: FlaskClient, path: str) -> Page:
    page = Page(app, client, client._request_from_builder_args((path,), {}).environ)
    page.refresh()  # From the first page on, the cookie holds the token of the forms.
    return page


def _cpu(ask: Callable[[], object]) -> float:
    """CPU milliseconds of one call, over a handful of them."""
    begun = time.process_time()
    for _ in range(REQUESTS):
        ask()
    return (time.process_time() - begun) / REQUESTS * 1000


def main() -> None:
    """Measure, and print a line for each page."""
    original = site(sample())
    with tempfile.TemporaryDirectory() as folder:
        logins = [login for _, login, _ in PAGES if login in ("volunteer", "claimant")]
        begun = time.perf_counter()
        grown = site(larger(original.database, Path(folder), logins=logins))
        print(f"{TIMES} times the people and the history: made in", end=" ")
        print(f"{time.perf_counter() - begun:.1f} s")
        print(
            f"{'page':15} {'ms':>6} {'floor':>6}  times the floor (at most {GOAL_OF_FLOOR})"
            f"   statements   bytes   at {TIMES} times the data (at most {GOAL_LARGER})"
        )
        for name in original.pages:
            _measure(name, original, grown)
        grown.database.close()
    _print_server()


def _measure(name: str, original: Site, grown: Site) -> None:
    page, floor, large = original.pages[name], original.floors[name], grown.pages[name]
    times: dict[str, list[float]] = {"page": [], "floor": [], "large": []}
    for _ in range(ROUNDS):
        page.refresh()
        large.refresh()
        times["page"].append(_cpu(page.ask))
        with floor.ready():
            times["floor"].append(_cpu(floor.ask))
        times["large"].append(_cpu(large.ask))
    of_floor = [p / f for p, f in zip(times["page"], times["floor"], strict=True)]
    of_data = [g / p for g, p in zip(times["large"], times["page"], strict=True)]
    middle = {what: statistics.median(found) for what, found in times.items()}
    print(
        f"{name:15} {middle['page']:6.2f} {middle['floor']:6.2f}"
        f"  {statistics.median(of_floor):5.2f} ({min(of_floor):.2f} to {max(of_floor):.2f})"
        f"  {len(floor.work.statements):10}  {floor.size:9,}"
        f"   {statistics.median(of_data):5.2f} ({min(of_data):.2f} to {max(of_data):.2f})",
        flush=True,
    )


_START = """
import resource, time
begun = time.perf_counter()
from web.app import create_app
app = create_app()
with app.test_client() as client:
    assert client.get("/healthz").status_code == 200
print(time.perf_counter() - begun, time.process_time())
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def _print_server() -> None:
    """Start the application in a fresh process as ``timebank serve`` does; print its cost."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{FOLDER / 'sample.sqlite'}"
        key = as_text(KEY)
        environ = {
            **os.environ, "TIMEBANK_DATA": folder, "TIMEBANK_DATABASE": url, "TIMEBANK_KEY": key,
        }  # fmt: skip
        script = [sys.executable, "-c", _START]
        answer = subprocess.run(script, env=environ, capture_output=True, text=True, check=True)
    wall, cpu, kilobytes = answer.stdout.split()
    print(
        f"start-up until the first answer: {float(wall):.2f} s ({float(cpu):.2f} s CPU);"
        f" memory {int(kilobytes) / 1024:.0f} MB"
    )


if __name__ == "__main__":
    main()
