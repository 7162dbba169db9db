"""The life of the sample community as it goes on: what one day hands to the next."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from timebank.deeds.running import perform_in
from timebank.demo.founding import Founded
from timebank.errors import TimebankError
from timebank.values import By, local_instant


@dataclass
class Life:
    """What one day hands to the next: claims to fetch, goods to bring, records to confirm."""

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
        # Thousands of deeds: a plain savepoint is much lighter than a nested transaction.
        say = self.session.connection().exec_driver_sql
        say("SAVEPOINT deed")
        try:
            receipt = perform_in(
                self.session, action, by=by, now=now,
                request_id=f"history-{self.sent}", **content,
            )  # fmt: skip
        except TimebankError as refusal:
            say("ROLLBACK TO SAVEPOINT deed")
            self.tally[refusal.code] += 1
            return None
        say("RELEASE SAVEPOINT deed")
        return receipt
