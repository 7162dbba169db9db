"""The corrections of a transaction, which are transactions of their own."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from timebank.db import written
from timebank.ledger.rules import POSTED
from timebank.ledger.tables import txn
from timebank.values import from_us


@dataclass(frozen=True, slots=True)
class Correction:
    """A transaction that reverses another one, or that relates to it."""

    txn_id: int
    kind: str
    posted_at: datetime
    is_reversal: bool


_CORRECTIONS = (
    select(txn.c.id, txn.c.kind, txn.c.posted_us, txn.c.reverses_id)
    .where(
        txn.c.community_id == bindparam("of_community"),
        or_(txn.c.reverses_id == bindparam("of_txn"), txn.c.relates_id == bindparam("of_txn")),
        txn.c.status == written(POSTED),
    )
    .order_by(txn.c.posted_us, txn.c.id)
)


def corrections_of(session: Session, community_id: int, txn_id: int) -> list[Correction]:
    """List the corrections of a transaction, oldest first: reversal and related ones."""
    asked = {"of_community": community_id, "of_txn": txn_id}
    return [
        Correction(row.id, row.kind, from_us(row.posted_us), row.reverses_id == txn_id)
        for row in session.execute(_CORRECTIONS, asked)
    ]
