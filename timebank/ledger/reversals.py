"""Reversals of reversals: which transactions are in effect, and which are undone.

A transaction is undone if a chain of an odd number of reversals stands on it. A settled fact
cannot be reversed before its settling; otherwise suspense would keep an amount that nobody owes.
"""

from collections.abc import Iterable

from sqlalchemy import (
    Connection,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy.sql.elements import ColumnElement

from timebank.db import among, written
from timebank.errors import TimebankError, WrongState
from timebank.ledger.refusals import FactSettled
from timebank.ledger.rules import POSTED
from timebank.ledger.tables import shortfall, shortfall_settled, txn

_above = txn.alias()


def undone_among(community_id: int, found: Select[tuple[int]]) -> Select[tuple[int]]:
    """Select which of the transactions found are undone now."""
    of_ours = and_(_above.c.community_id == community_id, _above.c.status == written(POSTED))
    steps = (
        select(_above.c.reverses_id.label("undone_id"), _above.c.id.label("last_id"))
        .where(of_ours, _above.c.reverses_id.in_(found))
        .cte("steps", recursive=True)
    )
    steps = steps.union_all(
        select(steps.c.undone_id, _above.c.id).where(
            of_ours, _above.c.reverses_id == steps.c.last_id
        )
    )
    return (
        select(steps.c.undone_id).group_by(steps.c.undone_id).having(func.count() % 2 == literal(1))
    )


def settling_stands() -> ColumnElement[bool]:
    """The condition that the settling of a line was not reversed; such a reversal is final."""
    return ~exists().where(
        _above.c.community_id == shortfall_settled.c.community_id,
        _above.c.reverses_id == shortfall_settled.c.settling_txn_id,
        _above.c.status == written(POSTED),
    )


# What a reversal would undo: its original, and every second reversal down the chain. The others
# (``is_up``) take effect again.
_named = (
    select(txn.c.id.label("named_id"), txn.c.id, txn.c.reverses_id, literal(0).label("is_up"))
    .where(txn.c.community_id == bindparam("of_community"), among(txn.c.id, "txn_ids"))
    .cte("below", recursive=True)
)
_below = _named.union_all(
    select(_named.c.named_id, txn.c.id, txn.c.reverses_id, 1 - _named.c.is_up).where(
        txn.c.community_id == bindparam("of_community"), txn.c.id == _named.c.reverses_id
    )
)
_LACKING = (
    select(shortfall.c.account_id)
    .distinct()
    .where(shortfall.c.community_id == bindparam("of_community"), shortfall.c.txn_id == _below.c.id)
)
_SETTLED = select(_below.c.named_id, shortfall_settled.c.settling_txn_id).where(
    shortfall_settled.c.community_id == bindparam("of_community"),
    shortfall_settled.c.txn_id == _below.c.id,
    _below.c.is_up == 0,
    settling_stands(),
)
_SETTLINGS = (
    select(txn.c.id)
    .join(
        _above,
        and_(_above.c.community_id == txn.c.community_id, _above.c.id == txn.c.reverses_id),
    )
    .join(
        shortfall_settled,
        and_(
            shortfall_settled.c.community_id == _above.c.community_id,
            shortfall_settled.c.txn_id == _above.c.relates_id,
            shortfall_settled.c.settling_txn_id == _above.c.id,
        ),
    )
    .where(txn.c.community_id == bindparam("of_community"), among(txn.c.id, "txn_ids"))
)


def lacking_below(connection: Connection, community_id: int, txn_ids: Iterable[int]) -> set[int]:
    """Select the accounts with a shortfall in what reversals would undo or restore."""
    wanted = list(txn_ids)
    if not wanted:
        return set()
    asked = {"of_community": community_id, "txn_ids": wanted}
    return set(connection.scalars(_LACKING, asked))


def barred_among(
    connection: Connection, community_id: int, txn_ids: Iterable[int]
) -> dict[int, TimebankError]:
    """Tell what must not be reversed, and why. Call it only while holding the lock of suspense."""
    wanted = list(txn_ids)
    if not wanted:
        return {}
    asked = {"of_community": community_id, "txn_ids": wanted}
    barred: dict[int, TimebankError] = {
        txn_id: WrongState(state="settling_reversed")
        for txn_id in connection.scalars(_SETTLINGS, asked)
    }
    for named_id, settling_id in connection.execute(_SETTLED, asked):
        barred[named_id] = FactSettled(settling_txn_id=settling_id)
    return barred
