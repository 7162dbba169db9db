"""The simulated life of the sample community: its clock, its random draws, its state between days.

It knows no subject. Each subject stores what it needs in a part of its own, creates that part on
the first day, and declares errands for the later days.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar, cast

from sqlalchemy.orm import Session

from timebank.deeds.action import name_of
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform_in
from timebank.errors import TimebankError
from timebank.values import By, local_instant

Part = TypeVar("Part")
Receipt = TypeVar("Receipt")
# Of these last days, some work is left for the worklist.
RECENT_DAYS = 4


@dataclass(kw_only=True)
class Life:
    """One simulation of the sample's days. ``founder`` founds it and runs its jobs.

    ``today`` is the day of the demo, ``day`` the simulated day. ``tally`` counts deeds by name and
    refusals by code. ``refusal`` is the answer to the last deed that was sent, if it was refused.
    """

    founder: By
    today: date
    day: date
    rng: random.Random
    session: Session | None = None
    sent: int = 0
    tally: Counter[str] = field(default_factory=Counter)
    refusal: TimebankError | None = None
    parts: dict[type, Any] = field(default_factory=dict)

    def keep(self, part: Any) -> None:
        """Store the part of one subject; its class is the key."""
        self.parts[type(part)] = part

    def part(self, kind: type[Part]) -> Part:
        """The part of one subject; it is empty on first use."""
        if kind not in self.parts:
            self.parts[kind] = kind()
        return cast(Part, self.parts[kind])

    def at(self, hour: int, minute: int = 0) -> datetime:
        """An instant of the day, by local time."""
        return local_instant(self.day, hour, minute)

    def chance(self, percent: int) -> bool:
        """Draw whether something happens, with a probability in percent."""
        return self.rng.randrange(100) < percent

    @property
    def is_recent(self) -> bool:
        return self.day >= self.today - timedelta(days=RECENT_DAYS)

    @property
    def is_last_day(self) -> bool:
        return self.day == self.today - timedelta(days=1)

    def perform(
        self, action: Callable[..., Receipt], *, now: datetime | None = None, **content: Any
    ) -> Receipt:
        """Perform one deed as the founder, at nine o'clock by default; a refusal is raised."""
        assert self.session is not None
        self.sent += 1
        return perform_in(
            Deed(self.session, self.founder, now or self.at(9), f"sample-{self.sent}"),
            action,
            **content,
        )

    def send(
        self, action: Callable[..., Receipt], by: By, *, now: datetime, **content: Any
    ) -> Receipt | None:
        """Perform one deed as somebody. A refusal only increases its count in the tally."""
        assert self.session is not None
        self.sent += 1
        self.tally[name_of(action)] += 1
        # For thousands of deeds the driver's own savepoint is much cheaper than SQLAlchemy's.
        driver: Any = self.session.connection().connection.driver_connection
        execute = driver.execute
        execute("SAVEPOINT deed")
        try:
            receipt = perform_in(
                Deed(self.session, by, now, f"sample-{self.sent}"), action, **content
            )
        except TimebankError as refusal:
            execute("ROLLBACK TO SAVEPOINT deed")
            self.tally[refusal.code] += 1
            self.refusal = refusal
            return None
        execute("RELEASE SAVEPOINT deed")
        self.refusal = None
        return receipt
