"""A person decides where the rules could not, or where the household asked for one.

Whoever decides is not of the household and did not ask. His word can open what the rules
kept shut, with his reason beside it; the quota binds him too.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from timebank.aid.actions.holding import NewHolds, claim_row, lines_of, lock_household, write_holds
from timebank.aid.actions.writing import codes_in_use
from timebank.aid.queries import decide_household, quota
from timebank.aid.rules import (
    READY,
    REFUSED,
    REVIEW,
    REVIEWERS,
    ClaimLine,
    PlannedLine,
    plan_lines,
)
from timebank.aid.tables import claim, claim_line
from timebank.deeds.audit import audit
from timebank.errors import (
    BadInput,
    HouseholdCap,
    NeedsReview,
    NotAllowed,
    NotEligible,
    OutOfStock,
    WrongState,
)
from timebank.goods.actions import lock_lots, new_code
from timebank.ledger.actions import post_one
from timebank.policy.actions import record_decision
from timebank.policy.queries import parameters_on
from timebank.values import By, local_day


@dataclass(frozen=True, slots=True)
class PersonAsked:
    """A refused claim that a person will look at."""

    claim_id: int
    claim_no: str


@dataclass(frozen=True, slots=True)
class ReviewDecided:
    """What the person decided; approved goods wait as after any claim."""

    claim_id: int
    claim_no: str
    state: str
    decision_id: int
    approved: int
    pickup_code: str | None
    hold_until_at: datetime | None


def ask_for_person(
    session: Session, *, by: By, now: datetime, request_id: str, claim_id: int
) -> PersonAsked:
    """Ask that a person looks at a claim which the rules refused.

    **Refuses**: ``NotAllowed`` to all but the household and its staff; ``NotFound``;
    ``WrongState`` where nothing was refused, or a person decided already.
    """
    found = claim_row(session, by.community_id, claim_id)
    may = by.holds("keeper", "social_worker", "grid_worker", "hotline", "coordinator")
    if by.household_id != found.household_id and not may:
        raise NotAllowed(deed="ask_for_person")
    lock_household(session, by.community_id, found.household_id)
    row = claim_row(session, by.community_id, claim_id)
    if row.state != REFUSED or row.reviewed_by is not None:
        raise WrongState(kind="claim", state=row.state)
    _set(session, by, claim_id, state=REVIEW)
    audit(
        session, by=by, now=now, name="ask_for_person", subject_kind="claim",
        subject_id=claim_id, facts={"claim_no": row.claim_no},
    )  # fmt: skip
    return PersonAsked(claim_id, row.claim_no)


def decide_review(
    session: Session,
    *,
    by: By,
    now: datetime,
    request_id: str,
    claim_id: int,
    approve: bool,
    reason: str,
) -> ReviewDecided:
    """Approve or refuse what waits for a person; what is approved is set aside now.

    **Refuses**: ``NotAllowed`` to all but an approver who is neither of the household nor
    the one who asked; ``NotFound``; ``WrongState``; ``BadInput`` without a reason;
    ``HouseholdCap``; ``OutOfStock``.
    """
    if not by.holds(*REVIEWERS):
        raise NotAllowed(deed="decide_review")
    if not reason.strip():
        raise BadInput(field="reason", why="needed")
    found = claim_row(session, by.community_id, claim_id)
    if by.household_id == found.household_id or by.client == found.asked_by:
        raise NotAllowed(deed="decide_review", why="own_case")
    lock_household(session, by.community_id, found.household_id)
    row = claim_row(session, by.community_id, claim_id)
    if row.state != REVIEW:
        raise WrongState(kind="claim", state=row.state)
    decided = decide_household(
        session, by.community_id, row.household_id, on=local_day(now), asked=row.asked_pieces
    )
    decision_id = record_decision(session, by=by, now=now, decided=decided)
    review = {"reviewed_by": by.client, "reviewed_at": now, "review_reason": reason.strip()[:400]}
    review |= {"decision_id": decision_id}
    if approve:
        receipt = _approve(session, by, row, review, now=now, key=request_id)
    else:
        receipt = _refuse(session, by, row, review)
    audit(
        session, by=by, now=now, name="decide_review", subject_kind="claim", subject_id=claim_id,
        facts={"claim_no": row.claim_no, "state": receipt.state, "approved": receipt.approved},
    )  # fmt: skip
    return receipt


def _refuse(session: Session, by: By, row: Row[Any], review: dict[str, Any]) -> ReviewDecided:
    """Refuse for good; a claim that no rule had refused gets the code that says so."""
    content = dict(review, state=REFUSED)
    if row.refusal_code in (None, NeedsReview.code):
        facts = msgspec.json.encode({"why": "review"}).decode()
        content |= {"refusal_code": NotEligible.code, "refusal_facts": facts}
    _set(session, by, row.id, **content)
    return ReviewDecided(row.id, row.claim_no, REFUSED, review["decision_id"], 0, None, None)


def _approve(
    session: Session,
    by: By,
    row: Row[Any],
    review: dict[str, Any],
    *,
    now: datetime,
    key: str,
) -> ReviewDecided:
    """Set aside what quota and stock allow of what was asked."""
    planned = _plan(session, by, row, now)
    picks = tuple(pick for line in planned for pick in line.picks)
    approved = sum(line.approved for line in planned)
    until = now + timedelta(hours=_hold_hours(session, by, now))
    code = new_code(codes_in_use(session, by, row.store_id))
    lines = lines_of(picks, until)
    txn_id = post_one(session, by=by, now=now, key=key, kind="claim_goods", lines=lines)
    _set(
        session, by, row.id, **review, state=READY, approved_pieces=approved,
        held_pieces=approved, pickup_code=code, hold_until_at=until,
        refusal_code=None, refusal_facts=None,
    )  # fmt: skip
    _write_lines(session, by, row.id, planned)
    write_holds(session, by, [NewHolds(row.id, txn_id, picks)])
    return ReviewDecided(row.id, row.claim_no, READY, review["decision_id"], approved, code, until)


def _plan(session: Session, by: By, row: Row[Any], now: datetime) -> tuple[PlannedLine, ...]:
    """Plan the claim's own lines under the quota. **Refuses**: where nothing fits."""
    room = quota(session, by.community_id, row.household_id, now)
    if not room.remaining:
        raise HouseholdCap(**room.facts())
    rows = session.execute(
        select(claim_line.c.item_id, claim_line.c.asked_pieces)
        .where(claim_line.c.community_id == by.community_id, claim_line.c.claim_id == row.id)
        .order_by(claim_line.c.line)
    )
    lines = [ClaimLine(item_id, pieces) for item_id, pieces in rows]
    lots = lock_lots(
        session, by.community_id, on=local_day(now),
        item_ids=[line.item_id for line in lines], store_ids=[row.store_id],
    )  # fmt: skip
    planned = plan_lines(lines, [lot.pieces for lot in lots], room.remaining)
    if not any(line.approved for line in planned):
        raise OutOfStock(available=0)
    return planned


def _hold_hours(session: Session, by: By, now: datetime) -> int:
    on = local_day(now)
    return parameters_on(session, by.community_id, on).whole("aid.hold_hours")


def _set(session: Session, by: By, claim_id: int, **content: Any) -> None:
    session.execute(
        update(claim)
        .where(claim.c.community_id == by.community_id, claim.c.id == claim_id)
        .values(**content)
    )


def _write_lines(session: Session, by: By, claim_id: int, planned: tuple[PlannedLine, ...]) -> None:
    session.connection().execute(
        update(claim_line)
        .where(
            claim_line.c.community_id == by.community_id,
            claim_line.c.claim_id == claim_id,
            claim_line.c.item_id == bindparam("of_item"),
        )
        .values(approved_pieces=bindparam("fit"), cut_code=bindparam("cut")),
        [{"of_item": line.item_id, "fit": line.approved, "cut": line.cut_code} for line in planned],
    )
