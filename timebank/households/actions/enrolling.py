"""Enrol a household at the counter with everything that it begins with, all or nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, TimebankError
from timebank.hours.actions import NewVolunteer, register_volunteers
from timebank.people import may
from timebank.people.actions import (
    NewHousehold,
    NewPerson,
    NewProof,
    add_proofs,
    ask_card,
    enrol_households,
)
from timebank.people.actions.consents import write_consents
from timebank.people.actions.enrolment import draw_household_no
from timebank.people.actions.homes import write_pin_wish
from timebank.people.rules.records import (
    CONSENT_KINDS,
    CONTACTS_MAX,
    HEAD,
    NOTES_MAX,
    REGISTER,
    SENSITIVE,
)
from timebank.values import local_day

MEMBERS_MAX, PAPERS_MAX = 12, 8
Receipt = TypeVar("Receipt")


@dataclass(frozen=True, slots=True)
class NewMember:
    """Somebody of the new household; the first one is its head."""

    person: NewPerson
    is_volunteer: bool = False
    wants_card: bool = False


@dataclass(frozen=True, slots=True)
class FamilyPaper:
    """A paper that was seen; ``member`` is the row of its holder, None for the whole household."""

    kind: str
    valid_from_on: date
    valid_until_on: date
    member: int | None = None
    document_no: str = field(default="", repr=False)
    issuer: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFamily:
    """A household as it stands at the counter. ``consents`` are the texts that it agreed to."""

    building_id: int
    door: str = field(repr=False)
    members: tuple[NewMember, ...]
    papers: tuple[FamilyPaper, ...] = ()
    consents: tuple[str, ...] = ()
    asks_for_pin: bool = False


@dataclass(frozen=True, slots=True)
class FamilyEnrolled:
    """What was written: the household, its people in the order given, and what they began."""

    household_id: int
    household_no: str
    person_ids: tuple[int, ...]
    card_issue_ids: tuple[int, ...]
    volunteer_nos: tuple[str, ...]
    proof_ids: tuple[int, ...]


@action("enrol_family", is_private=True)
def enrol_family(deed: Deed, *, family: NewFamily) -> FamilyEnrolled:
    """Enrol a household with its people, papers, volunteers, cards to be made, and consent.

    The papers may come later. The cards wait for a second member of staff.

    **Refuses**: as ``enrol_households``, ``add_proofs``, ``register_volunteers`` and ``ask_card``;
    a fault names its ``part`` (*people*, *papers*) and the ``row`` in it.
    """
    may.ENROL_HOUSEHOLDS.require(deed.by)
    _check(family)
    people = tuple(
        replace(member.person, relation=HEAD if row == 0 else member.person.relation)
        for row, member in enumerate(family.members)
    )
    number = draw_household_no(deed)
    new = NewHousehold(number, family.building_id, family.door, people)
    enrolled = _part("people", lambda: enrol_households(deed, households=(new,)))
    household_id, person_ids = enrolled.household_ids[0], enrolled.person_ids[0]
    write_consents(deed, person_ids, family.consents, said_by_person_id=person_ids[0])
    proof_ids = _enter_papers(deed, family, household_id, person_ids)
    volunteer_nos = _register(deed, family, person_ids)
    card_issue_ids = _ask_cards(deed, family, person_ids)
    if family.asks_for_pin:
        write_pin_wish(deed, household_id, person_ids[0])
    audit(
        deed, name="enrol_family", subject_kind="household", subject_id=household_id,
        facts={"people": len(person_ids), "papers": len(proof_ids), "cards": len(card_issue_ids),
               "volunteers": len(volunteer_nos), "asks_for_pin": family.asks_for_pin},
    )  # fmt: skip
    return FamilyEnrolled(
        household_id=household_id, household_no=number, person_ids=person_ids,
        card_issue_ids=card_issue_ids, volunteer_nos=volunteer_nos, proof_ids=proof_ids,
    )  # fmt: skip


def _check(family: NewFamily) -> None:
    if not 1 <= len(family.members) <= MEMBERS_MAX:
        raise BadInput(field="members", why="count")
    if len(family.papers) > PAPERS_MAX:
        raise BadInput(field="papers", why="count")
    if any(kind not in CONSENT_KINDS for kind in family.consents):
        raise BadInput(field="consents", why="unknown")
    if REGISTER not in family.consents:
        raise BadInput(field="consents", why="consent")
    if _is_sensitive(family) and SENSITIVE not in family.consents:
        raise BadInput(field="sensitive", why="consent")
    for row, member in enumerate(family.members):
        for name, most in (("contacts", CONTACTS_MAX), ("notes", NOTES_MAX)):
            if len(getattr(member.person, name)) > most:
                raise BadInput(field=name, why="too_long", part="people", row=row)
        if row and member.person.relation == HEAD:
            raise BadInput(field="relation", why="two_heads", part="people", row=row)


def _is_sensitive(family: NewFamily) -> bool:
    """Tell whether more than who lives where is written down: needs, or papers of hardship.

    **Source**: domain.md C.5, PIPL articles 28 to 31.
    """
    return bool(family.papers) or any(member.person.notes for member in family.members)


def _enter_papers(
    deed: Deed, family: NewFamily, household_id: int, person_ids: tuple[int, ...]
) -> tuple[int, ...]:
    if not family.papers:
        return ()
    proofs = tuple(
        NewProof(
            household_id=household_id, kind=paper.kind,
            person_id=_holder(paper, row, person_ids), document_no=paper.document_no,
            valid_from_on=paper.valid_from_on, valid_until_on=paper.valid_until_on,
            issuer=paper.issuer,
        )
        for row, paper in enumerate(family.papers)
    )  # fmt: skip
    return _part("papers", lambda: add_proofs(deed, proofs=proofs)).proof_ids


def _holder(paper: FamilyPaper, row: int, person_ids: tuple[int, ...]) -> int | None:
    if paper.member is None:
        return None
    if not 0 <= paper.member < len(person_ids):
        raise BadInput(field="person_id", why="unknown", part="papers", row=row)
    return person_ids[paper.member]


def _register(deed: Deed, family: NewFamily, person_ids: tuple[int, ...]) -> tuple[str, ...]:
    volunteers = tuple(
        NewVolunteer(person_id, local_day(deed.now))
        for member, person_id in zip(family.members, person_ids, strict=True)
        if member.is_volunteer
    )
    if not volunteers:
        return ()
    return register_volunteers(deed, volunteers=volunteers).volunteer_nos


def _ask_cards(deed: Deed, family: NewFamily, person_ids: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(
        ask_card(deed, person_id=person_id, language=member.person.language or "zh").card_issue_id
        for member, person_id in zip(family.members, person_ids, strict=True)
        if member.wants_card
    )


def _part(part: str, work: Callable[[], Receipt]) -> Receipt:
    """Say of a fault in which part of the page it is. A line of papers is its row."""
    try:
        return work()
    except TimebankError as refusal:
        facts = dict(refusal.facts)
        line = facts.pop("line", None)
        if line is not None and "row" not in facts:
            facts["row"] = line
        raise type(refusal)(**{**facts, "part": part}) from None
