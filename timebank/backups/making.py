"""Make a backup in one file, in the background, with its progress in a file.

One process at a time makes one; its end, even by SIGKILL, frees the others. A file has its name
only when it is whole: what an interrupted run left is removed by the next one.
"""

import errno
import json
import logging
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import timebank
from timebank.backups.bundle import DATABASE, ENDING, FILE_NAME, Header, write_bundle
from timebank.backups.notes import is_partial, made_at, write_whole
from timebank.checking.backups import CannotSave, backup, note_made
from timebank.db import database_file
from timebank.keyfile import sync_folder
from timebank.private_files import InUse, hold_alone, private_folder
from timebank.schema import newest_revision

FOLDER, FILES = "backups", "files"
ROOM_KEPT_BYTES = 64 * 1024 * 1024  # As much as /healthz wants to be free.
COPYING, PACKING, MADE, FAILED, STOPPED = "copying", "packing", "made", "failed", "stopped"
_STATE, _LOCK, _WORK = "making.json", "making.lock", ".making"
_log = logging.getLogger("timebank.backups")


class CannotMake(Exception):
    """No backup can be made now; ``why``: ``busy``, ``full``, ``tool``, ``fault``."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class MakingState:
    """How far a backup is, or how the last one ended. **Units**: bytes."""

    stage: str
    name: str = ""
    done: int = 0
    total: int = 0
    why: str = ""

    @property
    def is_running(self) -> bool:
        return self.stage in (COPYING, PACKING)

    @property
    def percent(self) -> int:
        return self.done * 100 // self.total if self.total else 0


@dataclass(frozen=True, slots=True)
class KeptBackup:
    """One backup in the folder. ``is_bundle``: it can be downloaded and restored by a page."""

    name: str
    made_at: datetime
    size: int
    is_bundle: bool


@dataclass(frozen=True, slots=True)
class Source:
    """What is backed up: the database at ``url``, and the files in the data folder."""

    url: str
    data: Path

    @property
    def folder(self) -> Path:
        return self.data / FOLDER

    def files(self) -> list[Path]:
        """The files beside the database, whose names are the hashes of their contents."""
        found = sorted((self.data / FILES).glob("*"))
        return [file for file in found if FILE_NAME.fullmatch(file.name)]


def bundle_name(now: datetime) -> str:
    return f"timebank-{now:%Y%m%dT%H%M%SZ}{ENDING}"


def kept_backups(source: Source) -> list[KeptBackup]:
    """The whole backups in the folder, newest first."""
    found = []
    for file in source.folder.glob("timebank-*"):
        at = made_at(file.name)
        if at is not None and not is_partial(file):
            with suppress(FileNotFoundError):
                size = file.stat().st_size
                found.append(KeptBackup(file.name, at, size, file.suffix == ENDING))
    return sorted(found, key=lambda one: (one.made_at, one.name), reverse=True)


def making_state(source: Source) -> MakingState | None:
    """How far it is; None before the first one. One whose process has ended is *stopped*."""
    try:
        state = MakingState(**json.loads((source.folder / _STATE).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    if not state.is_running:
        return state
    with suppress(InUse), _alone(source):
        return MakingState(stage=STOPPED, name=state.name)
    return state


def begin(
    source: Source, *, typed: str, now: datetime, then: Callable[[], object] = lambda: None
) -> threading.Thread:
    """Make a backup in a thread of its own; ``typed`` is the pass.

    ``then`` is called in that thread once it is made.

    **Refuses**: ``CannotMake`` while another one is made, and where the disk has no room for it.
    """
    held = _alone(source)
    try:
        held.__enter__()
    except InUse:
        raise CannotMake("busy") from None
    try:
        _remove_remains(source)
        _require_room(source)
        _note(source, MakingState(stage=COPYING, name=bundle_name(now)))
    except BaseException:
        held.__exit__(None, None, None)
        raise

    def work() -> None:
        try:
            make(source, typed=typed, now=now)
            then()
        except CannotMake:
            pass  # The state says why.
        finally:
            held.__exit__(None, None, None)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def make(source: Source, *, typed: str, now: datetime) -> Path:
    """Make a backup; the caller holds the lock. Raises ``CannotMake``, and notes why."""
    name = bundle_name(now)
    try:
        target = _made(source, name, typed=typed, now=now)
    except BaseException as fault:
        _remove_remains(source)
        why = _why(fault)
        _note(source, MakingState(stage=FAILED, name=name, why=why))
        _log.error("no backup was made: %s", fault)
        raise CannotMake(why) from fault
    note_made(source.data, target)
    _note(source, MakingState(stage=MADE, name=name))
    return target


def _made(source: Source, name: str, *, typed: str, now: datetime) -> Path:
    work, target = source.folder / _WORK, source.folder / name
    copy, manifest = backup(source.url, work, now=now)
    members = {DATABASE: copy, **{file.name: file for file in source.files()}}
    header = Header(
        made_at=manifest.made_at, engine=manifest.engine, schema=newest_revision() or "",
        program=timebank.__version__, size=sum(file.stat().st_size for file in members.values()),
    )  # fmt: skip

    last = MakingState(stage=PACKING, name=name)

    def report(done: int, total: int) -> None:
        nonlocal last
        state = MakingState(stage=PACKING, name=name, done=done, total=total)
        if state.percent != last.percent:  # Each note costs a flush of the disk.
            _note(source, state)
            last = state

    draft = target.with_name(f"{name}.part")
    write_bundle(draft, header, members, typed=typed, report=report)
    draft.replace(target)
    sync_folder(source.folder)
    shutil.rmtree(work)
    return target


def is_full(fault: BaseException) -> bool:
    """Tell whether a disk without room is the reason, as the system or SQLite says it."""
    number = getattr(fault, "errno", None)
    return number in (errno.ENOSPC, errno.EDQUOT) or "disk is full" in str(fault)


def _why(fault: BaseException) -> str:
    if is_full(fault):
        return "full"
    if isinstance(fault, CannotSave) and "is not installed" in str(fault):
        return "tool"
    return "fault"


def _require_room(source: Source) -> None:
    """A copy, and at worst a packed one as large; on PostgreSQL the dump tells by failing."""
    file = database_file(source.url)
    files = [*source.files(), *([file] if file is not None else [])]
    wanted = 2 * sum(one.stat().st_size for one in files) + ROOM_KEPT_BYTES
    if shutil.disk_usage(source.folder).free < wanted:
        _note(source, MakingState(stage=FAILED, why="full"))
        raise CannotMake("full")


def _remove_remains(source: Source) -> None:
    for pattern in ("*.part", f".{_STATE}.*"):  # Also a state that was being written.
        for part in source.folder.glob(pattern):
            part.unlink(missing_ok=True)
    shutil.rmtree(source.folder / _WORK, ignore_errors=True)


def _note(source: Source, state: MakingState) -> None:
    """Write how far it is; a full disk must not hide why."""
    with suppress(OSError):
        write_whole(source.folder / _STATE, asdict(state))


@contextmanager
def _alone(source: Source) -> Iterator[None]:
    private_folder(source.folder)
    with hold_alone(source.folder / _LOCK, "The making of a backup"):
        yield
