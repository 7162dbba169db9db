"""Two years of deeds in the sample community, day by day, through the actions.

Each day is one unit of work with its own time. The subjects declare the errands of a day. A fixed
seed draws what people try; the rules decide the result, so there are refusals, lapsed claims and
expired goods. The last days leave some work for the worklist.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.stories.life import Life
from timebank.subject import Errand, Subject

DAYS = 730


def errands_of(declared: Iterable[Subject]) -> list[Errand]:
    """Order the errands of one day by time; those of the same time keep the given order."""
    errands = [errand for subject in declared for errand in subject.errands]
    return sorted(errands, key=lambda errand: errand.at)


def live(
    database: Database, life: Life, declared: Iterable[Subject], *, days: int = DAYS
) -> Iterator[int]:
    """Simulate the last ``days``; yields after each one, for a progress bar."""
    errands = errands_of(declared)
    for number in range(days):
        life.day = life.today - timedelta(days=days - number)
        database.write(lambda session, _: _live_a_day(life, session, errands))
        yield number + 1


def _live_a_day(life: Life, session: Session, errands: list[Errand]) -> None:
    life.session = session
    for errand in errands:
        errand.run(life)
