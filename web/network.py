"""The network address behind a request. Whatever counts by address reads it here and nowhere else.

Behind a proxy every request comes from the proxy, which names the client in ``X-Forwarded-For``.
Anybody can send that header, so it is read only from the proxies that the operator has named.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from flask import Flask, request
from werkzeug.http import parse_list_header
from werkzeug.middleware.proxy_fix import ProxyFix

from timebank.config import Network

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

UNKNOWN = "unknown"
_IPV6_SUBSCRIBER = 64  # The first bits of an IPv6 address, which one subscriber has.


def install(app: Flask) -> None:
    """Believe the proxies of ``PROXIES``, and nobody else. Install it as the outermost part."""
    proxies: Sequence[Network] = app.config.get("PROXIES", ())
    if proxies:
        app.wsgi_app = _behind(proxies, app.wsgi_app)  # type: ignore[method-assign]


def sender() -> str:
    """The subscriber who sent this request, under whom their requests are counted."""
    return network_of(request.remote_addr or "")


def network_of(address: str) -> str:
    """One subscriber: an IPv4 address, or the first 64 bits of an IPv6 address."""
    found = _parsed(address)
    if found is None:
        return UNKNOWN
    if found.version == 6:
        return str(ipaddress.ip_network((int(found), _IPV6_SUBSCRIBER), strict=False))
    return str(found)


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read an address as connections and proxies write it: in brackets, or with a port."""
    tidy = text.strip()
    if tidy.startswith("["):
        tidy = tidy[1:].partition("]")[0]
    elif tidy.count(":") == 1:
        tidy = tidy.partition(":")[0]
    try:
        found = ipaddress.ip_address(tidy)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if found.version == 6 else None
    return mapped or found


def _behind(proxies: Sequence[Network], serve: WSGIApplication) -> WSGIApplication:
    """Take address, scheme and host from the headers of a request that a proxy passed on."""

    def served(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if not _is_among(proxies, environ.get("REMOTE_ADDR", "")):
            return serve(environ, start)
        hops = _hops(proxies, environ.get("HTTP_X_FORWARDED_FOR", ""))
        return ProxyFix(serve, x_for=hops, x_proto=1, x_host=1)(environ, start)

    return served


def _hops(proxies: Sequence[Network], forwarded: str) -> int:
    """How many addresses to go back: each proxy adds one, and what a client sent stands before."""
    hops = 0
    for address in reversed(parse_list_header(forwarded)):
        hops += 1
        if not _is_among(proxies, address):
            break
    return hops


def _is_among(proxies: Sequence[Network], address: str) -> bool:
    found = _parsed(address)
    return found is not None and any(found in network for network in proxies)
