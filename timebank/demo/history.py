"""Two years of deeds in the sample community, day by day, through the actions.

Several days share one unit of work; each deed has its own time. The subjects declare the errands
of a day. A fixed seed draws what people try; the rules decide the result, so there are refusals,
lapsed claims and expired goods. The last days leave some work for the worklist.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.stories.life import Life
from timebank.subject import Errand, Subject

DAYS = 730
_DAYS_A_UNIT = 10  # Every unit of work waits for the disk once.


def errands_of(declared: Iterable[Subject]) -> list[Errand]:
    """Order the errands of one day by time; those of the same time keep the given order."""
    errands = [errand for subject in declared for errand in subject.errands]
    return sorted(errands, key=lambda errand: errand.at)


def live(
    database: Database, life: Life, declared: Iterable[Subject], *, days: int = DAYS
) -> Iterator[int]:
    """Simulate the last ``days``; yields after each one, for a progress bar."""
    errands = errands_of(declared)
    for first in range(0, days, _DAYS_A_UNIT):
        some = [life.today - timedelta(days=back) for back in range(days - first, 0, -1)]
        some = some[:_DAYS_A_UNIT]
        database.write(partial(_live_days, life=life, errands=errands, days=some))
        for number, _day in enumerate(some, first + 1):
            yield number


def _live_days(
    session: Session, now: datetime, *, life: Life, errands: list[Errand], days: list[date]
) -> None:
    """Simulate some days in one unit of work; each deed has the time of its own day."""
    life.session = session
    for life.day in days:
        for errand in errands:
            errand.run(life)
