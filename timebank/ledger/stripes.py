"""Further accounts of one name for a pool that many processes touch, and levelling them.

A request that says ``striped`` may name the pool: what goes in falls on the stripe of its
key, what goes out takes that one or, where it has too little, all. Which is decided in
``striping.py``.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from timebank.errors import NotFound, WrongState
from timebank.ledger.actions import post_one
from timebank.ledger.opening import FreshAccount, open_accounts
from timebank.ledger.rows import lock_balances
from timebank.ledger.rules import Counters, Move
from timebank.ledger.tables import account, balance
from timebank.values import By

SOME = 16  # Measured: more than this brings nothing on a small machine.

_PARENT = (
    select(account, balance.c.floor, balance.c.ceiling)
    .join(
        balance,
        and_(
            balance.c.community_id == account.c.community_id, balance.c.account_id == account.c.id
        ),
    )
    .where(
        account.c.community_id == bindparam("of_community"), account.c.id == bindparam("of_account")
    )
)
_OWN = (
    select(account.c.stripe, account.c.id)
    .where(
        account.c.community_id == bindparam("of_community"),
        account.c.parent_id == bindparam("of_account"),
    )
    .order_by(account.c.stripe)
)


def open_stripes(
    session: Session, community_id: int, account_id: int, *, count: int = SOME
) -> list[int]:
    """Give an account stripes up to ``count`` with itself; name all in their order.

    Each has the floor 0, so that their sum is never below it; those of an account without a
    floor have none. **Refuses**: ``NotFound``; ``WrongState`` for an account with a ceiling,
    which no stripe could keep, and for a stripe.
    """
    asked = {"of_community": community_id, "of_account": account_id}
    parent = session.execute(_PARENT, asked).first()
    if parent is None:
        raise NotFound(what="account")
    if parent.ceiling is not None or parent.parent_id is not None:
        raise WrongState(state="not_a_pool")
    known = {row.stripe: row.id for row in session.execute(_OWN, asked)}
    missing = [stripe for stripe in range(1, count) if stripe not in known]
    floor = None if parent.floor is None else 0
    named = parent.kind, parent.commodity_id, parent.owner_id, floor, None
    fresh = [FreshAccount(*named, parent_id=account_id, stripe=stripe) for stripe in missing]
    known |= zip(missing, open_accounts(session, community_id, fresh), strict=True)
    return [account_id, *(known[stripe] for stripe in sorted(known))]


_POOLS = (
    select(account.c.parent_id)
    .distinct()
    .where(account.c.community_id == bindparam("of_community"), account.c.parent_id.is_not(None))
    .order_by(account.c.parent_id)
)


def striped_pools(session: Session, community_id: int) -> list[int]:
    """Name the accounts that have stripes."""
    return [a for a in session.scalars(_POOLS, {"of_community": community_id}) if a is not None]


@dataclass(frozen=True, slots=True)
class StripesLevelled:
    """How much was moved among stripes, and in which transaction, if any."""

    moved: int
    txn_id: int | None


def level_stripes(
    session: Session, *, by: By, now: datetime, key: str, account_id: int
) -> StripesLevelled:
    """Let each stripe hold its share of what is free, by ordinary postings among them.

    What is set aside stays where it is. **Refuses**: ``NotFound``.
    """
    asked = {"of_community": by.community_id, "of_account": account_id}
    own = [account_id, *(row.id for row in session.execute(_OWN, asked))]
    found = lock_balances(session.connection(), by.community_id, own)
    if account_id not in found:
        raise NotFound(what="account")
    open_ = [found[a] for a in own if not found[a].closed]
    lines = _levelling({one.account_id: _free(one) for one in open_})
    if not lines:
        return StripesLevelled(0, None)
    txn_id = post_one(session, by=by, now=now, key=key, kind="level_stripes", lines=lines)
    return StripesLevelled(sum(line.quantity for line in lines), txn_id)


def _free(one: Counters) -> int:
    return one.available - (one.floor or 0)


def _levelling(free: dict[int, int]) -> list[Move]:
    """Write the moves that make all equal, to a unit: at most one less than there are stripes."""
    share, rest = divmod(sum(free.values()), len(free)) if free else (0, 0)
    wanted = {a: share + (number < rest) for number, a in enumerate(free)}
    givers = [[a, has - wanted[a]] for a, has in free.items() if has > wanted[a]]
    lines = []
    for taker, has in free.items():
        lacks = wanted[taker] - has
        while lacks > 0:
            giver, over = givers[-1]
            moved = min(over, lacks)
            lines.append(Move(giver, taker, moved))
            lacks -= moved
            givers[-1][1] -= moved
            if not givers[-1][1]:
                givers.pop()
    return lines
