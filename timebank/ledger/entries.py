"""The entries that wait for the log, read again from the rows of the books.

The sealer uses it: which entries wait, their bytes computed from the current rows, and removing
them from the queue. Not here: the tree (``sealing``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, and_, bindparam, delete, func, select
from sqlalchemy.orm import Session

from timebank.db import StaleRow, among, built, up_to
from timebank.deeds.tables import community
from timebank.ledger.leaves import (
    ACCOUNT,
    TXN,
    AccountEntry,
    LackEntry,
    LineEntry,
    TxnEntry,
    account_bytes,
    txn_bytes,
)
from timebank.ledger.tables import (
    account,
    balance,
    commodity,
    hold,
    posting,
    seal_queue,
    shortfall,
    txn,
)
from timebank.values import us_of_id

Name = tuple[int, int]  # The kind of entry (transaction or account), and its id.


@dataclass(frozen=True, slots=True)
class EntryRead:
    """An entry as its rows are now, the hash it was posted with, and the accounts it touched.

    An opening stores no hash: its ``leaf_hash`` is None.
    """

    entry: bytes
    leaf_hash: bytes | None
    account_ids: tuple[int, ...]


_OF = bindparam("of_community", type_=BigInteger)
_WAITING = (
    select(seal_queue.c.entry, seal_queue.c.entry_id)
    .where(seal_queue.c.community_id == _OF)
    .order_by(seal_queue.c.entry_id, seal_queue.c.entry)
    .limit(up_to("at_most"))
)
_TXNS: Select[Any] = select(
    txn.c.community_id, txn.c.id, txn.c.status, txn.c.mode, txn.c.effective_us, txn.c.posted_us,
    txn.c.kind, txn.c.client, txn.c.request_key, txn.c.fingerprint, txn.c.reason,
    txn.c.reverses_id, txn.c.relates_id, txn.c.closes_id, txn.c.note_hash, txn.c.leaf_hash,
).where(txn.c.community_id == _OF, among(txn.c.id, "ids"))  # fmt: skip
_LACKS: Select[Any] = (
    select(
        shortfall.c.txn_id, shortfall.c.line, shortfall.c.account_id, shortfall.c.side,
        shortfall.c.quantity,
    )
    .where(shortfall.c.community_id == _OF, among(shortfall.c.txn_id, "ids"))
    .order_by(shortfall.c.txn_id, shortfall.c.line)
)  # fmt: skip
_LINES: Select[Any] = (
    select(
        posting.c.txn_id, posting.c.line, posting.c.phase, posting.c.commodity_id,
        posting.c.source_account_id.label("source"),
        posting.c.destination_account_id.label("destination"), posting.c.quantity,
        posting.c.released, posting.c.hold_txn_id, posting.c.hold_line, hold.c.expires_us,
        posting.c.source_seq, posting.c.destination_seq,
        posting.c.source_after, posting.c.destination_after,
    )
    .outerjoin_from(
        posting,
        hold,
        and_(
            hold.c.community_id == posting.c.community_id,
            hold.c.txn_id == posting.c.txn_id,
            hold.c.line == posting.c.line,
        ),
    )
    .where(posting.c.community_id == _OF, among(posting.c.txn_id, "ids"))
    .order_by(posting.c.txn_id, posting.c.line)
)  # fmt: skip
_ACCOUNTS: Select[Any] = (
    select(
        account.c.community_id, account.c.id, account.c.commodity_id,
        commodity.c.code.label("commodity_code"), account.c.kind, account.c.owner_id,
        balance.c.floor, balance.c.ceiling,
    )
    .join_from(
        account,
        commodity,
        and_(
            commodity.c.community_id == account.c.community_id,
            commodity.c.id == account.c.commodity_id,
        ),
    )
    .join(
        balance,
        and_(
            balance.c.community_id == account.c.community_id,
            balance.c.account_id == account.c.id,
        ),
    )
    .where(account.c.community_id == _OF, among(account.c.id, "ids"))
)  # fmt: skip
_DONE = delete(seal_queue).where(
    seal_queue.c.community_id == _OF,
    seal_queue.c.entry == bindparam("of_entry"),
    among(seal_queue.c.entry_id, "ids"),
)


def waiting_entries(connection: Connection, community_id: int, limit: int) -> list[Name]:
    """List the entries that are not in the log yet, oldest first.

    An entry that commits late has an older id and is among the first of the next call.
    """
    asked = {"of_community": community_id, "at_most": limit}
    return [(row[0], row[1]) for row in connection.execute(_WAITING, asked)]


def read_entries(
    connection: Connection, community_id: int, names: Iterable[Name]
) -> dict[Name, EntryRead]:
    """Compute entries from their rows; an entry whose row is missing is omitted."""
    wanted = list(names)
    txns = [id_ for kind, id_ in wanted if kind == TXN]
    accounts = [id_ for kind, id_ in wanted if kind == ACCOUNT]
    found = _read_txns(connection, community_id, txns) if txns else {}
    return found | (_read_accounts(connection, community_id, accounts) if accounts else {})


def _read_txns(
    connection: Connection, community_id: int, ids: Sequence[int]
) -> dict[Name, EntryRead]:
    values = {"of_community": community_id, "ids": ids}
    lines, lacks = (
        {id_: list(own) for id_, own in groupby(rows, _FIRST)}
        for rows in (connection.execute(_LINES, values), connection.execute(_LACKS, values))
    )
    return {
        (TXN, row[1]): _txn(row, lines.get(row[1], ()), lacks.get(row[1], ()))
        for row in connection.execute(_TXNS, values)
    }


def _txn(row: Sequence[Any], lines: Iterable[Any], lacks: Iterable[Any]) -> EntryRead:
    moved = [LineEntry(**dict(zip(_LINE_FIELDS, line[1:], strict=True))) for line in lines]
    lacking = [LackEntry(*lack[1:]) for lack in lacks]
    sides = tuple(side for line in moved for side in (line.source, line.destination))
    entry = TxnEntry(**dict(zip(_TXN_FIELDS, row[:-1], strict=True)))
    return EntryRead(txn_bytes(entry, moved, lacking), row[-1], sides)


_FIRST = itemgetter(0)
# The columns that make an entry; left out are the key of a line and the stored hash.
_TXN_FIELDS = _TXNS.selected_columns.keys()[:-1]
_LINE_FIELDS = _LINES.selected_columns.keys()[1:]


def _read_accounts(
    connection: Connection, community_id: int, ids: Sequence[int]
) -> dict[Name, EntryRead]:
    rows = connection.execute(_ACCOUNTS, {"of_community": community_id, "ids": ids})
    accounts = built(AccountEntry, rows)
    return {
        (ACCOUNT, opened.id): EntryRead(account_bytes(opened), None, (opened.id,))
        for opened in accounts
    }


def end_waiting(connection: Connection, community_id: int, names: Sequence[Name]) -> None:
    """Remove entries from the queue; if one is missing, retry: another sealer was faster."""
    gone = 0
    for kind in (TXN, ACCOUNT):
        ids = [id_ for entry, id_ in names if entry == kind]
        if ids:
            asked = {"of_community": community_id, "of_entry": kind, "ids": ids}
            gone += connection.execute(_DONE, asked).rowcount
    if gone != len(names):
        raise StaleRow(f"{len(names) - gone} entries wait no more")


@dataclass(frozen=True, slots=True)
class EntryCounts:
    """How many entries the books have, how many of them wait, and since when the oldest waits.

    **Units**: ``oldest_us`` in microseconds since 1970, accurate to a millisecond.
    """

    entries: int
    waiting: int
    oldest_us: int | None


_COUNTS = select(
    select(func.count()).where(txn.c.community_id == _OF).scalar_subquery()
    + select(func.count()).where(account.c.community_id == _OF).scalar_subquery(),
    select(func.count()).where(seal_queue.c.community_id == _OF).scalar_subquery(),
    select(func.min(seal_queue.c.entry_id)).where(seal_queue.c.community_id == _OF)
    .scalar_subquery(),
)  # fmt: skip


def count_entries(session: Session, community_id: int) -> EntryCounts:
    """Count transactions and openings of accounts, and those that wait for the log."""
    entries, waiting, oldest = session.execute(_COUNTS, {"of_community": community_id}).one()
    return EntryCounts(entries, waiting, None if oldest is None else us_of_id(oldest))


_OLDEST = select(func.min(seal_queue.c.entry_id)).where(seal_queue.c.community_id == _OF)


def oldest_waiting_us(session: Session, community_id: int) -> int | None:
    """Since when the oldest entry waits for the log, in microseconds; None if none waits."""
    oldest = session.scalar(_OLDEST, {"of_community": community_id})
    return None if oldest is None else us_of_id(oldest)


def community_code(connection: Connection, community_id: int) -> str:
    """The code of a community, which is part of its log's name."""
    return str(
        connection.execute(
            select(community.c.code).where(community.c.id == community_id)
        ).scalar_one()
    )


def is_anything_waiting(session: Session, community_id: int) -> bool:
    """Tell cheaply, and without a lock, whether there is something to seal."""
    asked = {"of_community": community_id, "at_most": 1}
    return session.execute(_WAITING, asked).first() is not None
