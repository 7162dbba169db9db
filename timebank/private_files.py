"""Files that only their owner may read, and a lock that one process holds alone.

Both programs use it: the server for its database, a kiosk for its outbox. Not here: what is in
the files.
"""

import contextlib
import fcntl
import os
from pathlib import Path
from typing import IO

_SIDE_FILES = ("", "-wal", "-shm", "-journal")  # SQLite writes these beside a database.


class InUse(Exception):
    """Another process holds the lock; the message is one clear sentence for an operator."""


def private_folder(folder: Path) -> None:
    """Create a folder that only its owner may enter; close an existing one to everybody else."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    close_folder(folder)


def close_folder(folder: Path) -> None:
    """Close a folder of an earlier version to everybody else; without one, create nothing."""
    _narrow(folder, 0o700)


def private_database(path: Path) -> None:
    """Let only the owner read an SQLite database. What SQLite writes beside it follows its mode."""
    for ending in _SIDE_FILES:
        _narrow(path.with_name(path.name + ending), 0o600)


def _narrow(path: Path, mode: int) -> None:
    """Take away what others may do. Only the owner can, and only where the disk may be written."""
    with contextlib.suppress(OSError):
        found = path.stat()
        if found.st_uid == os.geteuid() and found.st_mode & 0o077:
            path.chmod(mode)


def hold_alone(path: Path, what: str) -> IO[str]:
    """Lock a file until it is closed or the process ends, even by SIGKILL.

    **Refuses**: ``InUse``, with ``what`` and the number of the other process.
    """
    handle = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as fault:
        other = handle.read(20).strip()
        handle.close()
        process = f" (process {other})" if other.isdigit() else ""
        raise InUse(
            f"{what} is in use by another program{process}: stop that one first."
        ) from fault
    handle.truncate(0)
    handle.write(f"{os.getpid()}\n")
    handle.flush()
    return handle
