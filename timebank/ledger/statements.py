"""The movements of one account, newest first: what a passbook is made of."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, select, union_all
from sqlalchemy.orm import Session

from timebank.db import up_to
from timebank.ledger.queries import ACCOUNT_NAMED, OF_COMMUNITY, AccountName, asked_by_name
from timebank.ledger.rules import HOLD
from timebank.ledger.tables import posting, txn
from timebank.values import from_us


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


def statement(
    session: Session,
    community_id: int,
    of_account: int | AccountName,
    *,
    limit: int = 50,
    before_seq: int | None = None,
    direction: int = 0,
) -> list[StatementLine]:
    """List the movements of an account, newest first; holds are not movements.

    ``direction`` is 1 for incoming only, -1 for outgoing only.
    """
    is_named = isinstance(of_account, AccountName)
    values = {"of_community": community_id, "most": limit, "before_seq": before_seq}
    if isinstance(of_account, AccountName):
        values |= asked_by_name(community_id, of_account)
    else:
        values["of_account"] = of_account
    query = statement_query(direction, is_named=is_named, is_later=before_seq is not None)
    return [
        StatementLine(
            seq=row.seq,
            txn_id=row.txn_id,
            kind=row.kind,
            posted_at=from_us(row.posted_us),
            effective_at=from_us(row.effective_us),
            change=row.change,
            after=row.after,
            other_account_id=row.other_account_id,
        )
        for row in session.execute(query, values)
    ]


def statement_asked(
    community_id: int, name: AccountName, *, limit: int, before_seq: int | None
) -> dict[str, Any]:
    """The parameters of ``statement_query`` for a named account."""
    return asked_by_name(community_id, name) | {"most": limit, "before_seq": before_seq}


@lru_cache
def statement_query(direction: int, *, is_named: bool, is_later: bool) -> Select[Any]:
    """Write the query of ``statement`` once for each of its few forms; others may join it."""
    account_id = ACCOUNT_NAMED.scalar_subquery() if is_named else bindparam("of_account")
    most = up_to()
    sides = []
    for own, other, sign in (("source", "destination", -1), ("destination", "source", 1)):
        if direction == -sign:
            continue
        side = _side(own, other, sign).where(posting.c[f"{own}_account_id"] == account_id)
        if is_later:
            side = side.where(posting.c[f"{own}_seq"] < bindparam("before_seq"))
        sides.append(select(side.limit(most).subquery()))
    lines = union_all(*sides).subquery()
    return (
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
        .join(txn, and_(txn.c.community_id == OF_COMMUNITY, txn.c.id == lines.c.txn_id))
        .order_by(lines.c.seq.desc())
        .limit(most)
    )


def _side(own: str, other: str, sign: int) -> Select[Any]:
    """Select the movements on one side of an account's postings."""
    seq = posting.c[f"{own}_seq"]
    return (
        select(
            seq.label("seq"),
            posting.c.txn_id,
            (posting.c.quantity * sign).label("change"),
            posting.c[f"{own}_after"].label("after"),
            posting.c[f"{other}_account_id"].label("other_account_id"),
        )
        .where(
            posting.c.community_id == OF_COMMUNITY, posting.c.phase != HOLD, posting.c.quantity > 0
        )
        .order_by(seq.desc())
    )
