"""Checking the log: each leaf, the tree, each checkpoint and its signature."""

from collections.abc import Iterable, Iterator
from typing import Any

from timebank.checking.accounts import Chart
from timebank.checking.columns import select_all
from timebank.checking.entries import ACCOUNT, TXN
from timebank.checking.faults import Findings
from timebank.checking.kept_checkpoints import KeptCheckpoint, Witnesses
from timebank.checking.notes import CheckpointText, Keys, Unfit, check_signature, read_note
from timebank.checking.reading import Books
from timebank.checking.tree import Growing

_OF = "WHERE community_id = :c"
TILE = 256
_LEAVES = """
SELECT l.idx, l.entry, l.entry_id, l.leaf_hash, t.leaf_hash AS txn_leaf, t.posted_us
FROM log_leaf l
LEFT JOIN txn t ON l.entry = 1 AND t.community_id = l.community_id AND t.id = l.entry_id
WHERE l.community_id = :c ORDER BY l.idx
"""
_TWICE = """
SELECT entry, entry_id, MAX(idx) AS idx FROM log_leaf WHERE community_id = :c
GROUP BY entry, entry_id HAVING COUNT(*) > 1
"""
_UNTOLD = """
SELECT e.id, l.idx, q.entry_id FROM {table} e
LEFT JOIN log_leaf l ON l.community_id = e.community_id AND l.entry = {entry} AND l.entry_id = e.id
LEFT JOIN seal_queue q ON q.community_id = e.community_id AND q.entry = {entry}
    AND q.entry_id = e.id
WHERE e.community_id = :c
    AND (l.idx IS NULL AND q.entry_id IS NULL OR l.idx IS NOT NULL AND q.entry_id IS NOT NULL)
ORDER BY e.id
"""
_STRAY_QUEUE = """
SELECT q.entry, q.entry_id FROM seal_queue q
LEFT JOIN txn t ON q.entry = 1 AND t.community_id = q.community_id AND t.id = q.entry_id
LEFT JOIN account a ON q.entry = 2 AND a.community_id = q.community_id AND a.id = q.entry_id
WHERE q.community_id = :c AND t.id IS NULL AND a.id IS NULL ORDER BY q.entry, q.entry_id
"""
_WAITING = "SELECT COUNT(*) AS waiting FROM seal_queue WHERE community_id = :c"
# Compared with the newest posting, not with a clock, so that an old copy passes the check.
_OVERDUE = """
SELECT t.id FROM seal_queue q
JOIN txn t ON t.community_id = q.community_id AND t.id = q.entry_id
WHERE q.community_id = :c AND q.entry = 1 AND t.posted_us < (
    SELECT MAX(posted_us) FROM txn WHERE community_id = :c
) - :patience ORDER BY t.posted_us, t.id LIMIT 1
"""
PATIENCE_US = 24 * 3600 * 1_000_000
NAMES = {TXN: "txn", ACCOUNT: "account"}


def checkpoint_sizes(books: Books, community_id: int) -> set[int]:
    """List the sizes of the log that were signed."""
    asked = f"SELECT size FROM checkpoint {_OF}"
    return {row.size for row in books.rows(asked, c=community_id)}


def check_complete(books: Books, community_id: int, findings: Findings) -> None:
    """Check that each entry is either in the log or in the queue, and not in both."""
    for entry, table in NAMES.items():
        for row in books.rows(_UNTOLD.format(table=table, entry=entry), c=community_id):
            key = f"{entry}/{row.id}"
            if row.idx is None:
                what = f"the row is missing: {table} {row.id} is neither in the log nor waiting"
                findings.fault("seal_queue", key, what)
            else:
                findings.fault("seal_queue", key, f"{table} {row.id} is in the log already")
    for row in books.rows(_STRAY_QUEUE, c=community_id):
        what = f"there is no such {NAMES.get(row.entry, 'entry')}"
        findings.fault("seal_queue", f"{row.entry}/{row.entry_id}", what)
    for row in books.rows(_TWICE, c=community_id):
        findings.fault("log_leaf", row.idx, "its entry stands in the log twice")
    waiting = next(books.rows(_WAITING, c=community_id)).waiting
    findings.counts["not yet sealed"] = waiting
    if waiting:
        what = "a change that keeps their own hashes right would not be seen"
        findings.limits.append(f"{waiting} entries wait to be sealed; until then {what}")
    for row in books.rows(_OVERDUE, c=community_id, patience=PATIENCE_US):
        what = "it waits to be sealed, and others were posted more than a day later: "
        what += "the sealer has stopped, or the log was emptied"
        findings.fault("seal_queue", f"{TXN}/{row.id}", what)


class _Log:
    """The tree, rebuilt leaf by leaf and compared with each checkpoint on the way."""

    def __init__(
        self,
        books: Books,
        community_id: int,
        code: str,
        *,
        witnesses: Witnesses,
        findings: Findings,
    ) -> None:
        self._community_id = community_id
        self._checkpoints = books.rows(select_all("checkpoint", _OF), c=community_id)
        self._tiles = books.rows(select_all("log_tile", _OF), c=community_id)
        self._origin, self._found, self._witnesses = f"timebank/{code}", findings, witnesses
        self._next = next(self._checkpoints, None)
        self.newest: Any = None
        self.next_idx = 0
        self.tree, self._tile = Growing(), Growing()
        self._times: list[int] = []  # When the postings of this tile were posted.
        self._ends = [
            0,
            0,
        ]  # The latest posting up to the tile before the last one, and up to the last one.

    def add(self, leaf: bytes, posted_us: int | None) -> None:
        self.tree.add(leaf)
        self._tile.add(leaf)
        if posted_us is not None:
            self._times.append(posted_us)
        if self._tile.size == TILE:
            self._end_tile()

    def _end_tile(self) -> None:
        number = self.tree.size // TILE - 1
        row = next(self._tiles, None)
        if row is None or row.idx != number:
            key = number if row is None else row.idx
            self._found.fault("log_tile", key, f"tile {number} comes next and is not there")
        else:
            self._check_tile(row)
        self._tile, self._times = Growing(), []

    def _check_tile(self, row: Any) -> None:
        at_us, earliest_us = max([*self._times, self._ends[1]]), min(self._times, default=None)
        is_late = earliest_us is not None and earliest_us < self._ends[0]
        if bytes(row.root) != self._tile.root():
            self._found.fault("log_tile", row.idx, "root is not that of its 256 leaves")
        if row.at_us != at_us:
            self._found.fault("log_tile", row.idx, "at_us is not the latest instant up to its end")
        if row.behind_us != (earliest_us if is_late else None):
            self._found.fault("log_tile", row.idx, "behind_us is not what its leaves say")
        self._ends = [self._ends[1], at_us]

    def at_size(self, keys: Keys) -> None:
        """Check the checkpoints of the current size, of the books and those stored elsewhere."""
        self._witnesses.at_size(self.tree)
        while self._next is not None and self._next.size <= self.tree.size:
            row = self._next
            if row.size < self.tree.size:
                self._found.fault("checkpoint", row.size, "there is no log of this size")
            else:
                self._check(row, keys)
            self.newest = row
            self._next = next(self._checkpoints, None)

    def _check(self, row: Any, keys: Keys) -> None:
        findings, size = self._found, row.size
        findings.counts["checkpoints"] += 1
        if bytes(row.root) != self.tree.root():
            findings.fault("checkpoint", size, "root is not that of the leaves")
        if self.newest is not None and row.signed_us < self.newest.signed_us:
            findings.fault("checkpoint", size, "signed_us lies before that of a smaller one")
        try:
            _, checkpoint = read_note(row.note)
        except Unfit as fault:
            findings.fault("checkpoint", size, f"note: {fault}")
            return
        if checkpoint.origin != self._origin:
            what = f"code is not that of {checkpoint.origin}, for which checkpoint {size} is signed"
            findings.fault("community", self._community_id, what)
        if checkpoint != CheckpointText(self._origin, size, bytes(row.root), row.signed_us):
            what = f"note does not say {self._origin}, size, root and signed_us as the row does"
            findings.fault("checkpoint", size, what)
        self._check_signature(row, keys)

    def _check_signature(self, row: Any, keys: Keys) -> None:
        public = keys.of(self._origin)
        if public is None:
            return
        try:
            check_signature(row.note, public)
            self._found.counts["signatures"] += 1
        except Unfit as fault:
            self._found.fault("checkpoint", row.size, f"note: {fault}")

    def end(self, head: Any, keys: Keys) -> None:
        """Compare the end of the tree with the head of the log and the newest checkpoint."""
        findings, size = self._found, self.tree.size
        self._witnesses.end(size)
        if self._next is not None:
            findings.fault("checkpoint", self._next.size, f"the log has only {size} leaves")
        for row in self._tiles:
            findings.fault("log_tile", row.idx, "the log has no such tile")
        if (self.newest.size if self.newest else 0) != size and size:
            findings.fault(
                "checkpoint", size, "the row is missing: the newest leaves are not signed"
            )
        if head is None:
            if size:
                findings.fault("log_head", "", "the row is missing")
            return
        if head.size != size:
            findings.fault("log_head", "", f"size is {head.size}, the log has {size} leaves")
        if head.size > self.next_idx:
            findings.fault("log_leaf", self.next_idx, "the row is missing: the log ends before it")
        if bytes(head.frontier) != self.tree.frontier:
            findings.fault("log_head", "", "frontier is not that of the leaves")
        if self.newest is not None and keys.of(self._origin) is None:
            findings.limits.append("signatures were not checked: no verifier key was given")
            findings.is_unproved = True


def check_log(
    books: Books,
    community_id: int,
    chart: Chart,
    *,
    code: str,
    keys: Keys,
    checkpoints: Iterable[KeptCheckpoint],
    findings: Findings,
) -> None:
    """Rebuild the tree from the leaves, and check that every checkpoint belongs to it."""
    witnesses = Witnesses(checkpoints, keys, findings)
    log = _Log(books, community_id, code, witnesses=witnesses, findings=findings)
    log.at_size(keys)
    for row in books.rows(_LEAVES, c=community_id):
        findings.counts["leaves"] += 1
        for idx in range(log.next_idx, min(row.idx, log.next_idx + 1)):
            findings.fault("log_leaf", idx, f"the row is missing: idx {row.idx} comes instead")
        log.next_idx = row.idx + 1
        for what in _leaf_faults(row, chart):
            findings.fault("log_leaf", row.idx, what)
        log.add(bytes(row.leaf_hash), row.posted_us)
        log.at_size(keys)
    heads = books.rows(select_all("log_head", _OF), c=community_id)
    log.end(next(heads, None), keys)


def _leaf_faults(row: Any, chart: Chart) -> Iterator[str]:
    if row.entry == TXN:
        if row.txn_leaf is None:
            yield f"entry_id names no row: txn {row.entry_id} was deleted, or never was"
        elif bytes(row.txn_leaf) != bytes(row.leaf_hash):
            yield f"leaf_hash is not that of txn {row.entry_id}: one of them was changed"
    elif row.entry == ACCOUNT:
        known = chart.accounts.get(row.entry_id)
        if known is None:
            yield f"entry_id names no row: account {row.entry_id} was deleted, or never was"
        elif known.leaf != bytes(row.leaf_hash):
            code = known.row.commodity_id
            yield (
                f"leaf_hash is not that of account {row.entry_id}: changed were the account, "
                f"floor or ceiling of balance {row.entry_id}, or the code of commodity {code}"
            )
    else:
        yield f"unknown kind of entry {row.entry}"
