"""Finding a neighbour by name, pinyin initials, card or household number, within one's sight."""

import unicodedata
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, false, select, true
from sqlalchemy.orm import Session

from timebank.errors import NotAllowed
from timebank.people.queries.briefs import brief_of, person_query
from timebank.people.queries.cards import card_condition
from timebank.people.rules import Sight, read_household_no, sight_of
from timebank.people.tables import card, household, person, place
from timebank.values import By

LIMIT_MAX = 100


@dataclass(frozen=True, slots=True)
class PersonFound:
    """A person as the searcher may see him: ``shown_name`` is masked where he has no need."""

    id: int
    shown_name: str
    is_masked: bool
    household_id: int | None
    household_no: str | None
    building_no: int | None
    grid_id: int | None


def search_people(session: Session, by: By, text: str, limit: int = 20) -> list[PersonFound]:
    """Find people within the searcher's sight; nothing typed finds nobody.

    A whole card or household number, pinyin initials from the first on, or any part of the
    name. **Refuses**: ``NotAllowed`` for a resident, who looks nobody up.
    """
    sight = sight_of(by)
    if sight is None:
        raise NotAllowed(deed="search_people")
    query = (
        person_query()
        .where(
            person.c.community_id == by.community_id,
            _matches(session, unicodedata.normalize("NFKC", text).strip()[:40]),
            _within(sight),
        )
        .order_by(person.c.initials, household.c.household_no, person.c.id)
        .limit(max(1, min(limit, LIMIT_MAX)))
    )
    found = [brief_of(row) for row in session.execute(query)]
    return [
        PersonFound(
            brief.id,
            brief.masked_name if sight.masked else brief.name,
            sight.masked,
            brief.household_id,
            brief.household_no,
            brief.building_no,
            brief.grid_id,
        )
        for brief in found
    ]


def _matches(session: Session, text: str) -> Any:
    if not text:
        return false()
    by_card = card_condition(session, text)
    if by_card is not None:
        return exists(
            select(card.c.id).where(
                card.c.community_id == person.c.community_id,
                card.c.person_id == person.c.id,
                by_card,
            )
        )
    if number := read_household_no(text):
        return household.c.household_no == number
    if text.isascii() and text.isalpha():
        # Latin names are found by their letters too, the others by their initials.
        return person.c.initials.startswith(text.lower(), autoescape=True) | (
            person.c.name.istartswith(text, autoescape=True)
        )
    return person.c.name.contains(text, autoescape=True)


def _within(sight: Sight) -> Any:
    if sight.grid_ids is None:
        return true()
    return place.c.parent_id.in_(sorted(sight.grid_ids))
