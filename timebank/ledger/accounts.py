"""Many accounts of one kind at a time, in as many statements as one takes.

One account is opened by ``ledger.actions.ensure_account``; the same rules hold here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import and_, bindparam, insert, select, tuple_
from sqlalchemy.orm import Session

from timebank.db import insert_new
from timebank.ledger.actions import ensure_commodity
from timebank.ledger.tables import account, balance, commodity
from timebank.ledger.writing import queue_openings
from timebank.values import new_id


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
    """Name the account of each owner, opening those that are new.

    **Shape**: owner id to account id. **Units**: limits in units of the commodity.
    """
    counted = ensure_commodity(session, community_id, commodity_code)
    owners = sorted(set(owner_ids))
    known = _accounts(session, community_id, kind, counted, owners)
    missing = [owner_id for owner_id in owners if owner_id not in known]
    if not missing:
        return known
    key = {"community_id": community_id, "commodity_id": counted}
    ours = {new_id(): owner for owner in missing}
    named = {**key, "kind": kind, "stripe": 0}
    opened = [{**named, "id": new, "owner_id": owner} for new, owner in ours.items()]
    insert_new(session, account, opened)
    # Somebody beside us may have opened one of them first; then his is the account.
    known = _accounts(session, community_id, kind, counted, owners)
    counters = ("posted_in", "posted_out", "pending_in", "pending_out", "seq", "last_us")
    fresh = {**key, **dict.fromkeys(counters, 0), "floor": floor, "ceiling": ceiling}
    insert_new(
        session,
        balance,
        [{**fresh, "account_id": known[owner], "closed": False} for owner in missing],
    )
    queue_openings(session.connection(), community_id, ours.keys() & set(known.values()))
    return known


def _accounts(
    session: Session, community_id: int, kind: str, commodity_id: int, owner_ids: list[int]
) -> dict[int, int]:
    rows = session.execute(
        select(account.c.owner_id, account.c.id).where(
            account.c.community_id == community_id,
            account.c.kind == kind,
            account.c.commodity_id == commodity_id,
            account.c.owner_id.in_(owner_ids),
            account.c.stripe == 0,
        )
    )
    return {row.owner_id: row.id for row in rows}


def ensure_commodities(session: Session, community_id: int, codes: Iterable[str]) -> dict[str, int]:
    """Name the commodity of each code, adding those that are new."""
    wanted = sorted(set(codes))
    known = _commodities(session, community_id, wanted)
    missing = [code for code in wanted if code not in known]
    if not missing:
        return known
    rows = [{"community_id": community_id, "id": new_id(), "code": code} for code in missing]
    insert_new(session, commodity, rows)
    return _commodities(session, community_id, wanted)


def _commodities(session: Session, community_id: int, codes: list[str]) -> dict[str, int]:
    rows = session.execute(
        select(commodity.c.code, commodity.c.id).where(
            commodity.c.community_id == community_id, commodity.c.code.in_(codes)
        )
    )
    return {row.code: row.id for row in rows}


@dataclass(frozen=True, slots=True)
class AccountName:
    """What an account is known by: its kind, what it counts, and whose it is."""

    kind: str
    commodity_code: str
    owner_id: int = 0


def accounts_named(
    session: Session, community_id: int, names: Iterable[AccountName]
) -> dict[AccountName, int]:
    """Find accounts of several kinds and commodities; what was never opened is left out."""
    wanted = [(name.kind, name.commodity_code, name.owner_id) for name in names]
    rows = session.execute(
        select(account.c.kind, commodity.c.code, account.c.owner_id, account.c.id)
        .join(
            commodity,
            and_(
                commodity.c.community_id == account.c.community_id,
                commodity.c.id == account.c.commodity_id,
            ),
        )
        .where(
            account.c.community_id == community_id,
            tuple_(account.c.kind, commodity.c.code, account.c.owner_id).in_(wanted),
            account.c.stripe == 0,
        )
    )
    return {AccountName(kind, code, owner): found for kind, code, owner, found in rows}


class Standing(NamedTuple):
    """An account with whose it is, what it counts, and what stands on it."""

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


def accounts_of_kind(session: Session, community_id: int, kind: str) -> list[Standing]:
    """Every account of a kind, whosever it is, with what stands on it."""
    told = {"of_community": community_id, "of_kind": kind}
    return [Standing(*row) for row in session.execute(_OF_KIND, told)]


@dataclass(frozen=True, slots=True)
class FreshAccount:
    """An account for an owner made in this very unit of work, so that nobody has it yet."""

    kind: str
    commodity_id: int
    owner_id: int
    floor: int | None = None
    ceiling: int | None = None


_NEW_ACCOUNTS, _NEW_BALANCES = insert(account), insert(balance)


def open_accounts(session: Session, community_id: int, fresh: Sequence[FreshAccount]) -> list[int]:
    """Open accounts of new owners, in two statements; name them in the order asked."""
    if not fresh:
        return []
    key = {"community_id": community_id}
    ids = [new_id() for _ in fresh]
    counters = ("posted_in", "posted_out", "pending_in", "pending_out", "seq", "last_us")
    zeros = {**key, **dict.fromkeys(counters, 0), "closed": False}
    pairs = list(zip(ids, fresh, strict=True))
    session.execute(
        _NEW_ACCOUNTS,
        [
            {**key, "id": opened, "commodity_id": new.commodity_id, "kind": new.kind,
             "owner_id": new.owner_id, "stripe": 0}
            for opened, new in pairs
        ],
    )  # fmt: skip
    session.execute(
        _NEW_BALANCES,
        [
            {**zeros, "account_id": opened, "commodity_id": new.commodity_id,
             "floor": new.floor, "ceiling": new.ceiling}
            for opened, new in pairs
        ],
    )  # fmt: skip
    queue_openings(session.connection(), community_id, ids)
    return ids
