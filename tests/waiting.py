"""Wait for something that happens in another process or thread.

A verdict must not depend on how fast the machine is: the limits here only end a test that
hangs. Not here: the clock that the program under test reads (the ``clock`` fixture).
"""

import time
from collections.abc import Callable

# Ten times more than the slowest step needs on a slow and busy machine.
HANG_SECONDS = 600.0


def wait_until(
    is_so: Callable[[], object],
    what: str | Callable[[], str] = "it never happened",
    *,
    pause: float = 0.02,
) -> None:
    """Poll until a condition holds; fail with ``what`` if it never does."""
    give_up = time.monotonic() + HANG_SECONDS
    while not is_so():
        assert time.monotonic() < give_up, what() if callable(what) else what
        time.sleep(pause)
