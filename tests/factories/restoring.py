"""A server with its data folder: database, two keys, and for a community some books and a kiosk."""

import atexit
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import text

from tests.factories.empty import blank_file
from tests.factories.kiosks import Stand, commit_stand
from tests.factories.ledger import make_account
from tests.factories.sealing import move_some
from timebank import schema
from timebank.backups.making import Source, bundle_name, make
from timebank.backups.staging import Target
from timebank.checking.books import check_books
from timebank.checking.notes import read_keys
from timebank.checking.reading import reading_database
from timebank.db import Database, make_engine
from timebank.db.revisions import migrating
from timebank.keyfile import parse_keys
from timebank.keyring import Keyring, open_vault
from timebank.sealer import seal_all
from timebank.sealing.keys import SIGNER, Signer

PASS = "0123456789ABCDEFGHJKMNPQR"
_OURS = "INSERT INTO community (id, code, name_zh, name_en) VALUES (1, 'ours', '本社区', 'Ours')"


@dataclass
class Machine:
    """A server in a folder."""

    database: Database
    folder: Path
    stand: Stand | None = None

    @property
    def url(self) -> str:
        return str(self.database.engine.url)

    @property
    def place(self) -> Target:
        return Target(self.database, self.folder, {})

    def keys(self) -> tuple[bytes, ...]:
        """Both keys, as somebody brings them."""
        files = [self.folder / "key", self.folder / "seal.key"]
        return tuple(key for file in files for key in parse_keys(file.read_bytes(), file.name))

    def post(self, count: int) -> None:
        """Go on with the books, and seal them."""
        self.database.write(lambda session, now: move_some(session, count))
        seal_all(self.database, self.database.info[SIGNER])

    def backup(self, now: datetime) -> Path:
        make(Source(self.url, self.folder), typed=PASS, now=now)
        return self.folder / "backups" / bundle_name(now)

    def counts(self) -> list[tuple[str, dict[str, int], list[Any]]]:
        """What ``check-books`` says."""
        with reading_database(self.url) as books:
            found = check_books(books, read_keys((), {}, self.folder / "seal.key"))
        return [(one.community, dict(one.counts), one.faults) for one in found]

    def rows(self, statement: str) -> list[Any]:
        with self.database.reading() as session:
            return [tuple(row) for row in session.execute(text(statement))]


def make_machine(folder: Path, clock: Callable[[], datetime], *, is_empty: bool = False) -> Machine:
    """Set up a server as ``timebank migrate`` and the first start leave it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if is_empty:
        shutil.copyfile(blank_file(), folder / "timebank.sqlite")
        return _open(folder, clock)
    kept, stand = _community(clock())
    shutil.copytree(kept, folder, dirs_exist_ok=True)
    machine = _open(folder, clock)
    machine.stand = deepcopy(stand)
    return machine


def _open(folder: Path, clock: Callable[[], datetime]) -> Machine:
    url = f"sqlite:///{folder / 'timebank.sqlite'}"
    database = Database(url, clock=clock, info={"password_profile": "small"})
    database.info["vault"] = open_vault(database, Keyring({}, folder / "key"))
    with database.reading() as session:
        database.info[SIGNER] = Signer.load(session, {}, folder / "seal.key")
    return Machine(database, folder)


@cache
def _community(now: datetime) -> tuple[Path, Stand]:
    """The folder that every community of a test copies, each with the same keys and books."""
    folder = Path(tempfile.mkdtemp(prefix="timebank-community-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    machine = make_machine(folder, lambda: now, is_empty=True)
    (folder / "files").mkdir()
    machine.database.write(lambda session, now: session.execute(text(_OURS)))
    stand = commit_stand(machine.database)
    machine.database.write(lambda session, now: make_account(session, filled=3))
    machine.post(3)
    machine.database.close()
    return folder, stand


def revisions() -> list[str]:
    """The numbers of the migrations, in order."""
    return sorted(path.name[:4] for path in (schema.MIGRATIONS / "versions").glob("0*.py"))


def lay_one_older(path: Path) -> None:
    """Lay the tables of the revision before the newest, and copy every row into them."""
    older = path.with_name("older.sqlite")
    engine = make_engine(f"sqlite:///{older}")
    with migrating(engine) as connection:
        schema.lay(connection, until=revisions()[-2])
    engine.dispose()
    with sqlite3.connect(older) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("ATTACH ? AS newest", (str(path),))
        triggers = connection.execute(
            "SELECT name, sql FROM main.sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER main.{name}")
        for (table,) in connection.execute(
            "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name <> 'alembic_version'"
        ).fetchall():
            _copy(connection, table)
        for _, sql in triggers:
            connection.execute(sql)
    connection.close()
    older.replace(path)


def _copy(connection: sqlite3.Connection, table: str) -> None:
    ours = [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")]
    theirs = {row[1] for row in connection.execute(f"PRAGMA newest.table_info({table})")}
    names = ", ".join(f'"{name}"' for name in ours if name in theirs)
    connection.execute(f"DELETE FROM main.{table}")
    connection.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM newest.{table}")
