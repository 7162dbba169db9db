"""Create the sample community: each subject brings its part, through the actions.

The parts are in ``timebank/<subject>/sample``; the deeds of the two years are in ``history.py``.
"""

import random
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.people.actions import found_community
from timebank.people.sample.population import SEED
from timebank.stories.life import Life
from timebank.subject import Subject
from timebank.values import By, Role, local_instant

COMMUNITY_CODE = "demo"
DAYS_BEFORE = 735


def found(database: Database, today: date, declared: Iterable[Subject]) -> Life:
    """Create the community as it was two years before the demo's day, in one unit of work."""
    founded_on = today - timedelta(days=DAYS_BEFORE)

    def work(session: Session, _: datetime) -> Life:
        community_id = found_community(
            session,
            now=local_instant(founded_on, 9),
            code=COMMUNITY_CODE,
            name_zh="示范社区",
            name_en="Sample community",
        )
        founder = By(
            community_id=community_id,
            client="job:founding",
            channel="job",
            roles=frozenset({Role("coordinator")}),
        )
        life = Life(
            founder=founder,
            today=today,
            day=founded_on,
            rng=random.Random(SEED + 1),
            session=session,
        )
        for subject in declared:
            for found_part in subject.founding:
                found_part(life)
        return life

    return database.write(work)
