"""Change what is known of a person or a household. What it was before stays, with its day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select, update

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed
from timebank.people import may
from timebank.people.actions.cards import lock_people
from timebank.people.actions.duplicates import require_new_numbers
from timebank.people.actions.enrolment import birth_cells, require_buildings, sealed_cells
from timebank.people.closeness import Involved, closeness
from timebank.people.queries.records import consents_of
from timebank.people.refusals import BadIdNumber
from timebank.people.rules import LANGUAGES, check_id_number, tidy_phone
from timebank.people.rules.names import initials_of, latin_name, tidy_name
from timebank.people.rules.records import (
    CONTACTS_MAX,
    HEAD,
    NOTES_MAX,
    SENSITIVE,
    check_relation,
)
from timebank.people.sight import household_reached, person_reached
from timebank.people.tables import detail_change, household, person
from timebank.values import local_day, new_id
from timebank.vault.cipher import Vault, vault_to_seal

BEFORE, AFTER = "detail_change.before", "detail_change.after"
_SEALED = ("phone", "contacts", "notes")


@dataclass(frozen=True, slots=True)
class NewDetails:
    """What is to be changed of a person; None leaves a detail as it is, and "" empties it.

    A document number is entered once, when the document is seen: ``id_no`` is never replaced.
    """

    name: str | None = None
    phone: str | None = field(default=None, repr=False)
    contacts: str | None = field(default=None, repr=False)
    notes: str | None = field(default=None, repr=False)
    language: str | None = None
    relation: str | None = None
    id_no: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class DetailsChanged:
    """The names of the details that are different now."""

    details: tuple[str, ...]


@action("change_person")
def change_person(deed: Deed, *, person_id: int, details: NewDetails) -> DetailsChanged:
    """Change details of a person. What stays the same is not recorded again.

    **Refuses**: ``NotAllowed``, also for oneself and one's household; ``NotFound``; ``BadInput``;
    ``BadIdNumber``; ``DuplicateIdentity`` for a document that is known.
    """
    may.ENROL_HOUSEHOLDS.require(deed.by)
    brief = person_reached(deed.session, deed.by, person_id, may.ENROL_HOUSEHOLDS)
    _require_other(deed, "change_person", Involved(person_ids=(person_id,)))
    lock_people(deed.session, deed.community_id, (person_id,))
    vault = vault_to_seal(deed.session)
    row = deed.session.execute(
        select(person).where(person.c.community_id == deed.community_id, person.c.id == person_id)
    ).one()
    if details.relation == HEAD and brief.household_id is not None:
        _end_head(deed, brief.household_id, person_id, vault)
    wanted = _wanted(details)
    before = {name: _known(vault, row, name) for name in wanted}
    if wanted.get("notes") and not _has_agreed(deed, person_id):
        raise BadInput(field="notes", why="consent_first")
    changed = {name: value for name, value in wanted.items() if value != before[name]}
    if changed:
        cells = _cells(deed, row, changed, vault)
        _write(deed, person_id, cells)
        for name, value in changed.items():
            record_detail(deed, name, before[name], value, vault=vault, person_id=person_id)
    audit(
        deed, name="change_person", subject_kind="person", subject_id=person_id,
        facts={"details": sorted(changed)},
    )  # fmt: skip
    return DetailsChanged(tuple(sorted(changed)))


@action("change_home")
def change_home(deed: Deed, *, household_id: int, building_id: int, door: str) -> DetailsChanged:
    """Record that a whole household moved to another building or door. An empty door stays.

    **Refuses**: ``NotAllowed``, also for one's own; ``NotFound``, also for a building outside one's
    grid; ``BadInput``.
    """
    may.ENROL_HOUSEHOLDS.require(deed.by)
    household_reached(deed.session, deed.by, household_id, may.ENROL_HOUSEHOLDS)
    _require_other(deed, "change_home", Involved(household_ids=(household_id,)))
    require_buildings(deed, {building_id})
    of_home = (household.c.community_id == deed.community_id, household.c.id == household_id)
    row = deed.session.execute(
        select(household.c.building_id, household.c.door_sealed).where(*of_home).with_for_update()
    ).one()
    vault = vault_to_seal(deed.session)
    old_door = vault.open(row.door_sealed, "household.door")
    tidy = door.strip() or old_door
    if len(tidy) > 80:
        raise BadInput(field="door", why="length")
    before = {"building": str(row.building_id), "door": old_door}
    after = {"building": str(building_id), "door": tidy}
    changed = sorted(name for name in after if before[name] != after[name])
    if changed:
        cells = {"building_id": building_id, "door_sealed": vault.seal(tidy, "household.door")}
        deed.session.execute(update(household).where(*of_home).values(**cells))
        for name in changed:
            record_detail(
                deed, name, before[name], after[name], vault=vault, household_id=household_id
            )
    audit(
        deed, name="change_home", subject_kind="household", subject_id=household_id,
        facts={"details": changed},
    )  # fmt: skip
    return DetailsChanged(tuple(changed))


def record_detail(
    deed: Deed,
    detail: str,
    before: str,
    after: str,
    *,
    vault: Vault,
    person_id: int | None = None,
    household_id: int | None = None,
) -> None:
    """Write down one change; both values are sealed, whatever they are."""
    row = {
        "community_id": deed.community_id, "id": new_id(), "person_id": person_id,
        "household_id": household_id, "detail": detail,
        "before_sealed": vault.seal(before, BEFORE) if before else None,
        "after_sealed": vault.seal(after, AFTER) if after else None,
        "recorded_at": deed.now, "recorded_by_person_id": deed.by.person_id,
    }  # fmt: skip
    deed.session.execute(insert(detail_change), row)


def _has_agreed(deed: Deed, person_id: int) -> bool:
    """Tell whether somebody agreed that their needs are written down."""
    held = consents_of(deed.session, deed.community_id, [person_id])
    return (person_id, SENSITIVE) in held


def _require_other(deed: Deed, name: str, whose: Involved) -> None:
    if closeness(deed.session, deed.by, whose) is not None:
        raise NotAllowed(deed=name, why="own_household")


def _wanted(details: NewDetails) -> dict[str, str]:
    """The details that were given, as they are stored. **Refuses**: ``BadInput``."""
    given = {
        "name": None if details.name is None else tidy_name(details.name),
        "phone": None if details.phone is None else tidy_phone(details.phone),
        "contacts": _short(details.contacts, "contacts", CONTACTS_MAX),
        "notes": _short(details.notes, "notes", NOTES_MAX),
        "language": details.language,
        "relation": details.relation and check_relation(details.relation),
        "id_no": details.id_no or None,
    }
    if details.language not in (None, *LANGUAGES):
        raise BadInput(field="language", why="unknown")
    return {name: value for name, value in given.items() if value is not None}


def _short(text: str | None, name: str, most: int) -> str | None:
    if text is not None and len(text.strip()) > most:
        raise BadInput(field=name, why="too_long")
    return None if text is None else text.strip()


def _known(vault: Vault, row: Any, name: str) -> str:
    if name in (*_SEALED, "id_no"):
        sealed = row._mapping[f"{name}_sealed"]
        return "" if sealed is None else vault.open(sealed, f"person.{name}")
    return row._mapping["relation_to_head" if name == "relation" else name] or ""


def _cells(deed: Deed, row: Any, changed: Mapping[str, str], vault: Vault) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for name, value in changed.items():
        if name in _SEALED:
            cells |= sealed_cells(vault, name, value, digest=name == "phone")
        elif name == "name":
            latin = {"latin_name": latin_name(value)}
            cells |= {"name": value, "initials": initials_of(value), **latin}
        elif name == "id_no":
            cells |= _number_cells(deed, row, value, vault)
        else:
            cells["relation_to_head" if name == "relation" else name] = value or None
    return cells


def _number_cells(deed: Deed, row: Any, typed: str, vault: Vault) -> dict[str, Any]:
    """The cells of a document that is seen for the first time."""
    if row.id_no_sealed is not None:
        raise BadInput(field="id_no", why="has_number")
    today = local_day(deed.now)
    read = check_id_number(typed, sex=row.sex, on=today)
    known = row.birth_sealed and vault.open(row.birth_sealed, "person.birth")
    if known and known != read.birth_on.isoformat():
        raise BadIdNumber(why="birth")
    cells = sealed_cells(vault, "id_no", read.number, digest=True)
    require_new_numbers(deed.session, deed.community_id, [cells], vault)
    return {**cells, **birth_cells(vault, read.birth_on, today), "sex": read.sex}


def _end_head(deed: Deed, household_id: int, person_id: int, vault: Vault) -> None:
    """Whoever was the head of the household before is a member like others."""
    head_id = deed.session.scalar(
        select(person.c.id).where(
            person.c.community_id == deed.community_id,
            person.c.household_id == household_id,
            person.c.relation_to_head == HEAD,
            person.c.id != person_id,
        )
    )
    if head_id is not None:
        _write(deed, head_id, {"relation_to_head": "other"})
        record_detail(deed, "relation", HEAD, "other", vault=vault, person_id=head_id)


def _write(deed: Deed, person_id: int, cells: Mapping[str, Any]) -> None:
    deed.session.execute(
        update(person)
        .where(person.c.community_id == deed.community_id, person.c.id == person_id)
        .values(**cells)
    )
