"""The nightly sweep takes expired lots off the shelf, reserved or not."""

from dataclasses import dataclass

from timebank.aid import may
from timebank.aid.actions.due import end_due
from timebank.aid.actions.holding import claim_rows, claims_on_lots, lock_households
from timebank.aid.actions.moving import move_expired_holds
from timebank.aid.rules import READY
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.goods.actions import (
    DisposedLot,
    dispose_lots,
    lock_lots,
    lots_past_last_day,
)
from timebank.values import local_day


@dataclass(frozen=True, slots=True)
class ShelfSwept:
    """What left the shelf, and the claims that were affected.

    ``moved`` got other pieces in full, ``cut`` in part, ``cancelled`` none.
    """

    disposed: tuple[DisposedLot, ...]
    moved_claim_ids: tuple[int, ...]
    cut_claim_ids: tuple[int, ...]
    cancelled_claim_ids: tuple[int, ...]


@action("sweep_expired")
def sweep_expired(deed: Deed) -> ShelfSwept:
    """Take expired lots off the shelf; on the printed last day they are still usable.

    Holds on them move to other lots, or end with a notice and without a no-show.

    **Refuses**: ``NotAllowed`` to all but the nightly job, keepers and the coordinator.
    """
    may.SWEEP_EXPIRED.require(deed.by)
    end_due(deed)  # What is over is not moved.
    on = local_day(deed.now)
    past = lots_past_last_day(deed.session, deed.community_id, on)
    if not past:
        return ShelfSwept((), (), (), ())
    past_ids = {lot.lot_id for lot in past}
    standing = claims_on_lots(deed.session, deed.community_id, past_ids)
    lock_households(deed.session, deed.community_id, {household_id for _, household_id in standing})
    rows = claim_rows(deed.session, deed.community_id, [claim_id for claim_id, _ in standing])
    waiting = [row for row in rows if row.state == READY]
    moved = move_expired_holds(deed.under(f"{deed.request_id}:move"), waiting, past)
    locked = lock_lots(
        deed.session, deed.community_id, on=on,
        item_ids={lot.item_id for lot in past}, store_ids={lot.store_id for lot in past},
    )  # fmt: skip
    disposed = dispose_lots(deed, lots=[lot for lot in locked if lot.pieces.lot_id in past_ids])
    audit(
        deed,
        name="sweep_expired",
        subject_kind="lot",
        facts={
            "lots": len(disposed),
            "pieces": sum(lot.pieces for lot in disposed),
            "claims": len(moved),
        },
    )
    return ShelfSwept(
        disposed,
        tuple(
            moved_claim.claim_id
            for moved_claim in moved
            if moved_claim.covered == moved_claim.expired
        ),
        tuple(
            moved_claim.claim_id
            for moved_claim in moved
            if moved_claim.covered < moved_claim.expired and moved_claim.left
        ),
        tuple(moved_claim.claim_id for moved_claim in moved if not moved_claim.left),
    )
