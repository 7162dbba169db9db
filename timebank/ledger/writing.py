"""Write what was decided: the rows of each table, in as few statements as the engine allows.

The SQL of writing is here; the decisions are in ``rules.py``.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Boolean, Connection, bindparam, insert, or_, update

from timebank.db import StaleRow, as_json
from timebank.ledger.leaves import (
    ACCOUNT,
    TXN,
    LackEntry,
    LineEntry,
    TxnEntry,
    leaf_hash,
    note_hash,
    txn_bytes,
)
from timebank.ledger.rows import RecordedOutcome
from timebank.ledger.rules import (
    POSTED,
    REJECTED,
    Counters,
    DecidedPosting,
    PostingDecision,
)
from timebank.ledger.tables import (
    balance,
    hold,
    posting,
    seal_queue,
    shortfall,
    txn,
    txn_note,
)

Row = dict[str, Any]


@dataclass
class Rows:
    """The new rows of each table that a batch writes, in key order."""

    txn: list[Row] = field(default_factory=list)
    hold: list[Row] = field(default_factory=list)
    posting: list[Row] = field(default_factory=list)
    txn_note: list[Row] = field(default_factory=list)
    seal_queue: list[Row] = field(default_factory=list)


def write(
    connection: Connection,
    community_id: int,
    decided: Sequence[tuple[RecordedOutcome, PostingDecision]],
) -> None:
    """Write the decisions, each as the answer to its request."""
    rows = Rows()
    changes: dict[int, Row] = {}
    for answer, decision in decided:
        _add_rows(rows, community_id, answer, decision)
        for entry in decision.entries:
            _gather(changes, entry, decision.posted_us)
        if decision.closes is not None:
            _gather_closing(changes, decision.closes, decision.posted_us)
    if connection.dialect.name == "postgresql":
        moved = _write_at_once(connection, community_id, rows, changes)
    else:
        moved = _write_in_turn(connection, community_id, rows, changes)
    if moved != len(changes):
        raise StaleRow(f"{len(changes) - moved} balance rows moved")
    lacks = [row for answer, d in decided for row in _lack_rows(community_id, answer.txn_id, d)]
    if lacks:  # Rare, so it is a separate statement.
        connection.execute(_FLAG, lacks)


def _lack_rows(community_id: int, txn_id: int, decision: PostingDecision) -> list[Row]:
    key = {"community_id": community_id, "txn_id": txn_id, "found_us": decision.posted_us}
    return [
        {**key, "line": lack.line, "account_id": lack.account_id, "side": lack.side,
         "quantity": lack.quantity}
        for lack in decision.lacks
    ]  # fmt: skip


_FLAG = insert(shortfall)


def _add_rows(
    rows: Rows, community_id: int, answer: RecordedOutcome, decision: PostingDecision
) -> None:
    """Add what one decision writes to each table."""
    header = _txn_row(community_id, answer, decision)
    if decision.request.note and answer.refusal is None:
        salt = os.urandom(16)
        header["note_hash"] = note_hash(salt, decision.request.note)
        key = {"community_id": community_id, "txn_id": answer.txn_id}
        rows.txn_note.append({**key, "salt": salt, "body": decision.request.note})
    lines = [_line_entry(entry) for entry in decision.entries]
    lacks = [
        LackEntry(lack.line, lack.account_id, lack.side, lack.quantity) for lack in decision.lacks
    ]
    header["leaf_hash"] = leaf_hash(txn_bytes(TxnEntry(**header), lines, lacks))
    rows.txn.append(header)
    rows.seal_queue.append(_queued(community_id, TXN, answer.txn_id))
    for entry in decision.entries:
        rows.posting.append(_posting_row(community_id, answer.txn_id, entry))
        if entry.expires_us is not None:
            rows.hold.append(_hold_row(community_id, answer.txn_id, entry))


def _line_entry(entry: DecidedPosting) -> LineEntry:
    return LineEntry(
        line=entry.line, phase=entry.phase, commodity_id=entry.commodity_id,
        source=entry.source, destination=entry.destination, quantity=entry.quantity,
        released=entry.released, hold_txn_id=entry.hold_txn_id, hold_line=entry.hold_line,
        expires_us=entry.expires_us,
        source_seq=entry.source_seq, destination_seq=entry.destination_seq,
        source_after=entry.source_after, destination_after=entry.destination_after,
    )  # fmt: skip


def _queued(community_id: int, entry: int, entry_id: int) -> Row:
    return {"community_id": community_id, "entry": entry, "entry_id": entry_id}


def queue_openings(connection: Connection, community_id: int, account_ids: Iterable[int]) -> None:
    """Queue the openings of new accounts for the log."""
    rows = [_queued(community_id, ACCOUNT, account_id) for account_id in account_ids]
    if rows:
        connection.execute(_QUEUE, rows)


_QUEUE = insert(seal_queue)


def _txn_row(community_id: int, answer: RecordedOutcome, decision: PostingDecision) -> Row:
    request, refusal = decision.request, answer.refusal
    reason, is_posted = None, refusal is None
    if refusal is not None:
        reason = msgspec.json.encode({"code": refusal.code, "facts": refusal.facts}).decode()
    return {
        "community_id": community_id,
        "id": answer.txn_id,
        "kind": request.kind,
        "status": POSTED if is_posted else REJECTED,
        "mode": request.mode,
        "reason": reason,
        "client": request.client,
        "request_key": request.key,
        "fingerprint": answer.fingerprint,
        "effective_us": request.effective_us or decision.posted_us,
        "posted_us": decision.posted_us,
        # A rejected request reverses nothing and may refer to a missing transaction.
        "reverses_id": request.reverses_id if is_posted else None,
        "relates_id": request.relates_id if is_posted else None,
        "closes_id": request.closes_id if is_posted else None,
        "note_hash": None,
    }


def _sides(community_id: int, txn_id: int, entry: DecidedPosting) -> Row:
    return {
        "community_id": community_id,
        "txn_id": txn_id,
        "line": entry.line,
        "commodity_id": entry.commodity_id,
        "source_account_id": entry.source,
        "destination_account_id": entry.destination,
        "quantity": entry.quantity,
    }


def _hold_row(community_id: int, txn_id: int, entry: DecidedPosting) -> Row:
    return {**_sides(community_id, txn_id, entry), "expires_us": entry.expires_us}


def _posting_row(community_id: int, txn_id: int, entry: DecidedPosting) -> Row:
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


def _gather(changes: dict[int, Row], entry: DecidedPosting, posted_us: int) -> None:
    """Compute the new value of each balance row, as a difference from the locked row."""
    sides = (
        (entry.source, "out", entry.source_seq),
        (entry.destination, "in", entry.destination_seq),
    )
    for account_id, side, seq in sides:
        change = changes.get(account_id)
        if change is None:
            change = changes[account_id] = {**_NO_CHANGE, "old_seq": seq - 1}
        is_hold = entry.expires_us is not None
        change[f"d_posted_{side}"] += 0 if is_hold else entry.quantity
        change[f"d_pending_{side}"] += entry.quantity if is_hold else -entry.released
        change["new_seq"], change["new_us"] = seq, posted_us


def _gather_closing(changes: dict[int, Row], account: Counters, posted_us: int) -> None:
    unmoved = {**_NO_CHANGE, "old_seq": account.seq, "new_seq": account.seq}
    change = changes.setdefault(account.account_id, unmoved)
    change["new_us"], change["closes"] = posted_us, True


_NO_CHANGE = {
    "d_posted_in": 0, "d_posted_out": 0, "d_pending_in": 0, "d_pending_out": 0, "closes": False,
}  # fmt: skip
_CHANGE = (
    update(balance)
    .where(
        balance.c.community_id == bindparam("of_community"),
        balance.c.account_id == bindparam("of_account"),
        balance.c.seq == bindparam("old_seq"),  # The row has not changed since it was read.
    )
    .values(
        posted_in=balance.c.posted_in + bindparam("d_posted_in"),
        posted_out=balance.c.posted_out + bindparam("d_posted_out"),
        pending_in=balance.c.pending_in + bindparam("d_pending_in"),
        pending_out=balance.c.pending_out + bindparam("d_pending_out"),
        seq=bindparam("new_seq"),
        last_us=bindparam("new_us"),
        closed=or_(balance.c.closed, bindparam("closes", type_=Boolean)),
    )
)


def _write_in_turn(
    connection: Connection, community_id: int, rows: Rows, changes: dict[int, Row]
) -> int:
    """Write table by table; return how many balance rows were unchanged since they were read."""
    for statement, new in zip(_IN_TURN, vars(rows).values(), strict=True):
        if new:
            connection.execute(statement, new)
    if not changes:
        return 0
    key = {"of_community": community_id}
    return connection.execute(
        _CHANGE, [{**key, "of_account": a, **change} for a, change in changes.items()]
    ).rowcount


_IN_TURN = [insert(into) for into in (txn, hold, posting, txn_note, seal_queue)]

# The same in one statement: one round trip instead of six. Every row is sent as JSON and converted
# to the row type of its table. The last two conditions are always true: they tell the planner to
# expect few rows, so that it uses the index of balances.
_AT_ONCE = """
WITH new_txn AS (
    INSERT INTO txn SELECT * FROM json_populate_recordset(NULL::txn, %(txns)s)
), new_hold AS (
    INSERT INTO hold SELECT * FROM json_populate_recordset(NULL::hold, %(holds)s)
), new_posting AS (
    INSERT INTO posting SELECT * FROM json_populate_recordset(NULL::posting, %(postings)s)
), new_note AS (
    INSERT INTO txn_note SELECT * FROM json_populate_recordset(NULL::txn_note, %(txn_notes)s)
), new_queue AS (
    INSERT INTO seal_queue SELECT * FROM json_populate_recordset(NULL::seal_queue, %(queue)s)
), moved AS (
    UPDATE balance SET
        posted_in = posted_in + d_posted_in, posted_out = posted_out + d_posted_out,
        pending_in = pending_in + d_pending_in, pending_out = pending_out + d_pending_out,
        seq = new_seq, last_us = new_us, closed = closed OR closes
    FROM json_to_recordset(%(changes)s) AS change (
        of_account bigint, old_seq bigint, new_seq bigint, new_us bigint,
        d_posted_in bigint, d_posted_out bigint, d_pending_in bigint, d_pending_out bigint,
        closes boolean
    )
    WHERE community_id = %(of_community)s AND account_id = of_account AND seq = old_seq
        AND old_seq >= 0 AND new_seq >= old_seq
    RETURNING 1
)
SELECT count(*) FROM moved
"""


def _write_at_once(
    connection: Connection, community_id: int, rows: Rows, changes: dict[int, Row]
) -> int:
    values = {
        "txns": as_json(rows.txn),
        "holds": as_json(rows.hold),
        "postings": as_json(rows.posting),
        "txn_notes": as_json(rows.txn_note),
        "queue": as_json(rows.seal_queue),
        "changes": as_json([{"of_account": a, **change} for a, change in changes.items()]),
        "of_community": community_id,
    }
    return int(connection.exec_driver_sql(_AT_ONCE, values).scalar_one())
