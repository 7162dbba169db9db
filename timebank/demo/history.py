"""Two years of deeds in the sample community, day by day, through the same actions.

Each day is one unit of work at its own time. What happens is drawn from a fixed seed; what
comes of it is decided by the rules, so refusals, lapses and expired goods happen by
themselves. The last days are left open, so that the worklist has something to show.
"""

import random
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy.orm import Session

from timebank.aid.actions import lapse_claims, sweep_expired
from timebank.db import Database
from timebank.demo import errands
from timebank.demo.founding import Founded
from timebank.demo.life import Life
from timebank.demo.population import SEED
from timebank.goods.actions import lapse_announcements

DAYS = 730


def live(database: Database, made: Founded, *, days: int = DAYS) -> Iterator[int]:
    """Live through the last ``days``; yields after each one, for a progress bar."""
    life = Life(made, random.Random(SEED + 1))
    for number in range(days):
        life.day = made.population.today - timedelta(days=days - number)
        database.write(lambda session, _: _live_a_day(life, session))
        yield number + 1


def _live_a_day(life: Life, session: Session) -> None:
    life.session = session
    founder = life.made.founder
    if life.day.weekday() == 0:
        life.send(sweep_expired, founder, now=life.at(0, 5))
        life.send(lapse_announcements, founder, now=life.at(0, 6))
    if life.day.weekday() in (0, 3):
        life.send(lapse_claims, founder, now=life.at(8))
    errands.confirm_yesterday(life)
    errands.deposit(life)
    errands.claim_and_fetch(life)
    errands.serve(life)
    if life.day == life.made.population.today - timedelta(days=1):
        errands.leave_waiting(life)
