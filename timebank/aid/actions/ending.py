"""End a claim: it is cancelled, or it lapses because nobody came."""

from dataclasses import dataclass

from sqlalchemy import update

from timebank.aid import may
from timebank.aid.actions.codes import WIPED
from timebank.aid.actions.due import end_due
from timebank.aid.actions.holding import (
    claim_row,
    held_lots,
    lock_household,
    resolves,
    write_released,
)
from timebank.aid.actions.serving import is_served
from timebank.aid.rules import (
    BY_CLAIMANT,
    BY_STAFF,
    CANCELLED,
    READY,
    REVIEW,
)
from timebank.aid.tables import claim
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import NotFound, WrongState
from timebank.ledger.actions import post_one


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
    pieces = sum(held_lot.pieces for held_lot in held)
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
    """Return to the shelf what nobody picked up in time, and record the no-show; see ``end_due``.

    **Refuses**: ``NotAllowed`` to all but the nightly job, keepers and the coordinator.
    """
    may.LAPSE_CLAIMS.require(deed.by)
    ended = end_due(deed)
    return ClaimsLapsed(ended.claim_ids, ended.closed_household_ids)
