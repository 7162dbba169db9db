"""Who can sign in to the sample community: its staff, and three residents with card and PIN."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from timebank.people.actions import add_user, ask_for_pin, issue_card, issue_cards
from timebank.people.queries import card_of_person, person_of_login
from timebank.people.sample.neighbourhood import Neighbourhood
from timebank.people.sample.population import Spot
from timebank.stories.life import Life

PASSWORD = "demo-2026"
PIN = "2468"
ASKS_PIN = "donor"  # Whose household asked that its cards need the PIN at a kiosk.
RESIDENTS_SHOWN = ("volunteer", "claimant", "donor")

# The post, the name and the roles of each member of staff.
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
# The first two, whom the community was founded with: see ``founding/examples/sample.toml``.
FOUNDERS = ("何甲一", "罗戊一")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Who can sign in to the demo: a name and password, and for residents a card and PIN."""

    role: str
    login_name: str
    password: str
    card_no: str = ""
    pin: str = ""


def login_names() -> list[str]:
    """Name each member of staff by their post, with a number where several hold it."""
    holders = Counter(post for post, _, _ in STAFF)
    seen: Counter[str] = Counter()
    names = []
    for post, _, _ in STAFF:
        seen[post] += 1
        names.append(f"{post}{seen[post]}" if holders[post] > 1 else post)
    return names


def give_sign_ins(life: Life, *, now: datetime) -> None:
    """Give cards to all who need one, and names and PINs to the residents of the table."""
    neighbourhood = life.part(Neighbourhood)
    population = neighbourhood.population
    residents = shown_residents(neighbourhood)
    papers = {(paper.home, 0) for paper in population.papers}
    spots = {*population.wardens, *population.helpers, *papers} - set(residents.values())
    holders = tuple(neighbourhood.person_id(spot) for spot in sorted(spots))
    life.perform(issue_cards, now=now, person_ids=holders)
    for login_name, spot in residents.items():
        person_id = neighbourhood.person_id(spot)
        issued = life.perform(issue_card, now=now, person_id=person_id, pin=PIN)
        if login_name == ASKS_PIN:
            life.perform(ask_for_pin, now=now, card_id=issued.card_id)
        life.perform(
            add_user,
            now=now,
            person_id=person_id,
            login_name=login_name,
            password=PASSWORD,
            roles=(),
        )


def shown_residents(neighbourhood: Neighbourhood) -> dict[str, Spot]:
    """Choose who stands in the table: a volunteer, a claimant, a donor."""
    population = neighbourhood.population
    homes = population.homes
    claimant = next(
        (paper.home, 0)
        for paper in population.papers
        if paper.kind == "dibao" and len(homes[paper.home].residents) > 1
    )
    taken = {home for home, _ in (*population.wardens, *population.helpers)}
    papers = {paper.home for paper in population.papers}
    donor = next(
        (home, 0) for home in range(len(homes)) if home not in taken and home not in papers
    )
    return dict(zip(RESIDENTS_SHOWN, (population.helpers[0], claimant, donor), strict=True))


def sign_ins(session: Session, community_id: int) -> list[SignIn]:
    """List who can sign in. Reads the database, so that a kept demo shows the same."""
    shown = []
    for login_name in RESIDENTS_SHOWN:
        person_id = person_of_login(session, community_id, login_name)
        card = card_of_person(session, community_id, person_id) if person_id else None
        shown.append(
            SignIn(
                role=login_name,
                login_name=login_name,
                password=PASSWORD,
                card_no=card.card_no if card else "",
                pin=PIN,
            )
        )
    first_of_post: dict[str, str] = {}
    for (post, _, _), login_name in zip(STAFF, login_names(), strict=True):
        first_of_post.setdefault(post, login_name)
    return shown + [
        SignIn(role=post, login_name=login_name, password=PASSWORD)
        for post, login_name in first_of_post.items()
    ]
