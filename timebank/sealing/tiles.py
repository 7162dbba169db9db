"""The end of a tile: its root, and the totals of the books by then.

A trial balance of the past begins at the last tile that is entirely in the past and continues from
there, so it reads as little in the tenth year as in the first. Totals are stored only for what a
tile moved; the last one up to a tile applies to it. Not here: reading (``history.py``).
"""

from collections.abc import Sequence
from operator import add
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    func,
    select,
    union_all,
)

from timebank.db import insert_rows
from timebank.ledger.leaves import TXN
from timebank.ledger.tables import account, posting, txn
from timebank.sealing.rules import TILE
from timebank.sealing.snapshots import COUNTERS, SIDES, changes
from timebank.sealing.tables import log_leaf, log_tile, tile_total

_OF: BindParameter[int] = bindparam("of_community", type_=BigInteger)
LEAVES: BindParameter[int] = bindparam("leaves", type_=BigInteger)  # Leaves per tile.
_ADDED = ("accounts", *COUNTERS)


def end_tiles(
    connection: Connection, community_id: int, tiles: Sequence[tuple[int, bytes]]
) -> None:
    """Write the tiles that were just filled, with numbers and roots, in order.

    Call it when their leaves are in the log.
    """
    if not tiles:
        return
    first = tiles[0][0]
    values = {"of_community": community_id, "tile": first - 1, "leaves": TILE}
    values |= {"from_idx": first * TILE, "to_idx": (tiles[-1][0] + 1) * TILE}
    times = {row.tile: row for row in connection.execute(_TIMES, values)}
    before = {row.idx: row.at_us for row in connection.execute(_BEFORE, values)}
    ended = []
    for idx, root in tiles:
        own, last_us = times.get(idx), before.get(idx - 1, 0)
        at_us = last_us if own is None else max(last_us, own.latest_us)
        is_late = own is not None and own.earliest_us < before.get(idx - 2, 0)
        behind_us = own.earliest_us if own is not None and is_late else None
        row = {"root": root, "at_us": at_us, "behind_us": behind_us}
        ended.append({"community_id": community_id, "idx": idx, **row})
        before[idx] = at_us
    insert_rows(connection, log_tile, ended)
    insert_rows(connection, tile_total, _totals(connection, values))


def _totals(connection: Connection, values: dict[str, int]) -> list[dict[str, Any]]:
    """Continue from the totals up to ``tile``, tile by tile."""
    known = connection.execute(_LAST, values)
    standing = {(row[0], row[1]): tuple(row[2:]) for row in known}
    rows = []
    for row in connection.execute(_MOVED, values):
        of = row.commodity_id, row.kind
        is_first = of not in standing
        standing[of] = tuple(map(add, standing.get(of, (0,) * len(_ADDED)), row[3:]))
        rows.append(
            {
                "community_id": values["of_community"],
                "commodity_id": row.commodity_id,
                "kind": row.kind,
                "idx": row.tile,
                "is_first": is_first,
                **dict(zip(_ADDED, map(int, standing[of]), strict=True)),
            }
        )
    return rows


def last_totals() -> Select[Any]:
    """Select the totals at the end of ``tile``, by commodity and kind of account.

    Pairs that nothing had moved by then have no figures.
    """
    first, last, own = (tile_total.alias(name) for name in ("first", "last", "own"))

    def is_of_pair(total: FromClause) -> ColumnElement[bool]:
        return and_(
            total.c.community_id == _OF,
            total.c.commodity_id == first.c.commodity_id,
            total.c.kind == first.c.kind,
        )

    newest = (
        select(func.max(own.c.idx))
        .where(is_of_pair(own), own.c.idx <= bindparam("tile", type_=BigInteger))
        .correlate(first)
        .scalar_subquery()
    )
    is_it = and_(is_of_pair(last), last.c.idx == newest)
    return (
        select(first.c.commodity_id, first.c.kind, *(last.c[name] for name in _ADDED))
        .select_from(first.outerjoin(last, is_it))
        .where(first.c.community_id == _OF, first.c.is_first)
    )


def sides(entries: FromClause) -> list[Select[Any]]:
    """Select what transactions did to each kind of account, at both sides of their postings.

    ``entries`` gives them by ``txn_id``; its other columns are passed through. A transaction
    without postings has no kind: outer joins keep every planner on the path from the transactions
    to their postings.
    """
    beside = [column for column in entries.c if column.name != "txn_id"]
    return [
        select(
            *beside,
            account.c.commodity_id,
            account.c.kind,
            case((posting.c[f"{own}_seq"] == 1, 1), else_=0).label("accounts"),
            *changes(side),
        ).select_from(
            entries.outerjoin(
                posting,
                and_(posting.c.community_id == _OF, posting.c.txn_id == entries.c.txn_id),
            ).outerjoin(
                account,
                and_(
                    account.c.community_id == _OF,
                    account.c.id == posting.c[f"{own}_account_id"],
                ),
            )
        )
        for own, side in SIDES
    ]


def _leaves() -> list[ColumnElement[bool]]:
    return [
        log_leaf.c.community_id == _OF,
        log_leaf.c.entry == TXN,
        log_leaf.c.idx >= bindparam("from_idx"),
        log_leaf.c.idx < bindparam("to_idx"),
    ]


_TILE_OF = (log_leaf.c.idx // LEAVES).label("tile")
_ENTRIES = select(log_leaf.c.entry_id.label("txn_id"), _TILE_OF).where(*_leaves()).cte("entries")


def _moved() -> Select[Any]:
    both = union_all(*sides(_ENTRIES)).subquery("both")
    by = both.c.tile, both.c.commodity_id, both.c.kind
    return (
        select(*by, *(func.sum(both.c[name]).label(name) for name in _ADDED))
        .group_by(*by)
        .having(both.c.kind.is_not(None))
        .order_by(both.c.tile)
    )


_MOVED, _LAST = _moved(), last_totals()
_TIMES = (
    select(
        _TILE_OF,
        func.max(txn.c.posted_us).label("latest_us"),
        func.min(txn.c.posted_us).label("earliest_us"),
    )
    .join_from(
        log_leaf,
        txn,
        and_(txn.c.community_id == log_leaf.c.community_id, txn.c.id == log_leaf.c.entry_id),
    )
    .where(*_leaves())
    .group_by(_TILE_OF)
)
_BEFORE = select(log_tile.c.idx, log_tile.c.at_us).where(
    log_tile.c.community_id == _OF, log_tile.c.idx.between(bindparam("tile") - 1, bindparam("tile"))
)
