"""Reads of the books; nothing is cached between calls."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    and_,
    bindparam,
    func,
    select,
)
from sqlalchemy.orm import Session

from timebank.db import among, written
from timebank.ledger.rules import POSTED, Move
from timebank.ledger.tables import account, balance, commodity, posting, txn
from timebank.values import from_us


@dataclass(frozen=True, slots=True)
class Balances:
    """The three readings of one account, in units of its commodity."""

    posted: int = 0
    pending_in: int = 0
    pending_out: int = 0

    @property
    def available(self) -> int:
        return self.posted - self.pending_out


class AccountName(NamedTuple):
    """The natural key of an account; ``ACCOUNT_NAMED`` looks up its id."""

    kind: str
    commodity_code: str
    owner_id: int = 0


# Frequent statements are built once.
OF_COMMUNITY: BindParameter[int] = bindparam("of_community")
_COMMODITY_OF_ACCOUNT = and_(
    commodity.c.community_id == account.c.community_id, commodity.c.id == account.c.commodity_id
)
ACCOUNT_NAMED = (
    select(account.c.id)
    .join(commodity, _COMMODITY_OF_ACCOUNT)
    .where(
        account.c.community_id == OF_COMMUNITY,
        account.c.kind == bindparam("of_kind"),
        account.c.owner_id == bindparam("of_owner"),
        commodity.c.code == bindparam("of_commodity"),
    )
)
_OWNED = (
    select(
        commodity.c.code,
        balance.c.posted_in - balance.c.posted_out,
        balance.c.pending_in,
        balance.c.pending_out,
    )
    .select_from(account)
    .join(
        balance,
        and_(
            balance.c.community_id == account.c.community_id, balance.c.account_id == account.c.id
        ),
    )
    .join(commodity, _COMMODITY_OF_ACCOUNT)
    .where(
        account.c.community_id == OF_COMMUNITY,
        account.c.kind == bindparam("of_kind"),
        account.c.owner_id == bindparam("of_owner"),
    )
)
_NAMED = _OWNED.where(commodity.c.code == bindparam("of_commodity"))
_OF_OWNERS = (
    select(account.c.owner_id, *_OWNED.selected_columns)
    .join(
        balance,
        and_(
            balance.c.community_id == account.c.community_id, balance.c.account_id == account.c.id
        ),
    )
    .join(commodity, _COMMODITY_OF_ACCOUNT)
    .where(
        account.c.community_id == OF_COMMUNITY,
        account.c.kind == bindparam("of_kind"),
        among(account.c.owner_id, "owner_ids"),
    )
)


def find_account(
    session: Session, community_id: int, kind: str, commodity_code: str, *, owner_id: int = 0
) -> int | None:
    """Find the account of a kind; None if it was never opened."""
    return session.scalar(
        ACCOUNT_NAMED, asked_by_name(community_id, AccountName(kind, commodity_code, owner_id))
    )


def asked_by_name(community_id: int, name: AccountName) -> dict[str, Any]:
    """The parameters of ``ACCOUNT_NAMED``."""
    kind, commodity_code, owner_id = name
    return {
        "of_community": community_id,
        "of_kind": kind,
        "of_owner": owner_id,
        "of_commodity": commodity_code,
    }


def balances_owned(
    session: Session, community_id: int, kind: str, owner_id: int
) -> dict[str, Balances]:
    """Read all accounts of one owner by their commodities, in one statement."""
    asked = {"of_community": community_id, "of_kind": kind, "of_owner": owner_id}
    return {row[0]: Balances(*row[1:]) for row in session.execute(_OWNED, asked)}


def balances_of_owners(
    session: Session, community_id: int, kind: str, owner_ids: list[int]
) -> dict[tuple[int, str], Balances]:
    """Read all accounts of several owners, by owner and commodity, in one statement."""
    asked = {"of_community": community_id, "of_kind": kind, "owner_ids": owner_ids}
    return {(row[0], row[1]): Balances(*row[2:]) for row in session.execute(_OF_OWNERS, asked)}


_SOURCE, _TARGET, _REVERSAL = account.alias("source"), account.alias("target"), txn.alias("back")
_FUNDED = (
    select(_TARGET.c.owner_id)
    .distinct()
    .select_from(_TARGET)
    .join(
        posting,
        and_(
            posting.c.community_id == _TARGET.c.community_id,
            posting.c.destination_account_id == _TARGET.c.id,
        ),
    )
    .join(
        _SOURCE,
        and_(
            _SOURCE.c.community_id == posting.c.community_id,
            _SOURCE.c.id == posting.c.source_account_id,
        ),
    )
    .where(
        _TARGET.c.community_id == OF_COMMUNITY,
        _TARGET.c.kind == written("person"),
        among(_TARGET.c.owner_id, "owner_ids"),
        _SOURCE.c.kind == bindparam("of_kind"),
        ~select(_REVERSAL.c.id)
        .where(
            _REVERSAL.c.community_id == posting.c.community_id,
            _REVERSAL.c.reverses_id == posting.c.txn_id,
            _REVERSAL.c.status == written(POSTED),
        )
        .exists(),
    )
)


def funded_from(
    session: Session, community_id: int, kind: str, person_ids: Collection[int]
) -> set[int]:
    """Whose accounts got something from an account of a kind, by what was not reversed."""
    asked = {"of_community": community_id, "of_kind": kind, "owner_ids": person_ids}
    return set(session.scalars(_FUNDED, asked))


_BALANCES = select(
    balance.c.account_id,
    balance.c.posted_in - balance.c.posted_out,
    balance.c.pending_in,
    balance.c.pending_out,
).where(balance.c.community_id == OF_COMMUNITY, among(balance.c.account_id, "account_ids"))


_OWNED_ANY = (
    select(account.c.id)
    .where(
        account.c.community_id == bindparam("of_community"),
        account.c.kind == written("person"),
        among(account.c.owner_id, "owner_ids"),
    )
    .limit(written(1))
)


def has_accounts(session: Session, community_id: int, person_ids: Collection[int]) -> bool:
    """Tell whether the books know any of these people."""
    asked = {"of_community": community_id, "owner_ids": person_ids}
    return session.execute(_OWNED_ANY, asked).first() is not None


def balances_of(session: Session, community_id: int, account_ids: list[int]) -> dict[int, Balances]:
    """Read the balances of several accounts in one statement."""
    asked = {"of_community": community_id, "account_ids": account_ids}
    return {row[0]: Balances(*row[1:]) for row in session.execute(_BALANCES, asked)}


def balance_of(
    session: Session, community_id: int, kind: str, commodity_code: str, *, owner_id: int = 0
) -> Balances:
    """Read one account by its natural key; zero if it was never opened."""
    named = asked_by_name(community_id, AccountName(kind, commodity_code, owner_id))
    row = session.execute(_NAMED, named).first()
    return Balances() if row is None else Balances(*row[1:])


_ABOVE = (
    select(account.c.owner_id, balance.c.posted_in - balance.c.posted_out)
    .select_from(account)
    .join(
        balance,
        and_(
            balance.c.community_id == account.c.community_id, balance.c.account_id == account.c.id
        ),
    )
    .join(commodity, _COMMODITY_OF_ACCOUNT)
    .where(
        account.c.community_id == OF_COMMUNITY,
        account.c.kind == bindparam("of_kind"),
        commodity.c.code == bindparam("of_commodity"),
        balance.c.posted_in - balance.c.posted_out > bindparam("above"),
    )
    .order_by(account.c.owner_id)
)


def owners_above(
    session: Session, community_id: int, kind: str, commodity_code: str, *, above: int
) -> dict[int, int]:
    """The posted balance of every account of a kind that holds more than ``above``, by owner."""
    asked = {
        "of_community": community_id, "of_kind": kind, "of_commodity": commodity_code,
        "above": above,
    }  # fmt: skip
    return {row[0]: row[1] for row in session.execute(_ABOVE, asked)}


def sums_by_commodity(session: Session, community_id: int) -> dict[str, tuple[int, int]]:
    """Sum all accounts of each commodity, posted and pending: both are always zero."""
    rows = session.execute(
        select(
            commodity.c.code,
            func.sum(balance.c.posted_in - balance.c.posted_out),
            func.sum(balance.c.pending_in - balance.c.pending_out),
        )
        .join(
            commodity,
            and_(
                commodity.c.community_id == balance.c.community_id,
                commodity.c.id == balance.c.commodity_id,
            ),
        )
        .where(balance.c.community_id == community_id)
        .group_by(commodity.c.code)
    )
    return {code: (int(posted), int(pending)) for code, posted, pending in rows}


def leaf_hash_of(session: Session, community_id: int, txn_id: int) -> bytes | None:
    """The leaf hash of a transaction, sealed or not; None if there is no such transaction."""
    of_txn = (txn.c.community_id == community_id) & (txn.c.id == txn_id)
    return session.scalar(select(txn.c.leaf_hash).where(of_txn))


def newest_posting_at(session: Session, community_id: int) -> datetime | None:
    """When the transaction with the newest id was posted; None in empty books."""
    own = txn.c.community_id == community_id
    posted_us = session.scalar(
        select(txn.c.posted_us).where(own).order_by(txn.c.id.desc()).limit(1)
    )
    return None if posted_us is None else from_us(posted_us)


def has_received(session: Session, community_id: int, txn_id: int, account_id: int) -> bool:
    """Tell whether a transaction moved anything into an account."""
    line = select(posting.c.txn_id).where(
        posting.c.community_id == community_id,
        posting.c.txn_id == txn_id,
        posting.c.destination_account_id == account_id,
    )
    return session.scalar(line.limit(1)) is not None


def lines_back(session: Session, community_id: int, txn_ids: Collection[int]) -> tuple[Move, ...]:
    """The moves of some transactions in the opposite direction, to post them as one."""
    rows = session.execute(
        select(posting.c.destination_account_id, posting.c.source_account_id, posting.c.quantity)
        .where(posting.c.community_id == community_id, posting.c.txn_id.in_(sorted(txn_ids)))
        .order_by(posting.c.txn_id, posting.c.line)
    )
    return tuple(Move(*row) for row in rows)
