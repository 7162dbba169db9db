"""A community on disk with its key, as an operator has it, and the drills run on it."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from sqlalchemy import text

from tests.factories.goods import make_stock
from tests.factories.kiosks import commit_stand
from timebank import cli
from timebank.db import Database, utc_now
from timebank.schema import migrate

KEY = bytes(range(32))


def on_disk(
    folder: Path,
    info: Mapping[str, Any],
    *,
    is_empty: bool = False,
    clock: Callable[[], datetime] = utc_now,
) -> Path:
    """Make a data folder: a community with people, stock and a kiosk at ``clock``, and the key."""
    folder.mkdir(exist_ok=True)
    url = f"sqlite:///{folder / 'timebank.sqlite'}"
    migrate(url)
    (folder / "key").write_bytes(base64.b64encode(KEY))
    (folder / "key").chmod(0o600)
    database = Database(url, clock=clock, info=info)
    ours = "INSERT INTO community (id, code, name_zh, name_en) VALUES (1, 'ours', '本社区', 'Ours')"
    database.write(lambda session, now: session.execute(text(ours)))
    if not is_empty:
        stand = commit_stand(database)
        database.write(lambda session, now: make_stock(session, stand.shop, "洗衣液", 5, now=now))
    database.close()
    return folder


def run_drill(data: Path, *words: str) -> tuple[int, str]:
    """Run a drill as a command; return its exit status and what it printed."""
    environ = {"TIMEBANK_DATA": str(data), "TIMEBANK_KEY": None, "TIMEBANK_SEAL_KEY": None}
    result = CliRunner().invoke(cli.main, ["drill", *words], env=environ)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


NOTED = "last-drills.json"  # How the drills ended, for the page of the system.


def copy_of_files(data: Path) -> dict[str, str]:
    """Every file of a folder with its digest, to see that nothing was touched."""
    return {
        path.relative_to(data).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(data.rglob("*"))
        if path.is_file() and not path.name.endswith("-shm") and path.name != NOTED
    }
