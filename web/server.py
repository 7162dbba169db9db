"""The server of ``timebank serve``: waitress, with a bound on slow and idle connections.

Waitress itself closes a connection only after two minutes without a byte, and accepts a hundred.
So a hundred connections that send a byte a minute would keep everybody out. Here a request must
arrive within a few seconds, and a full house makes room by closing whoever waits the longest.
"""

import logging
import time
from collections.abc import Iterator
from copy import copy
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer

from web.uploads import LARGE_BYTES, LARGE_SECONDS, Uploads

HEADER_SECONDS = 10.0  # From the first byte, or from the connection, to the end of the header.
REQUEST_SECONDS = 60.0  # To the end of the body: a kiosk's 200 kB through a bad line.
IDLE_SECONDS = 30  # Between two requests of one browser.
CONNECTIONS_MAX = 400


class SizedParser(HTTPRequestParser):
    """A request whose body may be large only where somebody was allowed to begin that.

    An address that cannot be read is answered with 400; waitress would close without a word.
    """

    is_large = False
    uploads: Uploads | None = None  # Those of the application; ``make_server`` says so.

    def parse_header(self, header_plus: bytes) -> None:
        """Decide by the address, before the size of the body is looked at.

        **Refuses**: ``ParsingError``, such as for ``GET http://[::1/``.
        """
        try:
            super().parse_header(header_plus)
        except ValueError as fault:
            raise ParsingError("The address cannot be read.") from fault
        if self.uploads is not None and self.uploads.is_expected(self.path):
            self.is_large, self.adj = True, copy(self.adj)
            self.adj.max_request_body_size = LARGE_BYTES


class TimedChannel(HTTPChannel):
    """A connection that knows since when it owes a request."""

    parser_class = SizedParser

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.owes_since: float | None = time.monotonic()

    def received(self, data: bytes) -> bool:
        """Take in bytes; the clock starts with the first of a request and stops with its last."""
        if self.owes_since is None:
            self.owes_since = time.monotonic()
        is_taken = bool(super().received(data))
        if self.request is None:
            self.owes_since = None
        return is_taken

    def is_late(self, now: float, header_seconds: float, request_seconds: float) -> bool:
        if self.owes_since is None:
            return False
        has_header = self.request is not None and self.request.headers_finished
        if has_header and self.request.is_large:
            request_seconds = LARGE_SECONDS
        return now - self.owes_since > (request_seconds if has_header else header_seconds)


class BoundedServer(TcpWSGIServer):
    """Closes late connections each second, and the oldest waiting one when there are too many."""

    channel_class = TimedChannel
    header_seconds = HEADER_SECONDS
    request_seconds = REQUEST_SECONDS
    connections_max = CONNECTIONS_MAX

    def maintenance(self, now: float) -> None:
        """Close idle connections as waitress does, and those whose request does not arrive."""
        super().maintenance(now)
        clock = time.monotonic()
        for channel in self.active_channels.values():
            if channel.is_late(clock, self.header_seconds, self.request_seconds):
                channel.will_close = True

    def handle_accept(self) -> None:
        """Make room for a new connection before it is accepted."""
        waiting = sorted(self._waiting(), key=lambda channel: channel.last_activity)
        surplus = len(self.active_channels) - self._closing() + 1 - self.connections_max
        for channel in waiting[: max(surplus, 0)]:
            channel.will_close = True
        super().handle_accept()

    def _waiting(self) -> Iterator[TimedChannel]:
        """The connections that nobody works for."""
        for channel in self.active_channels.values():
            if not channel.requests and not channel.will_close and not channel.total_outbufs_len:
                yield channel

    def _closing(self) -> int:
        return sum(channel.will_close for channel in self.active_channels.values())


def make_server(
    app: Any, *, host: str, port: int, threads: int, has_proxies: bool = False
) -> BoundedServer:
    """Bind the server; ``run()`` serves until the process ends.

    ``has_proxies``: the application reads the headers of its proxies (``web.network``). Otherwise
    they are dropped here already.
    """
    logging.basicConfig()  # As waitress does; nothing where it was set up already.
    bounds = Adjustments(
        host=host,
        port=port,
        threads=threads,
        ident=None,
        channel_timeout=IDLE_SECONDS,
        cleanup_interval=1,
        # Never stop accepting: ``BoundedServer`` makes room. ``poll`` has no limit of 1,024.
        connection_limit=10 * CONNECTIONS_MAX,
        asyncore_use_poll=True,
        clear_untrusted_proxy_headers=not has_proxies,
        max_request_header_size=32 * 1024,
        max_request_body_size=16 * 1024 * 1024,
    )
    served = BoundedServer(app, adj=bounds, sockinfo=bounds.listen[0])
    served.channel_class = _channel_for(getattr(app, "extensions", {}).get("timebank.uploads"))
    return served


def _channel_for(uploads: Uploads | None) -> type[TimedChannel]:
    parser = type("Parser", (SizedParser,), {"uploads": uploads})
    return type("Channel", (TimedChannel,), {"parser_class": parser})
