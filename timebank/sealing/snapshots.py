"""Snapshots of account histories, written by the sealer from sealed rows only.

A snapshot is at most a few steps behind any sealed posting. So the past of an account is found by
one look-up and a short walk, however long its history is. Not here: reading (``history.py``).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import add
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    select,
    union_all,
)

from timebank.db import among, insert_rows
from timebank.ledger.leaves import TXN
from timebank.ledger.rules import HOLD
from timebank.ledger.tables import balance, posting, txn
from timebank.sealing.tables import balance_snapshot, log_leaf

STEPS_BETWEEN = 8  # A posting has two sides, so it costs about 40 bytes of snapshots.
_STEPS_AT_ONCE = 64

COUNTERS = ("posted_in", "posted_out", "pending_in", "pending_out")
_OF_COMMUNITY: BindParameter[int] = bindparam("of_community")
SIDES = (("source", "out"), ("destination", "in"))


@dataclass(slots=True)
class _Standing:
    """An account between its last snapshot and the next; ``steps`` counts the postings."""

    account_id: int
    counters: tuple[int, ...]
    seq: int
    at_us: int = 0
    steps: int = 0

    def take(self, step: Row[Any], posted_us: int) -> None:
        self.counters = tuple(map(add, self.counters, step[4:8]))
        self.seq, self.at_us = step.seq, posted_us
        self.steps += 1


def take_snapshots(
    connection: Connection, community_id: int, account_ids: Iterable[int], log_size: int
) -> int:
    """Write snapshots of accounts whose last one is too far back; return how many.

    Call it for the accounts of what was just sealed, with the size of the log after it. A snapshot
    counts postings up to the first that is not in the log: later ones may be sealed already while
    an earlier one still waits.
    """
    values = {
        "of_community": community_id,
        "account_ids": list(account_ids),
        "steps_between": STEPS_BETWEEN,
        "most": _STEPS_AT_ONCE,
    }
    rows = []
    steps = connection.execute(_DUE_STEPS, values).all()
    sealed = _sealed(connection, community_id, steps)
    for own in _by_account(steps):
        standing = _Standing(
            account_id=own[0].account_id, counters=tuple(own[0][:4]), seq=own[0].from_seq
        )
        if _take(standing, own, sealed) and len(own) == _STEPS_AT_ONCE:
            _walk_on(connection, community_id, standing)
        if standing.steps >= STEPS_BETWEEN:
            rows.append(_row(community_id, log_size, standing))
    insert_rows(connection, balance_snapshot, rows)
    return len(rows)


def _by_account(steps: Iterable[Row[Any]]) -> Iterator[list[Row[Any]]]:
    for _, own in groupby(steps, lambda step: step.account_id):
        yield list(own)


def _sealed(connection: Connection, community_id: int, steps: Sequence[Row[Any]]) -> dict[int, int]:
    """The times of posting of those transactions that are in the log.

    A separate statement: joined with the steps, of which PostgreSQL estimates many, it would read
    the whole log.
    """
    if not steps:
        return {}
    asked = {"of_community": community_id, "txn_ids": [step.txn_id for step in steps]}
    return {row.id: row.posted_us for row in connection.execute(_SEALED, asked)}


def _take(standing: _Standing, steps: Iterable[Row[Any]], sealed: dict[int, int]) -> bool:
    """Walk as long as each step is sealed; tell whether all of them were."""
    for step in steps:
        posted_us = sealed.get(step.txn_id)
        if posted_us is None or step.seq != standing.seq + 1:
            return False
        standing.take(step, posted_us)
    return True


def _walk_on(connection: Connection, community_id: int, standing: _Standing) -> None:
    """Continue along an account that has moved a lot since it was last visited."""
    asked = {"of_community": community_id, "of_account": standing.account_id}
    while True:
        bounds = {"after_seq": standing.seq, "most": _STEPS_AT_ONCE}
        steps = connection.execute(_STEPS, asked | bounds).all()
        sealed = _sealed(connection, community_id, steps)
        if not _take(standing, steps, sealed) or len(steps) < _STEPS_AT_ONCE:
            return


def _row(community_id: int, log_size: int, standing: _Standing) -> dict[str, int]:
    return {
        "community_id": community_id,
        "account_id": standing.account_id,
        "log_size": log_size,
        **dict(zip(COUNTERS, standing.counters, strict=True)),
        "seq": standing.seq,
        "at_us": standing.at_us,
    }


def _due() -> CTE:
    """The accounts that have moved far since their last snapshot, with that snapshot."""
    newest = balance_snapshot.alias("newest")
    last_size = (
        select(func.max(newest.c.log_size))
        .where(
            newest.c.community_id == balance.c.community_id,
            newest.c.account_id == balance.c.account_id,
        )
        .scalar_subquery()
    )
    last = balance_snapshot
    is_last = and_(
        last.c.community_id == balance.c.community_id,
        last.c.account_id == balance.c.account_id,
        last.c.log_size == last_size,
    )
    seq = func.coalesce(last.c.seq, 0)
    return (
        select(
            *(func.coalesce(last.c[name], 0).label(name) for name in COUNTERS),
            balance.c.account_id,
            seq.label("seq"),
        )
        .select_from(balance.outerjoin(last, is_last))
        .where(
            balance.c.community_id == _OF_COMMUNITY,
            among(balance.c.account_id, "account_ids"),
            balance.c.seq - seq >= bindparam("steps_between"),
        )
        .cte("due")
    )


def changes(side: str) -> list[ColumnElement[int]]:
    """The change of the four counters of the account at one side of a posting: out or in."""
    posted = case((posting.c.phase == HOLD, 0), else_=posting.c.quantity)
    pending = case((posting.c.phase == HOLD, posting.c.quantity), else_=-posting.c.released)
    moved = {f"posted_{side}": posted, f"pending_{side}": pending}
    return [moved.get(name, literal(0)).label(name) for name in COUNTERS]


def _side(own: str, side: str, start: CTE) -> Select[Any]:
    """Read the next steps of each account on one side of a posting."""
    seq = posting.c[f"{own}_seq"]
    is_next = and_(
        posting.c.community_id == _OF_COMMUNITY,
        posting.c[f"{own}_account_id"] == start.c.account_id,
        seq > start.c.seq,
        seq <= start.c.seq + bindparam("most"),
    )
    return (
        select(
            *(start.c[name].label(f"from_{name}") for name in COUNTERS),
            *changes(side),
            start.c.account_id,
            start.c.seq.label("from_seq"),
            seq.label("seq"),
            posting.c.txn_id,
        )
        # Outer joins keep every planner on the path from the accounts to their postings.
        .select_from(start.outerjoin(posting, is_next))
    )


def _steps_query(start: CTE) -> Select[Any]:
    """Read the next steps in order."""
    steps = union_all(*(_side(own, side, start) for own, side in SIDES)).subquery("steps")
    return select(steps).where(steps.c.seq.is_not(None)).order_by(steps.c.account_id, steps.c.seq)


def _from_here() -> CTE:
    """One account, from the current position of a walk."""
    none = [literal(0).label(name) for name in COUNTERS]
    return select(
        *none,
        bindparam("of_account", type_=BigInteger).label("account_id"),
        bindparam("after_seq", type_=BigInteger).label("seq"),
    ).cte("here")


_DUE_STEPS, _STEPS = _steps_query(_due()), _steps_query(_from_here())
_SEALED = (
    select(txn.c.id, txn.c.posted_us)
    .join_from(
        log_leaf,
        txn,
        and_(txn.c.community_id == log_leaf.c.community_id, txn.c.id == log_leaf.c.entry_id),
    )
    .where(
        log_leaf.c.community_id == _OF_COMMUNITY,
        log_leaf.c.entry == TXN,
        among(log_leaf.c.entry_id, "txn_ids"),
    )
)
