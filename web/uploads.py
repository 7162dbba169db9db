"""Large uploads that somebody was allowed to begin: everything else stays small.

The server must decide by the header of a request whether its body may be large, before it knows
who sends it. So the page with the form draws a token into the address of the form.
"""

import secrets
import threading
import time

LARGE_BYTES = 2 * 1024**3
LARGE_SECONDS = 3600.0  # From the first byte to the last: a slow line, a large file.
_LASTS_SECONDS = 3600.0
_MOST = 50


class Uploads:
    """The tokens of the forms that were drawn in the last hour."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}

    def expect(self) -> str:
        """Draw a token for a form."""
        token, now = secrets.token_hex(16), time.monotonic()
        with self._lock:
            living = {one: until for one, until in self._until.items() if until > now}
            newest = sorted(living, key=living.__getitem__)[-_MOST + 1 :]
            self._until = {one: living[one] for one in newest}
            self._until[token] = now + _LASTS_SECONDS
        return token

    def is_expected(self, path: str) -> bool:
        """Tell whether a request to this address may be large."""
        token = path.rpartition("/")[2]
        with self._lock:
            return self._until.get(token, 0.0) > time.monotonic()
