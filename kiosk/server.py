"""The line to the server: signed requests over HTTP, and nothing but what was answered.

Not here: when to call (``sync.py``), and what a page shows while the line is dead.
"""

import http.client
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec

from kiosk.store import Identity, read_key
from timebank.errors import TimebankError, refusal_of
from timebank.kiosks import wire

ANSWER_MAX = 32 * 2**20  # Bytes; a longer answer is not ours.
PREFIX = "/api/v1/kiosk"

Answer = TypeVar("Answer")


class ServerDown(Exception):
    """No usable answer: try again later. Nothing is known about what the server did."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the server."""

    status: int
    body: bytes
    headers: Mapping[str, str]


# A way to carry one request: (method, path, body, headers) to its reply.
Carrier = Callable[[str, str, bytes, Mapping[str, str]], Reply]


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


@dataclass(frozen=True, slots=True)
class HttpCarrier:
    """Carry requests over HTTP, with a patience in seconds."""

    server: str
    patience: float

    def __call__(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        request = urllib.request.Request(
            self.server + path, data=body or None, headers=dict(headers), method=method
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)
        try:
            with opener.open(request, timeout=self.patience) as answer:
                return Reply(answer.status, answer.read(ANSWER_MAX), dict(answer.headers))
        except urllib.error.HTTPError as fault:
            with fault:
                return Reply(fault.code, fault.read(ANSWER_MAX), dict(fault.headers))
        except (OSError, http.client.HTTPException) as fault:
            raise ServerDown(str(fault)) from fault


@dataclass
class Line:
    """Signed calls of this kiosk. Each answer brings the nonce for the next request."""

    carrier: Carrier
    folder: Path
    _nonces: dict[str, list[str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def pair(self, code: str, public_key: bytes) -> wire.Paired:
        """Show a one-time code and our public key.

        **Refuses**: what the server refuses; ``ServerDown`` when nobody answers.
        """
        asked = wire.PairingAsked(code, wire.to_text(public_key))
        headers = {"Content-Type": "application/json"}
        reply = self.carrier("POST", f"{PREFIX}/pair", wire.canonical(asked), headers)
        return _read(reply, wire.Paired)

    def head(self, identity: Identity) -> wire.Head:
        return _read(self._call(identity, "GET", "head"), wire.Head)

    def send(self, identity: Identity, batch: wire.Batch) -> wire.BatchAnswer:
        body = wire.canonical(batch)
        return _read(self._call(identity, "POST", "events", body), wire.BatchAnswer)

    def snapshot(self, identity: Identity, version: str) -> bytes | None:
        """Fetch the snapshot, or None where ``version`` is still the newest."""
        reply = self._call(identity, "GET", "snapshot", known=version)
        if reply.status == 304:
            return None
        snapshot = _read(reply, wire.Snapshot)
        if _header(reply, "X-Kiosk-Seal") != wire.seal_of(identity.secret, reply.body):
            raise ServerDown("the snapshot does not carry the seal of our server")
        return reply.body if snapshot.version else None

    def card(self, identity: Identity, asked: wire.CardAsked) -> wire.CardToday:
        """Ask for one card as of now, and what waits to be taken home."""
        reply = self._call(identity, "POST", "card", wire.canonical(asked))
        return _read(reply, wire.CardToday)

    def _call(
        self, identity: Identity, method: str, name: str, body: bytes = b"", *, known: str = ""
    ) -> Reply:
        for _ in range(2):
            nonce = self._take_nonce(identity.device)
            reply = self._signed(identity, method, name, body, nonce=nonce, known=known)
            self._note_nonce(identity.device, reply)
            if reply.status != 401:
                return reply
        return reply

    def _signed(
        self, identity: Identity, method: str, name: str, body: bytes, *, nonce: str, known: str
    ) -> Reply:
        path = f"{PREFIX}/{name}"
        key = read_key(self.folder, identity.fingerprint)
        signature = wire.sign(key, wire.request_bytes(method, path, body, nonce))
        headers = {
            "X-Kiosk-Device": identity.device,
            "X-Kiosk-Nonce": nonce,
            "X-Kiosk-Signature": wire.to_text(signature),
            "Content-Type": "application/json",
        }
        if known:
            headers["X-Kiosk-Known"] = known
        return self.carrier(method, path, body, headers)

    def _take_nonce(self, device: str) -> str:
        with self._lock:
            kept = self._nonces.get(device)
            if kept:
                return kept.pop()
        headers = {"X-Kiosk-Device": device, "Content-Type": "application/json"}
        reply = self.carrier("POST", f"{PREFIX}/nonce", b"{}", headers)
        _check(reply)
        return _header(reply, "X-Kiosk-Next")

    def _note_nonce(self, device: str, reply: Reply) -> None:
        following = _header(reply, "X-Kiosk-Next")
        if following:
            with self._lock:
                self._nonces.setdefault(device, [])[-7:] = [following]


def _header(reply: Reply, name: str) -> str:
    wanted = name.lower()
    return next((value for key, value in reply.headers.items() if key.lower() == wanted), "")


class _Refused(msgspec.Struct):
    code: str
    facts: dict[str, object] = {}


class _Problem(msgspec.Struct):
    error: _Refused


def _check(reply: Reply) -> None:
    if reply.status < 400:
        return
    if reply.status >= 500:
        raise ServerDown(f"the server answered {reply.status}")
    try:
        told = msgspec.json.decode(reply.body, type=_Problem).error
    except msgspec.DecodeError as fault:
        raise ServerDown(f"the server answered {reply.status}") from fault
    raise refusal_of(told.code, told.facts)


def _read(reply: Reply, kind: type[Answer]) -> Answer:
    """Read an answer. Half an answer is no answer."""
    _check(reply)
    try:
        return msgspec.json.decode(reply.body, type=kind)
    except msgspec.DecodeError as fault:
        raise ServerDown("the answer cannot be read") from fault


__all__ = ["Carrier", "HttpCarrier", "Line", "Reply", "ServerDown", "TimebankError"]
