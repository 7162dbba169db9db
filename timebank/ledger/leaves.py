"""The bytes of an entry in the log, in a fixed format, and their hash. Pure.

A leaf covers the whole of one transaction, or the opening of one account, and nothing of any
other. So it is computed without a lock. ``docs/books-format.md`` describes the format byte by
byte; the checker reads it without this module. Not here: the tree of leaves.
"""

import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass

VERSION = 2
TXN, ACCOUNT = 1, 2  # Kinds of entries.
NOTHING = bytes(32)

_BEGIN = struct.Struct(">BBqq")
_TXN = struct.Struct(">BBqqqqq")
_LINE = struct.Struct(">HBqqqqqqHqqqqq")
_LACK = struct.Struct(">HqBq")
_ACCOUNT = struct.Struct(">qq?q?q")


@dataclass(frozen=True, slots=True)
class TxnEntry:
    """The header of a transaction in the log. Missing ids are 0."""

    community_id: int
    id: int
    status: int
    mode: int
    effective_us: int
    posted_us: int
    kind: str
    client: str
    request_key: str
    fingerprint: bytes
    reason: str | None = None
    reverses_id: int | None = None
    relates_id: int | None = None
    closes_id: int | None = None
    note_hash: bytes | None = None


@dataclass(frozen=True, slots=True)
class LineEntry:
    """A posting in the log, with the deadline of the hold that it places."""

    line: int
    phase: int
    commodity_id: int
    source: int
    destination: int
    quantity: int
    released: int
    hold_txn_id: int | None
    hold_line: int | None
    expires_us: int | None
    source_seq: int
    destination_seq: int
    source_after: int
    destination_after: int


@dataclass(frozen=True, slots=True)
class LackEntry:
    """The amount that an account could not give or take, so that suspense covered it."""

    line: int
    account_id: int
    side: int
    quantity: int


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """The opening of an account: its owner, its commodity, and its limits."""

    community_id: int
    id: int
    commodity_id: int
    commodity_code: str
    kind: str
    owner_id: int
    floor: int | None
    ceiling: int | None


def txn_bytes(txn: TxnEntry, lines: Iterable[LineEntry], lacks: Iterable[LackEntry] = ()) -> bytes:
    """Encode a transaction for the log, with its lines and shortfalls in order."""
    lacking = [_LACK.pack(lack.line, lack.account_id, lack.side, lack.quantity) for lack in lacks]
    packed = [
        _LINE.pack(
            line.line, line.phase, line.commodity_id, line.source, line.destination, line.quantity,
            line.released, line.hold_txn_id or 0, line.hold_line or 0, line.expires_us or 0,
            line.source_seq, line.destination_seq, line.source_after, line.destination_after,
        )
        for line in lines
    ]  # fmt: skip
    return b"".join(
        (
            _BEGIN.pack(VERSION, TXN, txn.community_id, txn.id),
            _TXN.pack(
                txn.status, txn.mode, txn.effective_us, txn.posted_us,
                txn.reverses_id or 0, txn.relates_id or 0, txn.closes_id or 0,
            ),
            _text(txn.kind), _text(txn.client), _text(txn.request_key), _text(txn.reason or ""),
            txn.fingerprint, txn.note_hash or NOTHING,
            len(packed).to_bytes(2), *packed, len(lacking).to_bytes(2), *lacking,
        )
    )  # fmt: skip


def account_bytes(account: AccountEntry) -> bytes:
    """Encode the opening of an account for the log."""
    return b"".join(
        (
            _BEGIN.pack(VERSION, ACCOUNT, account.community_id, account.id),
            _ACCOUNT.pack(
                account.commodity_id, account.owner_id,
                account.floor is not None, account.floor or 0,
                account.ceiling is not None, account.ceiling or 0,
            ),
            _text(account.kind), _text(account.commodity_code),
        )
    )  # fmt: skip


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry as a leaf of the tree. **Source**: RFC 6962, section 2.1."""
    return hashlib.sha256(b"\x00" + entry).digest()


def note_hash(salt: bytes, body: str) -> bytes:
    """The salted hash of a note. Once salt and note are erased, the note cannot be guessed."""
    return hashlib.sha256(salt + body.encode()).digest()


def _text(text: str) -> bytes:
    encoded = text.encode()
    return len(encoded).to_bytes(2) + encoded
