"""A sealer for tests, which seals given transactions in a given order."""

from sqlalchemy import delete, func, insert, select

from timebank.ledger.leaves import TXN
from timebank.ledger.tables import posting, seal_queue, txn
from timebank.sealing import tiles
from timebank.sealing.snapshots import take_snapshots
from timebank.sealing.tables import log_head, log_leaf


def waiting(session, community_id):
    """The transactions that are not in the log yet, ordered by id."""
    query = select(seal_queue.c.entry_id).where(
        seal_queue.c.community_id == community_id, seal_queue.c.entry == TXN
    )
    return sorted(session.scalars(query))


def seal_some(session, community_id, txn_ids):
    """Append transactions to the log and take snapshots; return how many there were.

    Tiles are ended on the way; ``tiles.TILE`` leaves make one.
    """
    if not txn_ids:
        return 0
    connection = session.connection()
    own = log_leaf.c.community_id == community_id
    size = connection.scalar(select(func.count()).select_from(log_leaf).where(own))
    hashes = dict(
        connection.execute(
            select(txn.c.id, txn.c.leaf_hash).where(
                txn.c.community_id == community_id, txn.c.id.in_(txn_ids)
            )
        ).all()
    )
    leaves = [
        {"community_id": community_id, "idx": size + n, "entry": TXN, "entry_id": txn_id}
        | {"leaf_hash": hashes[txn_id]}
        for n, txn_id in enumerate(txn_ids)
    ]
    connection.execute(insert(log_leaf), leaves)
    connection.execute(
        delete(seal_queue).where(
            seal_queue.c.community_id == community_id, seal_queue.c.entry_id.in_(txn_ids)
        )
    )
    _grow(connection, community_id, size, size + len(leaves))
    return take_snapshots(
        connection, community_id, _touched(connection, community_id, txn_ids), size + len(leaves)
    )


def _grow(connection, community_id, old_size, size):
    connection.execute(delete(log_head).where(log_head.c.community_id == community_id))
    head = {"community_id": community_id, "size": size, "frontier": b""}
    connection.execute(insert(log_head), [head])
    full = range(old_size // tiles.TILE, size // tiles.TILE)
    tiles.end_tiles(connection, community_id, [(idx, bytes(32)) for idx in full])


def _touched(connection, community_id, txn_ids):
    sides = connection.execute(
        select(posting.c.source_account_id, posting.c.destination_account_id).where(
            posting.c.community_id == community_id, posting.c.txn_id.in_(txn_ids)
        )
    )
    return {account_id for row in sides for account_id in row}
