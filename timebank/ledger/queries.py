"""Reads of the books; nothing is cached between calls."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    Select,
    and_,
    bindparam,
    func,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from timebank.db import among, up_to, written
from timebank.ledger.rules import HOLD, POSTED, Move
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


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line of a passbook: ``change`` is signed, ``after`` the running posted balance."""

    seq: int
    txn_id: int
    kind: str
    posted_at: datetime
    effective_at: datetime
    change: int
    after: int
    other_account_id: int


class AccountName(NamedTuple):
    """The natural key of an account; ``statement`` looks up its id."""

    kind: str
    commodity_code: str
    owner_id: int = 0


# Frequent statements are built once.
_OF_COMMUNITY: BindParameter[int] = bindparam("of_community")
_COMMODITY_OF_ACCOUNT = and_(
    commodity.c.community_id == account.c.community_id, commodity.c.id == account.c.commodity_id
)
_ACCOUNT = (
    select(account.c.id)
    .join(commodity, _COMMODITY_OF_ACCOUNT)
    .where(
        account.c.community_id == _OF_COMMUNITY,
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
        account.c.community_id == _OF_COMMUNITY,
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
        account.c.community_id == _OF_COMMUNITY,
        account.c.kind == bindparam("of_kind"),
        among(account.c.owner_id, "owner_ids"),
    )
)


def find_account(
    session: Session, community_id: int, kind: str, commodity_code: str, *, owner_id: int = 0
) -> int | None:
    """Find the account of a kind; None if it was never opened."""
    return session.scalar(
        _ACCOUNT, _named(community_id, AccountName(kind, commodity_code, owner_id))
    )


def _named(community_id: int, name: AccountName) -> dict[str, Any]:
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
        _TARGET.c.community_id == _OF_COMMUNITY,
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
).where(balance.c.community_id == _OF_COMMUNITY, among(balance.c.account_id, "account_ids"))


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
    named = _named(community_id, AccountName(kind, commodity_code, owner_id))
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
        account.c.community_id == _OF_COMMUNITY,
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


def statement(
    session: Session,
    community_id: int,
    of_account: int | AccountName,
    *,
    limit: int = 50,
    before_seq: int | None = None,
    direction: int = 0,
) -> list[StatementLine]:
    """List the movements of an account, newest first; holds are not movements.

    ``direction`` is 1 for incoming only, -1 for outgoing only.
    """
    is_named = isinstance(of_account, AccountName)
    values = {"of_community": community_id, "most": limit, "before_seq": before_seq}
    if isinstance(of_account, AccountName):
        values |= _named(community_id, of_account)
    else:
        values["of_account"] = of_account
    query = statement_query(direction, is_named=is_named, is_later=before_seq is not None)
    return [
        StatementLine(
            seq=row.seq,
            txn_id=row.txn_id,
            kind=row.kind,
            posted_at=from_us(row.posted_us),
            effective_at=from_us(row.effective_us),
            change=row.change,
            after=row.after,
            other_account_id=row.other_account_id,
        )
        for row in session.execute(query, values)
    ]


def statement_asked(
    community_id: int, name: AccountName, *, limit: int, before_seq: int | None
) -> dict[str, Any]:
    """The parameters of ``statement_query`` for a named account."""
    return _named(community_id, name) | {"most": limit, "before_seq": before_seq}


@lru_cache
def statement_query(direction: int, *, is_named: bool, is_later: bool) -> Select[Any]:
    """Write the query of ``statement`` once for each of its few forms; others may join it."""
    account_id = _ACCOUNT.scalar_subquery() if is_named else bindparam("of_account")
    most = up_to()
    sides = []
    for own, other, sign in (("source", "destination", -1), ("destination", "source", 1)):
        if direction == -sign:
            continue
        side = _side(own, other, sign).where(posting.c[f"{own}_account_id"] == account_id)
        if is_later:
            side = side.where(posting.c[f"{own}_seq"] < bindparam("before_seq"))
        sides.append(select(side.limit(most).subquery()))
    lines = union_all(*sides).subquery()
    return (
        select(
            lines.c.seq,
            lines.c.txn_id,
            txn.c.kind,
            txn.c.posted_us,
            txn.c.effective_us,
            lines.c.change,
            lines.c.after,
            lines.c.other_account_id,
        )
        .join(txn, and_(txn.c.community_id == _OF_COMMUNITY, txn.c.id == lines.c.txn_id))
        .order_by(lines.c.seq.desc())
        .limit(most)
    )


def _side(own: str, other: str, sign: int) -> Select[Any]:
    """Select the movements on one side of an account's postings."""
    seq = posting.c[f"{own}_seq"]
    return (
        select(
            seq.label("seq"),
            posting.c.txn_id,
            (posting.c.quantity * sign).label("change"),
            posting.c[f"{own}_after"].label("after"),
            posting.c[f"{other}_account_id"].label("other_account_id"),
        )
        .where(
            posting.c.community_id == _OF_COMMUNITY, posting.c.phase != HOLD, posting.c.quantity > 0
        )
        .order_by(seq.desc())
    )


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
