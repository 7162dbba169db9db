"""Relatives: what kinds are recorded, and how close somebody is to a case. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from timebank.errors import BadInput

# A spouse and lineal relatives may later receive hours; the others only never countersign.
RELATION_KINDS = ("spouse", "parent_child", "grandparent", "siblings", "in_laws", "other")
FIRST_DAY = date(1880, 1, 1)
# For so long people who lived in one household still count as close. **Source**: our own default.
FORMER_DAYS = 365
# Why somebody is not a second person.
SELF, HOUSEHOLD, RELATIVE = "self", "household", "relative"


class Housed(Protocol):
    """A person with their household, as far as closeness needs them."""

    @property
    def household_id(self) -> int | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """Whose cases somebody does not decide: their own, their household's, their relatives'.

    ``homes`` are the households of the person, ``relative_homes`` those of their relatives: people
    of one household count as one. ``record_ids`` are all records of the person. Whoever shared a
    household until lately is a housemate still: ``housemate_ids``, and the homes among ``homes``.
    """

    person_id: int | None
    record_ids: frozenset[int] = field(default_factory=frozenset)
    homes: frozenset[int] = field(default_factory=frozenset)
    housemate_ids: frozenset[int] = field(default_factory=frozenset)
    relative_ids: frozenset[int] = field(default_factory=frozenset)
    relative_homes: frozenset[int] = field(default_factory=frozenset)

    def why(
        self, person_ids: Collection[int | None], household_ids: Collection[int | None]
    ) -> str | None:
        """The nearest of ``self``, ``household`` and ``relative``; None for other people."""
        people, homes = set(person_ids) - {None}, set(household_ids) - {None}
        if self.person_id in people or self.record_ids & people:
            return SELF
        if self.homes & homes or self.housemate_ids & people:
            return HOUSEHOLD
        return RELATIVE if self.relative_ids & people or self.relative_homes & homes else None

    def why_person(self, person_id: int | None, people: Mapping[int, Housed]) -> str | None:
        """The same for one person, whose brief ``people`` has."""
        known = people.get(person_id or 0)
        return self.why((person_id,), (known.household_id if known is not None else None,))


def check_relation(kind: str, from_on: date, *, today: date) -> None:
    """**Refuses**: ``BadInput`` for an unknown kind, and for a day to come or long gone."""
    if kind not in RELATION_KINDS:
        raise BadInput(field="kind", why="choice")
    if from_on > today:
        raise BadInput(field="from_on", why="future")
    if from_on < FIRST_DAY:
        raise BadInput(field="from_on", why="range")
