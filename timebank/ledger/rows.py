"""The rows that ``post()`` looks up, locks and writes: the same statements for one or many.

Here is the SQL of a posting and none of its decisions; those are in ``rules.py``.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import bindparam, insert, select, tuple_, update
from sqlalchemy.orm import Session

from timebank.db import StaleRow
from timebank.errors import TimebankError, refusal_of
from timebank.ledger.rules import (
    POSTED,
    REJECTED,
    Counters,
    Decision,
    Entry,
    HeldLine,
    Request,
    Resolve,
)
from timebank.ledger.tables import balance, hold, posting, txn

# Who asked, and the key that he gave the request: together they happen once.
Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request key stands for, for ever."""

    txn_id: int
    fingerprint: bytes
    refusal: TimebankError | None


def known_requests(
    session: Session, community_id: int, requests: Sequence[Request]
) -> dict[Name, Answer]:
    """Find those of the requests that have been answered before."""
    # Two plain lists use the index better than a list of pairs; pairs nobody asked for
    # are simply never looked up.
    rows = session.execute(
        select(txn.c.id, txn.c.client, txn.c.request_key, txn.c.fingerprint, txn.c.reason).where(
            txn.c.community_id == community_id,
            txn.c.client.in_({request.client for request in requests}),
            txn.c.request_key.in_({request.key for request in requests}),
        )
    )
    return {
        (row.client, row.request_key): Answer(row.id, bytes(row.fingerprint), _refusal(row.reason))
        for row in rows
    }


def _refusal(reason: str | None) -> TimebankError | None:
    if reason is None:
        return None
    told = json.loads(reason)
    return refusal_of(told["code"], told["facts"])


def lock_balances(
    session: Session, community_id: int, account_ids: Iterable[int]
) -> dict[int, Counters]:
    """Take the balance rows in id order, and read them as they stand once taken."""
    rows = session.execute(
        select(
            balance.c.account_id,
            balance.c.commodity_id,
            balance.c.posted_in,
            balance.c.posted_out,
            balance.c.pending_in,
            balance.c.pending_out,
            balance.c.seq,
            balance.c.last_us,
            balance.c.floor,
            balance.c.ceiling,
            balance.c.closed,
        )
        .where(balance.c.community_id == community_id, balance.c.account_id.in_(account_ids))
        .order_by(balance.c.account_id)
        .with_for_update(key_share=True)
    )
    return {row[0]: Counters(*row) for row in rows}


def holds_named(
    session: Session, community_id: int, requests: Iterable[Request]
) -> dict[tuple[int, int], HeldLine]:
    """Find the holds that the requests would end; whether they have ended is asked later."""
    names = [
        (line.hold_txn_id, line.hold_line)
        for request in requests
        for line in request.lines
        if isinstance(line, Resolve)
    ]
    if not names:
        return {}
    rows = session.execute(
        select(
            hold.c.txn_id,
            hold.c.line,
            hold.c.source_account_id,
            hold.c.destination_account_id,
            hold.c.quantity,
        ).where(hold.c.community_id == community_id, tuple_(hold.c.txn_id, hold.c.line).in_(names))
    )
    return {(row.txn_id, row.line): HeldLine(*row) for row in rows}


def ended_holds(
    session: Session, community_id: int, names: Iterable[tuple[int, int]]
) -> set[tuple[int, int]]:
    """Tell which holds have ended. Ask only while holding the lock of their accounts."""
    wanted = list(names)
    if not wanted:
        return set()
    rows = session.execute(
        select(posting.c.hold_txn_id, posting.c.hold_line).where(
            posting.c.community_id == community_id,
            tuple_(posting.c.hold_txn_id, posting.c.hold_line).in_(wanted),
        )
    )
    return {(row[0], row[1]) for row in rows}


def originals_of(
    session: Session, community_id: int, requests: Iterable[Request]
) -> dict[int, tuple[Entry, ...]]:
    """Read the postings of the transactions that the requests would reverse."""
    wanted = [r.reverses_id for r in requests if r.reverses_id is not None]
    if not wanted:
        return {}
    rows = session.execute(
        select(
            posting.c.txn_id,
            posting.c.line,
            posting.c.phase,
            posting.c.commodity_id,
            posting.c.source_account_id,
            posting.c.destination_account_id,
            posting.c.quantity,
        )
        .where(posting.c.community_id == community_id, posting.c.txn_id.in_(wanted))
        .order_by(posting.c.txn_id, posting.c.line)
    )
    lines: dict[int, tuple[Entry, ...]] = {}
    for txn_id, *entry in rows:
        lines[txn_id] = (*lines.get(txn_id, ()), Entry(*entry))
    return lines


def reversed_among(session: Session, community_id: int, txn_ids: Iterable[int]) -> set[int]:
    """Tell what has been reversed. Ask only while holding the lock of its accounts."""
    wanted = list(txn_ids)
    if not wanted:
        return set()
    found = session.scalars(
        select(txn.c.reverses_id).where(
            txn.c.community_id == community_id,
            txn.c.reverses_id.in_(wanted),
            txn.c.status == POSTED,
        )
    )
    return {txn_id for txn_id in found if txn_id is not None}


def related_to(session: Session, community_id: int, requests: Iterable[Request]) -> set[int]:
    """Tell which of the transactions that the requests point at are there."""
    wanted = [r.relates_id for r in requests if r.relates_id is not None]
    if not wanted:
        return set()
    return set(
        session.scalars(
            select(txn.c.id).where(txn.c.community_id == community_id, txn.c.id.in_(wanted))
        )
    )


def write(session: Session, community_id: int, decided: Sequence[tuple[int, Decision]]) -> None:
    """Write what was decided, each with the id of its transaction."""
    txns, holds, postings = [], [], []
    changes: dict[int, dict[str, int]] = {}
    for txn_id, decision in decided:
        txns.append(_txn_row(community_id, txn_id, decision))
        for entry in decision.entries:
            postings.append(_posting_row(community_id, txn_id, entry))
            if entry.expires_us is not None:
                holds.append(_hold_row(community_id, txn_id, entry))
            _gather(changes, entry, decision.posted_us)
    for into, rows in ((txn, txns), (hold, holds), (posting, postings)):
        if rows:
            session.execute(insert(into), rows)
    if changes:
        _update_balances(session, community_id, changes)


def _txn_row(community_id: int, txn_id: int, decision: Decision) -> dict[str, Any]:
    request, refusal = decision.request, decision.refusal
    reason = None
    if refusal is not None:
        reason = msgspec.json.encode({"code": refusal.code, "facts": refusal.facts}).decode()
    return {
        "community_id": community_id,
        "id": txn_id,
        "kind": request.kind,
        "status": POSTED if refusal is None else REJECTED,
        "reason": reason,
        "client": request.client,
        "request_key": request.key,
        "fingerprint": request.fingerprint,
        "effective_us": request.effective_us or decision.posted_us,
        "posted_us": decision.posted_us,
        # A rejected request reverses nothing and may name what does not exist.
        "reverses_id": request.reverses_id if refusal is None else None,
        "relates_id": request.relates_id if refusal is None else None,
    }


def _sides(community_id: int, txn_id: int, entry: Entry) -> dict[str, Any]:
    return {
        "community_id": community_id,
        "txn_id": txn_id,
        "line": entry.line,
        "commodity_id": entry.commodity_id,
        "source_account_id": entry.source,
        "destination_account_id": entry.destination,
        "quantity": entry.quantity,
    }


def _hold_row(community_id: int, txn_id: int, entry: Entry) -> dict[str, Any]:
    return {**_sides(community_id, txn_id, entry), "expires_us": entry.expires_us}


def _posting_row(community_id: int, txn_id: int, entry: Entry) -> dict[str, Any]:
    return {
        **_sides(community_id, txn_id, entry),
        "phase": entry.phase,
        "released": entry.released,
        "hold_txn_id": entry.hold_txn_id,
        "hold_line": entry.hold_line,
        "source_seq": entry.source_seq,
        "destination_seq": entry.destination_seq,
        "source_after": entry.source_after,
        "destination_after": entry.destination_after,
    }


def _gather(changes: dict[int, dict[str, int]], entry: Entry, posted_us: int) -> None:
    """Gather what each balance row must become, as differences from the locked row."""
    sides = (
        (entry.source, "out", entry.source_seq),
        (entry.destination, "in", entry.destination_seq),
    )
    for account_id, side, seq in sides:
        change = changes.get(account_id)
        if change is None:
            change = changes[account_id] = {
                "d_posted_in": 0, "d_posted_out": 0, "d_pending_in": 0, "d_pending_out": 0,
                "old_seq": seq - 1,
            }  # fmt: skip
        is_hold = entry.expires_us is not None
        change[f"d_posted_{side}"] += 0 if is_hold else entry.quantity
        change[f"d_pending_{side}"] += entry.quantity if is_hold else -entry.released
        change["new_seq"], change["new_us"] = seq, posted_us


_BALANCE_UPDATE = (
    update(balance)
    .where(
        balance.c.community_id == bindparam("of_community"),
        balance.c.account_id == bindparam("of_account"),
        balance.c.seq == bindparam("old_seq"),  # Nothing moved since we read it.
    )
    .values(
        posted_in=balance.c.posted_in + bindparam("d_posted_in"),
        posted_out=balance.c.posted_out + bindparam("d_posted_out"),
        pending_in=balance.c.pending_in + bindparam("d_pending_in"),
        pending_out=balance.c.pending_out + bindparam("d_pending_out"),
        seq=bindparam("new_seq"),
        last_us=bindparam("new_us"),
    )
)


def _update_balances(
    session: Session, community_id: int, changes: dict[int, dict[str, int]]
) -> None:
    rows = [
        {"of_community": community_id, "of_account": account_id, **changes[account_id]}
        for account_id in sorted(changes)
    ]
    result: Any = session.connection().execute(_BALANCE_UPDATE, rows)
    if result.rowcount != len(rows):
        raise StaleRow(f"{len(rows) - result.rowcount} balance rows moved")
