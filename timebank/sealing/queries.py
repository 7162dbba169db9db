"""The state of the log, and proofs from it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Row, Select, bindparam, func, select
from sqlalchemy.orm import Session

from timebank.db import written
from timebank.errors import BadInput, NotFound
from timebank.ledger.entries import community_code, count_entries
from timebank.ledger.leaves import TXN
from timebank.sealing.keys import signer_of
from timebank.sealing.notes import origin_of
from timebank.sealing.rules import Span, consistency_spans, inclusion_spans, span_root
from timebank.sealing.tables import checkpoint, log_leaf, log_tile

FORMAT = "timebank-proof-2"


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed checkpoint. **Units**: ``signed_us`` in microseconds since 1970."""

    size: int
    root: bytes
    note: str
    signed_us: int

    @property
    def line(self) -> str:
        """Name of the log, size and root in one line, for paper."""
        return " ".join(self.note.split("\n", 3)[:3])


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """Proof that the log of ``checkpoint`` extends an earlier one."""

    checkpoint: Signed
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """Proof that an entry is in the log of ``checkpoint``, at ``index`` from 0."""

    leaf: bytes
    index: int
    path: tuple[bytes, ...]
    checkpoint: Signed


@dataclass(frozen=True, slots=True)
class SealingState:
    """The state of the sealing. ``is_whole``: every posted entry is sealed or waits.

    **Units**: ``oldest_us``, of the oldest that waits, in microseconds since 1970.
    """

    sealed: int
    waiting: int
    entries: int
    oldest_us: int | None

    @property
    def is_whole(self) -> bool:
        return self.entries == self.sealed + self.waiting


_OF = bindparam("of_community", type_=BigInteger)
_LATEST: Select[Any] = (
    select(checkpoint.c.size, checkpoint.c.root, checkpoint.c.note, checkpoint.c.signed_us)
    .where(checkpoint.c.community_id == _OF)
    .order_by(checkpoint.c.size.desc())
    .limit(written(1))
)
_AT: Select[Any] = select(
    checkpoint.c.size, checkpoint.c.root, checkpoint.c.note, checkpoint.c.signed_us
).where(checkpoint.c.community_id == _OF, checkpoint.c.size == bindparam("at_size"))
_COUNT = select(func.count()).where(log_leaf.c.community_id == _OF)
_PLACE = select(log_leaf.c.idx, log_leaf.c.leaf_hash).where(
    log_leaf.c.community_id == _OF,
    log_leaf.c.entry == TXN,
    log_leaf.c.entry_id == bindparam("of_txn"),
)
_LEAVES = (
    select(log_leaf.c.leaf_hash)
    .where(
        log_leaf.c.community_id == _OF,
        log_leaf.c.idx >= bindparam("low"),
        log_leaf.c.idx < bindparam("high"),
    )
    .order_by(log_leaf.c.idx)
)
_TILES = (
    select(log_tile.c.root)
    .where(
        log_tile.c.community_id == _OF,
        log_tile.c.idx >= bindparam("low"),
        log_tile.c.idx < bindparam("high"),
    )
    .order_by(log_tile.c.idx)
)


def sealing_state(session: Session, community_id: int) -> SealingState:
    """How many entries are sealed, how many wait, and whether none is missing."""
    counted = count_entries(session, community_id)
    sealed = session.execute(_COUNT, {"of_community": community_id}).scalar_one()
    return SealingState(sealed, counted.waiting, counted.entries, counted.oldest_us)


def checkpoint_latest(session: Session, community_id: int) -> Signed | None:
    """The last signed checkpoint; None before the first."""
    row = session.execute(_LATEST, {"of_community": community_id}).first()
    return None if row is None else _signed(row)


def checkpoint_at(session: Session, community_id: int, size: int) -> Signed:
    """The checkpoint of one size. **Refuses**: ``NotFound``."""
    row = session.execute(_AT, {"of_community": community_id, "at_size": size}).first()
    if row is None:
        raise NotFound(kind="checkpoint")
    return _signed(row)


def consistency(
    session: Session, community_id: int, old_size: int, new_size: int | None = None
) -> ConsistencyProof:
    """Prove that the log only grew from ``old_size`` leaves up to a checkpoint.

    Without ``new_size`` the last checkpoint is taken.

    **Refuses**: ``NotFound`` without such a checkpoint; ``BadInput`` if the checkpoint is smaller.
    """
    if new_size is None:
        checkpoint = checkpoint_latest(session, community_id)
        if checkpoint is None:
            raise NotFound(kind="checkpoint")
    else:
        checkpoint = checkpoint_at(session, community_id, new_size)
    if not 0 <= old_size <= checkpoint.size:
        raise BadInput(field="from", why="range", most=checkpoint.size)
    spans = consistency_spans(old_size, checkpoint.size)
    return ConsistencyProof(checkpoint, _roots(session, community_id, spans))


def inclusion(session: Session, community_id: int, txn_id: int) -> InclusionProof:
    """Prove that a transaction is in the log, without showing its content.

    **Refuses**: ``NotFound`` if it is not posted, or not sealed yet.
    """
    place = session.execute(_PLACE, {"of_community": community_id, "of_txn": txn_id}).first()
    latest = checkpoint_latest(session, community_id)
    if place is None or latest is None:
        raise NotFound(kind="proof")
    path = _roots(session, community_id, inclusion_spans(place.idx, latest.size))
    return InclusionProof(bytes(place.leaf_hash), place.idx, path, latest)


def verifier_of(session: Session, community_id: int) -> str:
    """The verifier key for this community's checkpoints; empty without a signer."""
    signer = signer_of(session)
    if signer is None:
        return ""
    return signer.verifier(origin_of(community_code(session.connection(), community_id)))


def _signed(row: Row[Any]) -> Signed:
    return Signed(row.size, bytes(row.root), row.note, row.signed_us)


def _roots(session: Session, community_id: int, spans: Sequence[Span]) -> tuple[bytes, ...]:
    """Compute the roots of subtrees from the stored ones, and from at most 255 leaves each."""

    def read(statement: Any) -> Callable[[int, int], list[bytes]]:
        def rows(low: int, high: int) -> list[bytes]:
            asked = {"of_community": community_id, "low": low, "high": high}
            return [bytes(node) for node in session.scalars(statement, asked)]

        return rows

    return tuple(span_root(span, read(_TILES), read(_LEAVES)) for span in spans)
