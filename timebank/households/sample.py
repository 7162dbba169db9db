"""What happens to households of the sample community: somebody moves, a phone number changes."""

from datetime import timedelta

from timebank.households.actions import move_members
from timebank.households.messages import remind_of_papers
from timebank.people.actions import NewDetails, change_person
from timebank.people.rules.records import MOVED
from timebank.people.sample import Neighbourhood
from timebank.stories.life import Life

MOVED_DAYS, CHANGED_DAYS = 24, 11
NEW_PHONE = "10099990117"


def move_and_change(life: Life) -> None:
    """A child of one home moves to the neighbours; the head of it gets another phone number."""
    neighbourhood = life.part(Neighbourhood)
    worker, (old, new) = neighbourhood.staff["social"][0], _homes(neighbourhood)
    if life.day == life.today - timedelta(days=MOVED_DAYS):
        life.send(
            move_members, worker, now=life.at(15), person_ids=(neighbourhood.people[old][-1],),
            why=MOVED, happened_on=life.day, to_household_id=neighbourhood.households[new],
        )  # fmt: skip
    if life.day == life.today - timedelta(days=CHANGED_DAYS):
        details = NewDetails(phone=NEW_PHONE)
        person_id = neighbourhood.person_id((old, 0))
        life.send(change_person, worker, now=life.at(15), person_id=person_id, details=details)


def remind_on_last_day(life: Life) -> None:
    """The job of the clock: on the last day, and in the first minutes of the day of the demo."""
    if life.is_last_day:
        for hours in (0, 15):
            now = life.at(9, 5) + timedelta(hours=hours)
            life.send(remind_of_papers, life.founder, now=now)


def _homes(neighbourhood: Neighbourhood) -> tuple[int, int]:
    """A large home without papers, volunteers or staff, and the home after it."""
    population = neighbourhood.population
    busy = {home for home, _ in (*population.wardens, *population.helpers)}
    busy |= {paper.home for paper in population.papers}
    home = next(
        home
        for home, people in enumerate(neighbourhood.people[:-1])
        if len(people) >= 4 and home not in busy and home + 1 not in busy
    )
    return home, home + 1
