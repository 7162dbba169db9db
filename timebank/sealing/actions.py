"""Append waiting entries to the tree, and sign its new root.

It runs after the writers and takes none of their locks. Several processes may run it: the one that
holds the lock of a log's head works, the others return. Everything is one unit of work, so a
killed sealer has done nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, Select, bindparam, insert, select, update
from sqlalchemy.orm import Session

from timebank.db import insert_new, insert_rows, written
from timebank.ledger.entries import (
    EntryRead,
    Name,
    community_code,
    end_waiting,
    read_entries,
    waiting_entries,
)
from timebank.ledger.leaves import ACCOUNT, leaf_hash
from timebank.sealing.keys import Signer
from timebank.sealing.notes import Checkpoint, origin_of
from timebank.sealing.rules import EMPTY_ROOT, Frontier
from timebank.sealing.snapshots import take_snapshots
from timebank.sealing.tables import checkpoint, log_head, log_leaf
from timebank.sealing.tiles import end_tiles
from timebank.values import to_us

LIMIT = 2000  # Entries sealed per unit of work: a second at most.


class SealingStopped(Exception):
    """A row differs from what was posted; nothing is sealed until somebody has looked.

    This is neither a refusal nor a bug of a caller: somebody changed the books past the program.
    """

    def __init__(self, community_id: int, row: str, why: str) -> None:
        super().__init__(f"{row} of community {community_id}: {why}")

    @classmethod
    def at_entry(cls, community_id: int, name: Name, why: str) -> "SealingStopped":
        table = "account" if name[0] == ACCOUNT else "txn"
        return cls(community_id, f"{table} {name[1]}", why)


@dataclass(frozen=True, slots=True)
class Sealed:
    """The result of one run: how many entries it sealed, and the size of the log.

    ``is_busy`` means that another sealer of this community is at work; then nothing was done.
    """

    count: int
    size: int
    note: str | None = None
    is_busy: bool = False


_OF = bindparam("of_community", type_=BigInteger)
_HEAD: Select[Any] = (
    select(log_head.c.size, log_head.c.frontier)
    .where(log_head.c.community_id == _OF)
    .with_for_update(skip_locked=True)
)
_LAID = select(log_head.c.size).where(log_head.c.community_id == _OF)
_GROWN = (
    update(log_head)
    .where(log_head.c.community_id == _OF)
    .values(size=bindparam("new_size"), frontier=bindparam("new_frontier"))
)
_CHECKPOINT = insert(checkpoint)
_NEWEST: Select[Any] = (
    select(checkpoint.c.size, checkpoint.c.root)
    .where(checkpoint.c.community_id == _OF)
    .order_by(checkpoint.c.size.desc())
    .limit(written(1))
)


def seal(
    session: Session, community_id: int, *, now: datetime, signer: Signer, limit: int = LIMIT
) -> Sealed:
    """Seal up to ``limit`` waiting entries, and sign the new size and root of the log.

    Raises ``SealingStopped`` if a row does not give the leaf it was posted with, or if the head of
    the log is not that of the last checkpoint.
    """
    connection = session.connection()
    head = _take_head(session, community_id)
    if head is None:
        return Sealed(0, 0, is_busy=True)
    names = waiting_entries(connection, community_id, limit)
    if not names:
        return Sealed(0, head.size)
    entries = read_entries(connection, community_id, names)
    leaves = _leaves(community_id, names, entries)
    frontier = _frontier(connection, community_id, head)
    for leaf in leaves:
        frontier.append(leaf)
    _write(connection, community_id, list(zip(names, leaves, strict=True)), frontier)
    end_waiting(connection, community_id, names)
    touched = {account_id for read in entries.values() for account_id in read.account_ids}
    take_snapshots(connection, community_id, sorted(touched), frontier.size)
    note = _sign(connection, community_id, frontier, now_us=to_us(now), signer=signer)
    return Sealed(len(names), frontier.size, note)


def _take_head(session: Session, community_id: int) -> Row[Any] | None:
    """Lock the head of a log, or insert it if it is missing; None while another sealer holds it."""
    asked = {"of_community": community_id}
    head = session.execute(_HEAD, asked).first()
    # An insert would wait for a concurrent one, so read first.
    if head is None and session.execute(_LAID, asked).first() is None:
        fresh = {"community_id": community_id, "size": 0, "frontier": b""}
        insert_new(session, log_head, [fresh])
        head = session.execute(_HEAD, asked).first()
    return head


def _frontier(connection: Connection, community_id: int, head: Row[Any]) -> Frontier:
    """Read the frontier of the tree, and check that it was signed.

    Otherwise the next checkpoint could never be proved to extend the last one.
    """
    signed = connection.execute(_NEWEST, {"of_community": community_id}).first()
    try:
        frontier = Frontier.read(head.size, bytes(head.frontier))
    except ValueError as why:
        raise SealingStopped(community_id, "log_head", str(why)) from why
    last = (signed.size, bytes(signed.root)) if signed else (0, EMPTY_ROOT)
    if (frontier.size, frontier.root()) != last:
        raise SealingStopped(community_id, "log_head", "it is not that of the last checkpoint")
    return frontier


def _leaves(community_id: int, names: Sequence[Name], found: dict[Name, EntryRead]) -> list[bytes]:
    """Hash the entries again; stop if one differs from what was posted."""
    leaves = []
    for name in names:
        read = found.get(name)
        if read is None:
            raise SealingStopped.at_entry(community_id, name, "its row is gone")
        leaf = leaf_hash(read.entry)
        if read.leaf_hash not in (None, leaf):
            raise SealingStopped.at_entry(
                community_id, name, "its rows no longer make its leaf_hash"
            )
        leaves.append(leaf)
    return leaves


def _write(
    connection: Connection,
    community_id: int,
    sealed: Sequence[tuple[Name, bytes]],
    frontier: Frontier,
) -> None:
    key = {"community_id": community_id}
    first = frontier.size - len(sealed)
    rows = [
        {**key, "idx": idx, "entry": entry, "entry_id": id_, "leaf_hash": leaf}
        for idx, ((entry, id_), leaf) in enumerate(sealed, first)
    ]
    insert_rows(connection, log_leaf, rows)
    end_tiles(connection, community_id, frontier.tiles)
    grown = {"new_size": frontier.size, "new_frontier": frontier.kept()}
    connection.execute(_GROWN, {"of_community": community_id, **grown})


def _sign(
    connection: Connection, community_id: int, frontier: Frontier, *, now_us: int, signer: Signer
) -> str:
    origin = origin_of(community_code(connection, community_id))
    checkpoint = Checkpoint(origin, frontier.size, frontier.root(), now_us)
    note = signer.sign(checkpoint)
    row = {"community_id": community_id, "size": checkpoint.size, "root": checkpoint.root}
    connection.execute(_CHECKPOINT, {**row, "note": note, "signed_us": now_us})
    return note
