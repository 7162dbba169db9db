"""The suspense account of each commodity, which covers facts that exceed their accounts.

Its balance is owed to the community, or by it, until a member of staff has settled the case.
"""

from collections.abc import Collection

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from timebank.db import among
from timebank.ledger.opening import FreshAccount, open_accounts
from timebank.ledger.tables import account

SUSPENSE, VARIANCE = "suspense", "variance"

_COUNTED = (
    select(account.c.commodity_id)
    .distinct()
    .where(account.c.community_id == bindparam("of_community"), among(account.c.id, "account_ids"))
)
_ACCOUNTS = select(account.c.commodity_id, account.c.id).where(
    account.c.community_id == bindparam("of_community"),
    account.c.kind == bindparam("of_kind"),
    account.c.owner_id == 0,
    among(account.c.commodity_id, "commodity_ids"),
)


def accounts_for(
    session: Session, community_id: int, account_ids: Collection[int], kind: str = SUSPENSE
) -> dict[int, int]:
    """Find the community's account of a kind for each commodity of the accounts.

    Missing ones are opened, without a floor. **Shape**: commodity to account.
    """
    values = {"of_community": community_id}
    counted = session.scalars(_COUNTED, {**values, "account_ids": account_ids}).all()
    asked = {**values, "of_kind": kind, "commodity_ids": counted}
    known = {row.commodity_id: row.id for row in session.execute(_ACCOUNTS, asked)}
    missing = sorted(set(counted) - known.keys())  # In a fixed order, to avoid deadlocks.
    opened = open_accounts(
        session,
        community_id,
        [FreshAccount(kind=kind, commodity_id=c, owner_id=0) for c in missing],
    )
    return known | dict(zip(missing, opened, strict=True))
