"""The lots of a claim, and what a late-reported hand-over would find of them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from timebank.aid.rules import READY
from timebank.aid.tables import claim, claim_hold
from timebank.db import built
from timebank.ledger.queries import balances_of


@dataclass(frozen=True, slots=True)
class HeldLot:
    """Pieces of a lot for a claim, and the posting that holds them."""

    claim_id: int
    number: int
    lot_id: int
    item_id: int
    account_id: int
    pieces: int
    txn_id: int
    txn_line: int


@dataclass(frozen=True, slots=True)
class LateLot:
    """Pieces of a lot whose hand-over is reported late; ``lacking`` of them are no longer there."""

    lot_id: int
    pieces: int
    lacking: int


HELD_LOT: tuple[Any, ...] = (
    claim_hold.c.claim_id,
    claim_hold.c.number,
    claim_hold.c.lot_id,
    claim_hold.c.item_id,
    claim_hold.c.account_id,
    claim_hold.c.pieces,
    claim_hold.c.txn_id,
    claim_hold.c.txn_line,
)
_OWN = and_(claim.c.community_id == claim_hold.c.community_id, claim.c.id == claim_hold.c.claim_id)
_NAMED = (
    select(*HELD_LOT)
    .join(claim, _OWN)
    .where(
        claim_hold.c.community_id == bindparam("of_community"),
        claim_hold.c.claim_id == bindparam("of_claim"),
        or_(claim_hold.c.released_at.is_(None), claim_hold.c.released_at == claim.c.ended_at),
    )
    .order_by(claim_hold.c.number)
)


def named_lots(session: Session, community_id: int, claim_id: int) -> list[HeldLot]:
    """List the pieces that are, or were, reserved for a claim."""
    asked = {"of_community": community_id, "of_claim": claim_id}
    return built(HeldLot, session.execute(_NAMED, asked))


def late_lots(session: Session, community_id: int, claim_id: int, *, state: str) -> list[LateLot]:
    """Compute what posting a claim as handed over would find. If it is ready, all pieces are
    there.
    """
    named = named_lots(session, community_id, claim_id)
    if state == READY:
        return [LateLot(lot.lot_id, lot.pieces, 0) for lot in named]
    balances = balances_of(session, community_id, [lot.account_id for lot in named])
    left = {account_id: found.available for account_id, found in balances.items()}
    found = []
    for lot in named:
        given = min(lot.pieces, left[lot.account_id])
        left[lot.account_id] -= given
        found.append(LateLot(lot.lot_id, lot.pieces, lot.pieces - given))
    return found
