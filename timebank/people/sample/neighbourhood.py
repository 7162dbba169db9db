"""Who lives and works in the sample community, for the errands of every subject."""

import random
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from timebank.people.actions import NewProof
from timebank.people.sample.population import Population, Spot
from timebank.values import By

# Papers that do not open the goods shelf.
PAPERS_WITHOUT_GOODS = ("housing_applicant", "unemployed", "veteran_family")
VISITORS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPaper:
    """A paper that waits for a second person, with the number that stands on the original."""

    proof_id: int
    document_no: str
    entered_on: date


@dataclass(kw_only=True)
class Neighbourhood:
    """The invented people and the ids that they got: ``people[3][0]`` is of home 3."""

    community_id: int
    population: Population
    grids: list[int] = field(default_factory=list)
    buildings: list[int] = field(default_factory=list)
    households: list[int] = field(default_factory=list)
    people: list[tuple[int, ...]] = field(default_factory=list)
    firms: list[int] = field(default_factory=list)
    staff: dict[str, list[By]] = field(default_factory=dict)
    visitors: list[Spot] = field(default_factory=list)
    papers_due: dict[date, list[NewProof]] = field(default_factory=dict)
    drawn: list[DrawnPaper] = field(default_factory=list)

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
        papers = self.population.papers
        return sorted({paper.home for paper in papers if paper.kind not in PAPERS_WITHOUT_GOODS})

    @cached_property
    def home_of(self) -> dict[int, int]:
        """The home of each person who lives alone or heads a family."""
        return {people[0]: home for home, people in enumerate(self.people)}

    def person_id(self, spot: Spot) -> int:
        home, place = spot
        return self.people[home][place]

    def resident(self, spot: Spot, *, client: str | None = None, channel: str = "web") -> By:
        """Let a resident act, by default as after signing in on the web."""
        person_id = self.person_id(spot)
        return By(
            community_id=self.community_id,
            client=client or f"person:{person_id}",
            channel=channel,
            person_id=person_id,
            household_id=self.households[spot[0]],
        )

    def at_kiosk(self, spot: Spot) -> By:
        """Let a resident act at the kiosk of the shop."""
        return self.resident(spot, client="device:history", channel="kiosk")

    def anybody(self, rng: random.Random) -> Spot:
        """Draw a home; the first person of it acts."""
        return rng.randrange(len(self.population.homes)), 0

    def one_of_staff(self, role: str, rng: random.Random) -> By:
        return rng.choice(self.staff[role])

    def last_visitors(self, rng: random.Random) -> list[Spot]:
        """Draw who comes by on the last evening; every subject gets the same people."""
        if not self.visitors:
            homes = rng.sample(range(len(self.people)), VISITORS)
            self.visitors = [(home, 0) for home in homes]
        return self.visitors
