"""How often a secret may be guessed, and by whom, so that nobody's guesses keep somebody else out.

A guess is counted where it came from. A browser in which somebody has signed in before is known to
that person's account and has a count of its own. So has a scanned card, whose random code nobody
guesses. Everybody else is a stranger: their guesses are counted per account at one address, per
account from everywhere, and per address, and close none of the other ways.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an attempt comes from: the address of a subscriber, and the token of the browser."""

    source: str
    browser: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Throttle:
    """How many failures are free, how the delay grows after them, and after how many no more.

    **Units**: failures in a row; seconds. ``most`` is None where the delay is the only limit.
    """

    free: int
    first_seconds: int
    longest_seconds: int
    most: int | None = None

    def wait(self, failures: int) -> timedelta:
        """The delay after so many failures: it doubles, up to the longest."""
        if failures < self.free:
            return timedelta()
        doublings = min(failures - self.free, 30)
        return timedelta(seconds=min(self.first_seconds << doublings, self.longest_seconds))

    def is_used_up(self, failures: int) -> bool:
        return self.most is not None and failures >= self.most


# Our own defaults of 2026-11-30, within the limit of NIST SP 800-63B-4, 3.2.2: at most 100 failures
# in a row for one account. A PIN has few digits and so fewer attempts: ten for whoever holds a
# known device or the card (3.2.10 allows ten for such a secret), twenty for all strangers together.
PAIR, NAME, CARD, CODE, SOURCE, DEVICE, SCAN = (
    "pair", "name", "card", "code", "source", "device", "scan",
)  # fmt: skip
THROTTLES: Mapping[str, Throttle] = {
    # One account from one address. So a guesser at one address slows down nobody at another.
    PAIR: Throttle(free=5, first_seconds=30, longest_seconds=3600),
    # One account from all addresses together: a name, a printed card number, a second factor.
    NAME: Throttle(free=20, first_seconds=60, longest_seconds=3600, most=100),
    CARD: Throttle(free=10, first_seconds=60, longest_seconds=3600, most=20),
    CODE: Throttle(free=10, first_seconds=60, longest_seconds=3600, most=100),
    # One address for all accounts: a whole service centre may share one.
    SOURCE: Throttle(free=20, first_seconds=15, longest_seconds=900),
    # One known device for one account. After the last failure it is no longer known.
    DEVICE: Throttle(free=5, first_seconds=30, longest_seconds=3600, most=10),
    # The random code of one card, whoever scans it. After the last failure it needs a new PIN.
    SCAN: Throttle(free=5, first_seconds=30, longest_seconds=3600, most=10),
}
THROTTLE_KINDS = tuple(THROTTLES)
LIMITED_KINDS = tuple(kind for kind, told in THROTTLES.items() if told.most is not None)

TRIES_FORGOTTEN = timedelta(hours=24)  # Without a further attempt; not for what may be used up.
TRIES_SWEPT = timedelta(days=365)  # Then a count is deleted, of whatever name, known or not.
# How far the clocks of two processes may differ. A count from later than that was written before
# the clock was set back: it proves no delay, and the next failure starts one.
CLOCKS_DIFFER = timedelta(minutes=1)

DEVICES_MAX = 10  # Known devices of one person; the one that was used longest ago is forgotten.
BROWSER_PEOPLE_MAX = 50  # People to whom one browser is known, such as the computer of a shop.
DEVICE_COOKIE_SECONDS = 400 * 24 * 3600  # Browsers keep no cookie longer.


def is_closed(now: datetime, *, last_at: datetime, until_at: datetime) -> bool:
    """Tell whether a delay that began at ``last_at`` goes on, by a clock that may be set."""
    return last_at <= now + CLOCKS_DIFFER and now < until_at


def failures_now(kind: str, failures: int, *, last_at: datetime, now: datetime) -> int:
    """The failures that still count: a delay is forgotten after a day, a limit never."""
    is_old = THROTTLES[kind].most is None and last_at < now - TRIES_FORGOTTEN
    return 0 if is_old else failures
