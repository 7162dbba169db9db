"""Shared by all actions on claims: lock the household's row, reserve pieces.

The order of locks is always the same: households by id, then lots by id, then balances. So deeds
may wait for each other but never deadlock.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.orm import Session

from timebank.aid.queries.named import HELD_LOT, HeldLot
from timebank.aid.tables import IS_READY, claim, claim_hold, household_aid
from timebank.db import among, built, insert_new
from timebank.deeds.deed import Deed
from timebank.errors import NotFound
from timebank.goods.rules import Pick
from timebank.ledger.rules import Move, PlaceHold, PostingLine, ResolveHold
from timebank.values import local_instant, to_us

# The kinds of transaction that reserve pieces for a claim. Only aid ends these holds, because the
# claim must be updated too; the general expiry leaves them alone.
CLAIM_HOLDS = ("claim_goods", "move_hold")


def lock_household(session: Session, community_id: int, household_id: int) -> date | None:
    """Lock the row of a household, so that its quota cannot change. Inserts a missing row.

    Returns the first day on which booking is open again, if it was ever suspended.
    """
    row = _lock(session, community_id, [household_id])
    if not row:
        insert_new(
            session, household_aid, [{"community_id": community_id, "household_id": household_id}]
        )
        row = _lock(session, community_id, [household_id])
    until: date | None = row[0].booking_closed_until_on
    return until


def lock_households(session: Session, community_id: int, household_ids: Iterable[int]) -> None:
    """Lock the rows of several households in id order."""
    _lock(session, community_id, sorted(set(household_ids)))


_LOCK = (
    select(household_aid.c.household_id, household_aid.c.booking_closed_until_on)
    .where(
        household_aid.c.community_id == bindparam("of_community"),
        among(household_aid.c.household_id, "household_ids"),
    )
    .order_by(household_aid.c.household_id)
    .with_for_update(key_share=True)
)


def _lock(session: Session, community_id: int, household_ids: list[int]) -> Sequence[Any]:
    asked = {"of_community": community_id, "household_ids": household_ids}
    return session.execute(_LOCK, asked).all()


_CLAIMS = (
    select(claim)
    .where(
        claim.c.community_id == bindparam("of_community"),
        among(claim.c.id, "claim_ids"),
    )
    .order_by(claim.c.id)
)


def claim_rows(session: Session, community_id: int, claim_ids: Collection[int]) -> list[Row[Any]]:
    """Read claims whose households are locked by this unit of work."""
    asked = {"of_community": community_id, "claim_ids": list(claim_ids)}
    return list(session.execute(_CLAIMS, asked))


def claim_row(session: Session, community_id: int, claim_id: int) -> Row[Any]:
    """Read one claim. **Refuses**: ``NotFound``."""
    rows = claim_rows(session, community_id, [claim_id])
    if not rows:
        raise NotFound(kind="claim")
    return rows[0]


_HELD = (
    select(*HELD_LOT)
    .where(
        claim_hold.c.community_id == bindparam("of_community"),
        among(claim_hold.c.claim_id, "claim_ids"),
        claim_hold.c.released_at.is_(None),
    )
    .order_by(claim_hold.c.claim_id, claim_hold.c.number)
)


def held_lots(session: Session, community_id: int, claim_ids: Collection[int]) -> list[HeldLot]:
    """List the pieces that are reserved for these claims now."""
    asked = {"of_community": community_id, "claim_ids": list(claim_ids)}
    return built(HeldLot, session.execute(_HELD, asked))


def claims_on_lots(
    session: Session, community_id: int, lot_ids: Collection[int]
) -> list[tuple[int, int]]:
    """The ready claims on these lots, as (claim id, household id)."""
    rows = session.execute(
        select(claim.c.id, claim.c.household_id)
        .where(
            claim.c.community_id == community_id,
            IS_READY,
            claim.c.id.in_(
                select(claim_hold.c.claim_id).where(
                    claim_hold.c.community_id == community_id,
                    claim_hold.c.lot_id.in_(lot_ids),
                    claim_hold.c.released_at.is_(None),
                )
            ),
        )
        .order_by(claim.c.id)
    )
    return [(row.id, row.household_id) for row in rows]


def lines_of(picks: Sequence[Pick], hold_until_at: datetime | None) -> list[PostingLine]:
    """Convert picked pieces to ledger lines: reserved until a time, or moved at once."""
    sides = [(pick.lot.account_id, pick.lot.issued_account_id, pick.pieces) for pick in picks]
    if hold_until_at is None:
        return [Move(*side) for side in sides]
    ends = [_end(pick, hold_until_at) for pick in picks]
    return [PlaceHold(*side, expires_us=to_us(end)) for side, end in zip(sides, ends, strict=True)]


def _end(pick: Pick, hold_until_at: datetime) -> datetime:
    """No hold outlives its goods: it ends at the latest with their last day."""
    if pick.lot.best_before_on is None:
        return hold_until_at
    return min(hold_until_at, local_instant(pick.lot.best_before_on + timedelta(days=1)))


def resolves(held: Iterable[HeldLot], *, captured: bool) -> list[PostingLine]:
    """End holds: pieces are handed over, or released."""
    return [
        ResolveHold(held_lot.txn_id, held_lot.txn_line, held_lot.pieces if captured else 0)
        for held_lot in held
    ]


@dataclass(frozen=True, slots=True)
class NewHolds:
    """Picked pieces of one claim as holds in the books.

    ``first_line`` is the transaction line of the first pick; ``number`` is the position of the
    first one among the claim's holds.
    """

    claim_id: int
    txn_id: int
    picks: tuple[Pick, ...]
    first_line: int = 0
    number: int = 0


_NEW_HOLDS = insert(claim_hold)


def write_holds(deed: Deed, holds: Iterable[NewHolds]) -> None:
    """Record which pieces belong to which claim."""
    rows = [
        {
            "community_id": deed.community_id,
            "claim_id": new.claim_id,
            "number": new.number + place,
            "lot_id": pick.lot.lot_id,
            "item_id": pick.lot.item_id,
            "account_id": pick.lot.account_id,
            "pieces": pick.pieces,
            "txn_id": new.txn_id,
            "txn_line": new.first_line + place,
        }
        for new in holds
        for place, pick in enumerate(new.picks)
    ]
    if rows:
        deed.session.execute(_NEW_HOLDS, rows)


def write_released(deed: Deed, held: Iterable[HeldLot], at: datetime | None) -> None:
    """Record that pieces no longer belong to their claim; without an instant, that they do."""
    by_claim: dict[int, list[int]] = {}
    for held_lot in held:
        by_claim.setdefault(held_lot.claim_id, []).append(held_lot.number)
    for claim_id, numbers in by_claim.items():
        deed.session.execute(
            update(claim_hold)
            .where(
                claim_hold.c.community_id == deed.community_id,
                claim_hold.c.claim_id == claim_id,
                claim_hold.c.number.in_(numbers),
            )
            .values(released_at=at)
        )
