"""Two years of deeds in the sample community, day by day, through the same actions.

Each day is one unit of work at its own time. The subjects declare the errands of a day. What
happens is drawn from a fixed seed; what comes of it is decided by the rules, so refusals, lapses
and expired goods happen by themselves. The last days leave some work for the worklist.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.stories.life import Life
from timebank.subject import Errand, Subject

DAYS = 730


def errands_of(declared: Iterable[Subject]) -> list[Errand]:
    """Order the errands of one day by their time, those of one time by the order given."""
    errands = [errand for subject in declared for errand in subject.errands]
    return sorted(errands, key=lambda errand: errand.at)


def live(
    database: Database, life: Life, declared: Iterable[Subject], *, days: int = DAYS
) -> Iterator[int]:
    """Live through the last ``days``; yields after each one, for a progress bar."""
    errands = errands_of(declared)
    for number in range(days):
        life.day = life.today - timedelta(days=days - number)
        database.write(lambda session, _: _live_a_day(life, session, errands))
        yield number + 1


def _live_a_day(life: Life, session: Session, errands: list[Errand]) -> None:
    life.session = session
    for errand in errands:
        errand.run(life)
