"""``make demo``: the sample community's database, and a web and a kiosk that show it.

Not here: what the community is made of (``founding.py``, ``history.py``), how processes
are watched (``timebank/launch.py``).
"""

import hashlib
import os
import shutil
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url

from timebank import demo, launch, schema
from timebank.config import Settings
from timebank.db import Database, make_engine, utc_now
from timebank.people.vault import Vault
from timebank.values import local_day

Progress = Callable[[int, int], None]


def prepare(settings: Settings, *, fresh: bool) -> None:
    """Make the database with the sample community, unless it is there already.

    **Refuses**: ``CannotStart`` where the database holds a community that is not the sample.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    is_begun = _has_sample(settings)
    if is_begun and (fresh or not _mark(settings).exists()):
        _start_over(settings)
        is_begun = False
    schema.migrate(settings.database_url)
    if not is_begun:
        _load(settings, local_day(utc_now()))


def _has_sample(settings: Settings) -> bool:
    """Tell whether the sample community was begun here; never touch any other."""
    path = make_url(settings.database_url).database
    if settings.database_url.startswith("sqlite") and not Path(path or "").exists():
        return False
    engine = make_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("community"):
                return False
            codes = set(connection.scalars(text("SELECT code FROM community")))
    finally:
        engine.dispose()
    if others := sorted(codes - {demo.COMMUNITY_CODE}):
        raise launch.CannotStart(
            f"The database holds the community {others[0]}, not the sample: "
            "set TIMEBANK_DATA to another folder for the demo."
        )
    return bool(codes)


def _mark(settings: Settings) -> Path:
    """The file that says: the sample was loaded to its end into this very database."""
    name = hashlib.sha256(settings.database_url.encode()).hexdigest()[:12]
    return settings.data / f"sample-{name}"


def _start_over(settings: Settings) -> None:
    _mark(settings).unlink(missing_ok=True)
    shutil.rmtree(settings.kiosk_data, ignore_errors=True)
    if settings.database_url.startswith("sqlite"):
        path = make_url(settings.database_url).database or ""
        for ending in ("", "-wal", "-shm", "-journal"):
            Path(path + ending).unlink(missing_ok=True)
        return
    engine = make_engine(settings.database_url)
    with engine.begin() as connection:
        schema.every_table().drop_all(connection)
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    engine.dispose()


def _load(settings: Settings, today: date) -> None:
    vault = Vault.load(os.environ, settings.key_file)
    info = {"vault": vault, "password_profile": "small"}
    database = Database(settings.database_url, info=info)
    try:
        with _progress_bar() as progress:
            demo.load(database, today=today, progress=progress)
    finally:
        database.close()
    _mark(settings).write_text(f"{today}\n", "utf-8")


@contextmanager
def _progress_bar() -> Iterator[Progress]:
    """Show how far the loading is; ``progress(done, total)`` moves the bar."""
    with click.progressbar(length=100, label="Loading the sample community") as bar:
        shown = 0

        def progress(done: int, total: int) -> None:
            nonlocal shown
            now = 100 * done // max(total, 1)
            bar.update(now - shown)
            shown = now

        yield progress


def show(settings: Settings) -> None:
    """Start the web and a kiosk, say who can sign in, and stay until Ctrl-C."""
    web = launch.Child("web", ("serve",), settings.port, settings.logs / "web.log")
    kiosk = launch.Child("kiosk", ("kiosk",), settings.kiosk_port, settings.logs / "kiosk.log")
    environ = {
        **os.environ,
        "TIMEBANK_DATA": str(settings.data),
        "TIMEBANK_DATABASE": settings.database_url,
        "PORT": str(settings.port),
        "KIOSK_PORT": str(settings.kiosk_port),
    }
    try:
        with launch.run_children([web, kiosk], environ) as running:
            click.echo(_welcome(web.address, kiosk.address))
            launch.watch(running)
    except KeyboardInterrupt:
        click.echo("\nStopped. The data stays; `make demo-fresh` starts over.")


def _welcome(web: str, kiosk: str) -> str:
    rows = [("who", "name", "password or PIN", "where", "what to try first")]
    rows += [
        (one.who, one.name, one.secret, f"{web}{one.path}", one.try_first)
        for one in demo.sign_ins()
    ]
    return "\n".join(
        [
            "",
            f"  Web    {web}",
            f"  Kiosk  {kiosk}",
            "",
            *(f"  {line}" for line in table(rows)),
            "",
            "  Everybody here is invented. Ctrl-C stops both.",
        ]
    )


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Set rows in columns; a Chinese character takes two places on a terminal."""
    widths = [max(width(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell + " " * (room - width(cell)) for cell, room in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]
    return [lines[0], "─" * (sum(widths) + 2 * len(widths) - 2), *lines[1:]]


def width(text_: str) -> int:
    """Count the places that a text takes on a terminal."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text_)
