"""Cards made at the counter: what waits for the second person, and who made which card."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from timebank.people.queries.by_two import ByTwo, StepsOfTwo
from timebank.people.queries.merged import records_of
from timebank.people.tables import card, card_issue
from timebank.values import By


@dataclass(frozen=True, slots=True, kw_only=True)
class CardIssueTold(StepsOfTwo):
    """A card as the holder and the staff see its making."""

    card_id: int | None

    @property
    def by_pin(self) -> bool:
        """Whether the second person was the holder, who typed their PIN."""
        return self.done_by_person_id == self.person_id


_ISSUES = ByTwo(card_issue, "given", CardIssueTold)
card_issue_named = _ISSUES.named


def waiting_card_issues(by: By) -> Select[Any] | None:
    """Cards that a second member of staff of another household can give today."""
    return _ISSUES.waiting(by)


def waiting_card_issue_of(
    session: Session, community_id: int, person_id: int, *, now: datetime
) -> CardIssueTold | None:
    """The card of a person that waits for the second person."""
    return _ISSUES.waiting_of(session, community_id, card_issue.c.person_id == person_id, now=now)


def unread_card_issue(session: Session, community_id: int, person_id: int) -> CardIssueTold | None:
    """The newest card of a person about which they have not read yet."""
    return _ISSUES.unread(session, community_id, card_issue.c.person_id == person_id)


def knows_pin(session: Session, community_id: int, person_id: int) -> bool:
    """Tell whether the last card of a person has a PIN, be it valid or stopped."""
    newest = (
        select(card.c.pin_hash)
        .where(
            card.c.community_id == community_id,
            card.c.person_id.in_(records_of(community_id, [person_id])),
        )
        .order_by(card.c.issued_at.desc(), card.c.id.desc())
        .limit(1)
    )
    return session.scalar(newest) is not None
