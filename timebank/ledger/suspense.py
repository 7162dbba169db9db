"""The account of each commodity that stands in where a fact outgrows the accounts it names.

What stands there is owed to the community, or by it, until a person has seen to it.
"""

from collections.abc import Collection

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from timebank.db import among, insert_new
from timebank.ledger.tables import account, balance
from timebank.ledger.writing import queue_openings
from timebank.values import new_id

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
    account.c.stripe == 0,
    among(account.c.commodity_id, "commodity_ids"),
)


def accounts_for(
    session: Session, community_id: int, account_ids: Collection[int], kind: str = SUSPENSE
) -> dict[int, int]:
    """Name the community's account of a kind for each commodity that the accounts count.

    What is new is opened, without a floor. **Shape**: commodity to account.
    """
    told = {"of_community": community_id}
    counted = session.scalars(_COUNTED, {**told, "account_ids": account_ids}).all()
    asked = {**told, "of_kind": kind, "commodity_ids": counted}
    known = {row.commodity_id: row.id for row in session.execute(_ACCOUNTS, asked)}
    missing = sorted(set(counted) - known.keys())  # In one order, so that two do not cross.
    if not missing:
        return known
    ours = {commodity_id: new_id() for commodity_id in missing}
    _open(session, community_id, kind, ours)
    found = {row.commodity_id: row.id for row in session.execute(_ACCOUNTS, asked)}
    zeros = ("posted_in", "posted_out", "pending_in", "pending_out", "seq", "last_us")
    fresh = {"community_id": community_id, **dict.fromkeys(zeros, 0), "closed": False}
    limits = {"floor": None, "ceiling": None}
    insert_new(
        session,
        balance,
        [{**fresh, **limits, "account_id": found[c], "commodity_id": c} for c in missing],
    )
    opened = set(ours.values()) & set(found.values())  # Somebody beside us queued the others.
    queue_openings(session.connection(), community_id, sorted(opened))
    return found


def _open(session: Session, community_id: int, kind: str, ids: dict[int, int]) -> None:
    key = {"community_id": community_id, "kind": kind, "owner_id": 0, "stripe": 0}
    rows = [{**key, "id": new, "commodity_id": counted} for counted, new in ids.items()]
    insert_new(session, account, rows)
