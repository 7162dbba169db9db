"""End what is due: reservations whose time is over, at the second at which it was over.

The job does it, and every deed that promises pieces, before it looks at the shelf.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import Row, and_, bindparam, insert, select, union, update

from timebank.aid.actions.codes import WIPED
from timebank.aid.actions.ends import planned_end
from timebank.aid.actions.holding import (
    claim_rows,
    held_lots,
    lock_households,
    resolves,
    write_released,
)
from timebank.aid.queries import IS_DUE, NEVER_FETCHED
from timebank.aid.queries.origins import ORIGIN_HOLDS
from timebank.aid.rules import CANCELLED, EXPIRED_ON_SHELF, LAPSED, READY, booking_closed_until
from timebank.aid.tables import (
    claim,
    claim_notice,
    claim_visit,
    household_aid,
    household_origin,
    no_show,
)
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.goods.queries import lots_named, lots_to_pick
from timebank.ledger.actions import post
from timebank.ledger.rules import Request
from timebank.policy.queries import parameters_on
from timebank.policy.rules import Parameters
from timebank.policy.rules.windows import last_day_outside
from timebank.values import By, local_day, new_id, to_us

_DUE = select(claim.c.id, claim.c.household_id).where(
    claim.c.community_id == bindparam("of_community"), IS_DUE
)
_CAME_FROM = and_(
    household_origin.c.community_id == no_show.c.community_id,
    household_origin.c.from_household_id == no_show.c.household_id,
    household_origin.c.until_on >= no_show.c.happened_on,
    ORIGIN_HOLDS,
)
CLOCKWORK = "job:clockwork"


@dataclass(frozen=True, slots=True)
class Ended:
    """The claims that ended, and the households whose booking is now suspended."""

    claim_ids: tuple[int, ...] = ()
    closed_household_ids: tuple[int, ...] = ()


def end_due(deed: Deed, *, household_ids: Sequence[int] = ()) -> Ended:
    """End every claim whose time is over. Households of the caller are locked with them.

    A claim that its goods ended before its time, or whose household came and was sent home, is no
    no-show. After repeated no-shows booking is suspended for a while; the counter stays open.
    """
    asked = {"of_community": deed.community_id, "now": deed.now}
    due = deed.session.execute(_DUE, asked).all()
    if not due:
        return Ended()
    concerned = {row.household_id for row in due} | set(household_ids)
    lock_households(deed.session, deed.community_id, concerned)
    ids = [row.id for row in due]
    rows = [
        row
        for row in claim_rows(deed.session, deed.community_id, ids)
        if row.state == READY and planned_end(row) <= deed.now
    ]
    if not rows:
        return Ended()
    spoilt = _without_goods(deed, rows)
    clock = replace(deed, by=By(community_id=deed.community_id, client=CLOCKWORK, channel="job"))
    _release(clock, rows, spoilt)
    _tell_of_expiry(clock, [row for row in rows if row.id in spoilt])
    came = _came(clock, rows)
    missed = [row for row in rows if row.id not in spoilt | came]
    closed = _mark_no_shows(clock, missed)
    audit(
        clock,
        name="lapse_claims",
        subject_kind="claim",
        facts={"claims": len(rows), "no_shows": len(missed), "closed": len(closed)},
    )
    return Ended(tuple(row.id for row in rows), tuple(closed))


def _without_goods(deed: Deed, rows: Sequence[Row[Any]]) -> set[int]:
    """The claims whose goods ended before their time, with nothing to put in their place.

    The nightly job exchanges such goods for other lots. Where it did not run, the claims of which
    something would have been left are treated as if it had.
    """
    ended = {row.id: row for row in rows if row.full_until_at is not None}
    if not ended:
        return set()
    held = held_lots(deed.session, deed.community_id, list(ended))
    lots = lots_named(deed.session, deed.community_id, [held_lot.lot_id for held_lot in held])
    left = set()
    for held_lot in held:
        row, last_on = ended[held_lot.claim_id], lots[held_lot.lot_id].best_before_on
        others = lots_to_pick(
            deed.session, deed.community_id, {held_lot.item_id: 1},
            store_id=row.store_id, on=local_day(row.full_until_at),
        )  # fmt: skip
        if others or last_on is None or last_on >= local_day(row.full_until_at):
            left.add(held_lot.claim_id)
    return set(ended) - left


def _release(deed: Deed, rows: Sequence[Row[Any]], spoilt: set[int]) -> None:
    """Release all their holds, one transaction per claim, in one batch."""
    held = held_lots(deed.session, deed.community_id, [row.id for row in rows])
    requests = [
        Request(
            client=deed.by.client,
            key=f"lapse:{row.id}",
            kind="lapse_claim",
            lines=tuple(
                resolves(
                    [held_lot for held_lot in held if held_lot.claim_id == row.id], captured=False
                )
            ),
            effective_us=to_us(deed.now),
        )
        for row in rows
    ]
    for outcome in post(deed.session, deed.community_id, requests, now=deed.now):
        if outcome.refusal is not None:
            raise outcome.refusal
    ends = {row.id: planned_end(row) for row in rows}
    for claim_id, of_claim in groupby(held, lambda one: one.claim_id):
        write_released(deed, of_claim, ends[claim_id])
    deed.session.connection().execute(
        update(claim)
        .where(claim.c.community_id == deed.community_id, claim.c.id == bindparam("of_claim"))
        .values(
            state=bindparam("to_state"), held_pieces=0, ended_at=bindparam("end"),
            end_reason=bindparam("reason"), **WIPED,
        ),
        [
            {
                "of_claim": row.id,
                "to_state": CANCELLED if row.id in spoilt else LAPSED,
                "end": ends[row.id],
                "reason": EXPIRED_ON_SHELF if row.id in spoilt else None,
            }
            for row in rows
        ],
    )  # fmt: skip


def _tell_of_expiry(deed: Deed, rows: Sequence[Row[Any]]) -> None:
    """Notify the households whose goods ended a reservation that nobody could move."""
    notices = [
        {
            "community_id": deed.community_id, "id": new_id(),
            "household_id": row.household_id, "claim_id": row.id, "code": EXPIRED_ON_SHELF,
            "facts": msgspec.json.encode({"lost": row.held_pieces, "left": 0}).decode(),
            "told_at": deed.now,
        }
        for row in rows
    ]  # fmt: skip
    if notices:
        deed.session.execute(insert(claim_notice), notices)


def _came(deed: Deed, rows: Sequence[Row[Any]]) -> set[int]:
    """The claims whose household came in time, and was sent home."""
    ends = {row.id: planned_end(row) for row in rows}
    visits = deed.session.execute(
        select(claim_visit.c.claim_id, claim_visit.c.came_at).where(
            claim_visit.c.community_id == deed.community_id,
            claim_visit.c.claim_id.in_(ends),
        )
    )
    return {claim_id for claim_id, came_at in visits if came_at < ends[claim_id]}


def _mark_no_shows(deed: Deed, rows: Sequence[Row[Any]]) -> list[int]:
    """Record each no-show on the day on which its reservation ended, in that order."""
    closed: set[int] = set()
    by_day = sorted(rows, key=lambda row: (local_day(planned_end(row)), row.id))
    for on, of_day in groupby(by_day, lambda row: local_day(planned_end(row))):
        closed |= _mark_day(deed, list(of_day), on)
    return sorted(closed)


def _mark_day(deed: Deed, rows: Sequence[Row[Any]], on: date) -> set[int]:
    """Record the no-shows of a day, count them in the window, and suspend booking at the limit."""
    deed.session.execute(
        insert(no_show),
        [
            {"community_id": deed.community_id, "claim_id": row.id,
             "household_id": row.household_id, "happened_on": on}
            for row in rows
        ],
    )  # fmt: skip
    parameters = parameters_on(deed.session, deed.community_id, on)
    households = {row.household_id for row in rows}
    marks = _marks(deed, households, parameters=parameters, on=on)
    closed = {
        household_id: until
        for household_id, count in marks.items()
        if (until := _closed_until(on, count, parameters)) is not None
    }
    if closed:
        deed.session.connection().execute(
            update(household_aid)
            .where(
                household_aid.c.community_id == deed.community_id,
                household_aid.c.household_id == bindparam("of_household"),
            )
            .values(booking_closed_until_on=bindparam("until")),
            [
                {"of_household": household_id, "until": until}
                for household_id, until in closed.items()
            ],
        )
    return set(closed)


def _closed_until(on: date, count: int, parameters: Parameters) -> date | None:
    return booking_closed_until(
        on,
        count,
        most=parameters.whole("aid.no_show_max"),
        days=parameters.whole("aid.booking_closed_days"),
    )


def _marks(deed: Deed, households: set[int], *, parameters: Parameters, on: date) -> Counter[int]:
    """Count the no-shows of households in the window that ends on a day.

    Those from before their people split off count too, each claim once.
    """
    since = last_day_outside("rolling_months", parameters.whole("aid.no_show_months"), on)
    marks = (
        no_show.c.community_id == deed.community_id,
        no_show.c.happened_on > since,
        no_show.c.happened_on <= on,
    )
    own = select(no_show.c.household_id, no_show.c.claim_id).join(claim, NEVER_FETCHED)
    brought = (
        select(household_origin.c.household_id, no_show.c.claim_id)
        .select_from(no_show)
        .join(claim, NEVER_FETCHED)
        .join(household_origin, _CAME_FROM)
    )
    every = union(
        own.where(*marks, no_show.c.household_id.in_(households)),
        brought.where(*marks, household_origin.c.household_id.in_(households)),
    )
    return Counter(row.household_id for row in deed.session.execute(every))
