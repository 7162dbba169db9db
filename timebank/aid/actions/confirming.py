"""Nobody who said what they want is given anything else, unasked.

The plan is made on locked rows. If it is not what was confirmed, the claim is refused with the plan
as facts; the person is shown it, and sends the claim again with what they agreed to.
"""

from collections.abc import Sequence

from timebank.aid.refusals import NotConfirmed
from timebank.aid.rules import (
    AgreedLot,
    ClaimLine,
    PlannedLine,
    approved_by_item,
    pieces_by_item,
    taken_by_lot,
)


def require_confirmed(
    planned: Sequence[PlannedLine], remaining: int | None, confirmed: Sequence[ClaimLine] | None
) -> None:
    """Check that a plan gives exactly what was confirmed. **Refuses**: ``NotConfirmed``."""
    if confirmed is not None and approved_by_item(planned) != pieces_by_item(confirmed):
        raise _not_confirmed(planned, remaining)


def require_lots_confirmed(
    planned: Sequence[PlannedLine], remaining: int | None, confirmed: Sequence[AgreedLot] | None
) -> None:
    """Check that a plan takes exactly the lots that the keeper has in their hands.

    **Refuses**: ``NotConfirmed``.
    """
    if confirmed is not None and taken_by_lot(planned) != {
        lot.lot_id: lot.pieces for lot in confirmed
    }:
        raise _not_confirmed(planned, remaining)


def _not_confirmed(planned: Sequence[PlannedLine], remaining: int | None) -> NotConfirmed:
    approved = sum(line.approved for line in planned)
    return NotConfirmed(
        asked=sum(line.asked for line in planned),
        approved=approved,
        share_left=None if remaining is None else remaining - approved,
        lines=[
            {
                "item_id": line.item_id,
                "asked": line.asked,
                "approved": line.approved,
                "cut_code": line.cut_code,
            }
            for line in planned
        ],
        lots=[
            {"lot_id": pick.lot.lot_id, "item_id": pick.lot.item_id, "pieces": pick.pieces}
            for line in planned
            for pick in line.picks
        ],
    )
