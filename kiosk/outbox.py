"""The outbox: every deed at this kiosk, on disk before the screen says anything.

One SQLite file, one connection, one writer. ``record`` returns after the commit has been
flushed; whoever wants to tell a person "saved" calls it first. Not here: talking to the
server (``sync.py``) and what a page shows.
"""

import threading
from collections.abc import Callable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from kiosk.store import Identity, boot, keys_in, open_connection, read_key
from timebank.kiosks import wire

SAVED = "saved"


@dataclass(frozen=True, slots=True)
class Draft:
    """A deed about to be recorded; ``event_id`` was minted when the person started it."""

    event_id: str
    body: msgspec.Struct
    visit_id: str
    actor: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A deed as it lies on disk, and what the server said of it so far.

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
    def item(self) -> wire.Item:
        """The deed as it travels."""
        return wire.Item(self.epoch, self.seq, wire.to_text(self.raw), wire.to_text(self.signature))


@dataclass(frozen=True, slots=True)
class Told:
    """What the server told us: when by our clock, and up to which of our deeds it knew."""

    content: bytes
    at: int
    knows_seq: int


class NotPaired(Exception):
    """The kiosk belongs to no shop yet."""


class Outbox:
    """The file on disk. Safe for many threads: one lock, one connection."""

    # Stated and asserted at every start. FULL is what a power cut asks for.
    PRAGMAS: ClassVar[dict[str, str]] = {"synchronous": "FULL"}

    def __init__(self, folder: Path, *, clock: Callable[[], int]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.quality: Callable[[], str] = lambda: "unknown"
        self.snapshot_version = ""
        self.news = 0  # Grows with each word of the server's that is kept.
        self._clock = clock
        self._lock = threading.RLock()
        self._db, self.journal, self.sqlite = open_connection(
            folder / "outbox.sqlite", self.PRAGMAS
        )
        self._boot_id, self._monotonic = boot()
        self.identity = self._current_identity()
        self._key = read_key(folder, self.identity.fingerprint) if self.identity else b""

    # Who this kiosk is.
    def adopt(self, identity: Identity) -> None:
        """Take up a new identity after pairing; deeds of the old one stay and travel on."""
        key = read_key(self.folder, identity.fingerprint)
        with self._lock:
            self._write(
                "INSERT INTO identity VALUES (?,?,?,?,?,?,?,?)",
                (*astuple(identity), self._clock()),
            )
            self.identity, self._key = identity, key

    def identities(self) -> list[Identity]:
        """Every identity that still has deeds to send, oldest first, and the present one."""
        rows = self._read(
            "SELECT device, epoch, store_code, store_zh, store_en, card_key, fingerprint"
            " FROM identity ORDER BY paired_at, rowid"
        )
        known = [Identity(*row) for row in rows]
        unsent = self._read("SELECT DISTINCT device FROM event WHERE state=?", SAVED)
        busy = {row[0] for row in unsent}
        return [one for one in known if one == self.identity or one.device in busy]

    def unused_key(self) -> bytes | None:
        """A key that was made for a pairing whose answer never came."""
        known = {row[0] for row in self._read("SELECT fingerprint FROM identity")}
        return next((key for name, key in keys_in(self.folder) if name not in known), None)

    def _current_identity(self) -> Identity | None:
        rows = self._read(
            "SELECT device, epoch, store_code, store_zh, store_en, card_key, fingerprint"
            " FROM identity ORDER BY paired_at DESC, rowid DESC LIMIT 1"
        )
        return Identity(*rows[0]) if rows else None

    # Deeds.
    def record(self, draft: Draft) -> Kept:
        """Put a deed on disk and return once it is flushed; a repeated one gives the first.

        **Refuses**: ``NotPaired``. A full or broken disk is an ``OSError`` or an error of
        SQLite: nothing was saved, and nobody may be told otherwise.
        """
        with self._lock:
            first = self.find(draft.event_id)
            if first is not None:
                return first
            if self.identity is None:
                raise NotPaired
            kept = self._envelope(draft, self.identity)
            self._write("INSERT INTO event VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", astuple(kept))
            return kept

    def _envelope(self, draft: Draft, identity: Identity) -> Kept:
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
        return Kept(
            identity.device, identity.epoch, seq + 1, draft.event_id, draft.visit_id,
            envelope.type, draft.actor, envelope.occurred_at, raw, wire.sign(self._key, raw),
            wire.digest(raw), SAVED, None,
        )  # fmt: skip

    def head(self, identity: Identity) -> tuple[int, str]:
        """The last seq of a chain and its digest."""
        rows = self._read(
            "SELECT seq, digest FROM event WHERE device=? AND epoch=? ORDER BY seq DESC LIMIT 1",
            identity.device, identity.epoch,
        )  # fmt: skip
        return (rows[0][0], rows[0][1]) if rows else (0, wire.NO_PREVIOUS)

    def find(self, event_id: str) -> Kept | None:
        found = self._deeds("WHERE event_id=?", event_id)
        return found[0] if found else None

    def at(self, identity: Identity, seq: int) -> Kept | None:
        """The deed at one place of a chain."""
        found = self._deeds(
            "WHERE device=? AND epoch=? AND seq=?", identity.device, identity.epoch, seq
        )
        return found[0] if found else None

    def waiting(self, identity: Identity, limit: int = wire.BATCH_MAX) -> list[Kept]:
        """The next deeds that the server has not confirmed, in their order."""
        return self._deeds(
            "WHERE device=? AND epoch=? AND state=? ORDER BY seq LIMIT ?",
            identity.device, identity.epoch, SAVED, limit,
        )  # fmt: skip

    def count_waiting(self) -> int:
        return int(self._read("SELECT count(*) FROM event WHERE state=?", SAVED)[0][0])

    def of_actor(self, actor: str, *types: str) -> list[Kept]:
        """The last deeds of a card at this kiosk, newest first."""
        marks = ",".join("?" * len(types))
        return self._deeds(
            f"WHERE actor=? AND type IN ({marks}) ORDER BY occurred_at DESC, seq DESC LIMIT 20",
            actor, *types,
        )  # fmt: skip

    def mark(self, identity: Identity, result: wire.Result) -> None:
        """Note what became of one deed: exactly this place, exactly these bytes, no other."""
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
        """Send once more what the server has lost: it answered that it waits for ``seq``."""
        with self._lock:
            self._write(
                "UPDATE event SET state=?, reason=NULL WHERE device=? AND epoch=? AND seq>=?",
                (SAVED, identity.device, identity.epoch, seq),
            )

    def _deeds(self, where: str, *values: Any) -> list[Kept]:
        rows = self._read(
            "SELECT device, epoch, seq, event_id, visit_id, type, actor, occurred_at, raw,"
            f" signature, digest, state, reason FROM event {where}",
            *values,
        )
        return [Kept(*row) for row in rows]

    # What the server told us last.
    def settled_seq(self) -> int:
        """Up to where the server has confirmed every deed of the present chain."""
        if self.identity is None:
            return 0
        with self._lock:
            waiting = self.waiting(self.identity, 1)
            return waiting[0].seq - 1 if waiting else self.head(self.identity)[0]

    def keep(self, name: str, content: bytes, *, knows_seq: int) -> None:
        """Keep what was told by a server that knew our deeds up to ``knows_seq``."""
        with self._lock:
            self._write(
                "INSERT INTO told VALUES (?,?,?,?) ON CONFLICT (name) DO UPDATE SET"
                " content=excluded.content, at=excluded.at, knows_seq=excluded.knows_seq",
                (name, content, self._clock(), knows_seq),
            )
            self.news += 1

    def remember(self, name: str, content: bytes) -> None:
        """Keep what no page shows: the key and the last checkpoint of the server's books."""
        with self._lock:
            self._write(
                "INSERT INTO told VALUES (?,?,?,0) ON CONFLICT (name) DO UPDATE SET"
                " content=excluded.content, at=excluded.at",
                (name, content, self._clock()),
            )

    def remembered(self, name: str) -> str:
        """The same as text; empty where nothing was kept."""
        known = self.told(name)
        return known.content.decode() if known else ""

    def told(self, name: str) -> Told | None:
        rows = self._read("SELECT content, at, knows_seq FROM told WHERE name=?", name)
        return Told(*rows[0]) if rows else None

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
