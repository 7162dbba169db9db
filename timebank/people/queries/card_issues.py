"""Cards made at the counter: what waits for the second person, and who made which card."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, literal, or_, select
from sqlalchemy.orm import Session

from timebank.db import NOW, waiting_row, written
from timebank.errors import NotFound
from timebank.people import may
from timebank.people.tables import card, card_issue, person
from timebank.values import By


@dataclass(frozen=True, slots=True, kw_only=True)
class CardIssueTold:
    """A card as the holder and the staff see its making; the names of staff are whole.

    ``given_by`` and ``given_at`` are empty while it waits, until ``until_at``, for the second
    person. ``by_pin``: the second person was the holder, who typed their PIN.
    """

    id: int
    person_id: int
    asked_by: str
    asked_by_person_id: int
    asked_at: datetime
    until_at: datetime
    by_pin: bool
    given_by: str
    given_by_person_id: int | None
    given_at: datetime | None
    card_id: int | None


def waiting_card_issues(by: By) -> Select[Any] | None:
    """Cards that a second member of staff can give today, for others than the one who asked."""
    if not may.SERVE_CARDS.is_held(by):
        return None
    return (
        waiting_row(
            "card_issue",
            card_issue.c.id,
            since=card_issue.c.asked_at,
            until=card_issue.c.until_at,
            person_id=card_issue.c.person_id,
            count=literal(1),
        )
        .join(
            person,
            and_(
                person.c.community_id == card_issue.c.community_id,
                person.c.id == card_issue.c.person_id,
            ),
        )
        .where(
            card_issue.c.community_id == by.community_id,
            card_issue.c.given_at.is_(None),
            card_issue.c.until_at > NOW,
            card_issue.c.asked_by_person_id != (by.person_id or -1),
            card_issue.c.person_id != (by.person_id or -1),
            or_(person.c.household_id.is_(None), person.c.household_id != (by.household_id or -1)),
        )
    )


_ASKER, _GIVER = person.alias("asker"), person.alias("giver")
_ISSUES = (
    select(card_issue, _ASKER.c.name.label("asker_name"), _GIVER.c.name.label("giver_name"))
    .join(
        _ASKER,
        and_(
            _ASKER.c.community_id == card_issue.c.community_id,
            _ASKER.c.id == card_issue.c.asked_by_person_id,
        ),
    )
    .outerjoin(
        _GIVER,
        and_(
            _GIVER.c.community_id == card_issue.c.community_id,
            _GIVER.c.id == card_issue.c.given_by_person_id,
        ),
    )
    .order_by(card_issue.c.asked_at.desc())
    .limit(written(1))
)


def card_issue_named(session: Session, community_id: int, issue_id: int) -> CardIssueTold:
    """The making of a card by its id. **Refuses**: ``NotFound``."""
    found = _first(session, card_issue.c.community_id == community_id, card_issue.c.id == issue_id)
    if found is None:
        raise NotFound(kind="card_issue")
    return found


def waiting_card_issue_of(
    session: Session, community_id: int, person_id: int, *, now: datetime
) -> CardIssueTold | None:
    """The card of a person that waits for the second person."""
    return _first(
        session,
        card_issue.c.community_id == community_id,
        card_issue.c.person_id == person_id,
        card_issue.c.given_at.is_(None),
        card_issue.c.until_at > now,
    )


def unread_card_issue(session: Session, community_id: int, person_id: int) -> CardIssueTold | None:
    """The newest card of a person about which they have not read yet."""
    return _first(
        session,
        card_issue.c.community_id == community_id,
        card_issue.c.person_id == person_id,
        card_issue.c.given_at.is_not(None),
        card_issue.c.read_at.is_(None),
    )


def knows_pin(session: Session, community_id: int, person_id: int) -> bool:
    """Tell whether the last card of a person has a PIN, be it valid or stopped."""
    newest = (
        select(card.c.pin_hash)
        .where(card.c.community_id == community_id, card.c.person_id == person_id)
        .order_by(card.c.issued_at.desc(), card.c.id.desc())
        .limit(1)
    )
    return session.scalar(newest) is not None


def _first(session: Session, *conditions: Any) -> CardIssueTold | None:
    row = session.execute(_ISSUES.where(*conditions)).first()
    if row is None:
        return None
    return CardIssueTold(
        id=row.id,
        person_id=row.person_id,
        asked_by=row.asker_name,
        asked_by_person_id=row.asked_by_person_id,
        asked_at=row.asked_at,
        until_at=row.until_at,
        by_pin=row.given_by_person_id == row.person_id,
        given_by=row.giver_name or "",
        given_by_person_id=row.given_by_person_id,
        given_at=row.given_at,
        card_id=row.card_id,
    )
