"""The connection to the server: signed requests over HTTP, and validated answers.

Not here: when to call (``sync.py``), and what a page shows while offline.
"""

import http.client
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import msgspec

import timebank
from kiosk.store import Identity, read_key
from timebank.errors import BadInput, NotFound, refusal_of
from timebank.kiosks import wire
from timebank.kiosks.refusals import BadSignature
from timebank.people.refusals import TooManyTries

ANSWER_MAX = 32 * 2**20  # Bytes; a longer answer is not from our server.
PREFIX = "/api/v1/kiosk"
_JSON = {"Content-Type": "application/json"}

# Seconds. Nobody waits for these answers, and a slow machine needs its time for a large one.
SLOW_PATIENCE = 20.0
EACH_PATIENCE = 0.5  # For each event of an upload, which is a unit of work of the server.

Answer = TypeVar("Answer")


def patience_for(events: int) -> float:
    """How long to wait for the answer to an upload of so many events."""
    return SLOW_PATIENCE + EACH_PATIENCE * events


class ServerDown(Exception):
    """No usable answer: try again later. Whether the server did anything is unknown."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request to send."""

    method: str
    path: str
    body: bytes = field(repr=False)  # It can contain a PIN.
    headers: Mapping[str, str]
    # Seconds to wait for the answer; None where a person waits for it, at a page.
    patience: float | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the server."""

    status: int
    body: bytes
    headers: Mapping[str, str]


Carrier = Callable[[Call], Reply]  # Sends one request.


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


@dataclass(frozen=True, slots=True)
class HttpCarrier:
    """Sends requests over HTTP. ``patience``: the timeout in seconds of what a page waits for."""

    server: str
    patience: float

    def __call__(self, call: Call) -> Reply:
        request = urllib.request.Request(
            self.server + call.path,
            data=call.body or None,
            headers=dict(call.headers),
            method=call.method,
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)
        try:
            with opener.open(request, timeout=call.patience or self.patience) as answer:
                return Reply(answer.status, answer.read(ANSWER_MAX), dict(answer.headers))
        except urllib.error.HTTPError as fault:
            with fault:
                return Reply(fault.code, fault.read(ANSWER_MAX), dict(fault.headers))
        except (OSError, http.client.HTTPException) as fault:
            raise ServerDown(str(fault)) from fault


@dataclass
class ServerConnection:
    """Signed calls of this kiosk. Each answer contains the nonce for the next request."""

    carrier: Carrier
    folder: Path
    count_waiting: Callable[[], int] | None = None  # Sent with each request, for the health page.
    _nonces: dict[str, list[str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def pair(self, code: str, public_key: bytes) -> wire.Paired:
        """Send a one-time code and our public key.

        **Refuses**: what the server refuses; ``ServerDown`` when it does not answer.
        """
        body = wire.canonical(wire.PairingAsked(code, wire.to_text(public_key)))
        return _read(
            self.carrier(Call(method="POST", path=f"{PREFIX}/pair", body=body, headers=_JSON)),
            wire.Paired,
        )

    def head(self, identity: Identity) -> wire.Head:
        return _read(self._call(identity, "head", patience=SLOW_PATIENCE), wire.Head)

    def send(self, identity: Identity, batch: wire.Batch) -> wire.BatchAnswer:
        body, patience = wire.canonical(batch), patience_for(len(batch.events))
        return _read(self._call(identity, "events", body, patience=patience), wire.BatchAnswer)

    def snapshot(self, identity: Identity, version: str) -> bytes | None:
        """Fetch the snapshot, or None if ``version`` is still the newest."""
        reply = self._call(identity, "snapshot", known=version, patience=SLOW_PATIENCE)
        if reply.status == 304:
            return None
        snapshot = _read(reply, wire.Snapshot)
        if _header(reply, "X-Kiosk-Seal") != wire.seal_of(identity.secret, reply.body):
            raise ServerDown("the snapshot does not carry the seal of our server")
        return reply.body if snapshot.version else None

    def growth(self, known_size: int) -> wire.Growth | None:
        """Ask for the last checkpoint of the books, and for the proof that they grew from a size.

        None if the server has no checkpoint of that size. The request is unsigned: it is public.
        """
        path = f"{wire.GROWTH_PATH}?from={known_size}"
        try:
            call = Call(method="GET", path=path, body=b"", headers={}, patience=SLOW_PATIENCE)
            return _read(self.carrier(call), wire.Growth)
        except (NotFound, BadInput):
            return None

    def card(self, identity: Identity, asked: wire.CardAsked) -> wire.CardToday:
        """Ask for the current state of one card, and its claims to pick up."""
        reply = self._call(identity, "card", wire.canonical(asked))
        return _read(reply, wire.CardToday)

    def take(self, identity: Identity, asked: wire.TakeAsked) -> wire.TakeToday:
        """Ask what the household of a card may take here, and what it would get."""
        return _read(self._call(identity, "take", wire.canonical(asked)), wire.TakeToday)

    def inbox(self, identity: Identity, asked: wire.InboxAsked) -> wire.InboxToday:
        """Ask for the messages of a card."""
        return _read(self._call(identity, "inbox", wire.canonical(asked)), wire.InboxToday)

    def result(self, identity: Identity, seq: int) -> wire.EventResult:
        """Ask what became of one of our events."""
        body = wire.canonical(wire.ResultAsked(seq))
        return _read(self._call(identity, "result", body), wire.EventResult)

    def helped(self, identity: Identity, asked: wire.HelpedAsked) -> wire.HelpedFound:
        """Ask for the household that a volunteer helps."""
        return _read(self._call(identity, "helped", wire.canonical(asked)), wire.HelpedFound)

    def shelf(self, identity: Identity) -> wire.ShelfToday:
        """Ask for the open shelf of our shop."""
        return _read(self._call(identity, "shelf"), wire.ShelfToday)

    def deposit(self, identity: Identity, asked: wire.DepositAsked) -> wire.DepositFound:
        """Ask for the announced deposit of a code."""
        return _read(self._call(identity, "deposit", wire.canonical(asked)), wire.DepositFound)

    def _call(
        self,
        identity: Identity,
        name: str,
        body: bytes = b"",
        *,
        known: str = "",
        patience: float | None = None,
    ) -> Reply:
        """Send a signed request. If the server no longer knows the nonce, get a new one and retry
        once.
        """
        for _ in range(2):
            call = replace(self._signed(identity, name, body, known=known), patience=patience)
            reply = self.carrier(call)
            self._note_nonce(identity.device, reply)
            if reply.status < 400 or _code(reply) != BadSignature.code:
                break
        return reply

    def _signed(self, identity: Identity, name: str, body: bytes, *, known: str) -> Call:
        method, path = "POST" if body else "GET", f"{PREFIX}/{name}"
        nonce = self._take_nonce(identity.device)
        key = read_key(self.folder, identity.fingerprint)
        signature = wire.sign(key, wire.request_bytes(method, path, body, nonce=nonce))
        headers = {
            **_JSON,
            "X-Kiosk-Device": identity.device,
            "X-Kiosk-Nonce": nonce,
            "X-Kiosk-Signature": wire.to_text(signature),
        }
        headers |= {"X-Kiosk-Known": known} if known else {}
        headers |= {"X-Kiosk-Version": timebank.__version__}
        if self.count_waiting is not None:
            headers |= {"X-Kiosk-Waiting": str(self.count_waiting())}
        return Call(method=method, path=path, body=body, headers=headers)

    def _take_nonce(self, device: str) -> str:
        with self._lock:
            kept = self._nonces.get(device)
            if kept:
                return kept.pop()
        headers = {**_JSON, "X-Kiosk-Device": device}
        reply = self.carrier(
            Call(method="POST", path=f"{PREFIX}/nonce", body=b"{}", headers=headers)
        )
        if reply.status == TooManyTries.status:
            raise ServerDown("this address has asked for too many nonces")
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


def _refused(reply: Reply) -> _Refused | None:
    try:
        return msgspec.json.decode(reply.body, type=_Refused)
    except msgspec.DecodeError:
        return None


def _code(reply: Reply) -> str:
    code = _refused(reply)
    return code.code if code else ""


def _check(reply: Reply) -> None:
    """**Refuses**: what the server refuses. ``ServerDown`` for an answer of another format."""
    if reply.status < 400:
        return
    code = _refused(reply)
    if reply.status >= 500 or code is None:
        raise ServerDown(f"the server answered {reply.status}")
    raise refusal_of(code.code, code.facts)


def _read(reply: Reply, kind: type[Answer]) -> Answer:
    """Parse an answer. A truncated answer counts as none at all."""
    _check(reply)
    try:
        return msgspec.json.decode(reply.body, type=kind)
    except msgspec.DecodeError as fault:
        raise ServerDown("the answer cannot be read") from fault
