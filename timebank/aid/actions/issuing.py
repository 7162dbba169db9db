"""Hand over reserved goods by code or card, at the counter or the kiosk.

The household is decided again in the unit of work of the hand-over. If a paper has expired
meanwhile, the goods are not handed over and stay reserved until the deadline.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import Row, bindparam, insert, update
from sqlalchemy.orm import Session

from timebank.aid import may
from timebank.aid.actions.agents import mandate_of_home, note_claim
from timebank.aid.actions.codes import WIPED, check_tries, row_by_code
from timebank.aid.actions.ends import planned_end
from timebank.aid.actions.guards import require_not_enterer
from timebank.aid.actions.holding import (
    claim_row,
    held_lots,
    lock_household,
    resolves,
)
from timebank.aid.actions.moving import move_expired_holds
from timebank.aid.queries import HeldLot, decide_household, quota_of
from timebank.aid.queries.codes import is_code_of
from timebank.aid.refusals import WrongPickupCode
from timebank.aid.rules import ISSUED, LAPSED, READY, check_code_shape, refusal_from
from timebank.aid.tables import claim, claim_visit, withdrawal
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import (
    BadInput,
    NotAllowed,
    NotFound,
    TimebankError,
    WrongState,
    refusal_of,
)
from timebank.goods.actions import finish_empty_lots, lots_past_last_day
from timebank.goods.queries import items, store_brief
from timebank.goods.refusals import LoanOnly
from timebank.ledger.actions import post_one
from timebank.ledger.rules import AUTHORISE
from timebank.people.closeness import Involved, require_not_close
from timebank.people.queries import card_holder
from timebank.people.refusals import CardRevoked, CardUnknown
from timebank.people.rules.mandates import FETCH
from timebank.policy.actions import record_decision
from timebank.policy.refusals import HouseholdCap
from timebank.policy.rules import Decided, Known
from timebank.values import By, local_day, new_id


@dataclass(frozen=True, slots=True)
class IssuedLot:
    """Pieces of a lot that were handed over."""

    lot_id: int
    item_id: int
    pieces: int


@dataclass(frozen=True, slots=True)
class IssueReceipt:
    """The result of a hand-over. **Units**: pieces; ``lacking`` were missing in the lots."""

    claim_id: int
    claim_no: str
    household_id: int
    pieces: int
    lots: tuple[IssuedLot, ...]
    decision_id: int
    lacking: int = 0


@action("issue_goods", counts_refusals=True, is_private=True)
def issue_goods(
    deed: Deed,
    *,
    claim_id: int | None = None,
    store_id: int | None = None,
    pickup_code: str | None = None,
    card_token: str | None = None,
    happened_at: datetime | None = None,
) -> IssueReceipt:
    """Hand over reserved goods to somebody with the code or a card of the household.

    Without ``claim_id`` the code identifies the claim at ``store_id``. A kiosk with a scanned card
    acts as its holder and needs no code; it gives the time in ``happened_at``.

    **Refuses**: ``NotAllowed`` to all but keepers and kiosks; ``NotFound``, also for a claim at
    another keeper's store; ``EnteredPaperToday``; ``WrongPickupCode``, after several
    ``TooManyTries``; ``CardUnknown``, ``CardRevoked``; ``WrongState``; ``LoanOnly``; whatever the
    rules refuse now (``ProofExpired``, ``HouseholdCap`` …).
    """
    if deed.by.channel != "kiosk" and not may.SERVE_COUNTER.is_held(deed.by):
        raise NotAllowed(deed="issue_goods")
    _check_tries(deed, pickup_code)
    found = _find(deed, claim_id=claim_id, store_id=store_id, pickup_code=pickup_code)
    _check_may_issue(deed, found, store_id=store_id)
    check_bearer(deed, found, pickup_code=pickup_code, card_token=card_token)
    try:
        return _issue(deed, found, happened_at)
    except TimebankError as refusal:
        # Whoever comes with the code and is sent home by a rule has come: no no-show.
        refusal.trace = partial(write_visit, by=deed.by, claim_id=found.id, why=refusal.code)
        raise


def _issue(deed: Deed, found: Row[Any], happened_at: datetime | None) -> IssueReceipt:
    """Decide again, and hand the goods over."""
    lock_household(deed.session, deed.community_id, found.household_id)
    row = claim_row(deed.session, deed.community_id, found.id)
    if row.state != READY or planned_end(row) <= deed.now:
        raise WrongState(kind="claim", state=LAPSED if row.state == READY else row.state)
    held = _fresh_holds(deed, row)
    decided = _decide_again(deed, row, pieces=sum(held_lot.pieces for held_lot in held))
    decision_id = record_decision(deed, decided=decided)
    hand_over(deed, row, held, decision_id=decision_id, kind="issue_goods", happened_at=happened_at)
    audit(
        deed,
        name="issue_goods",
        subject_kind="claim",
        subject_id=row.id,
        facts={"claim_no": row.claim_no, "pieces": decided.asked},
    )
    lots = tuple(IssuedLot(held_lot.lot_id, held_lot.item_id, held_lot.pieces) for held_lot in held)
    return IssueReceipt(
        claim_id=row.id,
        claim_no=row.claim_no,
        household_id=row.household_id,
        pieces=decided.asked,
        lots=lots,
        decision_id=decision_id,
    )


def write_visit(session: Session, came_at: datetime, *, by: By, claim_id: int, why: str) -> None:
    """Record that the household came for a claim, and was sent home."""
    session.execute(
        insert(claim_visit),
        {
            "community_id": by.community_id, "id": new_id(), "claim_id": claim_id,
            "came_at": came_at, "why": why, "recorded_by": by.client,
        },
    )  # fmt: skip


def _check_tries(deed: Deed, pickup_code: str | None) -> None:
    if pickup_code:
        check_code_shape(pickup_code)
        check_tries(deed)


def _find(
    deed: Deed, *, claim_id: int | None, store_id: int | None, pickup_code: str | None
) -> Row[Any]:
    """Find the claim and its household; nothing is locked yet."""
    if claim_id is not None:
        return claim_row(deed.session, deed.community_id, claim_id)
    if store_id is None or not pickup_code:
        raise BadInput(field="pickup_code", why="needed")
    return row_by_code(deed, store_id, pickup_code)


def _check_may_issue(deed: Deed, row: Row[Any], *, store_id: int | None) -> None:
    if store_id is not None and store_id != row.store_id:
        raise NotFound(kind="claim")
    if deed.by.channel == "kiosk":
        return
    place_id = store_brief(deed.session, deed.community_id, row.store_id).place_id
    if not may.SERVE_COUNTER.is_held_at(deed.by, place_id):
        raise NotFound(kind="claim")
    home = Involved(household_ids=(row.household_id,))
    require_not_close(deed.session, deed.by, home, deed="issue_goods")
    require_not_enterer(deed, row.household_id)


def check_bearer(
    deed: Deed, row: Row[Any], *, pickup_code: str | None, card_token: str | None = None
) -> None:
    """Check that the visitor has the code, a card of the household, or that of an agent.

    **Refuses**: ``WrongPickupCode``; ``CardUnknown``, ``CardRevoked``; ``BadInput`` for neither.
    """
    if pickup_code:
        if not is_code_of(deed.session, row, pickup_code):
            raise WrongPickupCode()
        return
    if card_token:
        holder = card_holder(deed.session, deed.community_id, card_token)
        if holder is None:
            raise CardUnknown()
        if holder.revoked:
            raise CardRevoked()
        if holder.household_id != row.household_id:
            held = mandate_of_home(deed, row.household_id, FETCH, agent_id=holder.person_id)
            if held is None:
                raise CardUnknown()
            note_claim(deed, held, FETCH, row.id)
        return
    if deed.by.channel != "kiosk" or deed.by.household_id != row.household_id:
        raise BadInput(field="pickup_code", why="needed")


def _fresh_holds(deed: Deed, row: Row[Any]) -> list[HeldLot]:
    """List the pieces to hand over; expired ones are first exchanged for other lots.

    **Refuses**: ``LoanOnly``; ``WrongState``.
    """
    held = held_lots(deed.session, deed.community_id, [row.id])
    # Reserved before items on loan were kept back.
    if any(item.is_loan for item in items(deed.session, deed.community_id, _items_of(held))):
        raise LoanOnly()
    past = lots_past_last_day(deed.session, deed.community_id, local_day(deed.now))
    if not {held_lot.lot_id for held_lot in held} & {lot.lot_id for lot in past}:
        return held
    move_expired_holds(deed.under(f"{deed.request_id}:move"), [row], past)
    held = held_lots(deed.session, deed.community_id, [row.id])
    if not held:
        raise WrongState(kind="claim", state="expired_on_shelf")
    return held


def _items_of(held: Sequence[HeldLot]) -> set[int]:
    return {held_lot.item_id for held_lot in held}


def _decide_again(deed: Deed, row: Row[Any], *, pieces: int) -> Decided:
    """Decide as of now, without counting this claim's own pieces.

    A claim that a person approved against the rule stays approved; only the quota still applies.
    """
    decided = decide_household(
        deed.session, deed.community_id, row.household_id,
        now=deed.now, pieces=pieces, without_claim_id=row.id,
    )  # fmt: skip
    if row.reviewed_by is not None:
        _check_quota(decided, pieces)
        return decided
    answer = decided.answer
    if refusal := refusal_from(answer):
        raise refusal.error()
    if answer.remaining is not None and answer.remaining < pieces:
        reason = answer.reasons[0]
        raise refusal_of(reason.code, dict(reason.facts))
    return decided


def _check_quota(decided: Decided, pieces: int) -> None:
    """Check that the pieces fit the quota, whatever else the rules say."""
    taken = decided.facts["household.pieces_taken"]
    assert isinstance(taken, Known) and isinstance(taken.value, tuple)
    room = quota_of(taken.value, decided.parameters, decided.on)  # type: ignore[arg-type]
    if room.remaining < pieces:
        raise HouseholdCap(**room.facts())


_ISSUED = (
    update(claim)
    .where(claim.c.community_id == bindparam("of_community"), claim.c.id == bindparam("of_claim"))
    .values(
        state=ISSUED,
        issued_at=bindparam("at"),
        issued_by=bindparam("whom"),
        issue_decision_id=bindparam("decided"),
        held_pieces=bindparam("gone"),
        **WIPED,
        ended_at=None,  # A claim that is recorded late may have lapsed or been cancelled.
        end_reason=None,
    )
)
_NEW_WITHDRAWAL = insert(withdrawal)


def hand_over(
    deed: Deed,
    row: Row[Any],
    held: Sequence[HeldLot],
    *,
    decision_id: int,
    kind: str,
    happened_at: datetime | None,
    mode: int = AUTHORISE,
) -> int:
    """Capture the holds, update the claim, count the pieces, close empty lots.

    The time of the hand-over is never before that of the claim, whatever a clock said. Returns the
    transaction.
    """
    at = min(max(happened_at or deed.now, row.asked_at), deed.now)
    pieces = sum(held_lot.pieces for held_lot in held)
    lines = resolves(held, captured=True)
    txn_id = post_one(deed, kind=kind, lines=lines, effective_at=at, mode=mode)
    changes = {
        "of_community": deed.community_id,
        "of_claim": row.id,
        "at": at,
        "whom": deed.by.client,
        "decided": decision_id,
        "gone": pieces,
    }
    deed.session.connection().execute(_ISSUED, changes)
    write_withdrawal(
        deed, claim_id=row.id, household_id=row.household_id, pieces=pieces, taken_on=local_day(at)
    )
    finish_empty_lots(
        deed.session, deed.community_id, {held_lot.lot_id: held_lot.account_id for held_lot in held}
    )
    return txn_id


def write_withdrawal(
    deed: Deed, *, claim_id: int, household_id: int, pieces: int, taken_on: date
) -> None:
    """Count the pieces against the household's quota, by day."""
    row = {
        "community_id": deed.community_id,
        "id": new_id(),
        "household_id": household_id,
        "claim_id": claim_id,
        "taken_on": taken_on,
        "pieces": pieces,
        "source": "issued",
        "note": "",
        "recorded_at": deed.now,
        "recorded_by": deed.by.client,
    }
    deed.session.execute(_NEW_WITHDRAWAL, row)
