"""Enrol households and people: one family at the counter, or a whole community at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from timebank.db import violates
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.deeds.tables import community
from timebank.errors import BadInput, NotFound
from timebank.people import may
from timebank.people.actions.duplicates import (
    require_new,
    require_new_numbers,
    require_new_phones,
)
from timebank.people.queries.records import next_household_no
from timebank.people.refusals import BadIdNumber, DuplicateIdentity
from timebank.people.rules import (
    LANGUAGES,
    check_id_number,
    read_household_no,
    tidy_phone,
)
from timebank.people.rules.ages import age_cells
from timebank.people.rules.names import initials_of, latin_name, tidy_name
from timebank.people.rules.records import check_relation
from timebank.people.sight import household_reached
from timebank.people.tables import household, person, place
from timebank.values import local_day, new_id
from timebank.vault.cipher import Vault, vault_to_seal

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person to enrol. Birth date and sex are read from the id number if there is one.

    ``contacts`` (whom to call) and ``notes`` (on health or need) are encrypted.
    """

    name: str
    birth_on: date | None = None
    sex: str | None = None
    # Fields that will be encrypted must not appear in a traceback.
    id_no: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    contacts: str = field(default="", repr=False)
    notes: str = field(default="", repr=False)
    registered_elsewhere: bool = False
    # Staff have looked: somebody of the same name and birth date, or with the same phone number, is
    # another person.
    is_other_person: bool = False
    relation: str | None = None  # To the head of the household.
    language: str | None = None


@dataclass(frozen=True, slots=True)
class NewHousehold:
    """A family with its building and door number."""

    household_no: str
    building_id: int
    door: str = field(repr=False)
    people: tuple[NewPerson, ...] = ()


@dataclass(frozen=True, slots=True)
class EnrolledPeople:
    """Ids in the order given: ``person_ids[3][0]`` is the first person of the fourth family."""

    household_ids: tuple[int, ...]
    person_ids: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class PeopleAdded:
    person_ids: tuple[int, ...]


@action("enrol_households")
def enrol_households(deed: Deed, *, households: tuple[NewHousehold, ...]) -> EnrolledPeople:
    """Enrol families with their members, all or none.

    **Refuses**: ``NotAllowed`` (also for a grid worker outside their grid); ``NotFound`` for a
    building; ``BadInput`` with the ``line`` of the household; ``BadIdNumber``;
    ``DuplicateIdentity``, without saying who has the number. The ``row`` is the person's place
    among the people of the household, or of the whole list for a duplicate.
    """
    require_buildings(deed, {new.building_id for new in households})
    _check_household_nos(deed.session, deed.community_id, households)
    vault = vault_to_seal(deed.session)
    household_ids = tuple(new_id() for _ in households)
    rows = [
        {
            "community_id": deed.community_id,
            "id": household_id,
            "household_no": new.household_no,
            "building_id": new.building_id,
            "door_sealed": vault.seal(new.door, "household.door"),
            "enrolled_at": deed.now,
        }
        for household_id, new in zip(household_ids, households, strict=True)
    ]
    if rows:
        deed.session.execute(insert(household), rows)
    members = [
        person_row(vault, deed, new_person, household_id, at={"line": line, "row": row})
        for line, (household_id, new) in enumerate(zip(household_ids, households, strict=True))
        for row, new_person in enumerate(new.people)
    ]
    people = [new_person for new in households for new_person in new.people]
    _insert_people(deed, members, people, vault)
    facts = {"households": len(rows), "people": len(members)}
    subject_id = household_ids[0] if len(rows) == 1 else None
    audit(
        deed, name="enrol_households", subject_kind="household", subject_id=subject_id, facts=facts
    )
    ids = iter(members)
    return EnrolledPeople(
        household_ids, tuple(tuple(next(ids)["id"] for _ in new.people) for new in households)
    )


@action("enrol_people")
def enrol_people(
    deed: Deed, *, people: tuple[NewPerson, ...], household_id: int | None = None
) -> PeopleAdded:
    """Add members to a household, or people from outside who help or work here.

    **Refuses**: as ``enrol_households``; ``NotFound`` for the household, also outside one's grid.
    """
    if household_id is None:
        may.ENROL_PEOPLE.require_everywhere(deed.by)
    else:
        may.ENROL_HOUSEHOLDS.require(deed.by)
        household_reached(deed.session, deed.by, household_id, may.ENROL_HOUSEHOLDS)
    vault = vault_to_seal(deed.session)
    rows = [
        person_row(vault, deed, new, household_id, at={"line": line})
        for line, new in enumerate(people)
    ]
    _insert_people(deed, rows, people, vault)
    audit(
        deed,
        name="enrol_people",
        subject_kind="household",
        subject_id=household_id,
        facts={"people": len(rows)},
    )
    return PeopleAdded(tuple(row["id"] for row in rows))


def draw_household_no(deed: Deed) -> str:
    """The number of the next household. Counters draw one after the other: they lock their row."""
    deed.session.execute(
        select(community.c.id)
        .where(community.c.id == deed.community_id)
        .with_for_update(key_share=True)
    )
    return next_household_no(deed.session, deed.community_id)


def require_buildings(deed: Deed, building_ids: Iterable[int]) -> None:
    """Check that somebody may enrol in each of the buildings, and that none of them has ended."""
    may.ENROL_HOUSEHOLDS.require(deed.by)
    grids = {
        row.id: row.parent_id
        for row in deed.session.execute(
            select(place.c.id, place.c.parent_id)
            .where(
                place.c.community_id == deed.community_id,
                place.c.kind == "building",
                place.c.ended_on.is_(None),
                place.c.id.in_(sorted(building_ids)),
            )
            .order_by(place.c.id)
            # No building ends while somebody moves in.
            .with_for_update(read=True, key_share=True)
        )
    }
    for building_id in building_ids:
        if building_id not in grids:
            raise NotFound(kind="building")
        may.ENROL_HOUSEHOLDS.require_at(deed.by, grids[building_id])


def _check_household_nos(
    session: Session, community_id: int, households: Sequence[NewHousehold]
) -> None:
    numbers = [new.household_no for new in households]
    taken = {
        number
        for some in _chunks(numbers)
        for number in session.scalars(
            select(household.c.household_no).where(
                household.c.community_id == community_id, household.c.household_no.in_(some)
            )
        )
    }
    for line, new in enumerate(households):
        if read_household_no(new.household_no) != new.household_no:
            raise BadInput(field="household_no", why="shape", line=line)
        if new.household_no in taken:
            raise BadInput(field="household_no", why="taken", line=line)
        taken.add(new.household_no)
        if not 1 <= len(new.door.strip()) <= 80:
            raise BadInput(field="door", why="length", line=line)


def person_row(
    vault: Vault,
    deed: Deed,
    new: NewPerson,
    household_id: int | None,
    *,
    at: Mapping[str, int],
) -> dict[str, Any]:
    """The row of a new person. **Refuses**: ``BadInput`` and ``BadIdNumber`` with ``at``."""
    today = local_day(deed.now)
    try:
        tidy = _tidy(new, today)
    except (BadInput, BadIdNumber) as refusal:
        raise type(refusal)(**refusal.facts, **at) from None
    return {
        "community_id": deed.community_id,
        "id": new_id(),
        "household_id": household_id,
        "name": tidy.name,
        "initials": initials_of(tidy.name),
        "latin_name": latin_name(tidy.name),
        "sex": tidy.sex,
        **birth_cells(vault, tidy.birth_on, today),
        **sealed_cells(vault, "id_no", tidy.id_no, digest=True),
        **sealed_cells(vault, "phone", tidy.phone, digest=True),
        **sealed_cells(vault, "contacts", tidy.contacts),
        **sealed_cells(vault, "notes", tidy.notes),
        "registered_elsewhere": tidy.registered_elsewhere,
        "enrolled_at": deed.now,
        "relation_to_head": tidy.relation,
        "language": tidy.language,
    }


def _tidy(new: NewPerson, today: date) -> NewPerson:
    if new.sex not in (None, "m", "f"):
        raise BadInput(field="sex", why="unknown")
    if new.birth_on is not None and not date(1880, 1, 1) <= new.birth_on <= today:
        raise BadInput(field="birth_on", why="range")
    if new.language is not None and new.language not in LANGUAGES:
        raise BadInput(field="language", why="unknown")
    tidy = replace(
        new,
        name=tidy_name(new.name),
        phone=tidy_phone(new.phone),
        relation=check_relation(new.relation),
    )
    if not new.id_no:
        return tidy
    read = check_id_number(new.id_no, birth_on=new.birth_on, sex=new.sex, on=today)
    return replace(tidy, id_no=read.number, birth_on=read.birth_on, sex=read.sex)


def birth_cells(vault: Vault, birth_on: date | None, today: date) -> dict[str, Any]:
    """The sealed birth date, its digest, and the group of the age, which stands in clear."""
    text = "" if birth_on is None else birth_on.isoformat()
    return {**sealed_cells(vault, "birth", text, digest=True), **age_cells(text, today)}


def sealed_cells(vault: Vault, name: str, text: str, *, digest: bool = False) -> dict[str, Any]:
    """The cells of a sealed column, and of its digest if it is searched."""
    cells: dict[str, Any] = {f"{name}_sealed": vault.seal(text, f"person.{name}") if text else None}
    if digest:
        cells[f"{name}_digest"] = vault.digest(f"person.{name}", text) if text else None
    return cells


def _insert_people(
    deed: Deed, rows: list[dict[str, Any]], people: Sequence[NewPerson], vault: Vault
) -> None:
    if not rows:
        return
    session, community_id = deed.session, deed.community_id
    unseen = {at: row for at, row in enumerate(rows) if not people[at].is_other_person}
    require_new_numbers(session, community_id, rows, vault)
    require_new(session, community_id, unseen, vault)
    require_new_phones(session, community_id, unseen, vault)
    try:
        session.execute(insert(person), rows)
    except IntegrityError as fault:
        # Another unit of work enrolled the same number between our read and our insert.
        if violates(fault, "uq_person_id_no", "person.id_no_digest"):
            raise DuplicateIdentity() from None
        raise


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
