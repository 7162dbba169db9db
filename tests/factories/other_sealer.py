"""Sealed books for tests of the checker, written independently of the sealer and the checker.

The tree is built by recursion as RFC 6962 defines it; this is slow but obviously right.
"""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, text

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(100, 132)))
SIGNED_US = 1_750_000_000_000_000


def tree_root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    cut = 1
    while cut * 2 < len(leaves):
        cut *= 2
    return hashlib.sha256(b"\x01" + tree_root(leaves[:cut]) + tree_root(leaves[cut:])).digest()


def frontier(leaves: list[bytes]) -> bytes:
    told, start = b"", 0
    for bit in reversed(range(len(leaves).bit_length())):
        if len(leaves) & 1 << bit:
            told += tree_root(leaves[start : start + (1 << bit)])
            start += 1 << bit
    return told


def signed_note(origin: str, size: int, root: bytes, signed_us: int) -> str:
    body = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\ntime {signed_us}\n"
    public = KEY.public_key().public_bytes_raw()
    key_id = hashlib.sha256(origin.encode() + b"\n\x01" + public).digest()[:4]
    signature = base64.b64encode(key_id + KEY.sign(body.encode())).decode()
    return f"{body}\n— {origin} {signature}\n"


def verifier(origin: str) -> str:
    public = KEY.public_key().public_bytes_raw()
    key_id = hashlib.sha256(origin.encode() + b"\n\x01" + public).digest()[:4]
    return f"{origin}+{key_id.hex()}+{base64.b64encode(bytes([1]) + public).decode()}"


def _account_leaf(row: Any) -> bytes:
    packed = b"\x02\x02"
    numbers = (row.community_id, row.id, row.commodity_id, row.owner_id)
    packed += b"".join(number.to_bytes(8, "big", signed=True) for number in numbers)
    for limit in (row.floor, row.ceiling):
        packed += bytes([limit is not None]) + (limit or 0).to_bytes(8, "big", signed=True)
    for words in (row.kind, row.code):
        packed += len(words.encode()).to_bytes(2, "big") + words.encode()
    return hashlib.sha256(b"\x00" + packed).digest()


_ACCOUNTS = """
SELECT a.*, b.floor, b.ceiling, c.code FROM account a
JOIN balance b ON b.community_id = a.community_id AND b.account_id = a.id
JOIN commodity c ON c.community_id = a.community_id AND c.id = a.commodity_id
"""
_POSTED = """
SELECT l.idx, t.posted_us FROM log_leaf l
JOIN txn t ON t.community_id = l.community_id AND t.id = l.entry_id
WHERE l.community_id = :c AND l.entry = 1 AND l.idx < :end
"""
_MOVED = " UNION ALL ".join(
    f"""
SELECT l.idx, a.commodity_id, a.kind, p.phase, p.quantity, p.released, p.{name}_seq AS seq,
    '{side}' AS side FROM log_leaf l
JOIN posting p ON p.community_id = l.community_id AND p.txn_id = l.entry_id
JOIN account a ON a.community_id = p.community_id AND a.id = p.{name}_account_id
WHERE l.community_id = :c AND l.entry = 1 AND l.idx < :end
"""
    for name, side in (("source", "out"), ("destination", "in"))
)


@dataclass
class Sealer:
    """Seals what waits, in turns; each turn signs a checkpoint."""

    connection: Connection
    community_id: int = 1
    code: str = "ours"
    tile: int = 256

    @property
    def origin(self) -> str:
        return f"timebank/{self.code}"

    def run(self, statement: str, **told: Any) -> Any:
        return self.connection.execute(text(statement), {"c": self.community_id, **told})

    def leaves(self) -> list[bytes]:
        rows = self.run("SELECT leaf_hash FROM log_leaf WHERE community_id = :c ORDER BY idx")
        return [bytes(row.leaf_hash) for row in rows]

    def _entries(self) -> list[tuple[int, int, bytes]]:
        queue = "SELECT entry, entry_id FROM seal_queue WHERE community_id = :c ORDER BY 1, 2"
        opened = {(2, row.id): _account_leaf(row) for row in self.run(_ACCOUNTS)}
        posted = {
            (1, row.id): bytes(row.leaf_hash)
            for row in self.run("SELECT id, leaf_hash FROM txn WHERE community_id = :c")
        }
        known = opened | posted
        return [(e, i, known[e, i]) for e, i in self.run(queue)]

    def seal(self, *, but: int | None = None) -> int:
        """Append everything that waits to the log, except one transaction; sign it and return the
        size.
        """
        leaves = self.leaves()
        self.run("DELETE FROM log_head WHERE community_id = :c")
        for entry, id_, leaf in self._entries():
            if (entry, id_) == (1, but):
                continue
            self.run(
                "INSERT INTO log_leaf VALUES (:c, :idx, :entry, :id, :leaf)",
                idx=len(leaves), entry=entry, id=id_, leaf=leaf,
            )  # fmt: skip
            leaves.append(leaf)
            if len(leaves) % self.tile == 0:
                self._end_tile(len(leaves) // self.tile - 1, tree_root(leaves[-self.tile :]))
        size, root, signed_us = len(leaves), tree_root(leaves), SIGNED_US + len(leaves)
        self.run(
            "DELETE FROM seal_queue WHERE community_id = :c AND (entry = 2 OR entry_id <> :but)",
            but=but or 0,
        )
        self.run("INSERT INTO log_head VALUES (:c, :size, :f)", size=size, f=frontier(leaves))
        self.run(
            "INSERT INTO checkpoint VALUES (:c, :size, :root, :note, :signed)",
            size=size, root=root, signed=signed_us,
            note=signed_note(self.origin, size, root, signed_us),
        )  # fmt: skip
        return size

    def _end_tile(self, idx: int, root: bytes) -> None:
        """Write a tile, and the totals over all leaves up to its end, summed from the start."""
        posted = self.run(_POSTED, end=(idx + 1) * self.tile).all()
        at_us = max((row.posted_us for row in posted), default=0)
        before = [row.posted_us for row in posted if row.idx < (idx - 1) * self.tile]
        own = [row.posted_us for row in posted if row.idx >= idx * self.tile]
        is_late = own and before and min(own) < max(before)
        self.run(
            "INSERT INTO log_tile VALUES (:c, :idx, :root, :at_us, :behind_us)",
            idx=idx, root=root, at_us=at_us, behind_us=min(own) if is_late else None,
        )  # fmt: skip
        totals: dict[Any, list[int]] = {}
        moved: set[Any] = set()
        known: set[Any] = set()
        for row in self.run(_MOVED, end=(idx + 1) * self.tile):
            of = row.commodity_id, row.kind
            (moved if row.idx >= idx * self.tile else known).add(of)
            is_hold = row.phase == 1
            effect = [0 if is_hold else row.quantity, row.quantity if is_hold else -row.released]
            if row.side == "in":
                added = [effect[0], 0, effect[1], 0]
            else:
                added = [0, effect[0], 0, effect[1]]
            told = zip(totals.get(of, [0] * 5), [row.seq == 1, *added], strict=True)
            totals[of] = [a + b for a, b in told]
        for of in sorted(moved):
            names = ("accounts", "posted_in", "posted_out", "pending_in", "pending_out")
            self.run(
                "INSERT INTO tile_total VALUES (:c, :commodity_id, :kind, :idx, :is_first,"
                " :accounts, :posted_in, :posted_out, :pending_in, :pending_out)",
                commodity_id=of[0], kind=of[1], idx=idx, is_first=of not in known,
                **dict(zip(names, totals[of], strict=True)),
            )  # fmt: skip

    def snapshot(self, account_id: int, size: int) -> None:
        """Write a snapshot of an account whose postings are all sealed."""
        self.run(
            "INSERT INTO balance_snapshot SELECT community_id, account_id, :size, posted_in,"
            " posted_out, pending_in, pending_out, seq, last_us FROM balance"
            " WHERE community_id = :c AND account_id = :id",
            size=size, id=account_id,
        )  # fmt: skip
