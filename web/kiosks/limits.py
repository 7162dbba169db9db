"""How often one network address may ask for what needs no signature: nonces and pairings.

Each of them writes a row. The clock cannot be set back, and the memory is bounded. Every process
counts for itself. Not here: wrong PINs and codes, which the database counts.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from flask import current_app

from timebank.people.refusals import TooManyTries
from web.ground import ground
from web.network import sender

# A kiosk needs one nonce for each start and each lost answer; a shop has a few kiosks.
BURST, PER_SECOND = 60, 1.0
ADDRESSES_MAX = 4096
NAME = "kiosk_limit"


@dataclass
class AddressLimit:
    """A bucket per address: it holds ``burst`` requests and refills by ``per_second``."""

    clock: Callable[[], float] = time.monotonic
    burst: int = BURST
    per_second: float = PER_SECOND
    _full_at: dict[str, float] = field(default_factory=dict)  # When each bucket is full again.
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, address: str) -> float:
        """Count one request. Return the seconds to wait if there were too many; else 0."""
        now = self.clock()
        with self._lock:
            full_at = max(self._full_at.get(address, now), now) + 1 / self.per_second
            over = full_at - now - self.burst / self.per_second
            if over > 1e-6:
                return over
            self._full_at[address] = full_at
            if len(self._full_at) > ADDRESSES_MAX:
                self._forget(now)
        return 0.0

    def _forget(self, now: float) -> None:
        """Forget full buckets; if all are in use, those that are full soonest."""
        kept = sorted((at, key) for key, at in self._full_at.items() if at > now)
        self._full_at = {key: at for at, key in kept[-ADDRESSES_MAX // 2 :]}


def check_address() -> None:
    """**Refuses**: ``TooManyTries`` while this address has asked too often."""
    limit: AddressLimit = current_app.extensions.setdefault(NAME, AddressLimit())
    seconds = limit.wait(sender())
    if seconds:
        until = ground().database.clock() + timedelta(seconds=seconds)
        raise TooManyTries(until_at=until.isoformat())
