"""What people took before they moved: it counts for the household that they found or fill.

Pieces are counted by household. A household that splits off would otherwise begin with a whole
quota, although its members have lived on the old one.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select, update

from timebank.aid.actions.holding import lock_household
from timebank.aid.queries.origins import ORIGIN_HOLDS
from timebank.aid.refusals import ClaimsOpen
from timebank.aid.tables import IS_OPEN, claim, household_aid, household_origin, withdrawal
from timebank.db import insert_new
from timebank.deeds.deed import Deed
from timebank.values import local_day


def lock_homes(deed: Deed, household_ids: Iterable[int]) -> None:
    """Lock households in id order, also those that never took anything."""
    for household_id in sorted(set(household_ids)):
        lock_household(deed.session, deed.community_id, household_id)


def require_no_open_claims(deed: Deed, household_ids: Iterable[int]) -> None:
    """Check that nothing is reserved or in review for these households, which are locked.

    Otherwise what the old household fetches tomorrow would count for nobody who leaves today.

    **Refuses**: ``ClaimsOpen`` with the number of the first claim.
    """
    claim_no = deed.session.scalar(
        select(claim.c.claim_no)
        .where(
            claim.c.community_id == deed.community_id,
            claim.c.household_id.in_(sorted(set(household_ids))),
            IS_OPEN,
        )
        .order_by(claim.c.claim_no)
        .limit(1)
    )
    if claim_no is not None:
        raise ClaimsOpen(claim_no=claim_no)


def count_for(
    deed: Deed,
    household_id: int,
    sources: Iterable[tuple[int, datetime | None]],
    *,
    merge_id: int | None = None,
) -> None:
    """Let the pieces of other households, up to a moment, count for this one too.

    ``sources`` are households that the caller has locked, each with the moment at which somebody
    left it, or None for now. What counts for them counts on, so that no chain of moves ends it.
    With ``merge_id`` they count as long as that merge of two records is in force.
    """
    until: dict[tuple[int, int | None], datetime] = {}
    for source_id, left_at in sources:
        last = left_at or _now_or_later(deed, source_id)
        for from_id, until_at, by_merge in [(source_id, last, None), *_origins(deed, source_id)]:
            if from_id != household_id:
                brought = (from_id, by_merge or merge_id)
                until[brought] = max(until_at, until.get(brought, until_at))
    rows = [
        {"community_id": deed.community_id, "household_id": household_id,
         "from_household_id": from_id, "until_at": until_at, "until_on": local_day(until_at),
         "merge_id": by_merge}
        for (from_id, by_merge), until_at in sorted(until.items(), key=lambda one: str(one[0]))
    ]  # fmt: skip
    insert_new(deed.session, household_origin, rows)


def _now_or_later(deed: Deed, household_id: int) -> datetime:
    """This moment, or that of a withdrawal which was recorded while we waited for the lock."""
    last: datetime | None = deed.session.scalar(
        select(func.max(withdrawal.c.recorded_at, type_=withdrawal.c.recorded_at.type)).where(
            withdrawal.c.community_id == deed.community_id,
            withdrawal.c.household_id == household_id,
        )
    )
    return deed.now if last is None else max(deed.now, last)


def _origins(deed: Deed, household_id: int) -> list[tuple[int, datetime, int | None]]:
    origin = household_origin.c
    rows = deed.session.execute(
        select(origin.from_household_id, origin.until_at, origin.merge_id).where(
            origin.community_id == deed.community_id,
            origin.household_id == household_id,
            ORIGIN_HOLDS,
        )
    )
    return [(row.from_household_id, row.until_at, row.merge_id) for row in rows]


def keep_booking_closed(deed: Deed, household_id: int, sources: Iterable[int]) -> None:
    """Whoever splits off while booking is suspended waits as long as the others."""
    until = deed.session.scalar(
        select(func.max(household_aid.c.booking_closed_until_on)).where(
            household_aid.c.community_id == deed.community_id,
            household_aid.c.household_id.in_(sorted(set(sources))),
        )
    )
    if until is not None:
        deed.session.execute(
            update(household_aid)
            .where(
                household_aid.c.community_id == deed.community_id,
                household_aid.c.household_id == household_id,
            )
            .values(booking_closed_until_on=until)
        )
