"""How far the booking of a batch is: kept in this process, for the bar on the page.

It is no record: the batch in the database says what was booked.
"""

import threading
from dataclasses import dataclass

_lock = threading.Lock()
_running: dict[int, "BookingProgress"] = {}


@dataclass(frozen=True, slots=True)
class BookingProgress:
    """So many of all rows are written; nothing counts before the last one."""

    done: int
    rows: int


def note(batch_id: int, done: int, rows: int) -> None:
    """Say how far the booking of a batch is."""
    with _lock:
        _running[batch_id] = BookingProgress(done, rows)


def forget(batch_id: int) -> None:
    """Say that a booking has ended, however."""
    with _lock:
        _running.pop(batch_id, None)


def read(batch_id: int) -> BookingProgress | None:
    """How far it is; None if nothing runs in this process."""
    with _lock:
        return _running.get(batch_id)
