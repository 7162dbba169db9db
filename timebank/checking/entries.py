"""The bytes and hashes of log entries. **Source**: docs/books-format.md."""

import hashlib
from typing import Any

VERSION = b"\x02"
NOTHING = bytes(32)
TXN, ACCOUNT = 1, 2


class Unwritable(Exception):
    """A row has a value that no entry can contain, so it was never posted like this."""


def txn_entry(txn: Any, lines: list[Any], deadlines: dict[int, int], *, lacks: list[Any]) -> bytes:
    """Write the entry of a transaction from its rows.

    ``deadlines`` are those of the holds it places, ``lacks`` its shortfalls.
    """
    try:
        parts = [
            VERSION + b"\x01", _i64(txn.community_id), _i64(txn.id),
            _u(txn.status, 1), _u(txn.mode, 1), _i64(txn.effective_us), _i64(txn.posted_us),
            _i64(txn.reverses_id), _i64(txn.relates_id), _i64(txn.closes_id),
            _text(txn.kind), _text(txn.client), _text(txn.request_key), _text(txn.reason),
            _hash(txn.fingerprint), _hash(txn.note_hash), _u(len(lines), 2),
        ]  # fmt: skip
        parts += [_line(line, deadlines.get(line.line)) for line in lines]
        parts.append(_u(len(lacks), 2))
        for lack in lacks:
            parts += [_u(lack.line, 2), _i64(lack.account_id), _u(lack.side, 1)]
            parts.append(_i64(lack.quantity))
    except (OverflowError, AttributeError, TypeError, ValueError) as fault:
        raise Unwritable(str(fault)) from fault
    return b"".join(parts)


def _line(line: Any, expires_us: int | None) -> bytes:
    return b"".join(
        (
            _u(line.line, 2), _u(line.phase, 1), _i64(line.commodity_id),
            _i64(line.source_account_id), _i64(line.destination_account_id),
            _i64(line.quantity), _i64(line.released), _i64(line.hold_txn_id),
            _u(line.hold_line or 0, 2), _i64(expires_us),
            _i64(line.source_seq), _i64(line.destination_seq),
            _i64(line.source_after), _i64(line.destination_after),
        )
    )  # fmt: skip


def account_entry(account: Any, code: str) -> bytes:
    """Write the entry of an account opening from its rows; ``code``: of its commodity."""
    try:
        return b"".join(
            (
                VERSION + b"\x02", _i64(account.community_id), _i64(account.id),
                _i64(account.commodity_id), _i64(account.owner_id),
                _u(account.floor is not None, 1), _i64(account.floor),
                _u(account.ceiling is not None, 1), _i64(account.ceiling),
                _text(account.kind), _text(code),
            )
        )  # fmt: skip
    except (OverflowError, AttributeError, TypeError, ValueError) as fault:
        raise Unwritable(str(fault)) from fault


def leaf_of(entry: bytes) -> bytes:
    """Hash an entry as a leaf."""
    return hashlib.sha256(b"\x00" + entry).digest()


def note_name(salt: bytes, body: str) -> bytes:
    """Hash a note with its salt."""
    return hashlib.sha256(bytes(salt) + body.encode()).digest()


def _i64(number: int | None) -> bytes:
    return _whole(number or 0).to_bytes(8, "big", signed=True)


def _u(number: int, width: int) -> bytes:
    return _whole(number).to_bytes(width, "big")


def _whole(number: int) -> int:
    if not isinstance(number, int):
        raise TypeError("a number is not whole")  # Rounded, it would be another number.
    return number


def _text(words: str | None) -> bytes:
    encoded = (words or "").encode()
    return _u(len(encoded), 2) + encoded


def _hash(digest: bytes | None) -> bytes:
    found = NOTHING if digest is None else bytes(digest)
    if len(found) != 32:
        raise ValueError("a hash has 32 bytes")
    return found
