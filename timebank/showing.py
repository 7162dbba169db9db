"""``make demo``: the sample community's database, and a web and a kiosk that show it.

Not here: what the community is made of (``demo/``), how processes are watched
(``launch.py``).
"""

import hashlib
import os
import shutil
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url

from kiosk.agent import make_kiosk, pair_kiosk
from kiosk.config import read_config
from timebank import demo, launch, schema
from timebank.config import Settings
from timebank.db import Database, make_engine, utc_now
from timebank.goods.queries import stores
from timebank.kiosks.actions import make_pairing_code
from timebank.ledger.deeds import perform
from timebank.people.queries import community_by_code
from timebank.people.vault import Vault
from timebank.values import By, Role, local_day

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


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    info = {
        "vault": Vault.load(os.environ, settings.key_file),
        "password_profile": "small",  # Only for the sample: its passwords are printed anyway.
    }
    database = Database(settings.database_url, info=info)
    try:
        yield database
    finally:
        database.close()


def _load(settings: Settings, today: date) -> None:
    with _opened(settings) as database, _progress_bar() as progress:
        demo.load(database, today=today, progress=progress)
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
        with launch.run_child(web, environ) as served:
            _join_shop(settings, environ)
            with launch.run_child(kiosk, environ) as machine:
                click.echo(_welcome(web.address, kiosk.address))
                launch.watch([served, machine])
    except KeyboardInterrupt:
        click.echo("\nStopped. The data stays; `make demo-fresh` starts over.")


def _join_shop(settings: Settings, environ: Mapping[str, str]) -> None:
    """Let the kiosk join the sample's store by a one-time code, unless it belongs there."""
    machine = make_kiosk(read_config(environ))
    try:
        if machine.outbox.identity is None:
            pair_kiosk(machine, _pairing_code(settings))
    finally:
        machine.outbox.close()


def _pairing_code(settings: Settings) -> str:
    with _opened(settings) as database:
        with database.reading() as session:
            sample = community_by_code(session, demo.COMMUNITY_CODE)
            assert sample is not None, "the sample was loaded just before"
            shop = next(one for one in stores(session, sample.id) if one.kind == "store")
        by = By(sample.id, "job:demo", "job", roles=frozenset({Role("coordinator")}))
        request_id = f"pair-{database.clock().isoformat()}"
        made = perform(database, make_pairing_code, by=by, request_id=request_id, store_id=shop.id)
        return made.code


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
