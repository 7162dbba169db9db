"""A person decides if the rules could not, or if the household asked for a review.

The reviewer is not of the household and did not file the review. They may approve what the rules
refused, with a reason; the quota still applies.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from timebank.aid import may
from timebank.aid.actions.codes import RECEIPT_CODE, draw_code
from timebank.aid.actions.confirming import require_confirmed
from timebank.aid.actions.due import end_due
from timebank.aid.actions.ends import first_end
from timebank.aid.actions.guards import require_not_enterer
from timebank.aid.actions.holding import NewHolds, claim_row, lines_of, lock_household, write_holds
from timebank.aid.actions.serving import is_served
from timebank.aid.actions.writing import facts_cell
from timebank.aid.messages import AnsweredClaim, tell_answer
from timebank.aid.queries import decide_household, quota
from timebank.aid.rules import (
    READY,
    REFUSED,
    REVIEW,
    ClaimLine,
    PlannedLine,
    Refusal,
    fetchable,
    plan_lines,
)
from timebank.aid.tables import claim, claim_line
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.deeds.queries import actors_of
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.goods.actions import lock_lots, require_given
from timebank.goods.opening import ShopHours
from timebank.goods.queries import opening_of
from timebank.goods.refusals import OutOfStock
from timebank.ledger.actions import post_one
from timebank.people.closeness import Involved, closeness, require_other
from timebank.people.queries import household_briefs
from timebank.people.sight import reaches
from timebank.policy.actions import record_decision
from timebank.policy.queries import parameters_on
from timebank.policy.refusals import HouseholdCap, NeedsReview, NotEligible
from timebank.values import local_day


@dataclass(frozen=True, slots=True)
class PersonAsked:
    """A refused claim that waits for a review."""

    claim_id: int
    claim_no: str


@dataclass(frozen=True, slots=True)
class ReviewDecided:
    """The decision of the reviewer; approved goods are reserved as for any claim."""

    claim_id: int
    claim_no: str
    state: str
    decision_id: int
    approved: int
    pickup_code: str | None
    hold_until_at: datetime | None


@action("ask_for_person")
def ask_for_person(deed: Deed, *, claim_id: int) -> PersonAsked:
    """Request a review of a claim that the rules refused.

    **Refuses**: ``NotFound`` to all but the household and its staff; ``WrongState`` if
    nothing was refused, or a person decided already.
    """
    found = claim_row(deed.session, deed.community_id, claim_id)
    is_own = deed.by.household_id == found.household_id
    if not is_own and not is_served(deed, found, may.ASK_FOR_OTHERS):
        raise NotFound(kind="claim")
    lock_household(deed.session, deed.community_id, found.household_id)
    row = claim_row(deed.session, deed.community_id, claim_id)
    if row.state != REFUSED or row.reviewed_by is not None:
        raise WrongState(kind="claim", state=row.state)
    _set(deed, claim_id, state=REVIEW)
    audit(
        deed,
        name="ask_for_person",
        subject_kind="claim",
        subject_id=claim_id,
        facts={"claim_no": row.claim_no},
    )
    return PersonAsked(claim_id, row.claim_no)


@action("decide_review", code=RECEIPT_CODE)
def decide_review(
    deed: Deed,
    *,
    claim_id: int,
    approve: bool,
    reason: str,
    confirmed: tuple[ClaimLine, ...] | None = None,
) -> ReviewDecided:
    """Approve or refuse a claim in review; approved pieces are reserved now.

    ``confirmed`` is what the reviewer was shown and agreed to; an empty one stands for all that was
    asked. A program that gives none approves what there is.

    **Refuses**: ``NotAllowed`` to all but an approver, and for one's own household; ``SamePerson``
    to whoever claimed or asked for the review, and their housemates; ``EnteredPaperToday``;
    ``NotFound``, also out of reach; ``WrongState``; ``BadInput`` without a reason;
    ``HouseholdCap``; ``OutOfStock``; ``LoanOnly``; ``NotConfirmed``.
    """
    may.DECIDE_REVIEW.require(deed.by)
    if not reason.strip():
        raise BadInput(field="reason", why="needed")
    found = claim_row(deed.session, deed.community_id, claim_id)
    _check_reached(deed, found)
    _check_second_person(deed, found)
    require_not_enterer(deed, found.household_id)
    end_due(deed, household_ids=[found.household_id])
    lock_household(deed.session, deed.community_id, found.household_id)
    row = claim_row(deed.session, deed.community_id, claim_id)
    if row.state != REVIEW:
        raise WrongState(kind="claim", state=row.state)
    review = {
        "reviewed_by": deed.by.client, "reviewed_at": deed.now,
        "review_reason": reason.strip()[:400], "decision_id": _decided_again(deed, row),
    }  # fmt: skip
    if approve:
        receipt = _approve(deed, row, review, confirmed)
    else:
        receipt = _refuse(deed, row, review)
    _tell(deed, row, receipt)
    audit(
        deed,
        name="decide_review",
        subject_kind="claim",
        subject_id=claim_id,
        facts={"claim_no": row.claim_no, "state": receipt.state, "approved": receipt.approved},
    )
    return receipt


def _tell(deed: Deed, row: Row[Any], decided: ReviewDecided) -> None:
    answered = AnsweredClaim(
        id=row.id, claim_no=row.claim_no, person_id=row.person_id, store_id=row.store_id,
        hold_until_at=decided.hold_until_at,
    )  # fmt: skip
    tell_answer(deed, answered, decided.state, is_review=True)


def _decided_again(deed: Deed, row: Row[Any]) -> int:
    """Record what the rules say now; return the id of the decision."""
    decided = decide_household(
        deed.session, deed.community_id, row.household_id, now=deed.now, pieces=row.asked_pieces
    )
    return record_decision(deed, decided=decided)


def _check_second_person(deed: Deed, row: Row[Any]) -> None:
    """Check that the reviewer is not of the household, and neither filed nor asked for this.

    **Refuses**: ``NotAllowed`` for one's own household; ``SamePerson`` for whoever took the first
    step, and for their housemates.
    """
    own = Involved(person_ids=(row.person_id,), household_ids=(row.household_id,))
    if closeness(deed.session, deed.by, own):
        raise NotAllowed(deed="decide_review", why="own_case")
    asked = actors_of(
        deed.session, deed.community_id, "ask_for_person", subject_kind="claim", subject_id=row.id
    )
    clients = (row.asked_by, *(client for client, _ in asked))
    first = Involved(clients, tuple(person_id for _, person_id in asked))
    require_other(deed, first)


def _check_reached(deed: Deed, row: Row[Any]) -> None:
    """**Refuses**: ``NotFound`` for a claim of a household out of reach."""
    homes = household_briefs(deed.session, deed.community_id, [row.household_id])
    if not reaches(deed.by, may.DECIDE_REVIEW, homes[row.household_id].grid_id):
        raise NotFound(kind="claim")


def _refuse(deed: Deed, row: Row[Any], review: dict[str, Any]) -> ReviewDecided:
    """Refuse finally; a claim that no rule had refused gets the code of a person's decision."""
    content = dict(review, state=REFUSED)
    if row.refusal_code in (None, NeedsReview.code):
        refusal = Refusal(NotEligible.code, {"why": "review"})
        content |= {
            "refusal_code": refusal.code, "refusal_facts_sealed": facts_cell(deed, refusal),
        }  # fmt: skip
    _set(deed, row.id, **content)
    return ReviewDecided(
        claim_id=row.id,
        claim_no=row.claim_no,
        state=REFUSED,
        decision_id=review["decision_id"],
        approved=0,
        pickup_code=None,
        hold_until_at=None,
    )


def _approve(
    deed: Deed,
    row: Row[Any],
    review: dict[str, Any],
    confirmed: tuple[ClaimLine, ...] | None,
) -> ReviewDecided:
    """Reserve what quota and stock allow of the claim."""
    opening = opening_of(deed.session, deed.community_id, row.store_id)
    planned = _plan(deed, row, opening, confirmed)
    picks = tuple(pick for line in planned for pick in line.picks)
    approved = sum(line.approved for line in planned)
    parameters = parameters_on(deed.session, deed.community_id, local_day(deed.now))
    end = first_end(deed, parameters, opening, planned)
    drawn = draw_code(deed, row.store_id)
    lines = lines_of(picks, end.until_at)
    txn_id = post_one(deed, kind="claim_goods", lines=lines)
    _set(
        deed,
        row.id,
        **review,
        state=READY,
        approved_pieces=approved,
        held_pieces=approved,
        **drawn.cells,
        hold_until_at=end.until_at,
        full_until_at=end.full_until_at,
        refusal_code=None,
        refusal_facts_sealed=None,
    )
    _write_lines(deed, row.id, planned)
    write_holds(deed, [NewHolds(claim_id=row.id, txn_id=txn_id, picks=picks)])
    return ReviewDecided(
        claim_id=row.id,
        claim_no=row.claim_no,
        state=READY,
        decision_id=review["decision_id"],
        approved=approved,
        pickup_code=drawn.code,
        hold_until_at=end.until_at,
    )


def _plan(
    deed: Deed, row: Row[Any], opening: ShopHours, confirmed: tuple[ClaimLine, ...] | None
) -> tuple[PlannedLine, ...]:
    """Plan the claim's own lines within the quota.

    **Refuses**: if nothing fits; ``NotConfirmed`` if it is not what was confirmed.
    """
    room = quota(deed.session, deed.community_id, row.household_id, deed.now)
    if not room.remaining:
        raise HouseholdCap(**room.facts())
    rows = deed.session.execute(
        select(claim_line.c.item_id, claim_line.c.asked_pieces)
        .where(claim_line.c.community_id == deed.community_id, claim_line.c.claim_id == row.id)
        .order_by(claim_line.c.line)
    )
    lines = [ClaimLine(item_id, pieces) for item_id, pieces in rows]
    lots = lock_lots(
        deed.session, deed.community_id, on=local_day(deed.now),
        item_ids=[line.item_id for line in lines], store_ids=[row.store_id],
    )  # fmt: skip
    require_given(lots)
    pieces = fetchable([lot.pieces for lot in lots], opening, deed.now)
    planned = plan_lines(lines, pieces, room.remaining)
    if not any(line.approved for line in planned):
        raise OutOfStock(available=0)
    require_confirmed(planned, room.remaining, lines if confirmed == () else confirmed)
    return planned


def _set(deed: Deed, claim_id: int, **content: Any) -> None:
    deed.session.execute(
        update(claim)
        .where(claim.c.community_id == deed.community_id, claim.c.id == claim_id)
        .values(**content)
    )


def _write_lines(deed: Deed, claim_id: int, planned: tuple[PlannedLine, ...]) -> None:
    deed.session.connection().execute(
        update(claim_line)
        .where(
            claim_line.c.community_id == deed.community_id,
            claim_line.c.claim_id == claim_id,
            claim_line.c.item_id == bindparam("of_item"),
        )
        .values(approved_pieces=bindparam("fit"), cut_code=bindparam("cut")),
        [{"of_item": line.item_id, "fit": line.approved, "cut": line.cut_code} for line in planned],
    )
