"""How accounts stood along their history, written down by the sealer from sealed rows only.

A snapshot lies at most some steps behind any sealed posting, so the past of an account is found
by one look and a short walk, however long its history is. Not here: reading (``history.py``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    insert,
    literal,
    select,
    union_all,
)

from timebank.db import among
from timebank.ledger.leaves import TXN
from timebank.ledger.rules import HOLD
from timebank.ledger.tables import balance, posting, txn
from timebank.sealing.tables import balance_snapshot, log_leaf

STEPS_BETWEEN = 32  # A walk is half of it at the mean; a snapshot takes the room of half a posting.
_STEPS_AT_ONCE = 256

COUNTERS = ("posted_in", "posted_out", "pending_in", "pending_out")
SIDES = (("source", "out"), ("destination", "in"))


@dataclass(slots=True)
class _Standing:
    """An account on its way from the last snapshot to the next; ``steps`` counts the postings."""

    account_id: int
    counters: tuple[int, ...]
    seq: int
    at_us: int = 0
    steps: int = 0

    def take(self, step: Row[Any]) -> None:
        self.counters = tuple(a + b for a, b in zip(self.counters, step[:4], strict=True))
        self.seq, self.at_us = step.seq, step.posted_us
        self.steps += 1


def take_snapshots(
    connection: Connection, community_id: int, account_ids: Iterable[int], log_size: int
) -> int:
    """Write down how accounts stand whose last snapshot lies too far back; tell how many.

    Call it for the accounts of what was just sealed, with the size of the log after it. A
    snapshot counts postings up to the first that the log does not hold yet: the log may hold
    later ones already, while an earlier one still waits in the queue.
    """
    told = {
        "of_community": community_id,
        "account_ids": list(account_ids),
        "steps_between": STEPS_BETWEEN,
    }
    rows = []
    for account_id, seq, *counters in connection.execute(_DUE, told).all():
        standing = _Standing(account_id, tuple(counters), seq)
        _walk(connection, community_id, standing)
        if standing.steps >= STEPS_BETWEEN:
            rows.append(_row(community_id, log_size, standing))
    if rows:
        connection.execute(_INSERT, rows)
    return len(rows)


def _walk(connection: Connection, community_id: int, standing: _Standing) -> None:
    """Go on along the postings of an account for as long as each of them is sealed."""
    told = {"of_community": community_id, "of_account": standing.account_id}
    while True:
        bounds = {"after_seq": standing.seq, "upto_seq": standing.seq + _STEPS_AT_ONCE}
        steps = connection.execute(_STEPS, told | bounds).all()
        for step in steps:
            if not step.is_sealed or step.seq != standing.seq + 1:
                return
            standing.take(step)
        if len(steps) < _STEPS_AT_ONCE:
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


_INSERT = insert(balance_snapshot)


def _due_query() -> Select[Any]:
    """Which accounts have gone far since their last snapshot, and what that one says."""
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
            balance.c.account_id,
            seq,
            *(func.coalesce(last.c[name], 0) for name in COUNTERS),
        )
        .select_from(balance.outerjoin(last, is_last))
        .where(
            balance.c.community_id == bindparam("of_community"),
            among(balance.c.account_id, "account_ids"),
            balance.c.seq - seq >= bindparam("steps_between"),
        )
        .order_by(balance.c.account_id)
    )


def changes(side: str) -> list[ColumnElement[int]]:
    """What a posting does to the four counters of the account at one side of it: out or in."""
    posted = case((posting.c.phase == HOLD, 0), else_=posting.c.quantity)
    pending = case((posting.c.phase == HOLD, posting.c.quantity), else_=-posting.c.released)
    moved = {f"posted_{side}": posted, f"pending_{side}": pending}
    return [moved.get(name, literal(0)).label(name) for name in COUNTERS]


def _steps_query() -> Select[Any]:
    """Read some steps of one account in their order, and whether the log holds them."""
    sides = [
        select(*changes(side), posting.c[f"{own}_seq"].label("seq"), posting.c.txn_id).where(
            posting.c.community_id == bindparam("of_community"),
            posting.c[f"{own}_account_id"] == bindparam("of_account"),
            posting.c[f"{own}_seq"] > bindparam("after_seq"),
            posting.c[f"{own}_seq"] <= bindparam("upto_seq"),
        )
        for own, side in SIDES
    ]
    steps = union_all(*sides).subquery()
    is_its_leaf = and_(
        log_leaf.c.community_id == bindparam("of_community"),
        log_leaf.c.entry == TXN,
        log_leaf.c.entry_id == steps.c.txn_id,
    )
    is_its_txn = and_(txn.c.community_id == bindparam("of_community"), txn.c.id == steps.c.txn_id)
    return (
        select(
            *(steps.c[name] for name in COUNTERS),
            steps.c.seq,
            txn.c.posted_us,
            log_leaf.c.idx.is_not(None).label("is_sealed"),
        )
        .select_from(steps.outerjoin(txn, is_its_txn).outerjoin(log_leaf, is_its_leaf))
        .order_by(steps.c.seq)
    )


_DUE, _STEPS = _due_query(), _steps_query()
