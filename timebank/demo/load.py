"""Load the sample community into an empty database."""

from collections.abc import Callable, Iterable
from datetime import date, datetime

from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.demo.founding import found
from timebank.demo.history import DAYS, live
from timebank.people.passwords import PROFILE
from timebank.people.sample.sign_ins import give_sign_ins
from timebank.stories.life import Life
from timebank.subject import Subject
from timebank.subjects import subjects
from timebank.values import local_day

STEPS = DAYS + 30  # Founding takes as long as thirty days of history.
Progress = Callable[[int], None]


def load(
    database: Database,
    *,
    today: date | None = None,
    days: int = DAYS,
    progress: Progress,
    declared: Iterable[Subject] | None = None,
) -> Life:
    """Create the sample community and simulate its last ``days``, by default two years.

    ``progress`` is called with the number of steps done since the last call; the total is
    ``STEPS``. The database's clock gives the day of the demo. ``declared`` are the subjects that
    bring the sample, by default all.
    """
    today = today or local_day(database.clock())
    known = subjects() if declared is None else tuple(declared)
    profile = database.info.get(PROFILE, "full")
    database.info[PROFILE] = "small"  # Demo passwords are printed anyway: hash them cheaply.
    try:
        life = found(database, today, known)
        progress(STEPS - DAYS)
        for _ in live(database, life, known, days=days):
            progress(1)
        database.write(lambda session, now: _give_sign_ins(session, now, life))
        database.learn_sizes()
    finally:
        database.info[PROFILE] = profile
    return life


def _give_sign_ins(session: Session, now: datetime, life: Life) -> None:
    life.session = session
    give_sign_ins(life, now=now)
