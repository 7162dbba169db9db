"""Two years of deeds in the sample community, day by day, through the same actions.

Each day is one unit of work at its own time. What happens is drawn from a fixed seed; what
comes of it is decided by the rules, so refusals, lapses and expired goods happen by
themselves. The last days are left open, so that the worklist has something to show.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from timebank.aid.actions import lapse_claims, sweep_expired
from timebank.db import Database
from timebank.demo import errands
from timebank.demo.founding import Founded
from timebank.demo.population import SEED
from timebank.errors import TimebankError
from timebank.goods.actions import lapse_announcements
from timebank.ledger.deeds import perform_in
from timebank.values import By, local_instant

DAYS = 730


@dataclass
class Life:
    """What one day hands to the next: claims to fetch, deposits on their way, records to confirm."""

    made: Founded
    rng: random.Random
    session: Session | None = None
    day: date = date.min
    sent: int = 0
    tally: Counter[str] = field(default_factory=Counter)
    to_fetch: dict[date, list[Any]] = field(default_factory=dict)
    to_bring: dict[date, list[Any]] = field(default_factory=dict)
    to_confirm: dict[date, list[Any]] = field(default_factory=dict)
    stock: Counter[int] = field(default_factory=Counter)

    def at(self, hour: int, minute: int = 0) -> datetime:
        return local_instant(self.day, hour, minute)

    def send(
        self, action: Callable[..., Any], by: By, *, now: datetime, **content: Any
    ) -> Any | None:
        """Do one deed; a refusal leaves nothing behind but a mark in the tally."""
        assert self.session is not None
        self.sent += 1
        self.tally[action.__name__] += 1
        try:
            with self.session.begin_nested():
                return perform_in(
                    self.session, action, by=by, now=now,
                    request_id=f"history-{self.sent}", **content,
                )  # fmt: skip
        except TimebankError as refusal:
            self.tally[refusal.code] += 1
            return None


def live(database: Database, made: Founded) -> Iterator[int]:
    """Live through the two years; yields after each day, for a progress bar."""
    life = Life(made, random.Random(SEED + 1))
    for number in range(DAYS):
        life.day = made.population.today - timedelta(days=DAYS - number)
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
