"""``/healthz``: can this server do its work now? A watchdog asks, so it must not answer by hope.

It tests what a page needs: that a commit reaches the disk, that the disk has room, that the key is
the right one, the schema the newest, and that the clock has not jumped. Anybody may ask, so a
result is shared for a second.
"""

import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Flask, Response, current_app, jsonify

from timebank.db import Database
from timebank.deeds.probing import write_probe
from timebank.schema import newest_revision, revision_of
from timebank.vault.cipher import vault_of
from timebank.vault.keys import data_keys, in_state
from timebank.vault.rules import CURRENT
from web.auth import open_to_all
from web.ground import ground

SHARED_SECONDS = 1.0
ROOM_MIN_BYTES = 64 * 1024 * 1024  # Enough for the journal of a day, and to notice in time.
WRITE_SECONDS = 2.0  # Longer than our units of work, shorter than the patience of a watchdog.
_log = logging.getLogger("timebank.web")


class NotFit(Exception):
    """A check failed; the message is for the log."""


class Health:
    """The last result, and what is checked."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._newest = newest_revision()
        self._lock = threading.Lock()
        self._at = float("-inf")
        self._failed: tuple[str, ...] = ()

    def failed(self) -> tuple[str, ...]:
        """The names of the checks that fail now."""
        if not self._lock.acquire(blocking=self._at < 0):
            return self._failed  # Somebody is checking: nobody waits for them but the first.
        try:
            if time.monotonic() - self._at >= SHARED_SECONDS:
                self._failed = tuple(self._checked())
                self._at = time.monotonic()
            return self._failed
        finally:
            self._lock.release()

    def _checked(self) -> Iterator[str]:
        checks: dict[str, Callable[[], None]] = {
            "disk": self._disk, "schema": self._schema, "key": self._key, "clock": self._clock,
            "writing": self._writing,
        }  # fmt: skip
        for name, check in checks.items():
            try:
                check()
            except Exception as fault:
                _log.error("/healthz: %s: %s", name, fault)
                yield name

    def _disk(self) -> None:
        for folder in _folders(self._folder):
            free = shutil.disk_usage(folder).free
            if free < ROOM_MIN_BYTES:
                raise NotFit(f"{free} bytes are free in {folder}")

    def _schema(self) -> None:
        with ground().database.reading() as session:
            found = revision_of(session.connection())
        # The databases of tests have no revision: their tables were made without migrations.
        if found not in (None, self._newest):
            raise NotFit(f"the schema is {found}")

    def _key(self) -> None:
        with ground().database.reading() as session:
            vault = vault_of(session)
            for key in in_state(data_keys(session), CURRENT):
                if not key.is_in(vault):
                    raise NotFit(f"key {key.key_id} is in force, but not here")

    def _clock(self) -> None:
        clock = ground().database.clock
        clock()
        if getattr(clock, "is_off", False):
            raise NotFit("the clock of this machine has jumped by more than a day")

    def _writing(self) -> None:
        ground().database.write_once(write_probe, within_seconds=WRITE_SECONDS)


def install(app: Flask) -> None:
    """Answer ``/healthz``."""
    app.extensions["timebank.health"] = Health(app.config.get("DATA"))
    app.add_url_rule("/healthz", "healthz", open_to_all(healthz))


def healthz() -> Response:
    """Answer 200 if all is well, otherwise 503 with the names of what failed."""
    health: Health = current_app.extensions["timebank.health"]
    failed = health.failed()
    if not failed:
        return jsonify(status="ok")
    answer = jsonify(status="down", failed=failed)
    answer.status_code = 503
    return answer


def free_bytes(data: Path | None) -> int:
    """The room where there is least of it: the data folder, or that of the database."""
    return min(shutil.disk_usage(folder).free for folder in _folders(data))


def _folders(data: Path | None) -> set[Path]:
    return {folder for folder in (data, _folder_of(ground().database)) if folder is not None}


def _folder_of(database: Database) -> Path | None:
    """The folder of a SQLite file, where its journal grows."""
    url = database.engine.url
    is_file = database.engine.dialect.name == "sqlite" and url.database
    return Path(str(url.database)).parent if is_file else None
