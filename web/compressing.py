"""Compress what readers receive, without letting the length tell what a page holds.

Pages, JSON and text are sent as gzip to every client that accepts it. The style sheet and the
script are compressed once, in ``assets.py``.

A page holds secrets (names, the token of its forms) and repeats text from the address. An
attacker who sees the traffic and makes a browser repeat a request could guess a secret from the
length (BREACH). Three measures prevent it. Session cookies are ``SameSite=Lax``, so background
requests of other sites carry none. The signature of the form token, which an attacker needs to
forge a form, changes every second. And each response gets a random number of bytes that
browsers skip (*Heal the BREACH*, as in Django), which hides small differences.
"""

import secrets
import struct
import zlib

from flask import Flask, Response, request

LEAST_BYTES = 1_000  # Below this the header costs more than is saved.
PADDING_BYTES = 100
LEVEL = 5
_KINDS = ("text/html", "text/plain", "text/csv", "application/json", "image/svg+xml")
_NAMED = b"\x1f\x8b\x08\x08" + bytes(4) + b"\x00\xff"  # gzip, deflated, with a file name.


def install(app: Flask) -> None:
    app.after_request(_compress)


def packed(body: bytes) -> bytes:
    """Compress a body; the file name in the header is as long as a random number says.

    **Source**: RFC 1952; *Heal the BREACH* (2022).
    """
    name = secrets.token_bytes(secrets.randbelow(PADDING_BYTES)).replace(b"\x00", b"a")
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    deflated = deflate.compress(body) + deflate.flush()
    end = struct.pack("<II", zlib.crc32(body), len(body) & 0xFFFFFFFF)
    return b"".join((_NAMED, name, b"\x00", deflated, end))


def _compress(response: Response) -> Response:
    """Compress an answer that is whole, long enough and of text; streams pass as they are."""
    if response.mimetype not in _KINDS or response.direct_passthrough:
        return response
    response.vary.add("Accept-Encoding")
    is_plain = response.is_sequence and "Content-Encoding" not in response.headers
    if not is_plain or response.status_code in (204, 206, 304) or not _is_accepted():
        return response
    body = response.get_data()
    if len(body) >= LEAST_BYTES:
        response.set_data(packed(body))
        response.headers["Content-Encoding"] = "gzip"
        if "ETag" in response.headers:
            response.set_etag(response.get_etag()[0] or "", weak=True)
    return response


def _is_accepted() -> bool:
    return request.accept_encodings["gzip"] > 0
