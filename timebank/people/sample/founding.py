"""Founds what people bring to the sample community: places, families, papers and staff."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from timebank.deeds.founded import Founded
from timebank.people.actions import (
    NewHousehold,
    NewOrganisation,
    NewPerson,
    NewProof,
    add_organisations,
    add_proofs,
    add_user,
    enrol_households,
    enrol_people,
    name_representative,
)
from timebank.people.sample.neighbourhood import Neighbourhood
from timebank.people.sample.population import (
    HeldPaper,
    Home,
    Resident,
    make_population,
)
from timebank.people.sample.sign_ins import FOUNDERS, PASSWORD, STAFF, login_names
from timebank.stories.data import read_rows
from timebank.stories.life import Life
from timebank.values import By, Role, month_start

FIRMS = Path(__file__).parents[1] / "data" / "firms.toml"
DAYS_BEFORE = 735
BROUGHT_EARLY_DAYS = 20  # A renewed paper is brought at most so many days early.


def found(life: Life) -> None:
    """Enrol everybody as they stand on the day of the demo, two years before it."""
    neighbourhood = Neighbourhood(
        community_id=life.founder.community_id, population=make_population(life.today)
    )
    life.keep(neighbourhood)
    founded = life.part(Founded)
    neighbourhood.grids = list(founded.grid_ids)
    neighbourhood.buildings = list(founded.building_ids)
    _enrol(life, neighbourhood)
    _add_papers(life, neighbourhood)
    _hire_staff(life, neighbourhood)


def _enrol(life: Life, neighbourhood: Neighbourhood) -> None:
    households = tuple(_household(neighbourhood, home) for home in neighbourhood.population.homes)
    enrolled = life.perform(enrol_households, households=households)
    neighbourhood.households = list(enrolled.household_ids)
    neighbourhood.people = list(enrolled.person_ids)
    firms = tuple(
        NewOrganisation(firm["name_zh"], "firm", firm["trade"]) for firm in read_rows(FIRMS)
    )
    added = life.perform(add_organisations, organisations=firms)
    neighbourhood.firms = list(added.organisation_ids)
    _name_representative(life, neighbourhood)


def _name_representative(life: Life, neighbourhood: Neighbourhood) -> None:
    """Somebody who lives elsewhere signs in as ``firm1`` for the first firm."""
    (person_id,) = life.perform(enrol_people, people=(NewPerson(name="卢庚一"),)).person_ids
    life.perform(add_user, person_id=person_id, login_name="firm1", password=PASSWORD, roles=())
    firm_id = neighbourhood.firms[0]
    life.perform(name_representative, organisation_id=firm_id, person_id=person_id)


def _household(neighbourhood: Neighbourhood, home: Home) -> NewHousehold:
    cataracts = {place for at, place in neighbourhood.population.cataracts if at == home.number - 1}
    people = tuple(
        _person(resident, has_cataract=place in cataracts)
        for place, resident in enumerate(home.residents)
    )
    building_id = neighbourhood.buildings[home.building]
    return NewHousehold(home.household_no, building_id, home.door, people)


def _person(resident: Resident, *, has_cataract: bool) -> NewPerson:
    return NewPerson(
        name=resident.name,
        id_no=resident.id_no,
        phone=resident.phone or "",
        notes="白内障，待手术" if has_cataract else "",
        registered_elsewhere=resident.registered_elsewhere,
    )


def _add_papers(life: Life, neighbourhood: Neighbourhood) -> None:
    """Enter the papers of the first day; later ones are brought when they begin."""
    first_papers = []
    for number, paper in enumerate(neighbourhood.population.papers, start=1):
        for proof in _proofs(neighbourhood, paper, number):
            if proof.valid_from_on <= life.day:
                first_papers.append(proof)
            else:
                early = timedelta(days=0 if paper.is_new else number % BROUGHT_EARLY_DAYS)
                brought_on = max(proof.valid_from_on - early, life.day + timedelta(days=5))
                neighbourhood.papers_due.setdefault(brought_on, []).append(proof)
    life.perform(add_proofs, proofs=tuple(first_papers))


def _proofs(neighbourhood: Neighbourhood, paper: HeldPaper, number: int) -> Iterator[NewProof]:
    """Cover the history by papers of the longest validity; a few end soon or have ended."""
    today = neighbourhood.population.today
    nines, rest = divmod(number - 1, 9)
    days_left = (-20, 12, 40)[nines % 3] if rest == 4 else 75 + 30 * (number % 10)
    first_on = today - timedelta(days=30 if paper.is_new else DAYS_BEFORE)
    last_on = _month_end(today + timedelta(days=days_left))
    while last_on >= first_on:
        begins_on = first_on
        if paper.kind != "disability_card":  # All others are renewed every year.
            begins_on = _month_end(last_on, back=12) + timedelta(days=1)
        yield NewProof(
            household_id=neighbourhood.households[paper.home],
            kind=paper.kind,
            valid_from_on=begins_on,
            valid_until_on=last_on,
            person_id=None
            if paper.resident is None
            else neighbourhood.person_id((paper.home, paper.resident)),
            document_no=f"{paper.kind[:3].upper()}-{begins_on:%Y}-{number:04d}",
            issuer="示范区民政局",
        )
        last_on = begins_on - timedelta(days=1)


def _month_end(day: date, *, back: int = 0) -> date:
    """The last day of the month of a day, or of a month so many earlier."""
    return month_start(day, back - 1) - timedelta(days=1)


def _hire_staff(life: Life, neighbourhood: Neighbourhood) -> None:
    founders = dict(zip(FOUNDERS, life.part(Founded).person_ids, strict=True))
    others = [name for _, name, _ in STAFF if name not in FOUNDERS]
    people = tuple(NewPerson(name=name) for name in others)
    person_ids = life.perform(enrol_people, people=people).person_ids
    known = founders | dict(zip(others, person_ids, strict=True))
    for (post, name, role_names), login_name in zip(STAFF, login_names(), strict=True):
        person_id = known[name]
        colleagues = neighbourhood.staff.setdefault(post, [])
        place_id = neighbourhood.grids[len(colleagues)] if post == "grid" else None
        roles = tuple(Role(name, place_id) for name in role_names)
        user_id = life.perform(
            add_user, person_id=person_id, login_name=login_name, password=PASSWORD, roles=roles
        ).user_id
        by = By(
            community_id=neighbourhood.community_id,
            client=f"user:{user_id}",
            channel="counter",
            user_id=user_id,
            person_id=person_id,
            roles=frozenset(roles),
        )
        colleagues.append(by)
