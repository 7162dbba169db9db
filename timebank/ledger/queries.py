"""What the books say. Reads only; nothing is remembered between calls."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, union_all
from sqlalchemy.orm import Session

from timebank.errors import NotFound
from timebank.ledger.rules import HOLD
from timebank.ledger.tables import account, balance, commodity, hold, posting, txn
from timebank.values import from_us


@dataclass(frozen=True, slots=True)
class Balances:
    """The three readings of one account, in units of its commodity."""

    posted: int = 0
    pending_in: int = 0
    pending_out: int = 0

    @property
    def available(self) -> int:
        return self.posted - self.pending_out


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line of a passbook: ``change`` is signed, ``after`` the running posted balance."""

    seq: int
    txn_id: int
    kind: str
    posted_at: datetime
    effective_at: datetime
    change: int
    after: int
    other_account_id: int


def find_account(
    session: Session, community_id: int, kind: str, commodity_code: str, *, owner_id: int = 0
) -> int | None:
    """Name the account of a kind, or None where it was never opened."""
    return session.scalar(
        select(account.c.id)
        .join(
            commodity,
            and_(
                commodity.c.community_id == account.c.community_id,
                commodity.c.id == account.c.commodity_id,
            ),
        )
        .where(
            account.c.community_id == community_id,
            account.c.kind == kind,
            account.c.owner_id == owner_id,
            commodity.c.code == commodity_code,
        )
    )


def balances_of(
    session: Session, community_id: int, account_ids: list[int]
) -> dict[int, Balances]:
    """Read the balances of several accounts in one statement."""
    rows = session.execute(
        select(
            balance.c.account_id,
            balance.c.posted_in - balance.c.posted_out,
            balance.c.pending_in,
            balance.c.pending_out,
        ).where(balance.c.community_id == community_id, balance.c.account_id.in_(account_ids))
    )
    return {row[0]: Balances(*row[1:]) for row in rows}


def balance_of(
    session: Session, community_id: int, kind: str, commodity_code: str, *, owner_id: int = 0
) -> Balances:
    """Read one account by its name; an account never opened reads as zero."""
    account_id = find_account(session, community_id, kind, commodity_code, owner_id=owner_id)
    if account_id is None:
        return Balances()
    return balances_of(session, community_id, [account_id])[account_id]


def statement(
    session: Session,
    community_id: int,
    account_id: int,
    *,
    limit: int = 50,
    before_seq: int | None = None,
    direction: int = 0,
) -> list[StatementLine]:
    """List what moved on an account, newest first; holds are not movements.

    ``direction`` is 1 for what came in only, -1 for what went out only.
    """
    sides = []
    for own, other, sign in (("source", "destination", -1), ("destination", "source", 1)):
        if direction == -sign:
            continue
        side = _side(own, other, sign).where(
            posting.c.community_id == community_id, posting.c[f"{own}_account_id"] == account_id
        )
        if before_seq is not None:
            side = side.where(posting.c[f"{own}_seq"] < before_seq)
        sides.append(select(side.limit(limit).subquery()))
    lines = union_all(*sides).subquery()
    rows = session.execute(
        select(
            lines.c.seq,
            lines.c.txn_id,
            txn.c.kind,
            txn.c.posted_us,
            txn.c.effective_us,
            lines.c.change,
            lines.c.after,
            lines.c.other_account_id,
        )
        .join(txn, and_(txn.c.community_id == community_id, txn.c.id == lines.c.txn_id))
        .order_by(lines.c.seq.desc())
        .limit(limit)
    )
    return [
        StatementLine(seq, txn_id, kind, from_us(posted_us), from_us(effective_us), *rest)
        for seq, txn_id, kind, posted_us, effective_us, *rest in rows
    ]


def _side(own: str, other: str, sign: int) -> Select[Any]:
    """Read an account's movements as its own side of the postings tells them."""
    seq = posting.c[f"{own}_seq"]
    return (
        select(
            seq.label("seq"),
            posting.c.txn_id,
            (posting.c.quantity * sign).label("change"),
            posting.c[f"{own}_after"].label("after"),
            posting.c[f"{other}_account_id"].label("other_account_id"),
        )
        .where(posting.c.phase != HOLD, posting.c.quantity > 0)
        .order_by(seq.desc())
    )


def sums_by_commodity(session: Session, community_id: int) -> dict[str, tuple[int, int]]:
    """Add up all accounts of each commodity, posted and pending: always zero and zero."""
    rows = session.execute(
        select(
            commodity.c.code,
            func.sum(balance.c.posted_in - balance.c.posted_out),
            func.sum(balance.c.pending_in - balance.c.pending_out),
        )
        .join(
            commodity,
            and_(
                commodity.c.community_id == balance.c.community_id,
                commodity.c.id == balance.c.commodity_id,
            ),
        )
        .where(balance.c.community_id == community_id)
        .group_by(commodity.c.code)
    )
    return {code: (int(posted), int(pending)) for code, posted, pending in rows}


def open_holds(
    session: Session, community_id: int, *, source_account_id: int | None = None
) -> list[tuple[int, int, int, int]]:
    """List holds that have not ended, as (txn id, line, quantity, expires in micro-seconds)."""
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


def account_history_is_whole(session: Session, community_id: int, account_id: int) -> bool:
    """Recompute one balance from its postings: a check, never a source of balances."""
    own = or_(
        posting.c.source_account_id == account_id, posting.c.destination_account_id == account_id
    )
    rows = session.execute(
        select(posting).where(posting.c.community_id == community_id, own)
    ).all()
    seqs, posted = [], 0
    for row in rows:
        is_out = row.source_account_id == account_id
        seqs.append(row.source_seq if is_out else row.destination_seq)
        posted += (-row.quantity if is_out else row.quantity) if row.phase != HOLD else 0
    found = balances_of(session, community_id, [account_id]).get(account_id)
    if found is None:
        raise NotFound(what="account")
    return sorted(seqs) == list(range(1, len(seqs) + 1)) and posted == found.posted
