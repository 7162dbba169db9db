"""Until when claims stand: by the hours of their shop, and by the last day of their goods."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, update

from timebank.aid.actions.holding import held_lots
from timebank.aid.rules import HoldEnd, PlannedLine, hold_end
from timebank.aid.tables import claim
from timebank.deeds.deed import Deed
from timebank.goods.opening import ShopHours
from timebank.goods.queries import lots_named, opening_of
from timebank.policy.rules import Parameters


def first_end(
    deed: Deed, parameters: Parameters, opening: ShopHours, planned: Sequence[PlannedLine]
) -> HoldEnd:
    """The end of a new reservation of these lots."""
    at = deed.now + timedelta(hours=parameters.whole("aid.hold_hours"))
    return hold_end(
        opening, at, [pick.lot.best_before_on for line in planned for pick in line.picks]
    )


def planned_end(row: Row[Any]) -> datetime:
    """When a claim would end if its goods lasted."""
    end: datetime = row.full_until_at or row.hold_until_at
    return end


def set_ends(deed: Deed, rows: Sequence[Row[Any]]) -> None:
    """Compute again until when ready claims stand, from the lots that they have now."""
    held = held_lots(deed.session, deed.community_id, [row.id for row in rows])
    lots = lots_named(deed.session, deed.community_id, [held_lot.lot_id for held_lot in held])
    days: dict[int, list[date | None]] = defaultdict(list)
    for held_lot in held:
        days[held_lot.claim_id].append(lots[held_lot.lot_id].best_before_on)
    openings = {
        store_id: opening_of(deed.session, deed.community_id, store_id)
        for store_id in {row.store_id for row in rows}
    }
    ends = {
        row.id: hold_end(openings[row.store_id], planned_end(row), days[row.id])
        for row in rows
        if days[row.id]
    }
    if ends:
        deed.session.connection().execute(
            update(claim)
            .where(claim.c.community_id == deed.community_id, claim.c.id == bindparam("of_claim"))
            .values(hold_until_at=bindparam("until"), full_until_at=bindparam("full")),
            [
                {"of_claim": id_, "until": end.until_at, "full": end.full_until_at}
                for id_, end in ends.items()
            ],
        )
