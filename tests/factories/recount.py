"""The balances added up again from the postings, and the holds that are open: for assertions."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import NamedTuple

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from timebank.db import among
from timebank.ledger.rules import HOLD
from timebank.ledger.tables import balance, hold, posting


def open_holds(
    session: Session, community_id: int, *, source_account_id: int | None = None
) -> list[tuple[int, int, int, int]]:
    """List the holds that have not ended, as (txn id, line, quantity, expires_us)."""
    ended = (
        select(posting.c.txn_id)
        .where(
            posting.c.community_id == hold.c.community_id,
            posting.c.hold_txn_id == hold.c.txn_id,
            posting.c.hold_line == hold.c.line,
        )
        .exists()
    )
    query = select(hold.c.txn_id, hold.c.line, hold.c.quantity, hold.c.expires_us).where(
        hold.c.community_id == community_id, ~ended
    )
    if source_account_id is not None:
        query = query.where(hold.c.source_account_id == source_account_id)
    return [tuple(row) for row in session.execute(query.order_by(hold.c.txn_id, hold.c.line))]


def broken_accounts(
    session: Session, community_id: int, account_ids: Collection[int] | None = None
) -> list[int]:
    """List the accounts whose balance does not follow from their postings.

    The history of each account is added up from its first posting. Its sequence numbers, its
    running balance and the four counters must all match.
    """
    histories: dict[int, list[_Step]] = defaultdict(list)
    for side, steps in _steps(session, community_id, account_ids):
        histories[side].append(steps)
    counters = select(
        balance.c.account_id,
        balance.c.posted_in,
        balance.c.posted_out,
        balance.c.pending_in,
        balance.c.pending_out,
    ).where(balance.c.community_id == community_id)
    if account_ids is not None:
        counters = counters.where(among(balance.c.account_id, "account_ids"))
    told = {"account_ids": account_ids} if account_ids is not None else {}
    found = {account_id: tuple(row) for account_id, *row in session.execute(counters, told)}
    return sorted(
        account_id
        for account_id in found.keys() | histories.keys()
        if _count_again(histories[account_id]) != found.get(account_id)
    )


class _Step(NamedTuple):
    """What one posting did to one of its accounts."""

    seq: int
    after: int
    posted_in: int
    posted_out: int
    pending_in: int
    pending_out: int


def _steps(
    session: Session, community_id: int, account_ids: Collection[int] | None
) -> Iterator[tuple[int, _Step]]:
    for own in ("source", "destination"):
        account_id = posting.c[f"{own}_account_id"]
        query = select(
            account_id,
            posting.c[f"{own}_seq"],
            posting.c[f"{own}_after"],
            case((posting.c.phase == HOLD, 0), else_=posting.c.quantity),
            case((posting.c.phase == HOLD, posting.c.quantity), else_=-posting.c.released),
        ).where(posting.c.community_id == community_id)
        told = {}
        if account_ids is not None:
            query = query.where(among(account_id, "account_ids"))
            told = {"account_ids": account_ids}
        for side, seq, after, posted, pending in session.execute(query, told):
            is_out = own == "source"
            counts = (0, posted, 0, pending) if is_out else (posted, 0, pending, 0)
            yield side, _Step(seq, after, *counts)


def _count_again(steps: list[_Step]) -> tuple[int, ...] | None:
    """Add a history up; None if it has a gap or a wrong running balance."""
    total: tuple[int, ...] = (0, 0, 0, 0)
    for number, step in enumerate(sorted(steps), 1):
        total = tuple(map(sum, zip(total, step[2:], strict=True)))
        if step.seq != number or step.after != total[0] - total[1]:
            return None
    return total
