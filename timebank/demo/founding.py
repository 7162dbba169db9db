"""Founds the sample community: places, families, papers, staff, firms, store, catalogue.

Everything goes through the actions, as one deed each. Here are the people; what they do
over two years is in ``history.py``.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from timebank import people
from timebank.db import Database
from timebank.demo.population import GRID_BUILDINGS, Home, Population, grid_of
from timebank.goods.actions import NewItem, NewStore, add_items, add_stores
from timebank.goods.sample import sample_items
from timebank.hours.actions import NewVolunteer, add_services, register_volunteers
from timebank.hours.sample import sample_services
from timebank.ledger.deeds import perform_in
from timebank.people.actions import (
    NewHousehold,
    NewOrganisation,
    NewPerson,
    NewPlace,
    NewProof,
    add_organisations,
    add_places,
    add_proofs,
    add_user,
    enrol_households,
    enrol_people,
    found_community,
    issue_card,
    issue_cards,
)
from timebank.policy.actions import load_preset
from timebank.stories.data import read_rows
from timebank.values import By, Role, local_instant

FIRMS = Path(people.__file__).parent / "data" / "firms.toml"
COMMUNITY_CODE = "demo"
PASSWORD = "demo-2026"
PIN = "2468"
RESIDENTS_SHOWN = ("volunteer", "claimant", "donor")

STAFF = (
    ("coordinator", "何甲一", ("coordinator",)),
    *(("grid", f"吴甲{number}", ("grid_worker",)) for number in "二三四五六七"),
    *(("social", f"梁乙{number}", ("social_worker",)) for number in "一二三四"),
    *(("keeper", f"赵丙{number}", ("keeper",)) for number in "一二"),
    ("cashier", "钟丁一", ("cashier",)),
    ("accountant", "钟丁二", ("accountant", "auditor")),
    *(("approver", f"罗戊{number}", ("approver",)) for number in "一二"),
    ("hotline", "沈己一", ("hotline",)),
)


@dataclass
class Founded:
    """The ids that the history needs. ``people[3][0]`` is the first person of home 3."""

    community_id: int
    population: Population
    grids: list[int] = field(default_factory=list)
    buildings: list[int] = field(default_factory=list)
    households: list[int] = field(default_factory=list)
    people: list[tuple[int, ...]] = field(default_factory=list)
    firms: list[int] = field(default_factory=list)
    items: dict[str, int] = field(default_factory=dict)
    services: dict[str, int] = field(default_factory=dict)
    store_id: int = 0
    point_id: int = 0
    staff: dict[str, list[By]] = field(default_factory=dict)

    @cached_property
    def catalogue(self) -> tuple[NewItem, ...]:
        return sample_items()

    @cached_property
    def elders_alone(self) -> list[int]:
        """The homes of one person of sixty or more."""
        return [
            number
            for number, home in enumerate(self.population.homes)
            if len(home.residents) == 1 and home.residents[0].age(self.population.today) >= 60
        ]

    @cached_property
    def homes_with_papers(self) -> list[int]:
        """The homes with a paper that opens the shelf."""
        closed = ("housing_applicant", "unemployed", "veteran_family")
        return sorted({one.home for one in self.population.papers if one.kind not in closed})

    @cached_property
    def home_of(self) -> dict[int, int]:
        """The home of each person who lives alone or heads a family."""
        return {people[0]: home for home, people in enumerate(self.people)}

    @property
    def founder(self) -> By:
        return By(self.community_id, "job:founding", "job", roles=frozenset({Role("coordinator")}))

    def resident(self, spot: tuple[int, int], channel: str = "web") -> By:
        """Let a resident act, as he would after signing in."""
        home, place = spot
        person_id = self.people[home][place]
        return By(
            self.community_id,
            f"person:{person_id}",
            channel,
            person_id=person_id,
            household_id=self.households[home],
        )


def found(database: Database, population: Population) -> Founded:
    """Found the community as it stood two years before the demo's day, in one unit."""
    begun = local_instant(population.today - timedelta(days=735), 9)

    def work(session: Session, _: datetime) -> Founded:
        community_id = found_community(
            session, now=begun, code=COMMUNITY_CODE, name_zh="示范社区", name_en="Sample community"
        )
        made = Founded(community_id, population)
        act = partial(perform_in, session, by=made.founder, now=begun)
        act(load_preset, request_id="preset", preset="demo", from_on=begun.date())
        _lay_places(act, made)
        _enrol(act, made)
        _hand_papers(act, made)
        _hire_staff(act, made)
        _open_catalogue(act, made)
        _register_volunteers(act, made)
        return made

    return database.write(work)


def _lay_places(act: Any, made: Founded) -> None:
    grids = tuple(
        NewPlace("grid", number, f"第{number}网格", f"Grid {number}")
        for number in range(1, len(GRID_BUILDINGS) + 1)
    )
    made.grids = list(act(add_places, request_id="grids", places=grids).place_ids)
    buildings = tuple(
        NewPlace("building", n + 1, f"{n + 1}栋", f"Building {n + 1}", made.grids[grid_of(n)])
        for n in range(51)
    )
    made.buildings = list(act(add_places, request_id="buildings", places=buildings).place_ids)


def _enrol(act: Any, made: Founded) -> None:
    households = tuple(_household(made, home) for home in made.population.homes)
    enrolled = act(enrol_households, request_id="households", households=households)
    made.households = list(enrolled.household_ids)
    made.people = list(enrolled.person_ids)
    firms = tuple(
        NewOrganisation(firm["name_zh"], "firm", firm["trade"]) for firm in read_rows(FIRMS)
    )
    added = act(add_organisations, request_id="firms", organisations=firms)
    made.firms = list(added.organisation_ids)


def _household(made: Founded, home: Home) -> NewHousehold:
    cataracts = {place for at, place in made.population.cataracts if at == home.number - 1}
    people = tuple(
        NewPerson(
            one.name,
            id_no=one.id_no,
            phone=one.phone or "",
            notes="白内障，待手术" if place in cataracts else "",
            registered_elsewhere=one.registered_elsewhere,
        )
        for place, one in enumerate(home.residents)
    )
    return NewHousehold(home.household_no, made.buildings[home.building], home.door, people)


def _hand_papers(act: Any, made: Founded) -> None:
    """Give each paper a span that covers the history; a few of them end soon or have ended."""
    today = made.population.today
    proofs = []
    for number, paper in enumerate(made.population.papers):
        begins = today - timedelta(days=30 if paper.is_new else 735)
        ends = today + timedelta(days=(-20, 12, 40)[number // 9 % 3] if number % 9 == 4 else 210)
        person_id = None if paper.resident is None else made.people[paper.home][paper.resident]
        paper_no = f"{paper.kind[:3].upper()}-{number + 1:04d}"
        home_id = made.households[paper.home]
        ends = _month_end(ends)
        proofs.append(NewProof(home_id, paper.kind, begins, ends, person_id, paper_no))
    act(add_proofs, request_id="papers", proofs=tuple(proofs))


def _month_end(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _hire_staff(act: Any, made: Founded) -> None:
    people = tuple(NewPerson(name) for _, name, _ in STAFF)
    person_ids = act(enrol_people, request_id="staff", people=people).person_ids
    counts: dict[str, int] = {}
    for (login, _, names), person_id in zip(STAFF, person_ids, strict=True):
        counts[login] = number = counts.get(login, 0) + 1
        many = sum(one == login for one, _, _ in STAFF) > 1
        place_id = made.grids[number - 1] if login == "grid" else None
        roles = tuple(Role(name, place_id) for name in names)
        login_name = f"{login}{number}" if many else login
        user_id = act(
            add_user, request_id=f"user-{login_name}",
            person_id=person_id, login_name=login_name, password=PASSWORD, roles=roles,
        ).user_id  # fmt: skip
        by = By(
            made.community_id, f"user:{user_id}", "counter",
            user_id=user_id, person_id=person_id, roles=frozenset(roles),
        )  # fmt: skip
        made.staff.setdefault(login, []).append(by)


def _open_catalogue(act: Any, made: Founded) -> None:
    store = NewPlace("store", 1, "示范社区公益店", "Sample community shop", made.grids[1])
    point = NewPlace("store", 2, "南门接收点", "South gate donation point", made.grids[4])
    places = act(add_places, request_id="stores", places=(store, point)).place_ids
    stores = (NewStore(places[0], "S1"), NewStore(places[1], "P1", "donation_point"))
    made.store_id, made.point_id = act(add_stores, request_id="open", stores=stores).store_ids
    items = made.catalogue
    ids = act(add_items, request_id="items", items=items).item_ids
    made.items = {item.name_zh: item_id for item, item_id in zip(items, ids, strict=True)}


def _register_volunteers(act: Any, made: Founded) -> None:
    services = sample_services()
    ids = act(add_services, request_id="services", services=services).service_ids
    made.services = {one.code: service_id for one, service_id in zip(services, ids, strict=True)}
    population = made.population
    since = population.today - timedelta(days=733)
    volunteers = [
        NewVolunteer(made.people[home][place], since, team)
        for team, spots in (("patrol", population.wardens), ("lei_feng", population.helpers))
        for home, place in spots
    ]
    act(register_volunteers, request_id="volunteers", volunteers=tuple(volunteers))


def give_sign_ins(session: Session, made: Founded, *, now: datetime) -> dict[str, Any]:
    """Give cards to all who need one, and names and PINs to those shown in the demo's table."""
    act = partial(perform_in, session, by=made.founder, now=now)
    shown: dict[str, Any] = {}
    residents = set(shown_residents(made).values())
    papers = {(paper.home, 0) for paper in made.population.papers}
    spots = {*made.population.wardens, *made.population.helpers, *papers} - residents
    holders = tuple(made.people[home][place] for home, place in sorted(spots))
    act(issue_cards, request_id="cards", person_ids=holders)
    for login, spot in shown_residents(made).items():
        person_id = made.people[spot[0]][spot[1]]
        card = act(issue_card, request_id=f"card-{person_id}", person_id=person_id, pin=PIN)
        act(
            add_user, request_id=f"user-{login}",
            person_id=person_id, login_name=login, password=PASSWORD, roles=(),
        )  # fmt: skip
        shown[login] = card
    return shown


def shown_residents(made: Founded) -> dict[str, tuple[int, int]]:
    """Choose who stands in the table: a volunteer, a claimant, a donor."""
    homes = made.population.homes
    claimant = next(
        (paper.home, 0)
        for paper in made.population.papers
        if paper.kind == "dibao" and len(homes[paper.home].residents) > 1
    )
    taken = {spot[0] for spot in (*made.population.wardens, *made.population.helpers)}
    papers = {paper.home for paper in made.population.papers}
    donor = next(
        (home, 0) for home in range(len(homes)) if home not in taken and home not in papers
    )
    return dict(zip(RESIDENTS_SHOWN, (made.population.helpers[0], claimant, donor), strict=True))
