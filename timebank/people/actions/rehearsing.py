"""What would be wrong with households before they are enrolled: every fault, not only the first.

The same checks as ``enrol_households``, which still decides.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from timebank.deeds.deed import Deed
from timebank.errors import BadInput
from timebank.people.actions.duplicates import known_namesakes, known_numbers, known_phones
from timebank.people.actions.enrolment import NewPerson, person_row
from timebank.people.refusals import BadIdNumber
from timebank.values import new_id
from timebank.vault.cipher import vault_to_seal


@dataclass(frozen=True, slots=True)
class PersonFault:
    """What is wrong with a person: the place in the list, the field and why."""

    at: int
    field: str
    why: str


def person_faults(
    deed: Deed, people: Sequence[NewPerson], *, homes: Sequence[int | None]
) -> Iterator[PersonFault]:
    """Find what ``enrol_households`` would refuse about people.

    **Shape**: ``homes`` gives for each person a number that those of one household share; None for
    people who live elsewhere.
    """
    vault = vault_to_seal(deed.session)
    stand_ins = {home: new_id() for home in set(homes) if home is not None}
    rows: dict[int, dict[str, Any]] = {}
    for at, (new, home) in enumerate(zip(people, homes, strict=True)):
        household_id = None if home is None else stand_ins[home]
        try:
            rows[at] = person_row(vault, deed, new, household_id, at={})
        except BadInput as refusal:
            yield PersonFault(at, str(refusal.facts["field"]), str(refusal.facts["why"]))
        except BadIdNumber as refusal:
            yield PersonFault(at, "id_no", f"id_{refusal.facts['why']}")
    unseen = {at: row for at, row in rows.items() if not people[at].is_other_person}
    places, listed = list(rows), list(rows.values())
    numbers = (places[at] for at in known_numbers(deed.session, deed.community_id, listed, vault))
    yield from _each(numbers, "id_no", "id_known")
    asked = (deed.session, deed.community_id, unseen, vault)
    yield from _each(known_namesakes(*asked), "name", "namesake_known")
    yield from _each(known_phones(*asked), "phone", "phone_known")


def _each(places: Iterable[int], field: str, why: str) -> Iterator[PersonFault]:
    for at in sorted(set(places)):
        yield PersonFault(at, field, why)
