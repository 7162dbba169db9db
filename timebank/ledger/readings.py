"""The balances of all accounts, for other subjects' statements to join."""

from sqlalchemy import Subquery, select

from timebank.ledger.tables import balance


def readings() -> Subquery:
    """Select the posted and the held value of every account."""
    return select(
        balance.c.community_id,
        balance.c.account_id,
        (balance.c.posted_in - balance.c.posted_out).label("posted"),
        balance.c.pending_out,
    ).subquery()
