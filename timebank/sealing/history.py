"""The books as of an instant: balances, statements, the trial balance, late items.

The instant is that of recording: a posting counts from when it was posted, not from when the deed
is said to have taken place. So the answer for an instant never changes, once the units of work
that began before it have ended, which takes a few seconds at most. The cost does not grow with the
history. For an account it reads the last snapshot and the few steps after it; for all accounts the
last full tile of the log and the few leaves after it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    BindParameter,
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from timebank.db import among, written
from timebank.ledger.leaves import TXN
from timebank.ledger.rules import LARGEST_COUNTER, POSTED
from timebank.ledger.tables import account, commodity, posting, seal_queue, txn
from timebank.sealing.rules import TILE
from timebank.sealing.snapshots import COUNTERS, SIDES, changes
from timebank.sealing.tables import balance_snapshot, log_head, log_leaf, log_tile
from timebank.sealing.tiles import LEAVES, last_totals, sides
from timebank.values import from_us, local_instant, to_us


@dataclass(frozen=True, slots=True)
class PastBalances:
    """The readings of one account at an instant; ``seq`` is its last posting up to then."""

    posted: int = 0
    pending_in: int = 0
    pending_out: int = 0
    seq: int = 0

    @property
    def available(self) -> int:
        return self.posted - self.pending_out


@dataclass(frozen=True, slots=True)
class TrialLine:
    """All accounts of one kind and commodity; ``accounts`` counts those that had moved by then."""

    commodity_code: str
    kind: str
    accounts: int
    posted_in: int
    posted_out: int
    pending_in: int
    pending_out: int

    @property
    def posted(self) -> int:
        return self.posted_in - self.posted_out


@dataclass(frozen=True, slots=True)
class LateItem:
    """A transaction that took place on a day and was posted after that day was closed."""

    txn_id: int
    kind: str
    client: str
    effective_at: datetime
    posted_at: datetime


def end_of_day(day: date) -> datetime:
    """The last instant of a local day."""
    return local_instant(day + timedelta(days=1)) - timedelta(microseconds=1)


def owned_as_of(
    session: Session, community_id: int, kind: str, owner_id: int, *, at: datetime
) -> dict[str, PastBalances]:
    """The balances of one owner's accounts at an instant, by commodity."""
    asked: dict[str, Any] = {"of_community": community_id, "at_us": to_us(at)}
    asked |= {"of_kind": kind, "of_owner": owner_id}
    return {row.code: _balances(row) for row in session.execute(_OWNED, asked)}


def _balances(row: Row[Any]) -> PastBalances:
    posted = int(row.posted_in) - int(row.posted_out)
    return PastBalances(posted, int(row.pending_in), int(row.pending_out), int(row.seq))


def trial_balance(session: Session, community_id: int, at: datetime) -> list[TrialLine]:
    """Sum all accounts at an instant, by commodity and kind.

    Over the kinds of a commodity the posted sum is zero; holds count on both sides.
    """
    values: dict[str, Any] = {"of_community": community_id, "at_us": to_us(at)}
    tile, size = session.execute(_WHOLE, values).one()
    values |= {"tile": tile, "leaves": TILE, "tail_idx": max(tile + 3, size // TILE) * TILE}
    # A separate statement: PostgreSQL would otherwise estimate hundreds of thousands of rows.
    values["txn_ids"] = session.scalars(_AFTER_TILE, values).all()
    return [
        TrialLine(
            commodity_code=row["code"],
            kind=row["kind"],
            # PostgreSQL returns the sum of integers as a decimal.
            **{name: int(row[name]) for name in _SUMMED},
        )
        for row in session.execute(_TRIAL, values).mappings()
    ]


def late_items(
    session: Session, community_id: int, day: date, *, closed_at: datetime | None = None
) -> list[LateItem]:
    """List what took place on a local day and was posted after its closing, oldest first.

    Without ``closed_at`` the day closed at its last instant. Such items are posted in the period
    that was open when they arrived; nothing of the closed day is rewritten.
    """
    last = end_of_day(day)
    closing = last if closed_at is None else closed_at
    values = {
        "of_community": community_id,
        "from_us": to_us(local_instant(day)),
        "upto_us": to_us(min(last, closing)),
        "closed_us": to_us(closing),
    }
    return [
        LateItem(
            txn_id=row.id, kind=row.kind, client=row.client,
            effective_at=from_us(row.effective_us), posted_at=from_us(row.posted_us),
        )
        for row in session.execute(_LATE, values)
    ]  # fmt: skip


_OF: BindParameter[int] = bindparam("of_community", type_=BigInteger)
_AT: BindParameter[int] = bindparam("at_us", type_=BigInteger)
_LATE = (
    select(txn.c.id, txn.c.kind, txn.c.client, txn.c.effective_us, txn.c.posted_us)
    .where(
        txn.c.community_id == bindparam("of_community"),
        txn.c.effective_us < txn.c.posted_us,  # Redundant, but lets the partial index be used.
        txn.c.effective_us.between(bindparam("from_us"), bindparam("upto_us")),
        txn.c.posted_us > bindparam("closed_us"),
        txn.c.status == written(POSTED),
    )
    .order_by(txn.c.posted_us, txn.c.id)
)


def _marks(*where: ColumnElement[bool]) -> CTE:
    """The last snapshot of each account up to the instant, and the position of the next one."""
    own = balance_snapshot.alias("own")

    def at_us(found: Any, *bounds: ColumnElement[bool]) -> Any:
        is_own = (own.c.community_id == account.c.community_id, own.c.account_id == account.c.id)
        return select(found).where(*is_own, *bounds).correlate(account).scalar_subquery()

    base, following = balance_snapshot.alias("base"), balance_snapshot.alias("following")
    joined: Any = account
    for side, which in (
        (base, at_us(func.max(own.c.at_us), own.c.at_us <= bindparam("at_us"))),
        (following, at_us(func.min(own.c.at_us), own.c.at_us > bindparam("at_us"))),
    ):
        joined = joined.outerjoin(
            side,
            and_(
                side.c.community_id == account.c.community_id,
                side.c.account_id == account.c.id,
                side.c.at_us == which,
            ),
        )
    return (
        select(
            account.c.id,
            account.c.kind,
            account.c.commodity_id,
            *(func.coalesce(base.c[name], 0).label(name) for name in COUNTERS),
            func.coalesce(base.c.seq, 0).label("seq"),
            func.coalesce(following.c.seq, LARGEST_COUNTER).label("upto_seq"),
        )
        .select_from(joined)
        .where(account.c.community_id == bindparam("of_community"), *where)
        .cte("marks")
    )


def _walk(marks: CTE, own: str, side: str) -> Select[Any]:
    """Sum one side of the postings between the snapshot and the instant.

    Outer joins, and cases instead of conditions, keep every planner on the path from the accounts
    to their few postings.
    """
    steps = marks.outerjoin(
        posting,
        and_(
            posting.c.community_id == bindparam("of_community"),
            posting.c[f"{own}_account_id"] == marks.c.id,
            posting.c[f"{own}_seq"] > marks.c.seq,
            posting.c[f"{own}_seq"] <= marks.c.upto_seq,
        ),
    ).outerjoin(
        txn,
        and_(
            txn.c.community_id == bindparam("of_community"),
            txn.c.id == posting.c.txn_id,
            txn.c.posted_us <= bindparam("at_us"),
        ),
    )
    is_past = txn.c.id.is_not(None)
    return (
        select(
            marks.c.id,
            *(
                func.coalesce(func.sum(case((is_past, change), else_=0)), 0).label(change.name)
                for change in changes(side)
            ),
            func.coalesce(func.max(case((is_past, posting.c[f"{own}_seq"]))), 0).label("seq"),
        )
        .select_from(steps)
        .group_by(marks.c.id)
    )


def _standing(*where: ColumnElement[bool]) -> Any:
    """Every account at the instant: its snapshot plus both sides of the walk from there."""
    marks = _marks(*where)
    parts = union_all(
        select(marks.c.id, *(marks.c[name] for name in COUNTERS), marks.c.seq),
        *(_walk(marks, own, side) for own, side in SIDES),
    ).subquery("parts")
    return (
        select(
            parts.c.id,
            *(func.sum(parts.c[name]).label(name) for name in COUNTERS),
            func.max(parts.c.seq).label("seq"),
        )
        .group_by(parts.c.id)
        .subquery("standing")
    )


def _named(standing: Any) -> Any:
    """Join each standing with its account and the code of its commodity."""
    return standing.join(
        account,
        and_(account.c.community_id == bindparam("of_community"), account.c.id == standing.c.id),
    ).join(
        commodity,
        and_(
            commodity.c.community_id == account.c.community_id,
            commodity.c.id == account.c.commodity_id,
        ),
    )


def _after_tile() -> Any:
    """Select what is not in the totals at the end of ``tile`` and may have been posted by the
    instant.

    That is in the next two tiles, after the last tile, in the queue, and in the few tiles that
    reach further back than the tile before them.
    """
    of_leaf, of_tile = log_leaf.c.community_id == _OF, log_tile.c.community_id == _OF
    leaf = select(log_leaf.c.entry_id).where(log_leaf.c.entry == TXN)
    first = bindparam("tile", type_=BigInteger) + 1
    of_it = and_(
        of_leaf,
        log_leaf.c.idx >= log_tile.c.idx * LEAVES,
        log_leaf.c.idx < (log_tile.c.idx + 1) * LEAVES,
    )
    return union_all(
        leaf.where(
            of_leaf, log_leaf.c.idx >= first * LEAVES, log_leaf.c.idx < (first + 2) * LEAVES
        ),
        leaf.where(of_leaf, log_leaf.c.idx >= bindparam("tail_idx", type_=BigInteger)),
        leaf.join_from(log_tile, log_leaf, of_it).where(
            of_tile, log_tile.c.idx >= first + 2, log_tile.c.behind_us <= _AT
        ),
        select(seal_queue.c.entry_id).where(
            seal_queue.c.community_id == _OF, seal_queue.c.entry == TXN
        ),
    )


_SUMMED = ("accounts", *COUNTERS)


def _trial_query() -> Select[Any]:
    its = txn.c.community_id == _OF, among(txn.c.id, "txn_ids"), txn.c.posted_us <= _AT
    recent = select(txn.c.id.label("txn_id")).where(*its).cte("recent").prefix_with("MATERIALIZED")
    parts = union_all(last_totals(), *sides(recent)).subquery("parts")
    is_its = and_(commodity.c.community_id == _OF, commodity.c.id == parts.c.commodity_id)
    return (
        select(
            commodity.c.code,
            parts.c.kind,
            *(func.sum(parts.c[name]).label(name) for name in _SUMMED),
        )
        .select_from(parts.outerjoin(commodity, is_its))
        .group_by(commodity.c.code, parts.c.kind)
        .having(func.sum(parts.c.accounts) > 0)  # The others had not moved by then.
        .order_by(commodity.c.code, parts.c.kind)
    )


def _owned_query() -> Select[Any]:
    standing = _standing(
        account.c.kind == bindparam("of_kind"), account.c.owner_id == bindparam("of_owner")
    )
    return select(commodity.c.code, *standing.c).select_from(_named(standing))


# The last tile that is entirely in the past, and the size of the log.
_WHOLE = select(
    func.coalesce(
        select(log_tile.c.idx)
        .where(log_tile.c.community_id == _OF, log_tile.c.at_us <= _AT)
        .order_by(log_tile.c.at_us.desc(), log_tile.c.idx.desc())
        .limit(written(1))
        .scalar_subquery(),
        -1,
    ),
    func.coalesce(
        select(log_head.c.size).where(log_head.c.community_id == _OF).scalar_subquery(), 0
    ),
)
_OWNED, _TRIAL, _AFTER_TILE = _owned_query(), _trial_query(), _after_tile()
