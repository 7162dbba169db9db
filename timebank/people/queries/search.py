"""Search for a person by name, pinyin initials, card or household number, within one's sight."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select, true
from sqlalchemy.orm import Session

from timebank.errors import NotAllowed
from timebank.people.queries.briefs import brief_of, person_query
from timebank.people.queries.cards import card_condition
from timebank.people.rules import Sight, read_household_no, sight_of
from timebank.people.tables import card, household, person, place
from timebank.people.vault import vault_of
from timebank.values import By

LIMIT_MAX = 100


@dataclass(frozen=True, slots=True)
class PersonFound:
    """A person as the searcher may see them: ``shown_name`` is masked if they do not need the
    name.
    """

    id: int
    shown_name: str
    is_masked: bool
    household_id: int | None
    household_no: str | None
    building_no: int | None
    grid_id: int | None


def search_people(session: Session, by: By, text: str, limit: int = 20) -> list[PersonFound]:
    """Find people within the searcher's sight; an empty text finds nobody.

    The text is a whole card or household number, the first pinyin initials, or any part of the
    name. Searchers who see whole names also find by a whole id number or phone, through its
    digest. A page sends the text by POST, never in its address, because it may be such a number.

    **Refuses**: ``NotAllowed`` for residents, who may not search.
    """
    sight = sight_of(by)
    if sight is None:
        raise NotAllowed(deed="search_people")
    tidy = unicodedata.normalize("NFKC", text).strip()[:40]
    limit = max(1, min(limit, LIMIT_MAX))
    rows = {
        (row.initials, row.household_no or "", row.id): row
        for condition in _conditions(session, tidy, sight)
        for row in session.execute(_found(by, condition, sight).limit(limit))
    }
    found = [brief_of(rows[place]) for place in sorted(rows)[:limit]]
    return [
        PersonFound(
            id=brief.id,
            shown_name=brief.masked_name if sight.masked else brief.name,
            is_masked=sight.masked,
            household_id=brief.household_id,
            household_no=brief.household_no,
            building_no=brief.building_no,
            grid_id=brief.grid_id,
        )
        for brief in found
    ]


def _found(by: By, condition: ColumnElement[bool], sight: Sight) -> Select[Any]:
    own = person.c.community_id == by.community_id
    order = person.c.initials, household.c.household_no, person.c.id
    found = person_query().add_columns(person.c.initials)
    return found.where(own, condition, _within(sight)).order_by(*order)


def _conditions(session: Session, text: str, sight: Sight) -> list[ColumnElement[bool]]:
    """What may match: each condition finds its people by an index of its own."""
    if text.isascii() and text.isalpha():
        # Latin names are also found by their letters, Chinese names by their initials.
        return [
            _begins(column, text.lower()) for column in (person.c.initials, person.c.latin_name)
        ]
    return [_matches(session, text, sight)] if text else []


def _begins(column: ColumnElement[str | None], letters: str) -> ColumnElement[bool]:
    """Match a beginning as a range: an index serves it, however many people there are."""
    return and_(column >= letters, column < letters[:-1] + chr(ord(letters[-1]) + 1))


def _matches(session: Session, text: str, sight: Sight) -> ColumnElement[bool]:
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
        return and_(household.c.household_no == number)
    if any(letter.isdigit() for letter in text):
        return _has_number(session, text, sight)
    return person.c.name.contains(text, autoescape=True)


def _has_number(session: Session, text: str, sight: Sight) -> ColumnElement[bool]:
    """Find by whole id number or phone. Searchers who see masked names must not learn its owner."""
    if sight.masked:
        return false()
    vault = vault_of(session)
    number = re.sub(r"[\s\-()]", "", text).upper()
    return or_(
        person.c.id_no_digest == vault.digest("person.id_no", number),
        person.c.phone_digest == vault.digest("person.phone", number),
    )


def _within(sight: Sight) -> Any:
    if sight.grid_ids is None:
        return true()
    return place.c.parent_id.in_(sorted(sight.grid_ids))
