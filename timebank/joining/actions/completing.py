"""The counter enrols whoever has registered, or notes why nothing comes of it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotFound, WrongState
from timebank.hours.actions import NewVolunteer, register_volunteers
from timebank.households.actions import NewFamily, enrol_family
from timebank.joining import may
from timebank.joining.queries import Registration, registration_reached
from timebank.joining.rules import COMPLETED, END_WHYS, ENDED, WAITING, WITHDRAWN, times_no
from timebank.joining.tables import offered_service, registration
from timebank.people.actions import NewPerson, enrol_people
from timebank.values import local_day

_EMPTY = {"name_sealed": None, "phone_sealed": None, "guardian_sealed": None}
EMPTIED = {**_EMPTY, "birth_sealed": None, "birth_digest": None}


@dataclass(frozen=True, slots=True)
class RegistrationCompleted:
    """The household that was enrolled from it."""

    household_id: int
    household_no: str
    person_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HelperCompleted:
    """A volunteer who lives elsewhere, with the number on the register."""

    person_id: int
    volunteer_no: str


@dataclass(frozen=True, slots=True)
class RegistrationEnded:
    registration_id: int


@action("complete_registration", is_private=True)
def complete_registration(
    deed: Deed, *, registration_id: int, family: NewFamily
) -> RegistrationCompleted:
    """Enrol a household from a registration, as ``enrol_family`` does at the counter.

    What a volunteer said that they can do is kept with the person of that name.

    **Refuses**: as ``enrol_family``; ``NotFound``; ``WrongState`` if it is settled by now.
    """
    may.COMPLETE.require(deed.by)
    _lock_waiting(deed, registration_id)
    waiting = registration_reached(deed.session, deed.by, registration_id, now=deed.now)
    enrolled = enrol_family(deed, family=family)
    person_id = _person_of(waiting, family, enrolled.person_ids)
    _complete(deed, waiting, person_id, name="complete_registration")
    return RegistrationCompleted(enrolled.household_id, enrolled.household_no, enrolled.person_ids)


@action("complete_helper")
def complete_helper(
    deed: Deed, *, registration_id: int, id_no: str = "", is_other_person: bool = False
) -> HelperCompleted:
    """Enrol a volunteer who lives elsewhere, against their document.

    **Refuses**: as ``enrol_people`` and ``register_volunteers``; ``NotFound``; ``BadInput`` for
    somebody who lives here, and so is enrolled with a household; ``WrongState``.
    """
    may.COMPLETE.require(deed.by)
    _lock_waiting(deed, registration_id)
    waiting = registration_reached(deed.session, deed.by, registration_id, now=deed.now)
    if waiting.building_id is not None:
        raise BadInput(field="registration_id", why="lives_here")
    new = NewPerson(
        name=waiting.name, birth_on=waiting.birth_on, id_no=id_no, phone=waiting.phone,
        language=waiting.language, is_other_person=is_other_person,
    )  # fmt: skip
    (person_id,) = enrol_people(deed, people=(new,)).person_ids
    volunteer = NewVolunteer(person_id, local_day(deed.now))
    (number,) = register_volunteers(deed, volunteers=(volunteer,)).volunteer_nos
    _complete(deed, waiting, person_id, name="complete_helper")
    return HelperCompleted(person_id, number)


@action("end_registration")
def end_registration(deed: Deed, *, registration_id: int, why: str) -> RegistrationEnded:
    """Note why nobody is enrolled from a registration; what was typed is emptied.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``BadInput``; ``WrongState`` if it is settled.
    """
    may.COMPLETE.require(deed.by)
    if why not in END_WHYS or why == WITHDRAWN:
        raise BadInput(field="end_why", why="unknown")
    _lock_waiting(deed, registration_id)
    registration_reached(deed.session, deed.by, registration_id, now=deed.now)
    values = {"state": ENDED, "end_why": why, **EMPTIED}
    _settle(deed, registration_id, name="end_registration", values=values)
    return RegistrationEnded(registration_id)


def _lock_waiting(deed: Deed, registration_id: int) -> None:
    state = deed.session.scalar(
        select(registration.c.state)
        .where(
            registration.c.community_id == deed.community_id, registration.c.id == registration_id
        )
        .with_for_update()
    )
    if state is None:
        raise NotFound(kind="registration")
    if state != WAITING:
        raise WrongState(kind="registration", state=state)


def _complete(deed: Deed, found: Registration, person_id: int, *, name: str) -> None:
    _keep_offers(deed, found, person_id)
    _settle(
        deed, found.id, name=name, values={"state": COMPLETED, "person_id": person_id, **_EMPTY}
    )


def _settle(deed: Deed, registration_id: int, *, name: str, values: dict[str, Any]) -> None:
    deed.session.execute(
        update(registration)
        .where(
            registration.c.community_id == deed.community_id, registration.c.id == registration_id
        )
        .values(**values, settled_at=deed.now, settled_by_person_id=deed.by.person_id)
    )
    audit(deed, name=name, subject_kind="registration", subject_id=registration_id)


def _person_of(found: Registration, family: NewFamily, person_ids: tuple[int, ...]) -> int:
    """The enrolled person who registered: of that name, else the head."""
    names = (member.person.name.strip() for member in family.members)
    by_name = dict(zip(names, person_ids, strict=True))
    return by_name.get(found.name, person_ids[0])


def _keep_offers(deed: Deed, found: Registration, person_id: int) -> None:
    rows = [
        {
            "community_id": deed.community_id, "person_id": person_id, "service_id": service_id,
            "free_times": times_no(found.times), "since_on": local_day(deed.now),
        }
        for service_id in found.service_ids
    ]  # fmt: skip
    if rows:
        deed.session.execute(insert(offered_service), rows)
