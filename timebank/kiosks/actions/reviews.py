"""Settling what could not be posted by itself. Nothing is ever deleted."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from timebank.errors import BadInput, NotAllowed, WrongState
from timebank.goods import queries as goods
from timebank.kiosks import rules, wire
from timebank.kiosks.actions.applying import Arrived, apply_event
from timebank.kiosks.queries import kept_envelope
from timebank.kiosks.tables import settlement
from timebank.people.actions import audit
from timebank.values import By

NOTE_MAX = 400


@dataclass(frozen=True, slots=True)
class ReviewSettled:
    """How a review ended: ``post`` applied the deed, ``keep`` kept the fact alone."""

    review_id: int
    how: str


def settle_review(
    session: Session,
    *,
    by: By,
    now: datetime,
    request_id: str,
    review_id: int,
    how: str,
    note: str,
) -> ReviewSettled:
    """Post a deed of a kiosk after all, or keep it as a fact without a posting.

    **Refuses**: ``NotAllowed`` for all but the shop's keeper and coordinators; ``BadInput``
    for a ``keep`` without a word why; ``WrongState`` where it is settled already; and with
    ``post`` whatever the deed's own action refuses.
    """
    kept = kept_envelope(session, by.community_id, review_id)
    place = goods.store(session, by.community_id, kept.device.store_id).place_id
    if not by.has_role("keeper", "coordinator", place_id=place):
        raise NotAllowed(needs="keeper")
    note = note.strip()[:NOTE_MAX]
    if how not in (rules.POST, rules.KEEP):
        raise BadInput(field="how", why="choice")
    if how == rules.KEEP and not note:
        raise BadInput(field="note", why="needed")
    _require_open(session, by, review_id)
    if how == rules.POST:
        apply_event(
            session, now=now, in_person=True,
            arrived=Arrived(
                kept.device, kept.seq, kept.raw, kept.signature, kept.digest,
                wire.is_signed(kept.device.public_key, kept.raw, kept.signature), kept.ahead_us,
            ),
        )  # fmt: skip
    session.execute(
        insert(settlement).values(
            community_id=by.community_id,
            review_id=review_id,
            how=how,
            note=note,
            settled_by=by.user_id,
            settled_at=now,
        )
    )
    audit(
        session, by=by, now=now, name="settle_review", subject_kind="kiosk_review",
        subject_id=review_id, facts={"how": how},
    )  # fmt: skip
    return ReviewSettled(review_id, how)


def _require_open(session: Session, by: By, review_id: int) -> None:
    known = session.scalar(
        select(settlement.c.how).where(
            settlement.c.community_id == by.community_id, settlement.c.review_id == review_id
        )
    )
    if known is not None:
        raise WrongState(state=known)
