"""Expire holds past their deadline.

Each expiry is an ordinary posting, so balances always follow from rows. Its request key is derived
from the hold, so it happens once however many processes run. Some holds belong to another job: a
claim must be updated when its hold expires, so only aid ends those. They are excluded by their
kind. A grace period would not do, because after a night without a server it has passed too.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from timebank.db import among, up_to
from timebank.ledger.actions import post
from timebank.ledger.rules import Request, ResolveHold
from timebank.ledger.tables import balance, hold, posting, txn
from timebank.values import to_us

CLIENT = "job:expiry"
KIND = "expire_hold"
AT_ONCE = 200  # Holds per unit of work; the next unit ends the rest.

_ENDED = (
    select(posting.c.line)
    .where(
        posting.c.community_id == hold.c.community_id,
        posting.c.hold_txn_id == hold.c.txn_id,
        posting.c.hold_line == hold.c.line,
    )
    .exists()
)
# Only accounts with holds are searched.
_DUE = (
    select(hold.c.txn_id, hold.c.line)
    .join(
        balance,
        and_(
            balance.c.community_id == hold.c.community_id,
            balance.c.account_id == hold.c.source_account_id,
            balance.c.pending_out > 0,
        ),
    )
    .join(txn, and_(txn.c.community_id == hold.c.community_id, txn.c.id == hold.c.txn_id))
    .where(
        hold.c.community_id == bindparam("of_community"),
        hold.c.expires_us <= bindparam("now_us"),
        ~among(txn.c.kind, "left_alone"),
        ~_ENDED,
    )
    .order_by(hold.c.expires_us, hold.c.txn_id, hold.c.line)
    .limit(up_to())
)


@dataclass(frozen=True, slots=True)
class HoldsExpired:
    """How many holds were expired, and whether more are due."""

    ended: int
    is_more: bool


def expire_holds(
    session: Session,
    community_id: int,
    *,
    now: datetime,
    limit: int = AT_ONCE,
    left_alone: Collection[str] = (),
) -> HoldsExpired:
    """Expire holds that are past their deadline, except those of the kinds in ``left_alone``.

    A hold that is captured at the same moment is skipped.
    """
    asked = {"of_community": community_id, "now_us": to_us(now), "most": limit}
    due = session.execute(_DUE, {**asked, "left_alone": left_alone}).all()
    requests = [
        Request(
            client=CLIENT,
            key=f"expire:{txn_id}:{line}",
            kind=KIND,
            lines=(ResolveHold(txn_id, line, 0),),
        )
        for txn_id, line in due
    ]
    outcomes = post(session, community_id, requests, now=now) if requests else []
    ended = [outcome for outcome in outcomes if outcome.refusal is None and not outcome.replayed]
    return HoldsExpired(len(ended), bool(ended) and len(due) == limit)
