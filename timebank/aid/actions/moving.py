"""Reserved pieces that expired: exchange them for other lots, or release them.

The household is not at fault, so it gets no no-show; it is notified if it loses pieces.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Integer, Row, bindparam, case, func, insert, select, update

from timebank.aid.actions.codes import WIPED
from timebank.aid.actions.ends import planned_end, set_ends
from timebank.aid.actions.holding import (
    NewHolds,
    held_lots,
    lines_of,
    resolves,
    write_holds,
    write_released,
)
from timebank.aid.queries import HeldLot, quota
from timebank.aid.rules import CANCELLED, EXPIRED_ON_SHELF, READY, cover_again, fetchable
from timebank.aid.tables import claim, claim_hold, claim_notice
from timebank.deeds.deed import Deed
from timebank.goods.actions import LockedLot, PastLot, lock_lots
from timebank.goods.queries import opening_of
from timebank.goods.rules import LotPieces, Pick
from timebank.ledger.actions import post
from timebank.ledger.rules import Request
from timebank.values import local_day, new_id, to_us


@dataclass(frozen=True, slots=True)
class MovedClaim:
    """The result for a claim whose pieces expired. **Units**: pieces."""

    claim_id: int
    household_id: int
    expired: int
    covered: int
    left: int


def move_expired_holds(
    deed: Deed, rows: Sequence[Row[Any]], past: Iterable[PastLot]
) -> list[MovedClaim]:
    """Move holds from expired lots to other lots, in the order of the claims.

    ``rows`` are ready claims whose households the caller has locked.
    """
    past_ids = {lot.lot_id for lot in past}
    gone: dict[int, list[HeldLot]] = defaultdict(list)
    for held in held_lots(deed.session, deed.community_id, [row.id for row in rows]):
        if held.lot_id in past_ids:
            gone[held.claim_id].append(held)
    touched = [row for row in rows if row.id in gone]
    if not touched:
        return []
    picks = _cover(deed, touched, gone)
    _post(deed, touched, gone, picks=picks)
    moved = [_moved(row, gone[row.id], picks[row.id]) for row in touched]
    _write(deed, moved)
    set_ends(deed, touched)
    return moved


def _cover(
    deed: Deed, rows: Sequence[Row[Any]], gone: dict[int, list[HeldLot]]
) -> dict[int, tuple[Pick, ...]]:
    """Find other lots in the same store, as far as there are any.

    The goods may have ended a claim before its time, and the household used its share since: then
    it gets no others.
    """
    locked = lock_lots(
        deed.session,
        deed.community_id,
        on=local_day(deed.now),
        item_ids={held.item_id for some in gone.values() for held in some},
        store_ids={row.store_id for row in rows},
    )
    covers: dict[int, tuple[Pick, ...]] = dict.fromkeys([row.id for row in rows], ())
    for store_id in {row.store_id for row in rows}:
        here = [row.id for row in rows if row.store_id == store_id and _has_share(deed, row)]
        needs = _needs(here, gone)
        opening = opening_of(deed.session, deed.community_id, store_id)
        lots = {
            item_id: fetchable(of_item, opening, deed.now)
            for item_id, of_item in _by_item(locked, store_id).items()
        }
        for (claim_id, _), picks in cover_again(needs, lots).items():
            covers[claim_id] += picks
    return covers


def _has_share(deed: Deed, row: Row[Any]) -> bool:
    """Tell whether the pieces of a claim count in the quota, or fit into it again."""
    if row.hold_until_at > deed.now:
        return True
    room = quota(deed.session, deed.community_id, row.household_id, deed.now)
    return room.remaining >= int(row.held_pieces)


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
    deed: Deed,
    rows: Sequence[Row[Any]],
    gone: dict[int, list[HeldLot]],
    *,
    picks: dict[int, tuple[Pick, ...]],
) -> None:
    """Release the old holds and place the new ones, one transaction per claim, in one batch."""
    requests = []
    for row in rows:
        released = resolves(gone[row.id], captured=False)
        placed = lines_of(picks[row.id], planned_end(row))
        lines = (*released, *placed)
        requests.append(
            Request(
                client=deed.by.client,
                key=f"{deed.request_id}:{row.id}",
                kind="move_hold",
                lines=lines,
                effective_us=to_us(deed.now),
            )
        )
    outcomes = post(deed.session, deed.community_id, requests, now=deed.now)
    for outcome in outcomes:
        if outcome.refusal is not None:
            raise outcome.refusal
    numbers = _next_numbers(deed, [row.id for row in rows])
    write_released(deed, [held for some in gone.values() for held in some], deed.now)
    new = [
        NewHolds(
            claim_id=row.id,
            txn_id=outcome.txn_id,
            picks=picks[row.id],
            first_line=len(gone[row.id]),
            number=numbers[row.id],
        )
        for row, outcome in zip(rows, outcomes, strict=True)
    ]
    write_holds(deed, new)


def _next_numbers(deed: Deed, claim_ids: list[int]) -> dict[int, int]:
    rows = deed.session.execute(
        select(claim_hold.c.claim_id, func.max(claim_hold.c.number))
        .where(claim_hold.c.community_id == deed.community_id, claim_hold.c.claim_id.in_(claim_ids))
        .group_by(claim_hold.c.claim_id)
    )
    return {claim_id: int(last) + 1 for claim_id, last in rows}


def _moved(row: Row[Any], gone: list[HeldLot], picks: tuple[Pick, ...]) -> MovedClaim:
    expired = sum(held.pieces for held in gone)
    covered = sum(pick.pieces for pick in picks)
    left = row.held_pieces - expired + covered
    return MovedClaim(
        claim_id=row.id, household_id=row.household_id, expired=expired, covered=covered, left=left
    )


_LEFT = bindparam("left", type_=Integer)


def _write(deed: Deed, moved: list[MovedClaim]) -> None:
    """Update claims that lost pieces, and notify their households."""
    short = [moved_claim for moved_claim in moved if moved_claim.covered < moved_claim.expired]
    if not short:
        return
    deed.session.connection().execute(
        update(claim)
        .where(claim.c.community_id == deed.community_id, claim.c.id == bindparam("of_claim"))
        .values(
            held_pieces=_LEFT,
            state=bindparam("to_state"),
            ended_at=bindparam("end"),
            end_reason=bindparam("why"),
            # A claim that has lost its last pieces ends, and its code with it.
            **{name: case((_LEFT == 0, None), else_=claim.c[name]) for name in WIPED},
        ),
        [
            {
                "of_claim": short_claim.claim_id,
                "left": short_claim.left,
                "to_state": READY if short_claim.left else CANCELLED,
                "end": None if short_claim.left else deed.now,
                "why": None if short_claim.left else EXPIRED_ON_SHELF,
            }
            for short_claim in short
        ],
    )
    deed.session.execute(
        insert(claim_notice),
        [
            {
                "community_id": deed.community_id,
                "id": new_id(),
                "household_id": short_claim.household_id,
                "claim_id": short_claim.claim_id,
                "code": EXPIRED_ON_SHELF,
                "facts": msgspec.json.encode(
                    {"lost": short_claim.expired - short_claim.covered, "left": short_claim.left}
                ).decode(),
                "told_at": deed.now,
            }
            for short_claim in short
        ],
    )
