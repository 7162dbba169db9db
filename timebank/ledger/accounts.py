"""Many accounts of one kind, in as few statements as a single account.

``ledger.actions.ensure_account`` opens one account; the same rules apply here.
"""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from timebank.db import among
from timebank.ledger.opening import FreshAccount, ensure_commodities, open_accounts
from timebank.ledger.queries import AccountName
from timebank.ledger.tables import account, balance, commodity


def ensure_accounts(
    session: Session,
    community_id: int,
    kind: str,
    commodity_code: str,
    *,
    owner_ids: Iterable[int],
    floor: int | None = None,
    ceiling: int | None = None,
) -> dict[int, int]:
    """Find the account of each owner; open those that are missing.

    **Shape**: owner id to account id. **Units**: limits in units of the commodity.
    """
    counted = ensure_commodities(session, community_id, [commodity_code])[commodity_code]
    owners = sorted(set(owner_ids))
    known = _accounts(session, community_id, kind, counted, owners)
    missing = [owner_id for owner_id in owners if owner_id not in known]
    fresh = [
        FreshAccount(
            kind=kind, commodity_id=counted, owner_id=owner_id, floor=floor, ceiling=ceiling
        )
        for owner_id in missing
    ]
    opened = open_accounts(session, community_id, fresh)
    return known | dict(zip(missing, opened, strict=True))


_OF_OWNERS = select(account.c.owner_id, account.c.id).where(
    account.c.community_id == bindparam("of_community"),
    account.c.kind == bindparam("of_kind"),
    account.c.commodity_id == bindparam("of_commodity"),
    among(account.c.owner_id, "owner_ids"),
)


def _accounts(
    session: Session, community_id: int, kind: str, commodity_id: int, owner_ids: list[int]
) -> dict[int, int]:
    asked = {
        "of_community": community_id, "of_kind": kind, "of_commodity": commodity_id,
        "owner_ids": owner_ids,
    }  # fmt: skip
    rows = session.execute(_OF_OWNERS, asked)
    return {row.owner_id: row.id for row in rows}


# More than were asked for may come, of other pairs: they are left out afterwards.
_NAMED = (
    select(account.c.kind, commodity.c.code, account.c.owner_id, account.c.id)
    .join(
        commodity,
        and_(
            commodity.c.community_id == account.c.community_id,
            commodity.c.id == account.c.commodity_id,
        ),
    )
    .where(
        account.c.community_id == bindparam("of_community"),
        among(account.c.kind, "kinds"),
        among(commodity.c.code, "codes"),
        among(account.c.owner_id, "owner_ids"),
    )
)


def accounts_named(
    session: Session, community_id: int, names: Iterable[AccountName]
) -> dict[AccountName, int]:
    """Find accounts of several kinds and commodities; those never opened are omitted."""
    wanted = set(names)
    asked = {
        "of_community": community_id,
        "kinds": {name.kind for name in wanted},
        "codes": {name.commodity_code for name in wanted},
        "owner_ids": {name.owner_id for name in wanted},
    }
    rows = session.execute(_NAMED, asked)
    found = {AccountName(kind, code, owner): account_id for kind, code, owner, account_id in rows}
    return {name: found[name] for name in wanted & found.keys()}


class AccountBalance(NamedTuple):
    """An account with its owner, its commodity and its balances."""

    account_id: int
    owner_id: int
    commodity_code: str
    posted: int


_OF_KIND = (
    select(
        account.c.id, account.c.owner_id, commodity.c.code,
        balance.c.posted_in - balance.c.posted_out,
    )
    .join(
        balance,
        and_(
            balance.c.community_id == account.c.community_id, balance.c.account_id == account.c.id
        ),
    )
    .join(
        commodity,
        and_(
            commodity.c.community_id == account.c.community_id,
            commodity.c.id == account.c.commodity_id,
        ),
    )
    .where(
        account.c.community_id == bindparam("of_community"), account.c.kind == bindparam("of_kind")
    )
    .order_by(account.c.id)
)  # fmt: skip


def accounts_of_kind(session: Session, community_id: int, kind: str) -> list[AccountBalance]:
    """Every account of a kind, with its balances."""
    asked = {"of_community": community_id, "of_kind": kind}
    return [AccountBalance(*row) for row in session.execute(_OF_KIND, asked)]
