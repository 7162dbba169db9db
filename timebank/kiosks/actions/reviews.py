"""Settle events that could not be posted. Nothing is ever deleted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from timebank.aid.queries import household_of_claim
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.goods import queries as goods
from timebank.kiosks import may, rules, wire
from timebank.kiosks.actions.applying import apply_event
from timebank.kiosks.actions.arrived import Arrived, Review
from timebank.kiosks.actions.cards import whose_card
from timebank.kiosks.queries import KeptEnvelope, kept_envelope
from timebank.kiosks.tables import settlement
from timebank.people.queries import briefs, kin_now

NOTE_MAX = 400


@dataclass(frozen=True, slots=True)
class ReviewSettled:
    """How a review was settled: ``post`` applied the deed, ``keep`` only kept the record.

    **Units**: ``lacking`` pieces were handed over but missing in the lots.
    """

    review_id: int
    how: str
    lacking: int = 0


@action("settle_review")
def settle_review(
    deed: Deed, *, review_id: int, how: str, note: str, happened_at: datetime | None = None
) -> ReviewSettled:
    """Post an event of a kiosk after all, or keep it as a record without a posting.

    It is posted at the time that was proposed, or at ``happened_at``, which staff asked about.

    **Refuses**: ``NotAllowed`` for all but the shop's keeper and coordinators, and for events of
    one's own household; ``BadInput`` for ``keep`` without a reason; ``WrongState`` if it is
    settled already; with ``post`` whatever the deed's own action refuses.
    """
    may.SETTLE_REVIEW.require(deed.by)
    envelope = kept_envelope(deed.session, deed.community_id, review_id)
    place = goods.store(deed.session, deed.community_id, envelope.device.store_id).place_id
    if not may.SETTLE_REVIEW.is_held_at(deed.by, place):
        raise NotFound(kind="review")
    _check_not_own(deed, envelope)
    note = note.strip()[:NOTE_MAX]
    if how not in (rules.POST, rules.KEEP):
        raise BadInput(field="how", why="choice")
    if how == rules.KEEP and not note:
        raise BadInput(field="note", why="needed")
    _require_open(deed, review_id)
    facts = _apply(deed, envelope, happened_at) if how == rules.POST else {}
    deed.session.execute(
        insert(settlement).values(
            community_id=deed.community_id,
            review_id=review_id,
            how=how,
            note=note,
            settled_by=deed.by.user_id,
            settled_at=deed.now,
        )
    )
    audit(
        deed,
        name="settle_review",
        subject_kind="kiosk_review",
        subject_id=review_id,
        facts={"how": how, **({"at": happened_at.isoformat()} if happened_at else {})},
    )
    return ReviewSettled(review_id, how, facts.get("lacking", 0))


def _apply(deed: Deed, stored: KeptEnvelope, told_at: datetime | None) -> dict[str, Any]:
    arrived = Arrived(
        device=stored.device, seq=stored.seq, raw=stored.raw, signature=stored.signature,
        digest=stored.digest,
        is_signed=wire.is_signed(stored.device.public_key, stored.raw, stored.signature),
        ahead_us=stored.ahead_us,
    )  # fmt: skip
    proposed = stored.facts.get("proposed_at")
    review = Review(
        by=deed.by, arrived_at=stored.received_at,
        proposed_at=datetime.fromisoformat(proposed) if proposed else None,
        is_time_doubted=stored.reason == rules.TIME_IMPLAUSIBLE, told_at=told_at,
    )  # fmt: skip
    return apply_event(deed.session, now=deed.now, arrived=arrived, review=review)


def _check_not_own(deed: Deed, stored: KeptEnvelope) -> None:
    """Refuse to let people settle events of themselves, their household or their relatives.

    **Refuses**: ``NotAllowed``.
    """
    try:
        envelope = wire.read_envelope(stored.raw)
    except BadInput:
        return  # The owner is unknown.
    ref = wire.ref_of_actor(envelope.actor)
    owner = whose_card(deed.session, stored.device, ref) if ref else None
    known = briefs(deed.session, deed.community_id, [owner.person_id] if owner else [])
    homes = {person.household_id for person in known.values()}
    claim_id = envelope.body.get("claim_id")
    if isinstance(claim_id, int) and 0 < claim_id < 2**63:
        homes.add(household_of_claim(deed.session, deed.community_id, claim_id))
    if kin_now(deed.session, deed.by, now=deed.now).why(known, homes) is not None:
        raise NotAllowed(deed="settle_review", why="own_case")


def _require_open(deed: Deed, review_id: int) -> None:
    known = deed.session.scalar(
        select(settlement.c.how).where(
            settlement.c.community_id == deed.community_id, settlement.c.review_id == review_id
        )
    )
    if known is not None:
        raise WrongState(kind="review", state=known)
