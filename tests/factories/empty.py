"""A database without a community, as ``timebank migrate`` leaves it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from timebank.db import Database
from timebank.schema import migrate
from timebank.values import local_instant
from timebank.vault.cipher import Vault

TODAY = date(2026, 12, 1)


@contextmanager
def empty_database(folder: Path) -> Iterator[Database]:
    """Open a new file; its clock stands at nine o'clock of ``TODAY``."""
    url = f"sqlite:///{folder / 'fresh.sqlite'}"
    migrate(url)
    info = {"vault": Vault(bytes(32)), "password_profile": "small"}
    database = Database(url, clock=lambda: local_instant(TODAY, 9), info=info)
    try:
        yield database
    finally:
        database.close()
