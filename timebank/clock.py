"""The clock of a server: it follows small corrections and no jump of years.

Every deadline and every line of the books depends on it. A battery that is empty or a typing error
must not let every reservation lapse, or date a posting ten years ahead. Not here: the clocks of
kiosks, which the server judges event by event (``kiosks/rules.py``).
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from timebank.db import Database, utc_now
from timebank.deeds.queries import communities
from timebank.ledger.queries import newest_posting_at

# Network time corrects seconds; a virtual machine that was paused wakes hours late.
STEP_MAX = timedelta(days=1)
PAUSE_MAX = timedelta(
    days=730
)  # Nobody has posted anything for so long: rather the clock is wrong.
_log = logging.getLogger("timebank.clock")


class ClockWrong(Exception):
    """The clock of this machine cannot be right; the message says what to do."""


def seconds_of_machine() -> float:
    """Seconds since the machine started, by a clock that cannot be set."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class SteadyClock:
    """The time of day, counted on from the start if the machine's clock jumps by over a day."""

    def __init__(
        self,
        wall: Callable[[], datetime] = utc_now,
        seconds: Callable[[], float] = seconds_of_machine,
    ) -> None:
        self._wall, self._seconds = wall, seconds
        self._lock = threading.Lock()
        self._at, self._since = wall(), seconds()
        self.is_off = False  # The machine's clock has jumped, and is not followed.

    def __call__(self) -> datetime:
        with self._lock:
            wall, since = self._wall(), self._seconds()
            counted = self._at + timedelta(seconds=since - self._since)
            is_off = abs(wall - counted) > STEP_MAX
            if is_off and not self.is_off:
                _log.error("the clock jumped to %s; going on from %s: set the clock", wall, counted)
            self.is_off = is_off
            self._at, self._since = counted if is_off else wall, since
            return self._at


def require_plausible(database: Database, now: datetime, *, is_told_right: bool = False) -> None:
    """Compare the clock with the books before anything is written.

    **Refuses**: ``ClockWrong`` if it lies over a day before the last posting, or years after it.
    """
    with database.reading() as session:
        ids = [community.id for community in communities(session)]
        known = [at for at in (newest_posting_at(session, id_) for id_ in ids) if at is not None]
    last = max(known, default=None)
    if last is None or is_told_right or last - STEP_MAX <= now <= last + PAUSE_MAX:
        return
    raise ClockWrong(
        f"The clock of this machine says {now:%Y-%m-%d %H:%M} UTC, but the last posting is of"
        f" {last:%Y-%m-%d %H:%M}. Nothing was changed. Set the clock and start again; if it is"
        " right, start once with TIMEBANK_CLOCK_IS_RIGHT=1."
    )
