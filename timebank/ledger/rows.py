"""The rows that ``post()`` looks up, locks and writes: the same statements for one or many.

Here is the SQL of a posting and none of its decisions; those are in ``rules.py``.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from psycopg.types.json import Json
from sqlalchemy import Connection, bindparam, insert, select, tuple_, update

from timebank.db import StaleRow, among
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

# New rows of txn, hold and posting.
Rows = tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request key stands for, for ever."""

    txn_id: int
    fingerprint: bytes
    refusal: TimebankError | None


# Pairs that nobody asked for may come too: they are simply never looked up.
_KNOWN = select(txn.c.id, txn.c.client, txn.c.request_key, txn.c.fingerprint, txn.c.reason).where(
    txn.c.community_id == bindparam("of_community"),
    among(txn.c.client, "clients"),
    among(txn.c.request_key, "keys"),
)


def known_requests(
    connection: Connection, community_id: int, requests: Sequence[Request]
) -> dict[Name, Answer]:
    """Find those of the requests that have been answered before."""
    asked = {
        "of_community": community_id,
        "clients": {request.client for request in requests},
        "keys": {request.key for request in requests},
    }
    return {
        (client, key): Answer(txn_id, bytes(fingerprint), _refusal(reason))
        for txn_id, client, key, fingerprint, reason in connection.execute(_KNOWN, asked)
    }


def _refusal(reason: str | None) -> TimebankError | None:
    if reason is None:
        return None
    told = json.loads(reason)
    return refusal_of(told["code"], told["facts"])


_LOCK = (
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
    .where(
        balance.c.community_id == bindparam("of_community"),
        among(balance.c.account_id, "account_ids"),
    )
    .order_by(balance.c.account_id)
    .with_for_update(key_share=True)
)


def lock_balances(
    connection: Connection, community_id: int, account_ids: Iterable[int]
) -> dict[int, Counters]:
    """Take the balance rows in id order, and read them as they stand once taken."""
    asked = {"of_community": community_id, "account_ids": account_ids}
    return {row[0]: Counters(*row) for row in connection.execute(_LOCK, asked)}


def holds_named(
    connection: Connection, community_id: int, requests: Iterable[Request]
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
    rows = connection.execute(
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
    connection: Connection, community_id: int, names: Iterable[tuple[int, int]]
) -> set[tuple[int, int]]:
    """Tell which holds have ended. Ask only while holding the lock of their accounts."""
    wanted = list(names)
    if not wanted:
        return set()
    rows = connection.execute(
        select(posting.c.hold_txn_id, posting.c.hold_line).where(
            posting.c.community_id == community_id,
            tuple_(posting.c.hold_txn_id, posting.c.hold_line).in_(wanted),
        )
    )
    return {(row[0], row[1]) for row in rows}


def originals_of(
    connection: Connection, community_id: int, requests: Iterable[Request]
) -> dict[int, tuple[Entry, ...]]:
    """Read the postings of the transactions that the requests would reverse."""
    wanted = [r.reverses_id for r in requests if r.reverses_id is not None]
    if not wanted:
        return {}
    rows = connection.execute(
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


def reversed_among(connection: Connection, community_id: int, txn_ids: Iterable[int]) -> set[int]:
    """Tell what has been reversed. Ask only while holding the lock of its accounts."""
    wanted = list(txn_ids)
    if not wanted:
        return set()
    found = connection.scalars(
        select(txn.c.reverses_id).where(
            txn.c.community_id == community_id,
            txn.c.reverses_id.in_(wanted),
            txn.c.status == POSTED,
        )
    )
    return {txn_id for txn_id in found if txn_id is not None}


def related_to(connection: Connection, community_id: int, requests: Iterable[Request]) -> set[int]:
    """Tell which of the transactions that the requests point at are there."""
    wanted = [r.relates_id for r in requests if r.relates_id is not None]
    if not wanted:
        return set()
    return set(
        connection.scalars(
            select(txn.c.id).where(txn.c.community_id == community_id, txn.c.id.in_(wanted))
        )
    )


def write(
    connection: Connection, community_id: int, decided: Sequence[tuple[Answer, Decision]]
) -> None:
    """Write what was decided, each as the answer to its request."""
    txns, holds, postings = [], [], []
    changes: dict[int, dict[str, int]] = {}
    for answer, decision in decided:
        txns.append(_txn_row(community_id, answer, decision))
        for entry in decision.entries:
            postings.append(_posting_row(community_id, answer.txn_id, entry))
            if entry.expires_us is not None:
                holds.append(_hold_row(community_id, answer.txn_id, entry))
            _gather(changes, entry, decision.posted_us)
    if connection.dialect.name == "postgresql":
        moved = _write_at_once(connection, community_id, (txns, holds, postings), changes)
    else:
        moved = _write_in_turn(connection, community_id, (txns, holds, postings), changes)
    if moved != len(changes):
        raise StaleRow(f"{len(changes) - moved} balance rows moved")


def _txn_row(community_id: int, answer: Answer, decision: Decision) -> dict[str, Any]:
    request, refusal = decision.request, answer.refusal
    reason = None
    if refusal is not None:
        reason = msgspec.json.encode({"code": refusal.code, "facts": refusal.facts}).decode()
    return {
        "community_id": community_id,
        "id": answer.txn_id,
        "kind": request.kind,
        "status": POSTED if refusal is None else REJECTED,
        "reason": reason,
        "client": request.client,
        "request_key": request.key,
        "fingerprint": answer.fingerprint,
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


_CHANGE = (
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


def _write_in_turn(
    connection: Connection, community_id: int, rows: Rows, changes: dict[int, dict[str, int]]
) -> int:
    """Write table by table; tell how many balance rows stood as they were read."""
    for into, new in zip((txn, hold, posting), rows, strict=True):
        if new:
            connection.execute(insert(into), new)
    if not changes:
        return 0
    key = {"of_community": community_id}
    return connection.execute(
        _CHANGE, [{**key, "of_account": a, **change} for a, change in changes.items()]
    ).rowcount


# The same as one statement, for one round trip instead of four: every row travels as JSON
# and takes the shape of its table. The last two conditions are always true: they tell the
# planner that few rows come, so that it looks balances up and does not read them all.
_AT_ONCE = """
WITH new_txn AS (
    INSERT INTO txn SELECT * FROM json_populate_recordset(NULL::txn, %(txns)s)
), new_hold AS (
    INSERT INTO hold SELECT * FROM json_populate_recordset(NULL::hold, %(holds)s)
), new_posting AS (
    INSERT INTO posting SELECT * FROM json_populate_recordset(NULL::posting, %(postings)s)
), moved AS (
    UPDATE balance SET
        posted_in = posted_in + d_posted_in, posted_out = posted_out + d_posted_out,
        pending_in = pending_in + d_pending_in, pending_out = pending_out + d_pending_out,
        seq = new_seq, last_us = new_us
    FROM json_to_recordset(%(changes)s) AS change (
        of_account bigint, old_seq bigint, new_seq bigint, new_us bigint,
        d_posted_in bigint, d_posted_out bigint, d_pending_in bigint, d_pending_out bigint
    )
    WHERE community_id = %(of_community)s AND account_id = of_account AND seq = old_seq
        AND old_seq >= 0 AND new_seq > old_seq
    RETURNING 1
)
SELECT count(*) FROM moved
"""


def _write_at_once(
    connection: Connection, community_id: int, rows: Rows, changes: dict[int, dict[str, int]]
) -> int:
    txns = [{**row, "fingerprint": "\\x" + row["fingerprint"].hex()} for row in rows[0]]
    told = {
        "txns": _json(txns),
        "holds": _json(rows[1]),
        "postings": _json(rows[2]),
        "changes": _json([{"of_account": a, **change} for a, change in changes.items()]),
        "of_community": community_id,
    }
    return int(connection.exec_driver_sql(_AT_ONCE, told).scalar_one())


def _json(rows: list[dict[str, Any]]) -> Json:
    return Json(rows, dumps=msgspec.json.encode)
