"""Book a batch: a small sheet at once, a large one beside the page, which shows how far it is."""

import logging
import threading

from timebank.db import Database
from timebank.deeds.running import perform
from timebank.errors import TimebankError
from timebank.imports import progress
from timebank.imports.actions import book_sheet
from timebank.imports.progress import BookingProgress
from timebank.values import By

AT_ONCE_ROWS = 500
_log = logging.getLogger("timebank.imports")


class Bookings:
    """The bookings that run in this process, and the refusals that nobody has read yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[int, int] = {}
        self._refusals: dict[int, TimebankError] = {}

    def start(self, database: Database, by: By, *, batch_id: int, key: str, rows: int) -> None:
        """Begin a booking, unless one of the batch runs."""
        with self._lock:
            if batch_id in self._rows:
                return
            self._rows[batch_id] = rows
        work = threading.Thread(
            target=self._run, args=(database, by, batch_id, key), name=f"import-{batch_id}"
        )
        work.start()

    def _run(self, database: Database, by: By, batch_id: int, key: str) -> None:
        try:
            perform(database, book_sheet, by=by, request_id=key, batch_id=batch_id)
        except TimebankError as refusal:
            with self._lock:
                self._refusals[batch_id] = refusal
        except Exception:
            _log.exception("a batch could not be booked; nothing of it was kept")
        finally:
            with self._lock:
                del self._rows[batch_id]

    def progress(self, batch_id: int) -> BookingProgress | None:
        """How far a booking is; None if it does not run here."""
        with self._lock:
            rows = self._rows.get(batch_id)
        if rows is None:
            return None
        return progress.read(batch_id) or BookingProgress(0, rows)

    def refusal(self, batch_id: int) -> TimebankError | None:
        """Why the last booking was refused; it is shown once."""
        with self._lock:
            return self._refusals.pop(batch_id, None)


BOOKINGS = Bookings()
