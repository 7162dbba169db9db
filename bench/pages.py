"""The passbook, shelf and worklist pages against a bare Flask + SQLAlchemy page with sign-in.

Both run in this process by the test client, in turns, with the full sample community; the
figure is CPU a request, as a ratio. Goal: at most 2.5 times the bare page (``bare.py``), at
most 12 statements a page, at most 30 kB a page once style and script are there.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import click
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from bench.bare import bare_app
from timebank import schema
from timebank.db import Database
from timebank.demo.load import STEPS, load
from timebank.people.passwords import PROFILE
from timebank.people.sample.sign_ins import PASSWORD
from timebank.people.vault import Vault
from web.app import create_app

GOAL = 2.5
STATEMENTS_MOST = 12
BYTES_MOST = 30_000
ROUNDS, REQUESTS = 7, 40
FOLDER = Path(__file__).parent.parent / "data" / "bench"
PAGES = (
    ("passbook", "volunteer", "/me/"),
    ("shelf", "", "/"),
    ("worklist", "coordinator", "/work"),
)


def sample() -> Database:
    """Open the full sample community, loading it once."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path, mark = FOLDER / "sample.sqlite", FOLDER / f"sample-{schema.newest_revision()}.whole"
    url = f"sqlite:///{path}"
    if not mark.exists():
        for ending in ("", "-wal", "-shm"):
            Path(f"{path}{ending}").unlink(missing_ok=True)
        schema.migrate(url)
    database = Database(url, info={"vault": Vault(bytes(32)), PROFILE: "small"})
    if not mark.exists():
        with click.progressbar(length=STEPS, label="Loading the sample community") as bar:
            load(database, progress=bar.update)
        mark.touch()
    return database


def signed_in(app: Flask, login_name: str) -> FlaskClient:
    client = app.test_client()
    if login_name:
        told = {"login_name": login_name, "password": PASSWORD}
        answer = client.post("/sign-in/name", data=told)
        assert answer.status_code == 303, answer.status_code
    return client


def cpu_of(client: FlaskClient, path: str) -> float:
    """CPU seconds of one request, over a handful of them."""
    begun = time.process_time()
    for _ in range(REQUESTS):
        assert client.get(path).status_code == 200
    return (time.process_time() - begun) / REQUESTS


def statements_of(database: Database, ask: Callable[[], object]) -> int:
    said: list[str] = []

    def listen(conn: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")):
            said.append(statement)

    event.listen(database.engine, "before_cursor_execute", listen)
    ask()
    event.remove(database.engine, "before_cursor_execute", listen)
    return len(said)


def main() -> None:
    database = sample()
    config = {"DATABASE": database, "SECRET_KEY": "b" * 32, "WTF_CSRF_ENABLED": False}
    app, bare = create_app(config), bare_app(FOLDER).test_client()
    bare.get("/sign-in")
    clients = {name: (signed_in(app, login), path) for name, login, path in PAGES}
    ratios: dict[str, list[float]] = {name: [] for name in clients}
    for client, path in [(bare, "/"), *clients.values()]:
        cpu_of(client, path)  # The first pages read templates and write statements.
    for _ in range(ROUNDS):
        for name, (client, path) in clients.items():
            ratios[name].append(cpu_of(client, path) / cpu_of(bare, "/"))
    print(f"CPU of a page, as a multiple of a bare page (at most {GOAL}); statements; bytes")
    for name, (client, path) in clients.items():
        found = ratios[name]
        count = statements_of(database, lambda client=client, path=path: client.get(path))  # type: ignore[misc]
        size = len(client.get(path).data)
        print(
            f"{name:10} {statistics.median(found):5.2f} ({min(found):.2f} to {max(found):.2f})"
            f"  {count:2} of {STATEMENTS_MOST}  {size:,} of {BYTES_MOST:,}"
        )


if __name__ == "__main__":
    main()
