"""A card that is issued or replaced: two members of staff, or one and the holder's own PIN.

A scanned card opens goods at a kiosk, so nobody makes one alone. The first member of staff asks
for the card and has seen the holder's document. The second one looks again and gives it; or the
holder types the PIN of the card that they had before. Stopping a card needs nobody else
(``cards.py``).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import NotAllowed, WrongState
from timebank.people import may
from timebank.people.actions.by_two import evening_of, require_not_asked, take_asked
from timebank.people.actions.cards import (
    CardIssued,
    check_language,
    lock_people,
    require_here,
    write_card,
)
from timebank.people.closeness import Involved, require_other, require_unrelated
from timebank.people.rules.visits import PROOF_LIFE
from timebank.people.tables import card_issue
from timebank.values import new_id


@dataclass(frozen=True, slots=True)
class CardIssueAsked:
    """A card that waits for a second person until ``until_at``."""

    card_issue_id: int
    person_id: int
    until_at: datetime


@dataclass(frozen=True, slots=True)
class CardIssueRead:
    """The holder has read who made their card."""

    card_issue_id: int


@action("ask_card")
def ask_card(
    deed: Deed, *, person_id: int, language: str = "zh", large_text: bool = False
) -> CardIssueAsked:
    """Ask for a card for a person whose document was seen. Lapses in the evening.

    **Refuses**: ``NotAllowed``, also for oneself and one's own household; ``NotFound``;
    ``BadInput``; ``WrongState`` if somebody has asked already.
    """
    may.SERVE_CARDS.require(deed.by)
    check_language(language)
    require_unrelated(deed.session, deed.by, person_id, may.SERVE_CARDS)
    lock_people(deed.session, deed.community_id, (person_id,))
    require_here(deed, person_id)
    require_not_asked(deed, card_issue, "given", card_issue.c.person_id == person_id)
    issue_id = new_id()
    until_at = evening_of(deed.now)
    row = {
        "community_id": deed.community_id, "id": issue_id, "person_id": person_id,
        "language": language, "large_text": large_text,
        "asked_by_person_id": deed.by.person_id, "asked_at": deed.now, "until_at": until_at,
    }  # fmt: skip
    deed.session.execute(insert(card_issue), row)
    audit(deed, name="ask_card", subject_kind="person", subject_id=person_id)
    return CardIssueAsked(issue_id, person_id, until_at)


@action("give_card")
def give_card(deed: Deed, *, card_issue_id: int) -> CardIssued:
    """Issue the card and stop the old one, as the second person.

    Whoever asked gives it only just after the holder has typed their PIN (``prove_holder``).

    **Refuses**: ``NotAllowed``; ``SamePerson`` to whoever asked, and to their household;
    ``NotFound``; ``WrongState`` the next day or a second time.
    """
    may.SERVE_CARDS.require(deed.by)
    row = card_issue_taken(deed, card_issue_id)
    require_unrelated(deed.session, deed.by, row.person_id, may.SERVE_CARDS)
    second_id = _second(deed, row)
    if not is_open(row, deed.now):
        raise WrongState(kind="card_issue", state="over")
    issued = write_card(deed, row.person_id, language=row.language, large_text=row.large_text)
    deed.session.execute(
        update(card_issue)
        .where(card_issue.c.community_id == deed.community_id, card_issue.c.id == card_issue_id)
        .values(given_by_person_id=second_id, given_at=deed.now, card_id=issued.card_id)
    )
    audit(
        deed,
        name="give_card",
        subject_kind="person",
        subject_id=row.person_id,
        facts={
            "card_no": issued.card_no,
            "replaced_card_id": issued.replaced_card_id,
            "by_pin": second_id == row.person_id,
        },
    )
    return issued


@action("read_card_issue")
def read_card_issue(deed: Deed, *, card_issue_id: int) -> CardIssueRead:
    """Note that the holder has read who made their card. **Refuses**: ``NotAllowed``."""
    row = card_issue_taken(deed, card_issue_id)
    if deed.by.person_id is None or row.person_id != deed.by.person_id:
        raise NotAllowed(deed="read_card_issue")
    deed.session.execute(
        update(card_issue)
        .where(
            card_issue.c.community_id == deed.community_id,
            card_issue.c.person_id == deed.by.person_id,
            card_issue.c.given_at.is_not(None),
            card_issue.c.read_at.is_(None),
        )
        .values(read_at=deed.now)
    )
    return CardIssueRead(card_issue_id)


def card_issue_taken(deed: Deed, card_issue_id: int) -> Any:
    """Read and lock what was asked for. **Refuses**: ``NotFound``."""
    return take_asked(deed, card_issue, card_issue_id)


def is_open(row: Any, now: datetime) -> bool:
    """Tell whether what was asked for today can still be given."""
    return row.given_at is None and row.until_at > now


def _second(deed: Deed, row: Any) -> int | None:
    """Who is the second person: the holder whose PIN was just right, or whoever gives the card."""
    is_asker = deed.by.person_id == row.asked_by_person_id
    if is_asker and row.pin_at is not None and deed.now - row.pin_at <= PROOF_LIFE:
        holder_id: int = row.person_id
        return holder_id
    require_other(deed, Involved(person_ids=(row.asked_by_person_id,)))
    return deed.by.person_id
