"""Set when a shop is open. Reservations follow: none ends on a day on which it is closed."""

from datetime import date

from sqlalchemy import select

from timebank.aid.actions.ends import set_ends
from timebank.aid.actions.holding import claim_rows, lock_households
from timebank.aid.rules import READY
from timebank.aid.tables import IS_READY, claim
from timebank.deeds.action import action
from timebank.deeds.deed import Deed
from timebank.goods.actions import OpeningSet, write_day, write_week
from timebank.goods.opening import Hours


@action("set_store_week")
def set_store_week(
    deed: Deed, *, store_id: int, since_on: date, hours: tuple[Hours, ...]
) -> OpeningSet:
    """Set the hours of Monday to Sunday from a day on.

    **Refuses**: as ``write_week``.
    """
    done = write_week(deed, store_id=store_id, since_on=since_on, hours=hours)
    _follow(deed, store_id)
    return done


@action("set_store_day")
def set_store_day(
    deed: Deed, *, store_id: int, day_on: date, hours: Hours = (), note: str
) -> OpeningSet:
    """Set the hours of a single day; without hours the shop is closed then.

    **Refuses**: as ``write_day``.
    """
    done = write_day(deed, store_id=store_id, day_on=day_on, hours=hours, note=note)
    _follow(deed, store_id)
    return done


def _follow(deed: Deed, store_id: int) -> None:
    """Compute again until when the reservations of a shop stand; an ended one stays ended.

    The end never comes earlier, unless their goods cannot be fetched any later.
    """
    standing = deed.session.execute(
        select(claim.c.id, claim.c.household_id).where(
            claim.c.community_id == deed.community_id,
            claim.c.store_id == store_id,
            IS_READY,
            claim.c.hold_until_at > deed.now,
        )
    ).all()
    lock_households(deed.session, deed.community_id, {row.household_id for row in standing})
    rows = claim_rows(deed.session, deed.community_id, [row.id for row in standing])
    set_ends(deed, [row for row in rows if row.state == READY])
