"""Search for a person by name, pinyin initials, card or household number, within one's sight."""

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from timebank.db import among, up_to
from timebank.errors import NotAllowed
from timebank.people.queries.briefs import PersonBrief, brief_of, briefs, person_query
from timebank.people.queries.cards import card_condition
from timebank.people.queries.merged import kept_of
from timebank.people.rules import (
    Sight,
    phone_spellings,
    read_household_no,
    sight_of,
    tidy_id_number,
)
from timebank.people.rules.ages import eldest_first, group_on
from timebank.people.rules.names import BETWEEN, name_spellings, other_initials, spoken_key
from timebank.people.tables import card, household, person, place
from timebank.people.tables.residents import first_character
from timebank.typed import plain
from timebank.values import By
from timebank.vault.cipher import vault_of

LIMIT_MAX = 50_000  # Everybody of the largest community that we know of.


@dataclass(frozen=True, slots=True)
class PersonFound:
    """A person as the searcher may see them: ``shown_name`` is masked if they do not need the
    name.

    ``place_by_age`` distinguishes people who look alike here, by name, household and age group: 1
    is the eldest of them. It is 0 for whoever looks like nobody else.
    """

    id: int
    shown_name: str
    is_masked: bool
    household_id: int | None
    household_no: str | None
    building_no: int | None
    grid_id: int | None
    age_group: str | None  # As stored: ask ``age_group_on``.
    age_changes_on: date | None
    place_by_age: int = 0

    def age_group_on(self, on: date) -> str | None:
        """The group of their age on a day; None if it is unknown."""
        return group_on(self.age_group, self.age_changes_on, on)


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
    tidy = unicodedata.normalize("NFKC", plain(text))[:40]
    limit = max(1, min(limit, LIMIT_MAX))
    values: dict[str, Any] = {"of_community": by.community_id, "most": limit}
    values["grid_ids"] = sorted(sight.grid_ids or ())
    rows = {
        (spoken_key(row.name), row.household_no or "", row.id): row
        for statement, more in _statements(session, tidy, sight)
        for row in session.execute(statement, values | more)
    }
    found = [brief_of(rows[place]) for place in sorted(rows)[:limit]]
    people = _kept(session, by.community_id, found)
    return list(_told_apart([_seen(brief, sight) for brief in people]))


def _kept(session: Session, community_id: int, found: list[PersonBrief]) -> list[PersonBrief]:
    """Whoever was entered twice is listed once, by the record that is kept."""
    kept_ids = {one.merged_into_id for one in found if one.merged_into_id}
    kept = briefs(session, community_id, kept_ids) if kept_ids else {}
    listed = {
        brief.id: brief
        for one in found
        if (brief := kept.get(one.merged_into_id) if one.merged_into_id else one) is not None
    }
    return list(listed.values())


def _seen(brief: PersonBrief, sight: Sight) -> PersonFound:
    return PersonFound(
        id=brief.id,
        shown_name=brief.masked_name if sight.masked else brief.name,
        is_masked=sight.masked,
        household_id=brief.household_id,
        household_no=brief.household_no,
        building_no=brief.building_no,
        grid_id=brief.grid_id,
        age_group=brief.age_group,
        age_changes_on=brief.age_changes_on,
    )


def _told_apart(people: list[PersonFound]) -> Iterator[PersonFound]:
    """Number those who look alike by age; the others stay as they are."""
    looks = Counter(map(_look, people))
    numbers = {
        namesake.id: number
        for _look_alike, alike in groupby(sorted(people, key=_by_age), _look)
        for number, namesake in enumerate(alike, start=1)
    }
    for one in people:
        yield replace(one, place_by_age=numbers[one.id]) if looks[_look(one)] > 1 else one


def _look(one: PersonFound) -> tuple[str, int, str]:
    return one.shown_name, one.household_id or 0, one.age_group or ""


def _by_age(one: PersonFound) -> tuple[Any, ...]:
    return *_look(one), eldest_first(one.age_group, one.age_changes_on), one.id


def _found(
    condition: ColumnElement[bool], *, in_grids: bool, first: tuple[Any, ...] = (person.c.initials,)
) -> Select[Any]:
    own = person.c.community_id == bindparam("of_community")
    order = *first, household.c.household_no, person.c.id
    found = person_query().add_columns(person.c.initials).where(own, condition)
    if in_grids:
        found = found.where(among(place.c.parent_id, "grid_ids"))
    return found.order_by(*order).limit(up_to())


def _statements(
    session: Session, text: str, sight: Sight
) -> list[tuple[Select[Any], dict[str, Any]]]:
    """What may match, with its values: each statement finds its people by an index of its own."""
    in_grids = sight.grid_ids is not None
    if text.isascii() and text.isalpha():
        letters = text.lower()
        values = _range(letters)
        # Latin names are also found by their letters, Chinese names by their initials. The
        # first letter of a Latin name is also the first of its initials.
        columns = ("initials", "latin_name") if len(letters) > 1 else ("initials",)
        found = [(_begins(column, in_grids=in_grids), values) for column in columns]
        return [*found, *_read_otherwise(letters, in_grids=in_grids)]
    return [(_found(_matches(session, text, sight), in_grids=in_grids), {})] if text else []


def _range(letters: str) -> dict[str, Any]:
    return {"from_letters": letters, "to_letters": letters[:-1] + chr(ord(letters[-1]) + 1)}


def _read_otherwise(
    letters: str, *, in_grids: bool
) -> Iterator[tuple[Select[Any], dict[str, Any]]]:
    """People whose family name has another reading, under which their initials are stored."""
    for stored, families in other_initials(letters).items():
        begun = sorted({family[0] for family in families})
        values = {"stored": stored, "families": families, "begun": begun}
        yield _begins_in_families(in_grids=in_grids), values


@lru_cache
def _begins(column: str, *, in_grids: bool) -> Select[Any]:
    """Match a beginning as a range: an index serves it, however many people there are."""
    letters = person.c[column]
    return _found(
        and_(letters >= bindparam("from_letters"), letters < bindparam("to_letters")),
        in_grids=in_grids,
    )


@lru_cache
def _begins_in_families(*, in_grids: bool) -> Select[Any]:
    """Match a beginning in some families: the index of first characters serves it.

    The initials are neither a range nor the order, or SQLite would read all who share them.
    """
    begins = (
        among(func.substr(person.c.name, 1, size, type_=String), "families") for size in (1, 2)
    )
    begin = func.substr(person.c.initials, 1, func.length(bindparam("stored")))
    return _found(
        and_(
            among(first_character(person.c.name), "begun"),
            begin == bindparam("stored"),
            or_(*begins),
        ),
        in_grids=in_grids,
        first=(),
    )


def _matches(session: Session, text: str, sight: Sight) -> ColumnElement[bool]:
    by_card = card_condition(session, text)
    if by_card is not None:
        own = card.c.community_id == bindparam("of_community")
        return person.c.id.in_(select(kept_of(card)).where(own, by_card))
    if number := read_household_no(text, is_bare=True):  # Phones and papers are longer.
        return and_(household.c.household_no == number)
    if any(letter.isdigit() for letter in text):
        return _has_number(session, text, sight)
    name: Any = person.c.name
    for mark in BETWEEN:
        name = func.replace(name, mark, "")
    return or_(false(), *(name.contains(way, autoescape=True) for way in name_spellings(text)))


def _has_number(session: Session, text: str, sight: Sight) -> ColumnElement[bool]:
    """Find by whole id number or phone. Searchers who see masked names must not learn its owner."""
    if sight.masked:
        return false()
    vault = vault_of(session)
    phones = [
        digest for phone in phone_spellings(text) for digest in vault.digests("person.phone", phone)
    ]
    return or_(
        person.c.id_no_digest.in_(vault.digests("person.id_no", tidy_id_number(text))),
        person.c.phone_digest.in_(phones),
    )
