"""A server with its data folder: database, two keys, and for a community some books and a kiosk."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from tests.factories.kiosks import Stand, commit_stand
from tests.factories.ledger import make_account
from tests.factories.sealing import move_some
from timebank.backups.making import Source, bundle_name, make
from timebank.backups.staging import Target
from timebank.checking.books import check_books
from timebank.checking.notes import read_keys
from timebank.checking.reading import reading_database
from timebank.db import Database
from timebank.keyfile import parse_keys
from timebank.keyring import Keyring, open_vault
from timebank.schema import migrate
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
    url = f"sqlite:///{folder / 'timebank.sqlite'}"
    migrate(url)
    database = Database(url, clock=clock, info={"password_profile": "small"})
    database.info["vault"] = open_vault(database, Keyring({}, folder / "key"))
    with database.reading() as session:
        database.info[SIGNER] = Signer.load(session, {}, folder / "seal.key")
    machine = Machine(database, folder)
    if not is_empty:
        (folder / "files").mkdir()
        database.write(lambda session, now: session.execute(text(_OURS)))
        machine.stand = commit_stand(database)
        database.write(lambda session, now: make_account(session, filled=3))
        machine.post(3)
    return machine
