"""A process that migrates and can be killed before any statement, or paused there."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

from timebank import schema
from timebank.db import revisions

KILLED, NEVER = -signal.SIGKILL, 0
ALL_DONE, NOTHING_TO_DO, REFUSED = 10, 11, 12  # How it ends when nobody kills it.


@dataclass(frozen=True)
class Orders:
    """Which database to migrate by which folder, and what to do before the n-th statement."""

    url: str
    folder: Path
    number: int = NEVER
    is_torn: bool = False  # The negative control: each statement commits by itself.
    inside: Any = None  # With these two events: do not die there, but tell and wait.
    go_on: Any = None


def run(orders: Orders) -> None:
    schema.MIGRATIONS = orders.folder
    if orders.is_torn:
        schema.migrating = _torn
    _before_statement(orders)
    try:
        os._exit(ALL_DONE if schema.migrate(orders.url) else NOTHING_TO_DO)
    except revisions.CannotMigrate:
        os._exit(REFUSED)


def _before_statement(orders: Orders) -> None:
    seen = 0

    def reach(*rest: Any) -> None:
        nonlocal seen
        seen += 1
        if seen != orders.number:
            return
        if orders.inside is None:
            os.kill(os.getpid(), signal.SIGKILL)
        orders.inside.set()
        orders.go_on.wait()

    # Both happen before the database hears of it.
    event.listen(Engine, "before_cursor_execute", reach)
    event.listen(Engine, "commit", reach)


@contextmanager
def _torn(engine: Engine) -> Iterator[Connection]:
    """Migrate as it must not be done: without a transaction around it all."""
    module = engine.dialect.loaded_dbapi
    torn = create_engine(engine.url, module=module, isolation_level="AUTOCOMMIT")
    with torn.connect() as connection:
        yield connection
