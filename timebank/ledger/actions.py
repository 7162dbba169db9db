"""Opening accounts and ``post()``, the one writer of postings and balances.

The same algorithm on both engines: look up the request keys, lock the balance rows in
order, decide in Python, write. A batch takes the same few statements as a single request.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import and_, bindparam, insert, select, tuple_, update
from sqlalchemy.orm import Session

from timebank.db import StaleRow, insert_new
from timebank.errors import RequestKeyReused, TimebankError, refusal_of
from timebank.ledger.queries import find_account
from timebank.ledger.rules import (
    POSTED,
    REJECTED,
    Books,
    Counters,
    Decision,
    Entry,
    HeldLine,
    Line,
    Request,
    Resolve,
)
from timebank.ledger.tables import account, balance, commodity, hold, posting, txn
from timebank.values import By, new_id, to_us


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request; ``replayed`` says that it had happened before."""

    txn_id: int
    refusal: TimebankError | None = None
    replayed: bool = False


def ensure_commodity(session: Session, community_id: int, code: str) -> int:
    """Name the commodity of a code, adding it where it is new."""
    query = select(commodity.c.id).where(
        commodity.c.community_id == community_id, commodity.c.code == code
    )
    known = session.scalar(query)
    if known is None:
        insert_new(
            session,
            commodity,
            [{"community_id": community_id, "id": new_id(), "code": code}],
        )
        known = session.scalar(query)
    assert known is not None
    return known


def ensure_account(
    session: Session,
    community_id: int,
    kind: str,
    commodity_code: str,
    *,
    owner_id: int = 0,
    floor: int | None = None,
    ceiling: int | None = None,
) -> int:
    """Name an account, opening it where it is new.

    **Units**: ``floor`` and ``ceiling`` in units of the commodity; None is unlimited.
    """
    known = find_account(session, community_id, kind, commodity_code, owner_id=owner_id)
    if known is not None:
        return known
    counted = ensure_commodity(session, community_id, commodity_code)
    key = {"community_id": community_id, "commodity_id": counted}
    insert_new(session, account, [{**key, "id": new_id(), "kind": kind, "owner_id": owner_id}])
    opened = find_account(session, community_id, kind, commodity_code, owner_id=owner_id)
    assert opened is not None
    zeros = dict.fromkeys(
        ("posted_in", "posted_out", "pending_in", "pending_out", "seq", "last_us"), 0
    )
    limits = {"floor": floor, "ceiling": ceiling, "closed": False}
    insert_new(session, balance, [{**key, "account_id": opened, **zeros, **limits}])
    return opened


def post(
    session: Session, community_id: int, requests: Sequence[Request], *, now: datetime
) -> list[Outcome]:
    """Post a batch; each request is all-or-nothing and independent of the others.

    A request that the rules refuse becomes a *rejected* transaction with its reason, so a
    retry gets the first answer, whichever it was.
    """
    known = _known(session, community_id, requests)
    fresh: dict[tuple[str, str], Request] = {}
    for request in requests:
        name = (request.client, request.key)
        if name not in known:
            fresh.setdefault(name, request)
    decisions = _decide(session, community_id, list(fresh.values()), to_us(now))
    txn_ids = {(d.request.client, d.request.key): new_id() for d in decisions}
    _write(session, community_id, decisions, txn_ids)
    outcomes = {name: _answer(txn_ids[name], d) for name, d in zip(fresh, decisions, strict=True)}
    return [_outcome(request, known, fresh, outcomes) for request in requests]


def post_one(
    session: Session,
    *,
    by: By,
    now: datetime,
    key: str,
    kind: str,
    lines: Iterable[Line] = (),
    effective_at: datetime | None = None,
    reverses_id: int | None = None,
    relates_id: int | None = None,
) -> int:
    """Post one transaction within a deed and name it; raise the refusal if there is one."""
    effective_us = to_us(effective_at or now)
    request = Request(
        by.client, key, kind, tuple(lines), effective_us, reverses_id, relates_id
    )
    outcome = post(session, by.community_id, [request], now=now)[0]
    if outcome.refusal is not None:
        raise outcome.refusal
    return outcome.txn_id


def _answer(txn_id: int, decision: Decision) -> Outcome:
    return Outcome(txn_id, decision.refusal)


def _outcome(
    request: Request,
    known: dict[tuple[str, str], Any],
    fresh: dict[tuple[str, str], Request],
    outcomes: dict[tuple[str, str], Outcome],
) -> Outcome:
    name = (request.client, request.key)
    row = known.get(name)
    if row is not None:
        if bytes(row.fingerprint) != request.fingerprint:
            return Outcome(row.id, RequestKeyReused())
        return Outcome(row.id, _stored_refusal(row.reason), replayed=True)
    if fresh[name] is request:
        return outcomes[name]
    if fresh[name].fingerprint != request.fingerprint:
        return Outcome(outcomes[name].txn_id, RequestKeyReused())
    return Outcome(outcomes[name].txn_id, outcomes[name].refusal, replayed=True)


def _stored_refusal(reason: str | None) -> TimebankError | None:
    if reason is None:
        return None
    stored = json.loads(reason)
    return refusal_of(stored["code"], stored["facts"])


def _known(
    session: Session, community_id: int, requests: Sequence[Request]
) -> dict[tuple[str, str], Any]:
    names = [(request.client, request.key) for request in requests]
    rows = session.execute(
        select(txn.c.id, txn.c.client, txn.c.request_key, txn.c.fingerprint, txn.c.reason).where(
            txn.c.community_id == community_id,
            tuple_(txn.c.client, txn.c.request_key).in_(names),
        )
    )
    return {(row.client, row.request_key): row for row in rows}


def _decide(
    session: Session, community_id: int, requests: list[Request], now_us: int
) -> list[Decision]:
    holds = _holds(session, community_id, requests)
    originals, reversed_ids = _originals(session, community_id, requests)
    touched = {held.source for held in holds.values()} | {h.destination for h in holds.values()}
    for entries in originals.values():
        touched |= {a for e in entries for a in (e.source, e.destination)}
    for request in requests:
        for line in request.lines:
            if not isinstance(line, Resolve):
                touched |= {line.source, line.destination}
    counters = lock_balances(session, community_id, touched)
    books = Books(counters, holds, originals, reversed_ids)
    return [books.decide(request, now_us) for request in requests]


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
    return {row.account_id: Counters(*row) for row in rows}


def _holds(
    session: Session, community_id: int, requests: list[Request]
) -> dict[tuple[int, int], HeldLine]:
    names = [
        (line.hold_txn_id, line.hold_line)
        for request in requests
        for line in request.lines
        if isinstance(line, Resolve)
    ]
    if not names:
        return {}
    ends = posting.alias()
    rows = session.execute(
        select(hold, ends.c.txn_id.label("end_id"))
        .outerjoin(
            ends,
            and_(
                ends.c.community_id == hold.c.community_id,
                ends.c.hold_txn_id == hold.c.txn_id,
                ends.c.hold_line == hold.c.line,
            ),
        )
        .where(hold.c.community_id == community_id, tuple_(hold.c.txn_id, hold.c.line).in_(names))
    )
    return {
        (row.txn_id, row.line): HeldLine(
            row.txn_id,
            row.line,
            row.source_account_id,
            row.destination_account_id,
            row.quantity,
            row.end_id is not None,
        )
        for row in rows
    }


def _originals(
    session: Session, community_id: int, requests: list[Request]
) -> tuple[dict[int, tuple[Entry, ...]], set[int]]:
    wanted = [r.reverses_id for r in requests if r.reverses_id is not None]
    if not wanted:
        return {}, set()
    lines: dict[int, tuple[Entry, ...]] = {}
    rows = session.execute(
        select(posting)
        .where(posting.c.community_id == community_id, posting.c.txn_id.in_(wanted))
        .order_by(posting.c.txn_id, posting.c.line)
    )
    for row in rows:
        entry = Entry(
            row.line, row.phase, row.commodity_id, row.source_account_id,
            row.destination_account_id, row.quantity,
        )  # fmt: skip
        lines[row.txn_id] = (*lines.get(row.txn_id, ()), entry)
    already = session.scalars(
        select(txn.c.reverses_id).where(
            txn.c.community_id == community_id,
            txn.c.reverses_id.in_(wanted),
            txn.c.status == POSTED,
        )
    )
    return lines, {txn_id for txn_id in already if txn_id is not None}


def _write(
    session: Session,
    community_id: int,
    decisions: list[Decision],
    txn_ids: dict[tuple[str, str], int],
) -> None:
    if not decisions:
        return
    txns, holds, postings = [], [], []
    finals: dict[int, dict[str, int]] = {}
    for decision in decisions:
        txn_id = txn_ids[decision.request.client, decision.request.key]
        txns.append(_txn_row(community_id, txn_id, decision))
        for entry in decision.entries:
            postings.append(_posting_row(community_id, txn_id, entry))
            if entry.expires_us is not None:
                holds.append(_hold_row(community_id, txn_id, entry))
            _advance(finals, entry, decision.posted_us)
    session.execute(insert(txn), txns)
    if holds:
        session.execute(insert(hold), holds)
    if postings:
        session.execute(insert(posting), postings)
        _update_balances(session, community_id, finals)


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


def _advance(finals: dict[int, dict[str, int]], entry: Entry, posted_us: int) -> None:
    """Gather what each balance row must become, as differences from the locked row."""
    sides = ((entry.source, "out", entry.source_seq), (entry.destination, "in", entry.destination_seq))
    for account_id, side, seq in sides:
        change = finals.setdefault(
            account_id,
            {"d_posted_in": 0, "d_posted_out": 0, "d_pending_in": 0, "d_pending_out": 0,
             "old_seq": seq - 1, "new_seq": seq, "new_us": posted_us},
        )  # fmt: skip
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
    session: Session, community_id: int, finals: dict[int, dict[str, int]]
) -> None:
    rows = [
        {"of_community": community_id, "of_account": account_id, **finals[account_id]}
        for account_id in sorted(finals)
    ]
    result: Any = session.connection().execute(_BALANCE_UPDATE, rows)
    if result.rowcount != len(rows):
        raise StaleRow(f"{len(rows) - result.rowcount} balance rows moved")
