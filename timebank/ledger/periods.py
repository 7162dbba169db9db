"""The changes between two moments: how far accounts have moved, and late postings."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, select, union
from sqlalchemy.orm import Session

from timebank.db import among
from timebank.ledger.rules import HOLD
from timebank.ledger.tables import balance, commodity, posting, txn
from timebank.values import from_us, to_us


class Passed(NamedTuple):
    """The total that ever came into an account and went out; two readings give the movement."""

    posted_in: int
    posted_out: int

    @property
    def posted(self) -> int:
        return self.posted_in - self.posted_out


_PASSED = select(balance.c.account_id, balance.c.posted_in, balance.c.posted_out).where(
    balance.c.community_id == bindparam("of_community"),
    among(balance.c.account_id, "account_ids"),
)


def passed_through(
    session: Session, community_id: int, account_ids: Collection[int]
) -> dict[int, Passed]:
    """Read the totals in and out of each account."""
    asked = {"of_community": community_id, "account_ids": sorted(account_ids)}
    return {row[0]: Passed(row[1], row[2]) for row in session.execute(_PASSED, asked)}


@dataclass(frozen=True, slots=True)
class LateLine:
    """A posting that belongs to an earlier day than the one on which it was posted."""

    txn_id: int
    kind: str
    effective_at: datetime
    posted_at: datetime
    commodity_code: str
    quantity: int


def _side(own: str) -> Any:
    return select(posting.c.txn_id, posting.c.line).where(
        posting.c.community_id == bindparam("of_community"),
        among(posting.c[f"{own}_account_id"], "account_ids"),
        posting.c.phase != HOLD,
        posting.c.quantity > 0,
    )


_TOUCHED = union(_side("source"), _side("destination")).subquery()
_LATE = (
    select(
        txn.c.id, txn.c.kind, txn.c.effective_us, txn.c.posted_us, commodity.c.code,
        posting.c.quantity,
    )
    .select_from(_TOUCHED)
    .join(
        posting,
        and_(
            posting.c.community_id == bindparam("of_community"),
            posting.c.txn_id == _TOUCHED.c.txn_id,
            posting.c.line == _TOUCHED.c.line,
        ),
    )
    .join(txn, and_(txn.c.community_id == posting.c.community_id, txn.c.id == posting.c.txn_id))
    .join(
        commodity,
        and_(
            commodity.c.community_id == posting.c.community_id,
            commodity.c.id == posting.c.commodity_id,
        ),
    )
    .where(txn.c.posted_us > bindparam("since_us"), txn.c.effective_us < bindparam("since_us"))
    .order_by(txn.c.posted_us, txn.c.id, posting.c.line)
)  # fmt: skip


def late_lines(
    session: Session, community_id: int, account_ids: Collection[int], *, since: datetime
) -> list[LateLine]:
    """Postings on some accounts that were posted after ``since`` and took place before it."""
    values = {
        "of_community": community_id, "account_ids": sorted(account_ids), "since_us": to_us(since),
    }  # fmt: skip
    return [
        LateLine(
            txn_id=row.id, kind=row.kind, effective_at=from_us(row.effective_us),
            posted_at=from_us(row.posted_us), commodity_code=row.code, quantity=row.quantity,
        )
        for row in session.execute(_LATE, values)
    ]  # fmt: skip
