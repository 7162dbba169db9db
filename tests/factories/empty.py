"""A database without a community, as ``timebank migrate`` leaves it, and a browser over it."""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from timebank.db import Database
from timebank.schema import migrate
from timebank.values import local_instant
from timebank.vault.cipher import Vault
from web.app import create_app

TODAY = date(2026, 12, 1)


@contextmanager
def empty_database(folder: Path) -> Iterator[Database]:
    """Open a new file; its clock stands at nine o'clock of ``TODAY``."""
    path = folder / "fresh.sqlite"
    shutil.copyfile(blank_file(), path)
    url = f"sqlite:///{path}"
    info = {"vault": Vault(bytes(32)), "password_profile": "small"}
    database = Database(url, clock=lambda: local_instant(TODAY, 9), info=info)
    try:
        yield database
    finally:
        database.close()


@cache
def blank_file() -> Path:
    """The file that every test copies: a run migrates once, not in each of its tests."""
    folder = tempfile.mkdtemp(prefix="timebank-empty-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / "fresh.sqlite"
    migrate(f"sqlite:///{path}")
    return path


def browser(database: Database, **config: Any) -> FlaskClient:
    """A browser over an application of its own."""
    told = {"DATABASE": database, "TESTING": True, "WTF_CSRF_ENABLED": False, **config}
    return create_app(told).test_client()
