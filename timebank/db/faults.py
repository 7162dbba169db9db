"""Tell what a fault of the database means: it cannot serve now, a value is too large, or a bug."""

import errno

import psycopg
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# SQLite: another program holds the file, the disk is full or broken, the file is out of reach.
_AWAY_ON_SQLITE = (
    "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN",
    "SQLITE_READONLY", "SQLITE_NOMEM", "SQLITE_PROTOCOL",
)  # fmt: skip
# PostgreSQL: no connection, no resources (a full disk too), a wait cut short, shut down, a system
# error.
_AWAY_ON_POSTGRESQL = ("08", "53", "55P03", "57", "58")
_TOO_LARGE = ("22003",)
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE)


def is_away(fault: BaseException) -> bool:
    """Tell whether the database or its disk cannot serve now; the same request may succeed later.

    A missing table or a broken rule is not of this kind: that is a bug.
    """
    if isinstance(fault, PoolTimeout):
        return True
    if isinstance(fault, OSError):
        return fault.errno in _NO_ROOM
    if not isinstance(fault, DBAPIError):
        return False
    if fault.connection_invalidated:
        return True
    name = getattr(fault.orig, "sqlite_errorname", None)
    if name is not None:
        return str(name).startswith(_AWAY_ON_SQLITE)
    state = getattr(fault.orig, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_AWAY_ON_POSTGRESQL)
    return isinstance(fault.orig, psycopg.OperationalError | psycopg.InterfaceError)


def is_too_large(fault: BaseException) -> bool:
    """Tell whether somebody sent a number that no column can hold."""
    if isinstance(fault, DataError):
        return getattr(fault.orig, "sqlstate", None) in _TOO_LARGE
    return isinstance(fault, OverflowError)
