"""What this kiosk knows offline: the last snapshot, and cards that it asked about since.

A card that was looked up a minute ago is newer than the morning's snapshot. A shift that began at
this kiosk is newer than both.
"""

import logging
import threading
from dataclasses import dataclass

import msgspec

from kiosk.outbox import SAVED, Outbox, ServerAnswer, StoredEvent
from timebank.kiosks import wire

log = logging.getLogger("kiosk")

SAME_START_US = 120 * 1_000_000  # A second start within two minutes counts as a double tap.
REVIEWED_US = 12 * 3600 * 1_000_000
CARDS_MAX = 2000
_EMPTY = wire.Snapshot(version="", made_at=0, members=(), items=(), services=())


@dataclass(frozen=True, slots=True)
class Shift:
    """A service in progress: which one, since when, and whether it began at this kiosk."""

    service_id: int
    started_at: int
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """The row of a card: ``as_of`` when, and ``knows_seq``, our last event that the server knew
    then.

    ``news`` counts the answers of the server before it, because our clock can go back.
    """

    member: wire.Member
    as_of: int
    knows_seq: int
    news: int = 0


class LocalSnapshot:
    """Look-ups in the snapshot on disk, which is read again when a newer one has arrived."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._lock = threading.Lock()
        self._heard = -1
        self._told = ServerAnswer(b"", 0, 0)
        self._snapshot = _EMPTY
        self._members: dict[str, wire.Member] = {}
        self._cards: dict[str, Seen] = {}
        self.refresh()

    def refresh(self) -> None:
        """Read the snapshot from disk if a newer one has arrived."""
        if self._outbox.news == self._heard:
            return
        self._heard = self._outbox.news
        kept = self._outbox.told("snapshot")
        if kept is None:
            return
        snapshot = self._snapshot
        if kept.content != self._told.content:
            snapshot = self._read(kept.content)
        with self._lock:
            self._told, self._snapshot = kept, snapshot
            self._members = {ref: member for member in snapshot.members for ref in member.refs}
        self._outbox.snapshot_version = snapshot.version

    def _read(self, content: bytes) -> wire.Snapshot:
        """Parse the snapshot. A damaged one is deleted, so that a whole one is fetched."""
        try:
            return msgspec.json.decode(content, type=wire.Snapshot)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            log.error(
                "the snapshot on this disk is damaged: the kiosk works without it until the"
                " server sends a new one"
            )
            self._outbox.forget("snapshot")
            return _EMPTY

    @property
    def snapshot(self) -> wire.Snapshot:
        self.refresh()
        return self._snapshot

    def seen(self, ref: str) -> Seen | None:
        """Find the row of a card, with the newest passbook known."""
        self.refresh()
        known, fresh = self._members.get(ref), self._cards.get(ref)
        if fresh is not None and (known is None or fresh.news >= self._heard):
            return fresh
        return Seen(known, self._told.at, self._told.knows_seq) if known else None

    def note_card(self, member: wire.Member, *, at: int, knows_seq: int) -> None:
        """Store what the server just answered about one card.

        Where the household asked for the PIN, the next visit must not find the passbook here.
        """
        if member.asks_pin:
            member = msgspec.structs.replace(member, passbook=None)
        with self._lock:
            if len(self._cards) > CARDS_MAX:
                self._cards.clear()
            self._cards.update(
                dict.fromkeys(member.refs, Seen(member, at, knows_seq, self._outbox.news))
            )

    def item(self, item_id: int) -> wire.CatalogueItem | None:
        return next((item for item in self.snapshot.items if item.item_id == item_id), None)

    def item_of_barcode(self, barcode: str) -> wire.CatalogueItem | None:
        return next((item for item in self.snapshot.items if item.barcode == barcode), None)

    def service(self, service_id: int) -> wire.SnapshotService | None:
        found = (service for service in self.snapshot.services if service.service_id == service_id)
        return next(found, None)

    def shift_of(self, refs: tuple[str, ...]) -> Shift | None:
        """The service in progress for a card: from our own last event if it is newer than the
        answer.

        Our event is newer if the server did not know it when it answered. Clocks are not compared.
        """
        own = self._outbox.of_cards(refs, "shift.started", "shift.ended")
        last = own[0] if own else None
        seen = next((found for ref in refs if (found := self.seen(ref))), None)
        if last is not None and self._is_news(last, seen):
            return _shift_of(last)
        shift = seen.member.shift if seen else None
        return Shift(shift.service_id, shift.started_at) if shift else None

    def _is_news(self, last: StoredEvent, seen: Seen | None) -> bool:
        """Tell whether our event is newer than the answer.

        One that waits for staff has happened all the same: whoever began a service can end it here
        while its time is looked at. The server's answers do not show when that was done, so this
        lasts for half a day.
        """
        if last.state == SAVED:
            return True
        if last.state == "review":
            return self._outbox.age_us(last) < REVIEWED_US
        identity = self._outbox.identity
        is_ours = identity is not None and last.device == identity.device
        return last.state == "posted" and is_ours and last.seq > (seen.knows_seq if seen else 0)


def _shift_of(kept: StoredEvent) -> Shift | None:
    body = kept.body()
    if isinstance(body, wire.ShiftStarted):
        return Shift(body.service_id, kept.occurred_at, kept.event_id)
    return None
