"""Pieces that expired while they were set aside: exchanged for other lots, or let go.

It is nobody's fault, so nobody gets a no-show mark; who loses something is told.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from timebank.aid.actions.holding import (
    NewHolds,
    held_lots,
    lines_of,
    resolves,
    write_holds,
    write_released,
)
from timebank.aid.queries import HeldLot
from timebank.aid.rules import CANCELLED, EXPIRED_ON_SHELF, READY, cover_again
from timebank.aid.tables import claim, claim_hold, claim_notice
from timebank.goods.actions import LockedLot, PastLot, lock_lots
from timebank.goods.rules import LotPieces, Pick
from timebank.ledger.actions import post
from timebank.ledger.rules import Request
from timebank.values import By, local_day, new_id, to_us


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of a claim whose pieces expired. **Units**: pieces."""

    claim_id: int
    household_id: int
    expired: int
    covered: int
    left: int


def move_expired_holds(
    session: Session,
    by: By,
    rows: Sequence[Row[Any]],
    past: Iterable[PastLot],
    *,
    now: datetime,
    key: str,
) -> list[Moved]:
    """Move holds from lots past their last day to other lots, in the order of the claims.

    ``rows`` are waiting claims whose households the caller has locked.
    """
    past_ids = {lot.lot_id for lot in past}
    gone: dict[int, list[HeldLot]] = defaultdict(list)
    for held in held_lots(session, by.community_id, [row.id for row in rows]):
        if held.lot_id in past_ids:
            gone[held.claim_id].append(held)
    touched = [row for row in rows if row.id in gone]
    if not touched:
        return []
    picks = _cover(session, by, touched, gone, now=now)
    _post(session, by, touched, gone, picks=picks, now=now, key=key)
    moved = [_moved(row, gone[row.id], picks[row.id]) for row in touched]
    _write(session, by, moved, now)
    return moved


def _cover(
    session: Session,
    by: By,
    rows: Sequence[Row[Any]],
    gone: dict[int, list[HeldLot]],
    *,
    now: datetime,
) -> dict[int, tuple[Pick, ...]]:
    """Find other lots in the same store; what cannot be found is left out."""
    locked = lock_lots(
        session,
        by.community_id,
        on=local_day(now),
        item_ids={held.item_id for some in gone.values() for held in some},
        store_ids={row.store_id for row in rows},
    )
    found: dict[int, tuple[Pick, ...]] = dict.fromkeys([row.id for row in rows], ())
    for store_id in {row.store_id for row in rows}:
        here = [row.id for row in rows if row.store_id == store_id]
        needs = _needs(here, gone)
        for (claim_id, _), picks in cover_again(needs, _by_item(locked, store_id)).items():
            found[claim_id] += picks
    return found


def _needs(claim_ids: Iterable[int], gone: dict[int, list[HeldLot]]) -> dict[tuple[int, int], int]:
    needs: dict[tuple[int, int], int] = defaultdict(int)
    for claim_id in claim_ids:
        for held in gone[claim_id]:
            needs[claim_id, held.item_id] += held.pieces
    return needs


def _by_item(locked: Iterable[LockedLot], store_id: int) -> dict[int, list[LotPieces]]:
    lots: dict[int, list[LotPieces]] = defaultdict(list)
    for lot in locked:
        if lot.store_id == store_id:
            lots[lot.pieces.item_id].append(lot.pieces)
    return lots


def _post(
    session: Session,
    by: By,
    rows: Sequence[Row[Any]],
    gone: dict[int, list[HeldLot]],
    *,
    picks: dict[int, tuple[Pick, ...]],
    now: datetime,
    key: str,
) -> None:
    """Let the old holds go and place the new ones, one transaction a claim, in one batch."""
    requests = []
    for row in rows:
        released = resolves(gone[row.id], captured=False)
        placed = lines_of(picks[row.id], row.hold_until_at)
        lines = (*released, *placed)
        requests.append(Request(by.client, f"{key}:{row.id}", "move_hold", lines, to_us(now)))
    outcomes = post(session, by.community_id, requests, now=now)
    for outcome in outcomes:
        if outcome.refusal is not None:
            raise outcome.refusal
    numbers = _next_numbers(session, by, [row.id for row in rows])
    write_released(session, by, [held for some in gone.values() for held in some], now)
    new = [
        NewHolds(row.id, outcome.txn_id, picks[row.id], len(gone[row.id]), numbers[row.id])
        for row, outcome in zip(rows, outcomes, strict=True)
    ]
    write_holds(session, by, new)


def _next_numbers(session: Session, by: By, claim_ids: list[int]) -> dict[int, int]:
    rows = session.execute(
        select(claim_hold.c.claim_id, func.max(claim_hold.c.number))
        .where(claim_hold.c.community_id == by.community_id, claim_hold.c.claim_id.in_(claim_ids))
        .group_by(claim_hold.c.claim_id)
    )
    return {claim_id: int(last) + 1 for claim_id, last in rows}


def _moved(row: Row[Any], gone: list[HeldLot], picks: tuple[Pick, ...]) -> Moved:
    expired = sum(held.pieces for held in gone)
    covered = sum(pick.pieces for pick in picks)
    left = row.held_pieces - expired + covered
    return Moved(row.id, row.household_id, expired, covered, left)


def _write(session: Session, by: By, moved: list[Moved], now: datetime) -> None:
    """Move claims on that lost pieces, and tell their households."""
    short = [one for one in moved if one.covered < one.expired]
    if not short:
        return
    session.connection().execute(
        update(claim)
        .where(claim.c.community_id == by.community_id, claim.c.id == bindparam("of_claim"))
        .values(
            held_pieces=bindparam("left"),
            state=bindparam("to_state"),
            ended_at=bindparam("end"),
            end_reason=bindparam("why"),
        ),
        [
            {
                "of_claim": one.claim_id,
                "left": one.left,
                "to_state": READY if one.left else CANCELLED,
                "end": None if one.left else now,
                "why": None if one.left else EXPIRED_ON_SHELF,
            }
            for one in short
        ],
    )
    session.execute(
        insert(claim_notice),
        [
            {
                "community_id": by.community_id,
                "id": new_id(),
                "household_id": one.household_id,
                "claim_id": one.claim_id,
                "code": EXPIRED_ON_SHELF,
                "facts": msgspec.json.encode(
                    {"lost": one.expired - one.covered, "left": one.left}
                ).decode(),
                "told_at": now,
            }
            for one in short
        ],
    )
