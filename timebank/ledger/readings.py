"""What accounts hold, for statements of other subjects to join: a pool as one."""

from sqlalchemy import BigInteger, Subquery, and_, cast, func, select

from timebank.ledger.tables import account, balance

_COUNTED = {
    "posted": balance.c.posted_in - balance.c.posted_out,
    "pending_out": balance.c.pending_out,
}
# Of pools only: their stripes are few, whatever the number of accounts.
_STRIPES = (
    select(
        account.c.community_id,
        account.c.parent_id,
        *(cast(func.sum(one), BigInteger).label(name) for name, one in _COUNTED.items()),
    )
    .join(
        balance,
        and_(
            balance.c.community_id == account.c.community_id, balance.c.account_id == account.c.id
        ),
    )
    .where(account.c.parent_id.is_not(None))
    .group_by(account.c.community_id, account.c.parent_id)
    .subquery()
)


def readings() -> Subquery:
    """Every account's posted and held value; a pool's with its stripes.

    A stripe is an account too, and under its own id it is read alone.
    """
    of_pool = and_(
        _STRIPES.c.community_id == balance.c.community_id,
        _STRIPES.c.parent_id == balance.c.account_id,
    )
    return (
        select(
            balance.c.community_id,
            balance.c.account_id,
            *(
                (one + func.coalesce(_STRIPES.c[name], 0)).label(name)
                for name, one in _COUNTED.items()
            ),
        )
        .outerjoin(_STRIPES, of_pool)
        .subquery()
    )
