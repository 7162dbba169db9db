"""What this kiosk knows without asking: the last snapshot, and cards asked for since.

A card seen on-line a minute ago knows more than the snapshot of the morning; a shift begun
at this kiosk knows more than both.
"""

import threading
from dataclasses import dataclass

import msgspec

from kiosk.outbox import Kept, Outbox
from timebank.kiosks import wire

SAME_START_US = 120 * 1_000_000  # Two starts within two minutes are one tap too many.
CARDS_MAX = 2000
_EMPTY = wire.Snapshot("", 0, (), (), ())


@dataclass(frozen=True, slots=True)
class Shift:
    """A service under way: which, since when, and whether it began at this kiosk."""

    service_id: int
    started_at: int
    event_id: str | None = None


class Known:
    """Look-ups over the snapshot on disk; read again when a newer one has come."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._lock = threading.Lock()
        self._snapshot = _EMPTY
        self._members: dict[str, wire.Member] = {}
        self._cards: dict[str, wire.Member] = {}
        self._load()

    def _load(self) -> None:
        content = self._outbox.told("snapshot")
        if content is None:
            return
        snapshot = msgspec.json.decode(content, type=wire.Snapshot)
        with self._lock:
            self._snapshot = snapshot
            self._members = {ref: member for member in snapshot.members for ref in member.refs}
        self._outbox.snapshot_version = snapshot.version

    @property
    def snapshot(self) -> wire.Snapshot:
        if self._outbox.snapshot_version != self._snapshot.version:
            self._load()
        return self._snapshot

    def member(self, ref: str) -> wire.Member | None:
        """Whose card it is, with the newest passbook that was told."""
        made_at = self.snapshot.made_at
        known = self._members.get(ref)
        fresh = self._cards.get(ref)
        if fresh is not None and (known is None or _as_of(fresh) >= made_at):
            return fresh
        return known

    def note_card(self, member: wire.Member) -> None:
        """Keep what the server said of one card a moment ago."""
        with self._lock:
            if len(self._cards) > CARDS_MAX:
                self._cards.clear()
            self._cards.update(dict.fromkeys(member.refs, member))

    def item(self, item_id: int) -> wire.CatalogueItem | None:
        return next((item for item in self.snapshot.items if item.item_id == item_id), None)

    def item_of_barcode(self, barcode: str) -> wire.CatalogueItem | None:
        return next((item for item in self.snapshot.items if item.barcode == barcode), None)

    def service(self, service_id: int) -> wire.Service | None:
        found = (one for one in self.snapshot.services if one.service_id == service_id)
        return next(found, None)

    def shift_of(self, actors: tuple[str, ...], member: wire.Member | None) -> Shift | None:
        """The service under way for a card: our own last word, else the server's."""
        own = [
            kept
            for actor in actors
            for kept in self._outbox.of_actor(actor, "shift.started", "shift.ended")
        ]
        last = max(own, key=lambda kept: (kept.occurred_at, kept.seq), default=None)
        told = member.shift if member else None
        if last is not None and (last.state == "saved" or self._is_newer(last, member)):
            return _shift_of(last)
        return Shift(told.service_id, told.started_at) if told else None

    def _is_newer(self, last: Kept, member: wire.Member | None) -> bool:
        """Tell whether our last deed happened after the server's word on the card."""
        if last.state != "posted":
            return False
        told_at = _as_of(member) if member else self.snapshot.made_at
        return last.occurred_at > told_at


def _as_of(member: wire.Member) -> int:
    return member.passbook.as_of if member.passbook else 0


def _shift_of(kept: Kept) -> Shift | None:
    body = kept.body()
    if isinstance(body, wire.ShiftStarted):
        return Shift(body.service_id, kept.occurred_at, kept.event_id)
    return None
