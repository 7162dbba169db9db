"""The rows that ``post()`` looks up and locks: the same statements for one request or many.

``rules.py`` decides on them, ``writing.py`` writes the result.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select

from timebank.db import among, built, written
from timebank.errors import TimebankError, refusal_of
from timebank.ledger.rules import (
    POSTED,
    Counters,
    DecidedPosting,
    HeldLine,
    Request,
    ResolveHold,
)
from timebank.ledger.tables import balance, hold, posting, txn

# The client and its request key, which together are posted at most once.
Name = tuple[str, str]

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RecordedOutcome:
    """The stored answer for a request key."""

    txn_id: int
    fingerprint: bytes
    refusal: TimebankError | None


# The result may contain pairs that were not requested; they are ignored.
_KNOWN = select(txn.c.id, txn.c.client, txn.c.request_key, txn.c.fingerprint, txn.c.reason).where(
    txn.c.community_id == bindparam("of_community"),
    among(txn.c.client, "clients"),
    among(txn.c.request_key, "keys"),
)


def known_requests(
    connection: Connection, community_id: int, requests: Sequence[Request]
) -> dict[Name, RecordedOutcome]:
    """Find the requests that have been answered before."""
    values = {
        "of_community": community_id,
        "clients": {request.client for request in requests},
        "keys": {request.key for request in requests},
    }
    return {
        (client, key): RecordedOutcome(txn_id, bytes(fingerprint), _refusal(reason))
        for txn_id, client, key, fingerprint, reason in connection.execute(_KNOWN, values)
    }


def _refusal(reason: str | None) -> TimebankError | None:
    if reason is None:
        return None
    content = json.loads(reason)
    return refusal_of(content["code"], content["facts"])


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
    """Lock the balance rows in id order, and read them after the lock."""
    asked = {"of_community": community_id, "account_ids": account_ids}
    return {
        counters.account_id: counters
        for counters in built(Counters, connection.execute(_LOCK, asked))
    }


_HOLDS = select(
    hold.c.txn_id,
    hold.c.line,
    hold.c.source_account_id.label("source"),
    hold.c.destination_account_id.label("destination"),
    hold.c.quantity,
).where(hold.c.community_id == bindparam("of_community"), among(hold.c.txn_id, "txn_ids"))


def holds_named(
    connection: Connection, community_id: int, requests: Iterable[Request]
) -> dict[tuple[int, int], HeldLine]:
    """Find the holds that the requests would end; whether they have ended is read later."""
    names = [
        (line.hold_txn_id, line.hold_line)
        for request in requests
        for line in request.lines
        if isinstance(line, ResolveHold)
    ]
    if not names:
        return {}
    asked = {"of_community": community_id, "txn_ids": {txn_id for txn_id, _ in names}}
    rows = connection.execute(_HOLDS, asked)
    held = {(held_line.txn_id, held_line.line): held_line for held_line in built(HeldLine, rows)}
    return {name: held[name] for name in names if name in held}


_ENDED = select(posting.c.hold_txn_id, posting.c.hold_line).where(
    posting.c.community_id == bindparam("of_community"), among(posting.c.hold_txn_id, "txn_ids")
)


def ended_holds(
    connection: Connection, community_id: int, names: Iterable[tuple[int, int]]
) -> set[tuple[int, int]]:
    """Tell which holds have ended. Call it only while holding the lock of their accounts."""
    wanted = list(names)
    if not wanted:
        return set()
    asked = {"of_community": community_id, "txn_ids": {txn_id for txn_id, _ in wanted}}
    return {(row[0], row[1]) for row in connection.execute(_ENDED, asked)} & set(wanted)


def originals_of(
    connection: Connection, community_id: int, requests: Iterable[Request]
) -> dict[int, tuple[DecidedPosting, ...]]:
    """Read the postings of the transactions that the requests would reverse, if any were posted."""
    wanted = [r.reverses_id for r in requests if r.reverses_id is not None]
    if not wanted:
        return {}
    rows = connection.execute(
        select(
            txn.c.id,
            posting.c.line,
            posting.c.phase,
            posting.c.commodity_id,
            posting.c.source_account_id.label("source"),
            posting.c.destination_account_id.label("destination"),
            posting.c.quantity,
        )
        .outerjoin(
            posting,
            and_(posting.c.community_id == txn.c.community_id, posting.c.txn_id == txn.c.id),
        )
        .where(
            txn.c.community_id == community_id,
            txn.c.id.in_(wanted),
            txn.c.status == written(POSTED),
        )
        .order_by(txn.c.id, posting.c.line)
    )
    lines: dict[int, tuple[DecidedPosting, ...]] = {}
    for row in rows.mappings():
        columns = dict(row)
        txn_id = columns.pop("id")
        own = () if row["line"] is None else (DecidedPosting(**columns),)
        lines[txn_id] = (*lines.get(txn_id, ()), *own)
    return lines


def reversed_among(connection: Connection, community_id: int, txn_ids: Iterable[int]) -> set[int]:
    """Tell what has been reversed. Call it only while holding the lock of its accounts."""
    wanted = list(txn_ids)
    if not wanted:
        return set()
    reversed_ids = connection.scalars(
        select(txn.c.reverses_id).where(
            txn.c.community_id == community_id,
            txn.c.reverses_id.in_(wanted),
            txn.c.status == written(POSTED),
        )
    )
    return {txn_id for txn_id in reversed_ids if txn_id is not None}


def related_to(connection: Connection, community_id: int, requests: Iterable[Request]) -> set[int]:
    """Tell which of the transactions that the requests refer to were posted."""
    wanted = [r.relates_id for r in requests if r.relates_id is not None]
    if not wanted:
        return set()
    return set(
        connection.scalars(
            select(txn.c.id).where(
                txn.c.community_id == community_id,
                txn.c.id.in_(wanted),
                txn.c.status == written(POSTED),
            )
        )
    )
