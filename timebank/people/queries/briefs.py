"""Who a person is, where their household lives, and which papers it has shown.

Names are not masked here. A caller that shows a brief to another person shows ``masked_name``,
unless the reader needs the name for their work.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, Subquery, and_, bindparam, func, select
from sqlalchemy.orm import Session

from timebank.db import among
from timebank.errors import NotFound
from timebank.people.rules import GUARDIAN_CONSENT
from timebank.people.rules.ages import eldest_first, group_on
from timebank.people.rules.names import mask_name
from timebank.people.tables import household as household_table
from timebank.people.tables import person, place, proof
from timebank.vault.cipher import vault_to_open


@dataclass(frozen=True, slots=True)
class PersonBrief:
    """A person as other subjects need them, without encrypted data."""

    id: int
    name: str
    masked_name: str
    household_id: int | None
    household_no: str | None
    building_no: int | None
    grid_id: int | None
    age_group: str | None  # As stored: ask ``age_group_on``.
    age_changes_on: date | None
    sex: str | None
    registered_elsewhere: bool
    merged_into_id: int | None = None  # The record that is kept, of somebody entered twice.

    def age_group_on(self, on: date) -> str | None:
        """The group of their age on a day; None if it is unknown."""
        return group_on(self.age_group, self.age_changes_on, on)


@dataclass(frozen=True, slots=True)
class Household:
    """A household: the unit that claims, with its place and its members, the eldest first."""

    id: int
    household_no: str
    building_id: int
    building_no: int
    grid_id: int
    members: tuple[PersonBrief, ...]


@dataclass(frozen=True, slots=True)
class HouseholdBrief:
    """A household with its number and place, without its members."""

    id: int
    household_no: str
    building_no: int
    grid_id: int


@dataclass(frozen=True, slots=True)
class Proof:
    """A paper that was seen. ``valid_until_on`` is its last day; ``ended_on`` is the day after.

    ``kind`` is None if it cannot be decrypted.
    """

    id: int
    household_id: int
    person_id: int | None
    kind: str | None
    valid_from_on: date
    valid_until_on: date
    seen_at: datetime
    ended_on: date | None

    def is_valid_on(self, on: date) -> bool:
        """Tell whether the paper is valid on a day."""
        ended = self.ended_on is not None and on >= self.ended_on
        return self.valid_from_on <= on <= self.valid_until_on and not ended


KIND_COLUMN = "proof.kind"
_HOME = and_(
    household_table.c.community_id == person.c.community_id,
    household_table.c.id == person.c.household_id,
)
_BUILDING = and_(
    place.c.community_id == household_table.c.community_id,
    place.c.id == household_table.c.building_id,
)


def person_query() -> Select[Any]:
    """Select the columns of a brief; it includes persons without a household."""
    return (
        select(
            person.c.id,
            person.c.name,
            person.c.household_id,
            household_table.c.household_no,
            place.c.number.label("building_no"),
            place.c.parent_id.label("grid_id"),
            person.c.age_group,
            person.c.age_changes_on,
            person.c.sex,
            person.c.registered_elsewhere,
            person.c.merged_into_id,
        )
        .outerjoin(household_table, _HOME)
        .outerjoin(place, _BUILDING)
    )


def brief_of(row: Row[Any]) -> PersonBrief:
    """Build a brief from a row of ``person_query``."""
    return PersonBrief(
        id=row.id,
        name=row.name,
        masked_name=mask_name(row.name),
        household_id=row.household_id,
        household_no=row.household_no,
        building_no=row.building_no,
        grid_id=row.grid_id,
        age_group=row.age_group,
        age_changes_on=row.age_changes_on,
        sex=row.sex,
        registered_elsewhere=row.registered_elsewhere,
        merged_into_id=row.merged_into_id,
    )


_BRIEFS = person_query().where(
    person.c.community_id == bindparam("of_community"), among(person.c.id, "person_ids")
)


def briefs(
    session: Session, community_id: int, person_ids: Iterable[int]
) -> dict[int, PersonBrief]:
    """Return the briefs of these persons; ids of other communities are left out."""
    asked = {"of_community": community_id, "person_ids": sorted(set(person_ids))}
    return {row.id: brief_of(row) for row in session.execute(_BRIEFS, asked)}


def person_names() -> Subquery:
    """Select every person's key and whole name, for a join in another subject. Mask the names."""
    return select(person.c.community_id, person.c.id, person.c.name).subquery()


def with_names(rows: Subquery, community_id: int) -> Select[Any]:
    """Join the name and home of ``person_id`` to each row, if it has one.

    The tables are joined one by one: SQLite would read a subquery of all of them completely.
    """
    whose = and_(person.c.community_id == community_id, person.c.id == rows.c.person_id)
    return (
        select(
            rows, person.c.name, household_table.c.household_no, place.c.number.label("building_no")
        )
        .outerjoin(person, whose)
        .outerjoin(household_table, _HOME)
        .outerjoin(place, _BUILDING)
    )


_CONSENTS = select(
    *(proof.c[name] for name in Proof.__slots__ if name != "kind"), proof.c.kind_sealed
).where(proof.c.community_id == bindparam("of_community"), among(proof.c.person_id, "person_ids"))


def guardian_consents(
    session: Session, community_id: int, person_ids: Collection[int]
) -> list[Proof]:
    """The consents of guardians for these people, also those that have ended."""
    asked = {"of_community": community_id, "person_ids": sorted(person_ids)}
    papers = [_proof(session, row) for row in session.execute(_CONSENTS, asked)]
    return [paper for paper in papers if paper.kind == GUARDIAN_CONSENT]


_ALONE = (
    select(person.c.household_id, func.min(person.c.id).label("person_id"))
    .where(
        person.c.community_id == bindparam("of_community"),
        among(person.c.household_id, "household_ids"),
        person.c.merged_into_id.is_(None),
    )
    .group_by(person.c.household_id)
    .having(func.count() == 1)
)


def who_live_alone(
    session: Session, community_id: int, household_ids: Collection[int]
) -> dict[int, int]:
    """The only member of each of these households that has one member."""
    asked = {"of_community": community_id, "household_ids": sorted(household_ids)}
    rows = session.execute(_ALONE, asked).all() if household_ids else []
    return {row.household_id: row.person_id for row in rows}


def person_brief(session: Session, community_id: int, person_id: int) -> PersonBrief:
    """**Refuses**: ``NotFound``, also for a person of another community."""
    found = briefs(session, community_id, [person_id])
    if person_id not in found:
        raise NotFound(kind="person")
    return found[person_id]


_HOMES = (
    select(household_table.c.id, household_table.c.household_no, place.c.number, place.c.parent_id)
    .join(place, _BUILDING)
    .where(
        household_table.c.community_id == bindparam("of_community"),
        among(household_table.c.id, "household_ids"),
    )
)


def household_briefs(
    session: Session, community_id: int, household_ids: Iterable[int]
) -> dict[int, HouseholdBrief]:
    """Return the briefs of these households; ids of other communities are left out."""
    asked = {"of_community": community_id, "household_ids": sorted(set(household_ids))}
    return {row.id: HouseholdBrief(*row) for row in session.execute(_HOMES, asked)}


def _household_of(session: Session, community_id: int, condition: Any) -> Household:
    row = session.execute(
        select(
            household_table.c.id,
            household_table.c.household_no,
            household_table.c.building_id,
            place.c.number.label("building_no"),
            place.c.parent_id.label("grid_id"),
        )
        .join(
            place,
            and_(
                place.c.community_id == household_table.c.community_id,
                place.c.id == household_table.c.building_id,
            ),
        )
        .where(household_table.c.community_id == community_id, condition)
    ).first()
    if row is None:
        raise NotFound(kind="household")
    members = session.execute(
        person_query()
        .where(
            person.c.community_id == community_id,
            person.c.household_id == row.id,
            person.c.merged_into_id.is_(None),
        )
        .order_by(person.c.id)
    )
    briefs = sorted(
        map(brief_of, members), key=lambda one: eldest_first(one.age_group, one.age_changes_on)
    )
    return Household(**row._mapping, members=tuple(briefs))


def household(session: Session, community_id: int, household_id: int) -> Household:
    """**Refuses**: ``NotFound``, also for a household of another community."""
    return _household_of(session, community_id, household_table.c.id == household_id)


def household_by_no(session: Session, community_id: int, household_no: str) -> Household:
    """**Refuses**: ``NotFound``."""
    return _household_of(session, community_id, household_table.c.household_no == household_no)


_PROOFS = (
    select(*(proof.c[name] for name in Proof.__slots__ if name != "kind"), proof.c.kind_sealed)
    .where(
        proof.c.community_id == bindparam("of_community"),
        proof.c.household_id == bindparam("of_household"),
    )
    .order_by(proof.c.valid_until_on.desc(), proof.c.id.desc())
)


def proofs_of_household(
    session: Session, community_id: int, household_id: int, *, on: date | None = None
) -> list[Proof]:
    """The papers a household has shown, newest first; with ``on``, only those valid on that day."""
    asked = {"of_community": community_id, "of_household": household_id}
    proofs = [_proof(session, row) for row in session.execute(_PROOFS, asked)]
    return [paper for paper in proofs if on is None or paper.is_valid_on(on)]


def _proof(session: Session, row: Any) -> Proof:
    fields = {name: getattr(row, name) for name in Proof.__slots__ if name != "kind"}
    return Proof(**fields, kind=kind_of(session, row))


def kind_of(session: Session, row: Any) -> str | None:
    """The kind of a paper; None if it cannot be decrypted."""
    return vault_to_open(session).open_or_none(row.kind_sealed, KIND_COLUMN)
