"""``timebank demo``: load the sample community, then run a web and a kiosk on it.

Not here: what the community is made of (``demo/``), how processes are watched
(``launch.py``).
"""

import hashlib
import os
import shutil
import signal
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from kiosk.agent import make_kiosk, pair_kiosk
from kiosk.config import read_config
from timebank import launch, schema
from timebank.config import Settings
from timebank.db import Database, make_engine, utc_now
from timebank.deeds.queries import community_by_code
from timebank.deeds.running import perform
from timebank.demo.founding import COMMUNITY_CODE
from timebank.demo.load import STEPS, load
from timebank.goods.queries import stores
from timebank.keyring import Keyring, open_vault
from timebank.kiosks.actions import ask_pairing, confirm_pairing, make_pairing_code
from timebank.kiosks.queries import open_permits
from timebank.people.queries import by_of_user, staff
from timebank.people.sample.sign_ins import SignIn, sign_ins
from timebank.private_files import private_folder
from timebank.sealer import seal_all
from timebank.sealing.keys import Signer
from timebank.values import By, local_day

# The first page for each role after signing in, and what to try there.
FIRST = {
    "volunteer": ("/me/services", "check in and out; the hours then wait to be confirmed"),
    "claimant": ("/me/take", "claim what is there today, fetch it at the kiosk by card"),
    "donor": ("/me/deposit", "announce a deposit, bring it to the counter or the kiosk"),
    "coordinator": ("/work", "the worklist: reviews of the kiosk, hours to confirm"),
    "grid": ("/work", "confirm hours of the grid, find a person by initials"),
    "social": ("/work", "find a household, see its papers and its claims"),
    "keeper": ("/store", "take in a deposit line by line, issue a claim by its code"),
    "approver": ("/work", "claims that need a second look"),
    "accountant": ("/shelf", "the shelf and the records, reading only"),
}


def prepare(settings: Settings, *, fresh: bool) -> None:
    """Create the database with the sample community, unless it exists.

    **Refuses**: ``CannotStart`` if the database holds a community that is not the sample.
    """
    private_folder(settings.data)
    is_begun = _has_sample(settings)
    if is_begun and (fresh or not _mark(settings).exists()):
        _start_over(settings)
        is_begun = False
    schema.migrate(settings.database_url)
    if not is_begun:
        _load(settings, local_day(utc_now()))


def _has_sample(settings: Settings) -> bool:
    """Tell whether loading the sample community was started here; never touch another community."""
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
    if others := sorted(codes - {COMMUNITY_CODE}):
        raise launch.CannotStart(
            f"The database holds the community {others[0]}, not the sample: "
            "set TIMEBANK_DATA to another folder for the demo."
        )
    return bool(codes)


def _mark(settings: Settings) -> Path:
    """The file that marks this database as completely loaded."""
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
def stopping_on_signals() -> Iterator[None]:
    """Raise ``KeyboardInterrupt`` on SIGINT and on SIGTERM, whatever was inherited.

    A shell that starts a program in the background lets it ignore SIGINT; Python then installs
    no handler of its own, and Ctrl-C would leave the web and the kiosk running.
    """
    before = {
        number: signal.signal(number, signal.default_int_handler)
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    info = {
        "password_profile": "small",  # Only for the sample: its passwords are printed anyway.
    }
    database = Database(settings.database_url, info=info)
    try:
        database.info["vault"] = open_vault(database, Keyring(os.environ, settings.key_file))
        yield database
    finally:
        database.close()


def _load(settings: Settings, today: date) -> None:
    bar = click.progressbar(length=STEPS, label="Loading the sample community")
    with _opened(settings) as database, bar as shown:
        load(database, today=today, progress=shown.update)
        with database.reading() as session:
            signer = Signer.load(session, os.environ, settings.seal_key_file)
        seal_all(database, signer)
    _mark(settings).write_text(f"{today}\n", "utf-8")


def show(settings: Settings) -> None:
    """Start the web and a kiosk, print who can sign in, and run until SIGINT or SIGTERM."""
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
        with launch.start_child(web, environ) as served:
            if not _has_shop(environ):
                launch.wait_until_answering(served)
                _join_shop(settings, environ)
            with launch.start_child(kiosk, environ) as machine:
                launch.wait_until_answering(served)
                launch.wait_until_answering(machine)
                click.echo(welcome(web.address, kiosk.address, _who(settings)))
                launch.watch([served, machine])
    except KeyboardInterrupt:
        click.echo("\nStopped. The data is kept; `make demo-fresh` starts over.")


def _has_shop(environ: Mapping[str, str]) -> bool:
    machine = make_kiosk(read_config(environ))
    try:
        return machine.outbox.identity is not None
    finally:
        machine.outbox.close()


def _join_shop(settings: Settings, environ: Mapping[str, str]) -> None:
    """Pair the kiosk with the sample's store by a one-time code."""
    machine = make_kiosk(read_config(environ))
    try:
        pair_kiosk(machine, _pairing_code(settings))
    finally:
        machine.outbox.close()


def _sample_id(session: Session) -> int:
    sample = community_by_code(session, COMMUNITY_CODE)
    assert sample is not None, "the sample was loaded just before"
    return sample.id


def _pairing_code(settings: Settings) -> str:
    """Two people of the sample agree on the kiosk, as everywhere; then there is a code."""
    with _opened(settings) as database:
        with database.reading() as session:
            community_id = _sample_id(session)
            shop = next(store for store in stores(session, community_id) if store.kind == "store")
            first, second = (
                _holder(session, community_id, role, database.clock())
                for role in ("coordinator", "approver")
            )
            permits = open_permits(session, community_id, now=database.clock())
        of_shop = [(one.id, bool(one.confirmed_by)) for one in permits if one.store_id == shop.id]
        named = f"pair-{database.clock().isoformat()}"

        def send(action: Callable[..., Any], by: By, **content: Any) -> Any:
            request_id = f"{named}-{action.__name__}"
            return perform(database, action, by=by, request_id=request_id, **content)

        permit_id, is_agreed = next(iter(of_shop), None) or (
            send(ask_pairing, first, store_id=shop.id).permit_id,
            False,
        )
        if not is_agreed:
            send(confirm_pairing, second, permit_id=permit_id)
        code: str = send(make_pairing_code, first, store_id=shop.id).code
        return code


def _holder(session: Session, community_id: int, role: str, now: datetime) -> By:
    """Somebody of the sample with a role for the whole community."""
    user_id = next(
        held.user_id
        for held in staff(session, community_id, now=now)
        if held.role == role and held.place_id is None
    )
    by = by_of_user(session, community_id, user_id, now=now)
    assert by is not None, "whoever holds a role has a user"
    return by


def _who(settings: Settings) -> list[SignIn]:
    with _opened(settings) as database, database.reading() as session:
        return sign_ins(session, _sample_id(session))


def welcome(web: str, kiosk: str, who: Sequence[SignIn]) -> str:
    """Compose the greeting: addresses, the accounts that can sign in, what to try first."""
    rows = [("name", "password", "card, PIN", "where", "what to try first")]
    for login in who:
        if login.role in FIRST:
            path, first = FIRST[login.role]
            card = f"{login.card_no}, {login.pin}" if login.card_no else ""
            rows.append((login.login_name, login.password, card, path, first))
    return "\n".join(
        [
            "",
            f"  Web    {web}",
            f"  Kiosk  {kiosk}",
            "",
            *(f"  {line}" for line in table(rows)),
            "",
            "  The card opens the kiosk and the web alike.",
            "  Everybody here is invented. Ctrl-C stops both; the data is kept.",
        ]
    )


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Align rows in columns; a Chinese character takes two columns on a terminal."""
    widths = [max(width(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell + " " * (room - width(cell)) for cell, room in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]
    return [lines[0], "─" * (sum(widths) + 2 * len(widths) - 2), *lines[1:]]


def width(text_: str) -> int:
    """Count the columns that a text takes on a terminal."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text_)
