"""The outbox: every event of this kiosk, on disk before the screen confirms it.

One SQLite file, one connection, one writer. ``record`` returns after the commit has been flushed.
Call it before telling a person that something is saved. Not here: talking to the server
(``sync.py``), pages.
"""

import threading
from collections.abc import Callable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from kiosk.store import Identity, KeyLost, boot, keys_in, open_connection, read_key
from timebank.kiosks import wire
from timebank.private_files import hold_alone, private_folder

SAVED = "saved"


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be recorded; ``event_id`` was created when the person started the task."""

    event_id: str
    body: msgspec.Struct
    visit_id: str
    actor: str | None = None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as stored on disk, with the server's last answer about it.

    ``state`` is saved, posted, review, fork or damaged.
    """

    device: str
    epoch: int
    seq: int
    event_id: str
    visit_id: str
    type: str
    actor: str | None
    occurred_at: int
    raw: bytes
    signature: bytes
    digest: str
    state: str
    reason: str | None

    def body(self) -> msgspec.Struct:
        return wire.read_body(wire.read_envelope(self.raw))

    @property
    def item(self) -> wire.BatchItem:
        """The event in the wire format."""
        return wire.BatchItem(
            self.epoch, self.seq, wire.to_text(self.raw), wire.to_text(self.signature)
        )


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """What the server answered: when by our clock, and up to which of our events it knew."""

    content: bytes
    at: int
    knows_seq: int


# The columns of the two tables that are read as values, each under the name of its field.
_EVENT, _IDENTITY = StoredEvent.__slots__, Identity.__slots__


def _identity(row: tuple[Any, ...]) -> Identity:
    return Identity(**dict(zip(_IDENTITY, row, strict=True)))


class NotPaired(Exception):
    """The kiosk is not paired with a shop yet, or has lost its key."""


class Outbox:
    """The file on disk. It is safe for several threads: one lock, one connection."""

    # Set and verified at every start. FULL survives a power cut.
    PRAGMAS: ClassVar[dict[str, str]] = {"synchronous": "FULL"}

    def __init__(self, folder: Path, *, clock: Callable[[], int]) -> None:
        private_folder(folder)
        self.folder = folder
        # Two agents on one outbox would fork its chain of events.
        self._alone = hold_alone(folder / "outbox.lock", f"The outbox in {folder}")
        self.quality: Callable[[], str] = lambda: "unknown"
        self.snapshot_version = ""
        self.news = 0  # Incremented with each stored answer of the server.
        self._clock = clock
        self._lock = threading.RLock()
        try:
            self._db, self.journal, self.sqlite = open_connection(
                folder / "outbox.sqlite", self.PRAGMAS
            )
        except BaseException:
            self._alone.close()
            raise
        self._boot_id, self._monotonic = boot()
        self.identity = self._current_identity()
        self._key = self._current_key()

    # The identity of this kiosk.
    def adopt(self, identity: Identity) -> None:
        """Adopt a new identity after pairing. Events of the old one stay and are still sent."""
        key = read_key(self.folder, identity.fingerprint)
        with self._lock:
            self._write(
                "INSERT INTO identity VALUES (?,?,?,?,?,?,?,?)",
                (*astuple(identity), self._clock()),
            )
            self.identity, self._key = identity, key
            self._erase_old_card_keys(identity)

    def _erase_old_card_keys(self, identity: Identity) -> None:
        """Erase the keys that hashed cards before: nobody can then guess cards from old events."""
        self._write(
            "UPDATE identity SET card_key='' WHERE device<>? OR epoch<>?",
            (identity.device, identity.epoch),
        )
        if self.journal == "wal":
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def identities(self) -> list[Identity]:
        """Every identity that still has events to send, oldest first, and the current one."""
        rows = self._read(f"SELECT {', '.join(_IDENTITY)} FROM identity ORDER BY rowid")
        known = [_identity(row) for row in rows]
        unsent = self._read("SELECT DISTINCT device FROM event WHERE state=?", SAVED)
        busy = {row[0] for row in unsent}
        return [
            identity for identity in known if identity == self.identity or identity.device in busy
        ]

    def unused_key(self) -> bytes | None:
        """The key of a pairing whose answer never arrived."""
        known = {row[0] for row in self._read("SELECT fingerprint FROM identity")}
        return next((key for name, key in keys_in(self.folder) if name not in known), None)

    def _current_identity(self) -> Identity | None:
        """The identity of the last pairing: in the order of the rows, for a clock can go back."""
        rows = self._read(
            f"SELECT {', '.join(_IDENTITY)} FROM identity ORDER BY rowid DESC LIMIT 1"
        )
        return _identity(rows[0]) if rows else None

    def _current_key(self) -> bytes:
        try:
            return read_key(self.folder, self.identity.fingerprint) if self.identity else b""
        except KeyLost:
            return b""

    @property
    def is_key_lost(self) -> bool:
        """Tell whether this kiosk was paired but cannot sign: it must be paired again."""
        return self.identity is not None and not self._key

    # Events.
    def record(self, draft: NewEvent) -> StoredEvent:
        """Write an event to disk and return once it is flushed. A repeated event returns the first
        one.

        **Refuses**: ``NotPaired``. A full or broken disk raises ``OSError`` or an SQLite error:
        nothing was saved, and the screen must not say otherwise.
        """
        with self._lock:
            first = self.find(draft.event_id)
            if first is not None:
                return first
            if self.identity is None or not self._key:
                raise NotPaired
            kept = self._envelope(draft, self.identity)
            self._write("INSERT INTO event VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", astuple(kept))
            return kept

    def _envelope(self, draft: NewEvent, identity: Identity) -> StoredEvent:
        seq, previous = self.head(identity)
        envelope = wire.Envelope(
            v=wire.VERSION,
            device=identity.device,
            epoch=identity.epoch,
            seq=seq + 1,
            event_id=draft.event_id,
            type=wire.TYPE_OF[type(draft.body)],
            occurred_at=self._clock(),
            tz="Asia/Shanghai",
            boot_id=self._boot_id,
            monotonic_ms=self._monotonic(),
            clock_quality=self.quality(),
            session_id=draft.visit_id,
            actor=draft.actor,
            witness=None,
            snapshot_version=self.snapshot_version,
            policy_version="",
            body=wire.body_dict(draft.body),
            prev=previous,
        )
        raw = wire.canonical(envelope)
        return StoredEvent(
            device=identity.device, epoch=identity.epoch, seq=seq + 1, event_id=draft.event_id,
            visit_id=draft.visit_id, type=envelope.type, actor=draft.actor,
            occurred_at=envelope.occurred_at, raw=raw, signature=wire.sign(self._key, raw),
            digest=wire.digest(raw), state=SAVED, reason=None,
        )  # fmt: skip

    def run(self) -> tuple[str, int]:
        """The run of this machine, and its milliseconds since its start, as in each envelope."""
        return self._boot_id, self._monotonic()

    def age_us(self, kept: StoredEvent) -> int:
        """How long ago an event was recorded: by the count of this run, or else by the clock."""
        envelope = wire.read_envelope(kept.raw)
        if envelope.boot_id == self._boot_id and envelope.monotonic_ms is not None:
            return (self._monotonic() - envelope.monotonic_ms) * 1000
        return max(self._clock() - kept.occurred_at, 0)

    def head(self, identity: Identity) -> tuple[int, str]:
        """The last sequence number of a chain and its digest."""
        rows = self._read(
            "SELECT seq, digest FROM event WHERE device=? AND epoch=? ORDER BY seq DESC LIMIT 1",
            identity.device, identity.epoch,
        )  # fmt: skip
        return (rows[0][0], rows[0][1]) if rows else (0, wire.NO_PREVIOUS)

    def find(self, event_id: str) -> StoredEvent | None:
        found = self._deeds("WHERE event_id=?", event_id)
        return found[0] if found else None

    def at(self, identity: Identity, seq: int) -> StoredEvent | None:
        """The event at one position of a chain."""
        found = self._deeds(
            "WHERE device=? AND epoch=? AND seq=?", identity.device, identity.epoch, seq
        )
        return found[0] if found else None

    def waiting(self, identity: Identity, limit: int = wire.BATCH_MAX) -> list[StoredEvent]:
        """The next events that the server has not confirmed, in order."""
        return self._deeds(
            "WHERE device=? AND epoch=? AND state=? ORDER BY seq LIMIT ?",
            identity.device, identity.epoch, SAVED, limit,
        )  # fmt: skip

    def count_waiting(self, *types: str) -> int:
        """How many events the server has not confirmed; of some types only, if they are named."""
        of_types = f" AND type IN ({','.join('?' * len(types))})" if types else ""
        counted = self._read(f"SELECT count(*) FROM event WHERE state=?{of_types}", SAVED, *types)
        return int(counted[0][0])

    def of_cards(self, refs: tuple[str, ...], *types: str) -> list[StoredEvent]:
        """The last events of a card at this kiosk, the last recorded first, whatever its clock."""
        actors = [f"card:{ref}" for ref in refs]
        own, kinds = ",".join("?" * len(actors)), ",".join("?" * len(types))
        return self._deeds(
            f"WHERE actor IN ({own}) AND type IN ({kinds}) ORDER BY rowid DESC LIMIT 20",
            *actors, *types,
        )  # fmt: skip

    def mark(self, identity: Identity, result: wire.Result) -> None:
        """Store the result of one event. Position and bytes must match exactly."""
        outcome = result.first if result.outcome == "duplicate" else result.outcome
        with self._lock:
            self._write(
                "UPDATE event SET state=?, reason=?"
                " WHERE device=? AND epoch=? AND seq=? AND digest=?",
                (
                    outcome, result.reason, identity.device, result.epoch, result.seq,
                    result.digest,
                ),
            )  # fmt: skip

    def send_again_from(self, identity: Identity, seq: int) -> None:
        """Send events again that the server lost: it answered that it expects ``seq``."""
        with self._lock:
            self._write(
                "UPDATE event SET state=?, reason=NULL WHERE device=? AND epoch=? AND seq>=?",
                (SAVED, identity.device, identity.epoch, seq),
            )

    def _deeds(self, where: str, *values: Any) -> list[StoredEvent]:
        rows = self._read(f"SELECT {', '.join(_EVENT)} FROM event {where}", *values)
        return [StoredEvent(**dict(zip(_EVENT, row, strict=True))) for row in rows]

    # The server's last answers.
    def settled_seq(self) -> int:
        """The sequence number up to which the server has confirmed every event of the current
        chain.
        """
        if self.identity is None:
            return 0
        with self._lock:
            waiting = self.waiting(self.identity, 1)
            return waiting[0].seq - 1 if waiting else self.head(self.identity)[0]

    def keep(self, name: str, content: bytes, *, knows_seq: int) -> None:
        """Store an answer of the server, which knew our events up to ``knows_seq``."""
        with self._lock:
            self._write(
                "INSERT INTO told VALUES (?,?,?,?) ON CONFLICT (name) DO UPDATE SET"
                " content=excluded.content, at=excluded.at, knows_seq=excluded.knows_seq",
                (name, content, self._clock(), knows_seq),
            )
            self.news += 1

    def remember(self, name: str, content: bytes) -> None:
        """Store data that no page shows: the server's seal key and its last checkpoint."""
        with self._lock:
            self._write(
                "INSERT INTO told VALUES (?,?,?,0) ON CONFLICT (name) DO UPDATE SET"
                " content=excluded.content, at=excluded.at",
                (name, content, self._clock()),
            )

    def remembered(self, name: str) -> str:
        """Return that data as text; empty if nothing is stored."""
        known = self.told(name)
        return known.content.decode("utf-8", "replace") if known else ""

    def forget(self, name: str) -> None:
        """Delete an answer of the server that cannot be read any more."""
        with self._lock:
            self._write("DELETE FROM told WHERE name=?", (name,))

    def told(self, name: str) -> ServerAnswer | None:
        rows = self._read("SELECT content, at, knows_seq FROM told WHERE name=?", name)
        return ServerAnswer(*rows[0]) if rows else None

    # The one connection.
    def _read(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            rows: list[tuple[Any, ...]] = self._db.execute(statement, values).fetchall()
            return rows

    def _write(self, statement: str, values: tuple[Any, ...]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.execute(statement, values)
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def close(self) -> None:
        with self._lock:
            self._db.close()
            self._alone.close()
