"""A fresh database for each story: a file, or a database of its own on a PostgreSQL server.

The database that the address names is never touched: a story gets a new one beside it, and it is
dropped when the story has been played.
"""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError

from timebank.db import Database, EngineUnfit
from timebank.people.passwords import PROFILE
from timebank.schema import migrate
from timebank.vault.cipher import Vault


@contextmanager
def scratch_database(server_url: str | None) -> Iterator[Database]:
    """Open a fresh database with the newest schema, and remove it afterwards."""
    with _scratch_url(server_url) as url:
        migrate(url)
        database = Database(url, info={"vault": Vault(bytes(32)), PROFILE: "small"})
        try:
            yield database
        finally:
            database.close()


@contextmanager
def _scratch_url(server_url: str | None) -> Iterator[str]:
    if server_url is None or server_url.startswith("sqlite"):
        folder = None if server_url is None else _folder_of(server_url)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            yield f"sqlite:///{scratch}/story.sqlite"
        return
    server = _server(server_url)
    name = f"timebank_story_{secrets.token_hex(6)}"
    try:
        _say(server, f"CREATE DATABASE {name}")
        try:
            yield server.url.set(database=name).render_as_string(hide_password=False)
        finally:
            _say(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    finally:
        server.dispose()


def _folder_of(url: str) -> Path | None:
    named = make_url(url).database
    return Path(named).absolute().parent if named and named != ":memory:" else None


def _server(url: str) -> Engine:
    try:
        address = make_url(url)
    except ArgumentError:
        raise EngineUnfit("--database: expected an address like postgresql://…") from None
    if not address.drivername.startswith("postgresql"):
        raise EngineUnfit("--database: stories are played on SQLite and PostgreSQL only")
    return create_engine(address, isolation_level="AUTOCOMMIT", hide_parameters=True)


def _say(server: Engine, statement: str) -> None:
    with server.connect() as connection:
        connection.execute(text(statement))
