"""End a claim: it is cancelled, or it lapses because nobody came."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

from timebank.aid import may
from timebank.aid.actions.codes import WIPED
from timebank.aid.actions.holding import (
    claim_row,
    claim_rows,
    held_lots,
    lock_household,
    lock_households,
    resolves,
    write_released,
)
from timebank.aid.actions.serving import is_served
from timebank.aid.queries import NEVER_FETCHED
from timebank.aid.rules import (
    BY_CLAIMANT,
    BY_STAFF,
    CANCELLED,
    LAPSED,
    READY,
    REVIEW,
    booking_closed_until,
)
from timebank.aid.tables import IS_READY, claim, household_aid, no_show
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import NotFound, WrongState
from timebank.ledger.actions import post, post_one
from timebank.ledger.rules import Request
from timebank.policy.queries import parameters_on
from timebank.policy.rules import Parameters
from timebank.policy.rules.windows import last_day_outside
from timebank.values import local_day, to_us


@dataclass(frozen=True, slots=True)
class ClaimEnded:
    """A claim that ended before the hand-over; ``pieces`` are on the shelf again."""

    claim_id: int
    claim_no: str
    pieces: int


@dataclass(frozen=True, slots=True)
class ClaimsLapsed:
    """The claims that lapsed, and the households whose booking is now suspended."""

    claim_ids: tuple[int, ...]
    closed_household_ids: tuple[int, ...]


@action("cancel_claim")
def cancel_claim(deed: Deed, *, claim_id: int) -> ClaimEnded:
    """Cancel a claim that is ready or in review. Its pieces return to the shelf; it is not a
    no-show.

    **Refuses**: ``NotFound`` to all but the household and its staff; ``WrongState`` for a
    claim that was handed over or ended before.
    """
    found = claim_row(deed.session, deed.community_id, claim_id)
    is_own = deed.by.household_id == found.household_id
    if not is_own and not is_served(deed, found, may.CANCEL_FOR_OTHERS):
        raise NotFound(kind="claim")
    lock_household(deed.session, deed.community_id, found.household_id)
    row = claim_row(deed.session, deed.community_id, claim_id)
    if row.state not in (READY, REVIEW):
        raise WrongState(kind="claim", state=row.state)
    held = held_lots(deed.session, deed.community_id, [claim_id])
    if held:
        lines = resolves(held, captured=False)
        post_one(deed, kind="cancel_claim", lines=lines)
        write_released(deed, held, deed.now)
    deed.session.execute(
        update(claim)
        .where(claim.c.community_id == deed.community_id, claim.c.id == claim_id)
        .values(
            state=CANCELLED, held_pieces=0, ended_at=deed.now,
            end_reason=BY_CLAIMANT if is_own else BY_STAFF, **WIPED,
        )
    )  # fmt: skip
    pieces = sum(one.pieces for one in held)
    audit(
        deed,
        name="cancel_claim",
        subject_kind="claim",
        subject_id=claim_id,
        facts={"claim_no": row.claim_no, "pieces": pieces},
    )
    return ClaimEnded(claim_id, row.claim_no, pieces)


@action("lapse_claims")
def lapse_claims(deed: Deed) -> ClaimsLapsed:
    """Return to the shelf what nobody picked up in time, and record the no-show.

    After repeated no-shows booking is suspended for a while; the counter stays open.

    **Refuses**: ``NotAllowed`` to all but the nightly job, keepers and the coordinator.
    """
    may.LAPSE_CLAIMS.require(deed.by)
    due = deed.session.execute(
        select(claim.c.id, claim.c.household_id).where(
            claim.c.community_id == deed.community_id,
            IS_READY,
            claim.c.hold_until_at <= deed.now,
        )
    ).all()
    if not due:
        return ClaimsLapsed((), ())
    lock_households(deed.session, deed.community_id, {row.household_id for row in due})
    rows = [
        row
        for row in claim_rows(deed.session, deed.community_id, [row.id for row in due])
        if row.state == READY
    ]
    if not rows:
        return ClaimsLapsed((), ())
    _release(deed, rows)
    closed = _mark_no_shows(deed, rows, on=local_day(deed.now))
    audit(
        deed,
        name="lapse_claims",
        subject_kind="claim",
        facts={"claims": len(rows), "closed": len(closed)},
    )
    return ClaimsLapsed(tuple(row.id for row in rows), tuple(closed))


def _release(deed: Deed, rows: Sequence[Row[Any]]) -> None:
    """Release all their holds, one transaction per claim, in one batch."""
    held = held_lots(deed.session, deed.community_id, [row.id for row in rows])
    requests = [
        Request(
            client=deed.by.client,
            key=f"lapse:{row.id}",
            kind="lapse_claim",
            lines=tuple(resolves([one for one in held if one.claim_id == row.id], captured=False)),
            effective_us=to_us(deed.now),
        )
        for row in rows
    ]
    for outcome in post(deed.session, deed.community_id, requests, now=deed.now):
        if outcome.refusal is not None:
            raise outcome.refusal
    write_released(deed, held, deed.now)
    deed.session.execute(
        update(claim)
        .where(claim.c.community_id == deed.community_id, claim.c.id.in_([row.id for row in rows]))
        .values(state=LAPSED, held_pieces=0, ended_at=deed.now, **WIPED)
    )


def _mark_no_shows(deed: Deed, rows: Sequence[Row[Any]], *, on: date) -> list[int]:
    """Record the no-shows, count them in the window, and suspend booking at the limit."""
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
            [{"of_household": one, "until": until} for one, until in closed.items()],
        )
    return sorted(closed)


def _closed_until(on: date, count: int, parameters: Parameters) -> date | None:
    return booking_closed_until(
        on,
        count,
        most=parameters.whole("aid.no_show_max"),
        days=parameters.whole("aid.booking_closed_days"),
    )


def _marks(deed: Deed, households: set[int], *, parameters: Parameters, on: date) -> Counter[int]:
    since = last_day_outside("rolling_months", parameters.whole("aid.no_show_months"), on)
    rows = deed.session.scalars(
        select(no_show.c.household_id)
        .join(claim, NEVER_FETCHED)
        .where(
            no_show.c.community_id == deed.community_id,
            no_show.c.household_id.in_(households),
            no_show.c.happened_on > since,
        )
    )
    return Counter(rows)
