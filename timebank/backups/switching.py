"""Put a staged backup in the place of the running database: the old one or the new one, always.

SQLite copies all pages within one transaction of the running file, so nobody, and no crash, ever
finds a mixture. What comes before it can stand beside the old database (keys that nothing uses yet,
files named by their content); what comes after it only cleans up.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from timebank.backups.bundle import DATABASE
from timebank.backups.making import FILES, is_full
from timebank.backups.notes import note_restore
from timebank.backups.staging import CannotRestore, Staged, Target, drop
from timebank.checking.backups import CannotSave, backup
from timebank.db import Database, database_file, make_engine
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.deeds.queries import communities
from timebank.keyfile import read_keys, sync_folder, write_keys
from timebank.keyring import open_vault
from timebank.private_files import private_folder
from timebank.sealing.keys import SIGNER
from timebank.values import By

TRIES_MAX = 80  # Twenty seconds.
_log = logging.getLogger("timebank.backups")
Step = Callable[[str], object]


def switch(
    place: Target,
    staged: Staged,
    *,
    by_whom: str,
    now: datetime,
    step: Step = lambda name: None,
) -> Path | None:
    """Switch to a staged backup; return the copy of what was there, which is kept.

    ``by_whom`` stands in the audit trail of the restored database. ``step`` hears what is done, for
    the tests that kill it there. Raises ``CannotRestore``; then the old database is in place.
    """
    _note_in_trail(place, staged, by_whom, now)
    step("noted")
    before = _keep_old(place, now)
    step("kept")
    _add_keys(place, staged)
    step("keys")
    _add_files(place, staged)
    step("files")
    _copy(place, staged)
    step("switched")
    _settle(place, staged, now)
    step("settled")
    drop(place)
    return before


def _note_in_trail(place: Target, staged: Staged, by_whom: str, now: datetime) -> None:
    database = Database(f"sqlite:///{staged.database}", clock=lambda: now)

    def work(session: Session, at: datetime) -> None:
        for community in communities(session):
            by = By(community_id=community.id, client="job:restore", channel="job")
            facts = {"note": staged.header.made_at, "reason": by_whom}
            audit(Deed(session, by, at), name="restore_backup", subject_kind="backup", facts=facts)

    try:
        database.write(work)
    finally:
        database.close()


def _keep_old(place: Target, now: datetime) -> Path | None:
    """Copy a running community, so that a restore that was a mistake can be undone."""
    if not place.codes:
        return None
    url = place.database.engine.url.render_as_string(hide_password=False)
    try:
        return backup(url, place.data / "backups", now=now)[0]
    except (CannotSave, OSError) as fault:
        _log.error("the restore stopped: %s", fault)
        raise CannotRestore("full" if is_full(fault) else "busy") from fault


def _add_keys(place: Target, staged: Staged) -> None:
    """Let both databases open: the keys of the restored one first, those of the old one behind."""
    here = place.keyring.read()
    if not set(staged.data_keys) <= set(here):
        if place.codes:  # What was there is kept, and so is what opens it.
            kept = read_keys({}, "", place.old_key_file)
            write_keys(place.old_key_file, list(dict.fromkeys((*here, *kept))))
        write_keys(place.keyring.path, list(dict.fromkeys((*staged.data_keys, *here))))
    if staged.seal_key is not None:
        write_keys(place.seal_file, [staged.seal_key])


def _add_files(place: Target, staged: Staged) -> None:
    """Add the files beside the database; a file of this name has this content already."""
    folder = place.data / FILES
    files = [file for file in staged.folder.iterdir() if file.name != DATABASE and _is_kept(file)]
    if not files:
        return
    private_folder(folder)
    for file in files:
        file.replace(folder / file.name)
    sync_folder(folder)


def _is_kept(file: Path) -> bool:
    return not file.name.startswith(f"{DATABASE}-")  # What SQLite writes beside it.


def _copy(place: Target, staged: Staged) -> None:
    """Copy all pages within one transaction of the running file."""
    place.database.write(lambda session, now: None)  # Ends the reading unit of this request.
    target = make_engine(f"sqlite:///{database_file(str(place.database.engine.url))}")
    source = make_engine(f"sqlite:///{staged.database}")
    try:
        with source.connect() as new, target.connect() as live:
            opened: Any = new.connection.driver_connection
            opened.backup(live.connection.driver_connection, progress=_patient())
    except Exception as fault:
        _log.error("the restore stopped: %s", fault)
        raise CannotRestore("full" if is_full(fault) else "busy") from fault
    finally:
        source.dispose()
        target.dispose()


def _patient() -> Callable[[int, int, int], None]:
    """Wait for others that use the file, but not for ever; SQLite asks four times a second."""
    tries = iter(range(TRIES_MAX))

    def ask(status: int, remaining: int, total: int) -> None:
        if remaining and next(tries, None) is None:
            raise CannotRestore("busy")

    return ask


def _settle(place: Target, staged: Staged, now: datetime) -> None:
    """Let the running process use the keys of what it serves now, and note the restore."""
    place.database.learn_sizes()
    if staged.seal_key is not None and (signer := place.database.info.get(SIGNER)) is not None:
        signer.use(staged.seal_key)
    place.database.info["vault"] = open_vault(place.database, place.keyring)
    if place.keyring.is_file and set(place.keyring.read()) != set(staged.data_keys):
        write_keys(place.keyring.path, list(staged.data_keys))
        place.database.info["vault"] = open_vault(place.database, place.keyring)
    note_restore(place.data, at=now, of=staged.header.at)
