"""Create the sample community: found it from its file, then each subject brings its people.

The file is ``timebank/founding/examples/sample.toml``. The parts are in
``timebank/<subject>/sample``; the deeds of the two years are in ``history.py``.
"""

import random
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.founding.actions import found as found_from
from timebank.founding.actions import founder_of
from timebank.founding.files import EXAMPLES, read_file
from timebank.people.sample.population import SEED
from timebank.stories.life import Life
from timebank.subject import Subject
from timebank.values import local_instant

COMMUNITY_CODE = "demo"
DAYS_BEFORE = 735


def found(database: Database, today: date, declared: Iterable[Subject]) -> Life:
    """Create the community as it was two years before the demo's day, in one unit of work."""
    founded_on = today - timedelta(days=DAYS_BEFORE)
    plan = read_file(EXAMPLES / "sample.toml", today=founded_on)

    def work(session: Session, _: datetime) -> Life:
        founded = found_from(session, local_instant(founded_on, 9), plan)
        life = Life(
            founder=founder_of(founded.community_id),
            today=today,
            day=founded_on,
            rng=random.Random(SEED + 1),
            session=session,
        )
        life.keep(founded)
        for subject in declared:
            for found_part in subject.founding:
                found_part(life)
        return life

    return database.write(work)
