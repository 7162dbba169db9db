"""Builders of people, and the standard personas: each a real row and an actor.

``make_town`` creates a small place in the community of the tests; a persona is then a function
``claimant(session, town)``. Personas with a household are also fixtures, such as ``by_claimant``.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from stdnum.iso7064 import mod_11_2

from tests.databases import COMMUNITY_ID, NEIGHBOUR_ID
from timebank.deeds.deed import Deed
from timebank.people import actions, queries
from timebank.people.actions import NewHousehold, NewPerson, NewPlace, NewProof
from timebank.people.pictures import clean_picture
from timebank.people.rules import ROLE_NAMES, latest_day
from timebank.people.tables import household
from timebank.policy.rules.usual import PAPER_MONTHS_MAX
from timebank.values import By, Role, local_day

LONG_AGO = datetime(2024, 1, 2, 1, 0, tzinfo=UTC)
PASSWORD = "paper lantern"
PIN = "2591"

_requests = count(1)
_names = count()
_id_numbers = count(1)


def a_request_id() -> str:
    """A new request id."""
    return f"test-{next(_requests)}"


def by_founder(community_id: int = COMMUNITY_ID) -> By:
    """The actor who sets up a community before it has any staff."""
    return By(community_id, "job:set-up", channel="job", roles=frozenset({Role("coordinator")}))


def invented_name() -> str:
    """A new invented name: 陈甲七, 林甲七 … Names that tests write out end in one to six."""
    at = next(_names)
    family = "陈林黄张李王吴刘"[at % 8]
    return family + "甲乙丙丁戊己庚辛"[at // 8 % 8] + "七八九十"[at // 64 % 4]


@cache
def _number(birth_on: date, order: int) -> str:
    body = f"990106{birth_on:%Y%m%d}{order:03d}"
    return body + mod_11_2.calc_check_digit(body)


def id_number(birth_on: date, sex: str = "m") -> str:
    """A safe id number: a region that does not exist, a correct check digit, never repeated."""
    order = next(_id_numbers) * 2 % 1000 + (sex == "m")
    return _number(birth_on, order % 1000)


def new_person(name: str | None = None, *, born: int = 1960, sex: str = "f") -> NewPerson:
    """A person to enrol, with every encrypted field filled in."""
    serial = next(_id_numbers)
    birth_on = date(born, 1 + serial % 12, 1 + serial // 12 % 28)
    return NewPerson(
        name or invented_name(),
        birth_on=birth_on,
        sex=sex,
        id_no=id_number(birth_on, sex),
        phone=f"100{serial:08d}",
        contacts=f"女儿 100{serial + 1:08d}",
        notes="膝盖不好",
    )


@dataclass(frozen=True, slots=True)
class Town:
    """Two grids with a building each, and the site of one store."""

    community_id: int
    grid_ids: tuple[int, ...]
    building_ids: tuple[int, ...]
    store_place_id: int
    by: By = field(repr=False)


def make_town(session: Session, community_id: int = COMMUNITY_ID) -> Town:
    """Create the places of a small community, or find the existing ones."""
    by = by_founder(community_id)
    known = queries.places(session, community_id)
    if not known:
        grids = _add(session, by, [NewPlace("grid", n, f"第{n}网格", f"Grid {n}") for n in (1, 2)])
        _add(
            session,
            by,
            [
                NewPlace("building", n, f"{n}号楼", f"Building {n}", grid_id)
                for n, grid_id in enumerate(grids, start=1)
            ],
        )
        _add(session, by, [NewPlace("store", 1, "公益ATM实体店", "Store")])
        known = queries.places(session, community_id)
    of_kind: Callable[[str], tuple[int, ...]] = lambda kind: tuple(  # noqa: E731
        place.id for place in known if place.kind == kind
    )
    return Town(community_id, of_kind("grid"), of_kind("building"), of_kind("store")[0], by)


def _add(session: Session, by: By, places: list[NewPlace]) -> tuple[int, ...]:
    added = actions.add_places(Deed(session, by, LONG_AGO, a_request_id()), places=tuple(places))
    return added.place_ids


@dataclass(frozen=True, slots=True)
class Family:
    household_id: int
    household_no: str
    person_ids: tuple[int, ...]


def make_household(
    session: Session, town: Town, *people: NewPerson, building: int = 0, now: datetime = LONG_AGO
) -> Family:
    """Enrol a family of the given people; by default one invented neighbour."""
    living = session.scalar(
        select(func.count()).where(household.c.community_id == town.community_id)
    )
    number = f"H-{(living or 0) + 1:04d}"
    new = NewHousehold(
        number, town.building_ids[building], f"{living}01室", people or (new_person(),)
    )
    enrolled = actions.enrol_households(
        Deed(session, town.by, now, a_request_id()), households=(new,)
    )
    return Family(enrolled.household_ids[0], number, enrolled.person_ids[0])


def make_person(session: Session, town: Town, name: str | None = None, *, born: int = 1960) -> int:
    """Enrol somebody who lives outside and helps or works here."""
    added = actions.enrol_people(
        Deed(session, town.by, LONG_AGO, a_request_id()), people=(new_person(name, born=born),)
    )
    return added.person_ids[0]


def make_relatives(session: Session, town: Town, *, now: datetime) -> tuple[int, int]:
    """Two people of two households who are recorded as relatives."""
    one, other = (make_household(session, town).person_ids[0] for _ in range(2))
    clerk = social_worker(session, town)
    actions.record_relation(
        Deed(session, clerk, now, a_request_id()), person_id=one, other_person_id=other,
        kind="siblings", from_on=local_day(now),
    )  # fmt: skip
    return one, other


def make_proof(
    session: Session,
    town: Town,
    household_id: int,
    kind: str = "dibao",
    *,
    valid_from_on: date = date(2025, 1, 1),
    valid_until_on: date = date(2025, 12, 31),
    person_id: int | None = None,
) -> int:
    """Enter a paper that the household has shown; return the last one if several cover the days.

    No paper is longer than its kind may be, so longer days are covered year by year.
    """
    proofs = []
    while valid_from_on <= valid_until_on:
        last_on = min(valid_until_on, latest_day(valid_from_on, PAPER_MONTHS_MAX[kind]))
        proofs.append(NewProof(household_id, kind, valid_from_on, last_on, person_id))
        valid_from_on = last_on + timedelta(days=1)
    added = actions.add_proofs(
        Deed(session, town.by, LONG_AGO, a_request_id()), proofs=tuple(proofs)
    )
    return added.proof_ids[-1]


def a_picture(colour: str = "white") -> bytes:
    """A small picture of a paper, as it is kept."""
    out = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "PNG")
    return clean_picture(out.getvalue())


def make_card(session: Session, town: Town, person_id: int, pin: str | None = None) -> queries.Card:
    """Issue a card; return it with its token."""
    issued = actions.issue_card(
        Deed(session, town.by, LONG_AGO, a_request_id()), person_id=person_id, pin=pin
    )
    return queries.card(session, town.community_id, issued.card_id)


def make_user(
    session: Session,
    town: Town,
    person_id: int,
    *roles: Role,
    login_name: str | None = None,
    password: str = PASSWORD,
) -> By:
    """Let a person sign in with these roles; return them as an actor on the web."""
    added = actions.add_user(
        Deed(session, town.by, LONG_AGO, a_request_id()),
        person_id=person_id,
        login_name=login_name or f"user-{person_id}",
        password=password,
        roles=roles,
    )
    by = queries.by_of_user(session, town.community_id, added.user_id)
    assert by is not None
    return by


def resident(session: Session, town: Town, *, building: int = 0, born: int = 1960) -> By:
    """A resident who signs in; they have no role."""
    family = make_household(session, town, new_person(born=born), building=building)
    return make_user(session, town, family.person_ids[0])


def staff(session: Session, town: Town, *roles: Role) -> By:
    """A member of staff who lives elsewhere."""
    return make_user(session, town, make_person(session, town, born=1985), *roles)


def claimant(session: Session, town: Town) -> By:
    """Lives in a household whose subsistence paper is valid through 2025."""
    by = resident(session, town)
    assert by.household_id is not None
    make_proof(session, town, by.household_id)
    return by


def volunteer(session: Session, town: Town) -> By:
    return resident(session, town)


def donor(session: Session, town: Town) -> By:
    return resident(session, town)


def keeper(session: Session, town: Town) -> By:
    """Keeps the only store of the town."""
    return staff(session, town, Role("keeper", town.store_place_id))


def approver(session: Session, town: Town) -> By:
    return staff(session, town, Role("approver"))


def coordinator(session: Session, town: Town) -> By:
    return staff(session, town, Role("coordinator"))


def social_worker(session: Session, town: Town) -> By:
    return staff(session, town, Role("social_worker"))


def grid_worker(session: Session, town: Town) -> By:
    """Works in the first grid, and not in the second."""
    return staff(session, town, Role("grid_worker", town.grid_ids[0]))


def auditor(session: Session, town: Town) -> By:
    """Reads everything and writes nothing."""
    return staff(session, town, Role("auditor"))


def stranger(session: Session, town: Town) -> By:
    """A resident of another household who has nothing to do with the case."""
    return resident(session, town, building=1)


def neighbour(session: Session, town: Town | None = None) -> By:
    """Holds every role in the neighbour community, and none here."""
    next_door = make_town(session, NEIGHBOUR_ID)
    return staff(session, next_door, *(Role(name) for name in sorted(ROLE_NAMES)))


@pytest.fixture
def town(session: Session) -> Town:
    return make_town(session)


@pytest.fixture
def by_claimant(session: Session, town: Town) -> By:
    return claimant(session, town)


@pytest.fixture
def by_volunteer(session: Session, town: Town) -> By:
    return volunteer(session, town)


@pytest.fixture
def by_donor(session: Session, town: Town) -> By:
    return donor(session, town)
