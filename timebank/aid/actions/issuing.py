"""Handing over what was set aside: by code or card, at the counter or the kiosk.

The household is decided again here, inside the unit that hands over: a paper that ended
meanwhile stops it, and the pieces stay set aside until their time is over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, update
from sqlalchemy.orm import Session

from timebank.aid.actions.codes import check_tries, row_by_code
from timebank.aid.actions.holding import (
    claim_row,
    held_lots,
    lock_household,
    resolves,
)
from timebank.aid.actions.moving import move_expired_holds
from timebank.aid.queries import HeldLot, decide_household, quota_of
from timebank.aid.rules import ISSUED, LAPSED, READY, refusal_from, same_code
from timebank.aid.tables import claim, withdrawal
from timebank.deeds.audit import audit
from timebank.errors import (
    BadInput,
    CardRevoked,
    CardUnknown,
    HouseholdCap,
    NotAllowed,
    NotFound,
    WrongPickupCode,
    WrongState,
    refusal_of,
)
from timebank.goods.actions import finish_empty_lots, lots_past_last_day
from timebank.goods.queries import store_brief
from timebank.ledger.actions import post_one
from timebank.ledger.rules import AUTHORISE
from timebank.people.queries import card_holder
from timebank.policy.actions import record_decision
from timebank.policy.rules import Decided, Known
from timebank.values import By, local_day, new_id


@dataclass(frozen=True, slots=True)
class IssuedLot:
    """So many pieces of a lot that went home."""

    lot_id: int
    item_id: int
    pieces: int


@dataclass(frozen=True, slots=True)
class IssueReceipt:
    """What was handed over. **Units**: pieces; ``lacking`` of them the lots did not have."""

    claim_id: int
    claim_no: str
    household_id: int
    pieces: int
    lots: tuple[IssuedLot, ...]
    decision_id: int
    lacking: int = 0


def issue_goods(
    session: Session,
    *,
    by: By,
    now: datetime,
    request_id: str,
    claim_id: int | None = None,
    store_id: int | None = None,
    pickup_code: str | None = None,
    card_token: str | None = None,
    happened_at: datetime | None = None,
) -> IssueReceipt:
    """Hand over what was set aside to whoever brings the code or a card of the household.

    Without ``claim_id`` the code finds the claim at ``store_id``. A kiosk that was shown a
    card acts as its holder and needs no code; it says when that ``happened_at``.

    **Refuses**: ``NotAllowed`` to all but a keeper of the store and a kiosk; ``NotFound``;
    ``WrongPickupCode``, after several ``TooManyTries``; ``CardUnknown``, ``CardRevoked``;
    ``WrongState``; whatever the rules say now (``ProofExpired``, ``HouseholdCap`` …).
    """
    if by.channel != "kiosk" and not by.holds("keeper"):
        raise NotAllowed(deed="issue_goods")
    if pickup_code:
        check_tries(session, by, now)
    found = _find(session, by, claim_id=claim_id, store_id=store_id, pickup_code=pickup_code)
    _check_may_issue(session, by, found, store_id=store_id)
    check_bearer(session, by, found, pickup_code=pickup_code, card_token=card_token)
    lock_household(session, by.community_id, found.household_id)
    row = claim_row(session, by.community_id, found.id)
    if row.state != READY or row.hold_until_at <= now:
        raise WrongState(kind="claim", state=LAPSED if row.state == READY else row.state)
    held = _fresh_holds(session, by, row, now=now, key=request_id)
    decided = _decide_again(session, by, row, pieces=sum(one.pieces for one in held), now=now)
    decision_id = record_decision(session, by=by, now=now, decided=decided)
    hand_over(
        session, by, row, held, decision_id=decision_id, now=now, key=request_id,
        kind="issue_goods", happened_at=happened_at,
    )  # fmt: skip
    audit(
        session, by=by, now=now, name="issue_goods", subject_kind="claim", subject_id=row.id,
        facts={"claim_no": row.claim_no, "pieces": decided.asked},
    )  # fmt: skip
    lots = tuple(IssuedLot(one.lot_id, one.item_id, one.pieces) for one in held)
    return IssueReceipt(row.id, row.claim_no, row.household_id, decided.asked, lots, decision_id)


def _find(
    session: Session,
    by: By,
    *,
    claim_id: int | None,
    store_id: int | None,
    pickup_code: str | None,
) -> Row[Any]:
    """Name the claim and its household; nothing is locked yet."""
    if claim_id is not None:
        return claim_row(session, by.community_id, claim_id)
    if store_id is None or not pickup_code:
        raise BadInput(field="pickup_code", why="needed")
    return row_by_code(session, by, store_id, pickup_code)


def _check_may_issue(session: Session, by: By, row: Row[Any], *, store_id: int | None) -> None:
    if store_id is not None and store_id != row.store_id:
        raise NotFound(kind="claim")
    if by.channel == "kiosk":
        return
    place_id = store_brief(session, by.community_id, row.store_id).place_id
    if by.household_id == row.household_id or not by.has_role("keeper", place_id=place_id):
        raise NotAllowed(deed="issue_goods")


def check_bearer(
    session: Session,
    by: By,
    row: Row[Any],
    *,
    pickup_code: str | None,
    card_token: str | None = None,
) -> None:
    """See that who stands there has the code, or a card of the household.

    **Refuses**: ``WrongPickupCode``; ``CardUnknown``, ``CardRevoked``; ``BadInput`` for nothing.
    """
    if pickup_code:
        if not same_code(row.pickup_code, pickup_code):
            raise WrongPickupCode()
        return
    if card_token:
        holder = card_holder(session, by.community_id, card_token)
        if holder is None or holder.household_id != row.household_id:
            raise CardUnknown()
        if holder.revoked:
            raise CardRevoked()
        return
    if by.channel != "kiosk" or by.household_id != row.household_id:
        raise BadInput(field="pickup_code", why="needed")


def _fresh_holds(
    session: Session, by: By, row: Row[Any], *, now: datetime, key: str
) -> list[HeldLot]:
    """List the pieces to hand over; what expired since is exchanged for other lots first."""
    held = held_lots(session, by.community_id, [row.id])
    past = lots_past_last_day(session, by.community_id, local_day(now))
    if not {one.lot_id for one in held} & {lot.lot_id for lot in past}:
        return held
    move_expired_holds(session, by, [row], past, now=now, key=f"{key}:move")
    held = held_lots(session, by.community_id, [row.id])
    if not held:
        raise WrongState(kind="claim", state="expired_on_shelf")
    return held


def _decide_again(
    session: Session, by: By, row: Row[Any], *, pieces: int, now: datetime
) -> Decided:
    """Decide as of now, leaving this claim's own pieces out of the quota.

    What a person approved against the rule stays approved; only the quota still binds it.
    """
    decided = decide_household(
        session, by.community_id, row.household_id,
        on=local_day(now), asked=pieces, without_claim_id=row.id,
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
    """See that the pieces fit the quota, whatever else the rules say."""
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
        ended_at=None,  # What is recorded late had lapsed, or was cancelled.
        end_reason=None,
    )
)
_NEW_WITHDRAWAL = insert(withdrawal)


def hand_over(
    session: Session,
    by: By,
    row: Row[Any],
    held: Sequence[HeldLot],
    *,
    decision_id: int,
    now: datetime,
    key: str,
    kind: str,
    happened_at: datetime | None,
    mode: int = AUTHORISE,
) -> int:
    """Capture the holds, move the claim on, count the pieces, close lots that are empty.

    It happened after it was asked for, whatever a clock said. Names the transaction.
    """
    at = min(max(happened_at or now, row.asked_at), now)
    pieces = sum(one.pieces for one in held)
    lines = resolves(held, captured=True)
    txn_id = post_one(
        session, by=by, now=now, key=key, kind=kind, lines=lines, effective_at=at, mode=mode
    )
    changes = {
        "of_community": by.community_id,
        "of_claim": row.id,
        "at": at,
        "whom": by.client,
        "decided": decision_id,
        "gone": pieces,
    }
    session.connection().execute(_ISSUED, changes)
    write_withdrawal(
        session, by, claim_id=row.id, household_id=row.household_id, pieces=pieces,
        taken_on=local_day(at), now=now,
    )  # fmt: skip
    finish_empty_lots(session, by.community_id, {one.lot_id: one.account_id for one in held})
    return txn_id


def write_withdrawal(
    session: Session,
    by: By,
    *,
    claim_id: int,
    household_id: int,
    pieces: int,
    taken_on: date,
    now: datetime,
) -> None:
    """Count what went home against the household's quota, by its day."""
    row = {
        "community_id": by.community_id,
        "id": new_id(),
        "household_id": household_id,
        "claim_id": claim_id,
        "taken_on": taken_on,
        "pieces": pieces,
        "source": "issued",
        "note": "",
        "recorded_at": now,
        "recorded_by": by.client,
    }
    session.execute(_NEW_WITHDRAWAL, row)
