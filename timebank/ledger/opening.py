"""Open accounts and commodities, and queue them for the log.

If an account exists already, return it unchanged.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from timebank.db import StaleRow, among, insert_new
from timebank.ledger.tables import account, balance, commodity
from timebank.ledger.writing import queue_openings
from timebank.values import new_id

# The natural key of an account: kind, owner, commodity.
Name = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class FreshAccount:
    """An account to open, if it does not exist. Limits in units of the commodity."""

    kind: str
    commodity_id: int
    owner_id: int
    floor: int | None = None
    ceiling: int | None = None

    @property
    def name(self) -> Name:
        return self.kind, self.owner_id, self.commodity_id


def open_accounts(session: Session, community_id: int, fresh: Sequence[FreshAccount]) -> list[int]:
    """Open accounts, in as few statements as one; return their ids in the order given."""
    if not fresh:
        return []
    ids = {wanted.name: new_id() for wanted in fresh}
    rows = [_account_row(community_id, ids[wanted.name], wanted) for wanted in fresh]
    ours = list(fresh)
    if insert_new(session, account, rows) < len(rows):
        found = _accounts(session, community_id, ids)
        ours = [wanted for wanted in fresh if found[wanted.name] == ids[wanted.name]]
        ids = found
    if ours:
        rows = [_balance_row(community_id, ids[our.name], our) for our in ours]
        session.execute(_NEW_BALANCES, rows)
    queue_openings(session.connection(), community_id, [ids[our.name] for our in ours])
    return [ids[wanted.name] for wanted in fresh]


_NEW_BALANCES = insert(balance)
_COUNTERS = ("posted_in", "posted_out", "pending_in", "pending_out", "seq", "last_us")


def _account_row(community_id: int, account_id: int, one: FreshAccount) -> dict[str, object]:
    return {
        "community_id": community_id,
        "id": account_id,
        "commodity_id": one.commodity_id,
        "kind": one.kind,
        "owner_id": one.owner_id,
    }


def _balance_row(community_id: int, account_id: int, account: FreshAccount) -> dict[str, object]:
    return {
        "community_id": community_id,
        "account_id": account_id,
        "commodity_id": account.commodity_id,
        **dict.fromkeys(_COUNTERS, 0),
        "floor": account.floor,
        "ceiling": account.ceiling,
        "closed": False,
    }


# More than were asked for may come, of other pairs: they are left out afterwards.
_NAMED = select(account.c.kind, account.c.owner_id, account.c.commodity_id, account.c.id).where(
    account.c.community_id == bindparam("of_community"),
    among(account.c.kind, "kinds"),
    among(account.c.owner_id, "owner_ids"),
    among(account.c.commodity_id, "commodity_ids"),
)


def _accounts(session: Session, community_id: int, names: Iterable[Name]) -> dict[Name, int]:
    wanted = set(names)
    asked = {
        "of_community": community_id,
        "kinds": {kind for kind, _, _ in wanted},
        "owner_ids": {owner_id for _, owner_id, _ in wanted},
        "commodity_ids": {commodity_id for _, _, commodity_id in wanted},
    }
    rows = session.execute(_NAMED, asked)
    found = {(kind, owner, counted): account_id for kind, owner, counted, account_id in rows}
    found = {name: found[name] for name in wanted & found.keys()}
    _check_all(wanted - found.keys())
    return found


def ensure_commodities(session: Session, community_id: int, codes: Iterable[str]) -> dict[str, int]:
    """Find the commodity of each code, and add the missing ones."""
    wanted = sorted(set(codes))
    known = _commodities(session, community_id, wanted)
    missing = [code for code in wanted if code not in known]
    if not missing:
        return known
    rows = [{"community_id": community_id, "id": new_id(), "code": code} for code in missing]
    insert_new(session, commodity, rows)
    known = _commodities(session, community_id, wanted)
    _check_all(set(wanted) - known.keys())
    return known


_COMMODITIES = select(commodity.c.code, commodity.c.id).where(
    commodity.c.community_id == bindparam("of_community"), among(commodity.c.code, "codes")
)


def _commodities(session: Session, community_id: int, codes: list[str]) -> dict[str, int]:
    rows = session.execute(_COMMODITIES, {"of_community": community_id, "codes": codes})
    return {row.code: row.id for row in rows}


def _check_all(missing: Iterable[object]) -> None:
    """Retry if a row was not inserted and still does not exist: its id was drawn before."""
    if names := sorted(map(str, missing)):
        raise StaleRow(f"an id was drawn twice, for {', '.join(names)}")
