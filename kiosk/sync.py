"""Send the outbox to the server, and fetch what the kiosk may know offline.

An event is marked only if its position and bytes match the answer. After a lost answer the same
bytes are sent again. Not here: recording, HTTP, pages.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator

import msgspec

from kiosk.outbox import SAVED, Outbox
from kiosk.server import ServerConnection, ServerDown
from kiosk.store import Identity, KeyLost
from timebank.errors import TimebankError
from timebank.kiosks import wire

log = logging.getLogger("kiosk")

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 60.0  # Seconds.
FIRST_BATCH = 25  # Events; later uploads take as many as the server answers in time.
BATCH_SECONDS = 1.0
SNAPSHOT_EVERY = 300.0  # Seconds between two checks for a newer snapshot.
CLOCK_IS_FINE_US = 60 * 1_000_000
BOOKS_UNPROVEN = "BOOKS_UNPROVEN"
KEY_LOST = "KEY_LOST"
_SETTLED = ("posted", "review", "duplicate", "fork", "damaged")


def pauses(rng: random.Random) -> Iterator[float]:
    """Yield waiting times: 2 s, then doubled up to a minute, with random jitter."""
    pause = FIRST_PAUSE
    while True:
        yield pause * rng.uniform(0.7, 1.3)
        pause = min(pause * 2, LONGEST_PAUSE)


def next_size(events: int, seconds: float) -> int:
    """How many events to send at once after an upload of so many took so long.

    A small upload is answered soon, so people see soon what became of their deed.
    """
    if seconds > BATCH_SECONDS:
        return max(events // 2, 1)
    return min(events * 2, wire.BATCH_MAX) if seconds < BATCH_SECONDS / 2 else events


class Sync:
    """The thread that sends. Its fields show the pages the state of the connection."""

    def __init__(
        self,
        outbox: Outbox,
        line: ServerConnection,
        *,
        clock: Callable[[], int],
        rng: random.Random | None = None,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self.outbox = outbox
        self.line = line
        self.is_up = False
        # Why staff must pair this kiosk again, if so.
        self.trouble: str | None = KEY_LOST if outbox.is_key_lost else None
        self._clock = clock
        self._rng = rng or random.Random()
        self._timer = timer
        self._most = FIRST_BATCH
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._settled = threading.Condition()
        self._checked: set[str] = set()
        self._looked_at: float | None = None
        self._quality = "unknown"
        outbox.quality = lambda: self._quality

    # Called by pages.
    def wake(self) -> None:
        """Send soon: an event was recorded, or the network is back."""
        self._wake.set()

    def settle(self, event_id: str, patience: float) -> str:
        """Wait briefly for the server's answer about one event; return its state then."""
        self.wake()
        until = time.monotonic() + patience
        with self._settled:
            while True:
                kept = self.outbox.find(event_id)
                state = kept.state if kept else SAVED
                left = until - time.monotonic()
                if state != SAVED or left <= 0:
                    return state
                self._settled.wait(left)

    def pair_again(self) -> None:
        """Start again with a new identity: compare its chain and fetch its snapshot."""
        self.trouble = None
        self._looked_at = None
        self.wake()

    def note_down(self) -> None:
        """A page got no answer: report the server as down until a round succeeds."""
        self.is_up = False
        self.wake()

    # The thread.
    def start(self) -> threading.Thread:
        thread = threading.Thread(target=self._run, name="sync", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()

    def _run(self) -> None:
        waits = pauses(self._rng)
        while not self._stop.is_set():
            try:
                self.round()
                waits, pause = pauses(self._rng), SNAPSHOT_EVERY
            except ServerDown:
                pause = next(waits)
            except Exception:  # A bug must not stop the thread: log it and retry.
                log.exception("sending failed")
                pause = next(waits)
            self._wake.wait(pause)
            self._wake.clear()

    def round(self) -> None:
        """Send all that waits, then fetch news. **Refuses**: ``ServerDown``."""
        try:
            self._check_books()
            for identity in self.outbox.identities():
                self._send_all(identity)
            self._fetch_snapshot()
        except ServerDown:
            self.is_up = False
            raise
        except wire.Unproven as why:
            # The books may be an older copy: send nothing, keep all events here.
            if self.trouble != BOOKS_UNPROVEN:
                log.error("the server's books do not extend the ones seen before: %s", why)
            self.trouble = BOOKS_UNPROVEN
            self.is_up = False
            raise ServerDown(BOOKS_UNPROVEN) from why
        except TimebankError as refusal:
            # The server does not know this kiosk: keep all events here until staff pair it again.
            self.trouble = refusal.code
            self.is_up = False
            raise ServerDown(refusal.code) from refusal
        self.is_up = self.outbox.identity is not None

    def _send_all(self, identity: Identity) -> None:
        """Send what waits. Events whose key is lost stay here and block no others."""
        try:
            self._check_head(identity)
            while self.step(identity):
                pass
        except KeyLost as why:
            log.error("events cannot be sent: %s", why)
            if identity == self.outbox.identity:
                self.trouble = KEY_LOST
                raise ServerDown(KEY_LOST) from why

    def _check_books(self) -> None:
        """Before sending, require proof that the books extend the last checkpoint seen.

        **Refuses**: ``wire.Unproven``; ``ServerDown``.
        """
        identity = self.outbox.identity
        key = self.outbox.remembered(f"seal-key:{identity.device}") if identity else ""
        if identity is None or not key:
            return
        name = f"checkpoint:{identity.device}"
        seen = self.outbox.remembered(name) or None
        growth = self.line.growth(wire.known_size(seen, key))
        newest = wire.require_growth(seen, growth, key)
        if newest is not None and newest != seen:
            self.outbox.remember(name, newest.encode())
        if self.trouble == BOOKS_UNPROVEN:
            self.trouble = None  # The right books are back.

    def _check_head(self, identity: Identity) -> None:
        """Compare chains once per start. If the server has more events, this disk was replaced."""
        if identity.device in self._checked:
            return
        head = self.line.head(identity)
        kept = self.outbox.at(identity, head.seq) if head.seq else None
        restored = bool(head.seq) and (kept is None or kept.digest != head.digest)
        if identity == self.outbox.identity:
            self.trouble = "DISK_RESTORED" if restored else _trouble_of(head.state)
        if restored:
            log.error("the server has events that this disk has not: pair this kiosk again")
        self._checked.add(identity.device)

    def step(self, identity: Identity) -> bool:
        """Send one batch; tell whether more can be sent now."""
        waiting = self.outbox.waiting(identity, self._most)
        if not waiting:
            return False
        began = self._timer()
        sent_at = self._clock()
        boot_id, monotonic_ms = self.outbox.run()
        batch = wire.Batch(sent_at, tuple(kept.item for kept in waiting), boot_id, monotonic_ms)
        try:
            answer = self.line.send(identity, batch)
        except ServerDown:
            self._most = max(self._most // 2, 1)  # Perhaps it was too much for the server.
            raise
        self._most = next_size(self._most, self._timer() - began)
        self._note_clock(sent_at, answer.now)
        self.is_up = True
        moved = self._note_results(identity, answer.results)
        with self._settled:
            self._settled.notify_all()
        return moved

    def _note_results(self, identity: Identity, results: tuple[wire.Result, ...]) -> bool:
        moved = False
        for result in results:
            if result.outcome in _SETTLED:
                self.outbox.mark(identity, result)
                moved = True
                if result.outcome == "fork" and identity == self.outbox.identity:
                    self.trouble = "DISK_RESTORED"
            elif result.outcome == "gap" and result.expected is not None:
                return self._fill_gap(identity, result.expected, before=result.seq)
        return moved

    def _fill_gap(self, identity: Identity, expected: int, *, before: int) -> bool:
        """Send again what a server restored from a backup has lost, from the number it expects."""
        if expected >= before or self.outbox.at(identity, expected) is None:
            self.trouble = "DISK_RESTORED"
            return False
        self.outbox.send_again_from(identity, expected)
        return True

    def _note_clock(self, sent_at: int, server_now: int) -> None:
        off = abs(sent_at - server_now)
        self._quality = "synced" if off <= CLOCK_IS_FINE_US else "drift"

    def _fetch_snapshot(self) -> None:
        identity = self.outbox.identity
        now = time.monotonic()
        if identity is None:
            return
        if self._looked_at is not None and now - self._looked_at < SNAPSHOT_EVERY / 2:
            return
        knows_seq = self.outbox.settled_seq()
        news = self.line.snapshot(identity, self.outbox.snapshot_version)
        self._looked_at = now
        if news is not None:
            self.outbox.keep("snapshot", news, knows_seq=knows_seq)
            self.outbox.snapshot_version = msgspec.json.decode(news, type=wire.Snapshot).version
        elif known := self.outbox.told("snapshot"):
            # Store an unchanged snapshot again: it is as fresh as this answer.
            self.outbox.keep("snapshot", known.content, knows_seq=knows_seq)


def _trouble_of(state: str) -> str | None:
    return {"frozen": "DEVICE_FROZEN", "revoked": "DEVICE_REVOKED"}.get(state)
