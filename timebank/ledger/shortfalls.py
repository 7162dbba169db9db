"""Shortfalls of recorded facts: list them, settle them, or write them off.

One case is one transaction with all its open shortfalls. Settling takes them from the account
after all; a write-off lets the community bear them. Not here: who may (``desk/shortfalls.py``).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, case, func, insert, select
from sqlalchemy.orm import Session

from timebank.deeds.deed import Deed
from timebank.errors import NotFound, WrongState
from timebank.ledger.actions import post_one
from timebank.ledger.reversals import settling_stands, undone_among
from timebank.ledger.rules import GIVING, Move
from timebank.ledger.suspense import SUSPENSE, VARIANCE, accounts_for
from timebank.ledger.tables import account, commodity, shortfall, shortfall_settled, txn
from timebank.values import from_us


@dataclass(frozen=True, slots=True)
class Lacking:
    """What one account could not give (``is_giving``) or take."""

    line: int
    account_id: int
    account_kind: str
    owner_id: int
    commodity_code: str
    is_giving: bool
    quantity: int


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A fact that exceeded its accounts, and what of it is still open."""

    txn_id: int
    kind: str
    client: str
    happened_at: datetime
    found_at: datetime
    lacking: tuple[Lacking, ...]


def open_shortfalls(community_id: int) -> Select[Any]:
    """Select open shortfalls: neither settled, nor reversed with their transaction.

    A settled shortfall is open again once the settling is reversed.
    """
    ours = and_(
        shortfall_settled.c.community_id == shortfall.c.community_id,
        shortfall_settled.c.txn_id == shortfall.c.txn_id,
        shortfall_settled.c.line == shortfall.c.line,
    )
    facts = select(shortfall.c.txn_id).where(shortfall.c.community_id == community_id)
    return select(shortfall).where(
        shortfall.c.community_id == community_id,
        ~select(shortfall_settled.c.line).where(ours, settling_stands()).exists(),
        shortfall.c.txn_id.not_in(undone_among(community_id, facts)),
    )


def open_cases(community_id: int) -> Select[Any]:
    """Select the open cases, one row per transaction.

    **Shape**: txn_id, found_us, person_id (whose passbook fell short, if one did), count.
    """
    open_lines = open_shortfalls(community_id).subquery()
    whose = and_(
        account.c.community_id == open_lines.c.community_id, account.c.id == open_lines.c.account_id
    )
    return (
        select(
            open_lines.c.txn_id,
            func.min(open_lines.c.found_us).label("found_us"),
            func.max(case((account.c.kind == "person", account.c.owner_id))).label("person_id"),
            func.count().label("count"),
        )
        .join_from(open_lines, account, whose)
        .group_by(open_lines.c.txn_id)
    )


_LACKED = select(func.coalesce(func.sum(shortfall.c.quantity), 0)).where(
    shortfall.c.community_id == bindparam("of_community"), shortfall.c.txn_id == bindparam("of_txn")
)


def lacked(session: Session, community_id: int, txn_id: int) -> int:
    """Count what suspense covered when a fact was posted, settled or not."""
    asked = {"of_community": community_id, "of_txn": txn_id}
    return int(session.scalar(_LACKED, asked) or 0)


_HEADER = select(txn.c.kind, txn.c.client, txn.c.effective_us).where(
    txn.c.community_id == bindparam("of_community"), txn.c.id == bindparam("of_txn")
)


def shortfall_of(session: Session, community_id: int, txn_id: int) -> Shortfall:
    """Read one case. **Refuses**: ``NotFound`` if nothing is open."""
    rows = _open_lines(session, community_id, txn_id)
    if not rows:
        raise NotFound(kind="review")
    asked = {"of_community": community_id, "of_txn": txn_id}
    kind, client, effective_us = session.execute(_HEADER, asked).one()
    lacking = tuple(
        Lacking(
            line=row.line, account_id=row.account_id, account_kind=row.kind,
            owner_id=row.owner_id, commodity_code=row.code, is_giving=row.side == GIVING,
            quantity=row.quantity,
        )
        for row in rows
    )  # fmt: skip
    return Shortfall(
        txn_id=txn_id, kind=kind, client=client, happened_at=from_us(effective_us),
        found_at=from_us(rows[0].found_us), lacking=lacking,
    )  # fmt: skip


def _open_lines(session: Session, community_id: int, txn_id: int) -> list[Row[Any]]:
    open_lines = open_shortfalls(community_id).where(shortfall.c.txn_id == txn_id).subquery()
    counted = and_(
        commodity.c.community_id == account.c.community_id,
        commodity.c.id == account.c.commodity_id,
    )
    whose = and_(
        account.c.community_id == open_lines.c.community_id, account.c.id == open_lines.c.account_id
    )
    query = (
        select(open_lines, account.c.kind, account.c.owner_id, commodity.c.code)
        .join(account, whose)
        .join(commodity, counted)
        .order_by(open_lines.c.line)
    )
    return list(session.execute(query))


def settle(deed: Deed, *, case: Shortfall) -> int:
    """Take the missing amounts from the accounts after all, or give them to the accounts.

    **Refuses**: whatever posting refuses, mostly ``InsufficientBalance``; ``WrongState`` if
    somebody else has settled it, and if a settling was reversed.
    """
    beside = _beside(deed, case, SUSPENSE)
    lines = [_between(lack, lack.account_id, beside[lack.account_id]) for lack in case.lacking]
    return _close(deed, case, lines, kind="settle_shortfall")


def write_off(deed: Deed, *, case: Shortfall, note: str) -> int:
    """Let the community bear the shortfall: from suspense to variance, with the reason.

    **Refuses**: ``WrongState`` as above.
    """
    beside, variance = (_beside(deed, case, kind) for kind in (SUSPENSE, VARIANCE))
    lines = [
        _between(lack, variance[lack.account_id], beside[lack.account_id]) for lack in case.lacking
    ]
    return _close(deed, case, lines, kind="write_off_shortfall", note=note)


def _between(lack: Lacking, giver: int, aside: int) -> Move:
    """Move back what suspense gave, or move on what suspense holds."""
    sides = (giver, aside) if lack.is_giving else (aside, giver)
    return Move(*sides, lack.quantity)


def _beside(deed: Deed, case: Shortfall, kind: str) -> dict[int, int]:
    """Find the community's account of a kind for each account of the case."""
    found = {}
    for account_id in {lack.account_id for lack in case.lacking}:
        accounts = accounts_for(deed.session, deed.community_id, [account_id], kind)
        found[account_id] = next(iter(accounts.values()))
    return found


# A fact is settled once. If that was a mistake, the fact is reversed as well and recorded again.
_SETTLED_ONCE = (
    select(shortfall_settled.c.line)
    .where(
        shortfall_settled.c.community_id == bindparam("of_community"),
        shortfall_settled.c.txn_id == bindparam("of_txn"),
    )
    .exists()
    .select()
)
_POSTED_US = select(txn.c.posted_us).where(
    txn.c.community_id == bindparam("of_community"), txn.c.id == bindparam("of_txn")
)


def _close(deed: Deed, case: Shortfall, lines: list[Move], *, kind: str, note: str = "") -> int:
    """Post the settling and mark the lines. After the lock it is certain who was first."""
    settling = post_one(deed, kind=kind, lines=lines, relates_id=case.txn_id, note=note)
    still = {row.line for row in _open_lines(deed.session, deed.community_id, case.txn_id)}
    if not still >= {lack.line for lack in case.lacking}:
        raise WrongState(state="settled")
    if deed.session.scalar(
        _SETTLED_ONCE, {"of_community": deed.community_id, "of_txn": case.txn_id}
    ):
        raise WrongState(state="settling_reversed")
    posted_us = deed.session.scalar(
        _POSTED_US, {"of_community": deed.community_id, "of_txn": settling}
    )  # It may be later than ``now`` if clocks are skewed.
    marks = {
        "community_id": deed.community_id, "txn_id": case.txn_id,
        "settling_txn_id": settling, "settled_us": posted_us,
    }  # fmt: skip
    deed.session.execute(
        insert(shortfall_settled), [{**marks, "line": lack.line} for lack in case.lacking]
    )
    return settling
