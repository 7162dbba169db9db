"""Pieces between a kiosk and the counter: recorded by the machine, not judged by a keeper yet.

They are on an account of the kiosk, one per item, which must return to zero. Accepted pieces go on
to their lot; all others go back to where they came from.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from timebank.db import among
from timebank.deeds.deed import Deed
from timebank.goods.rules import AnnouncedLine
from timebank.goods.tables import announced_line, item
from timebank.ledger.actions import ensure_account, post_one
from timebank.ledger.rules import Move
from timebank.values import pieces_of

CLEARING = "clearing"  # The kind of account; its owner is the device.
_DONATED = select(item.c.id, item.c.donated_account_id).where(
    item.c.community_id == bindparam("of_community"), among(item.c.id, "item_ids")
)
_TOLD = (
    select(announced_line.c.item_id, announced_line.c.pieces)
    .where(
        announced_line.c.community_id == bindparam("of_community"),
        announced_line.c.deposit_id == bindparam("of_deposit"),
        announced_line.c.item_id.is_not(None),
    )
    .order_by(announced_line.c.line)
)


def put_in_clearing(
    deed: Deed, lines: Iterable[AnnouncedLine], *, device_id: int, happened_at: datetime | None
) -> None:
    """Post what lies in front of a kiosk. Goods that are not in the catalogue are not posted."""
    pieces = _pieces((line.item_id, line.pieces) for line in lines if line.item_id is not None)
    if not pieces:
        return
    donated = _donated(deed.session, deed.community_id, pieces)
    moves = [
        Move(donated[item_id], clearing_account(deed, device_id, item_id), count)
        for item_id, count in sorted(pieces.items())
    ]
    post_one(
        deed,
        kind="announce_deposit",
        lines=moves,
        effective_at=min(happened_at or deed.now, deed.now),
    )


def take_from_clearing(
    deed: Deed, moves: Iterable[Move], *, deposit_id: int, device_id: int
) -> list[Move]:
    """Clear a kiosk's deposit completely; the keeper's count decides.

    ``moves`` bring the accepted pieces from the donor into their lots. Up to the number that the
    kiosk recorded, they come out of clearing instead. Pieces that were refused or not found go
    back to the donor.
    """
    asked = {"of_community": deed.community_id, "of_deposit": deposit_id}
    left = _pieces((row.item_id, row.pieces) for row in deed.session.execute(_TOLD, asked))
    donated = _donated(deed.session, deed.community_id, left)
    clearing = {item_id: clearing_account(deed, device_id, item_id) for item_id in left}
    item_of = {account: item_id for item_id, account in donated.items()}
    cleared = []
    for move in moves:
        item_id = item_of.get(move.source)
        taken = 0 if item_id is None else min(move.quantity, left[item_id])
        if item_id is not None and taken:
            left[item_id] -= taken
            cleared.append(Move(clearing[item_id], move.destination, taken))
        if move.quantity > taken:
            cleared.append(Move(move.source, move.destination, move.quantity - taken))
    back = [
        Move(clearing[item_id], donated[item_id], count) for item_id, count in left.items() if count
    ]
    return cleared + back


def clearing_account(deed: Deed, device_id: int, item_id: int) -> int:
    """The account of a kiosk for one item. It has no floor: a recorded fact is never refused."""
    return ensure_account(
        deed.session, deed.community_id, CLEARING, pieces_of(item_id), owner_id=device_id
    )


def _pieces(counts: Iterable[tuple[int, int]]) -> Counter[int]:
    pieces: Counter[int] = Counter()
    for item_id, count in counts:
        pieces[item_id] += count
    return pieces


def _donated(session: Session, community_id: int, items: Iterable[int]) -> Mapping[int, int]:
    asked = {"of_community": community_id, "item_ids": sorted(items)}
    return {row.id: row.donated_account_id for row in session.execute(_DONATED, asked)}
