"""Group commit: many callers, one writer, one flush to disk for whoever waits together.

When everybody's deposit goes into one pool, its balance row is locked once a batch instead of
once a request. Nothing is decided here: ``post()`` decides, and the keys make a repeated
request harmless. A process makes its poster after it has forked.
"""

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from timebank.db import Busy, Database
from timebank.ledger.actions import Outcome, post
from timebank.ledger.rules import Request

BATCH_MAX = 200
WAITING_MAX = 2_000  # About a second of work: whoever comes later is better told to come back.
PATIENCE_SECONDS = 30.0

# These say that the database is away or in need, which is no single request's doing.
_NOBODYS_FAULT = (Busy, OperationalError, InterfaceError)


class _Ticket(Future[Outcome]):
    """A request that waits for its outcome."""

    def __init__(self, community_id: int, request: Request) -> None:
        super().__init__()
        self.community_id = community_id
        self.request = request


class Poster:
    """Posts what waits in batches, from one thread of its own.

    A batch is whatever came in while the last one was written, so a lonely request waits for
    nobody. Requests of one community are decided in the order in which they came.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[_Ticket] = deque()
        self._bell = threading.Condition()
        self._is_stopped = False
        self._writer = threading.Thread(target=self._work, name="poster", daemon=True)

    def post(
        self, community_id: int, request: Request, *, patience: float = PATIENCE_SECONDS
    ) -> Outcome:
        """Post one request and wait for what became of it.

        Never call it within a unit of work: on SQLite the two would wait for each other.

        **Units**: ``patience`` in seconds. **Refuses**: nothing itself; the outcome tells.
        ``Busy`` says come again with the same key: where it was too slow the request may have
        been posted all the same, and the key then gives its outcome.
        """
        ticket = _Ticket(community_id, request)
        self._enqueue(ticket)
        try:
            return ticket.result(patience)
        except TimeoutError:
            ticket.cancel()  # Nobody would read the answer, so what has not begun need not.
            raise Busy(f"no outcome within {patience} s") from None

    def stop(self, *, patience: float = PATIENCE_SECONDS) -> None:
        """Take nothing more, finish what was taken, and come to rest."""
        with self._bell:
            self._is_stopped = True
            self._bell.notify_all()
        if self._writer.is_alive():
            self._writer.join(patience)
        with self._bell:
            left = [self._waiting.popleft() for _ in range(len(self._waiting))]
        for ticket in left:
            if ticket.set_running_or_notify_cancel():
                ticket.set_exception(Busy("the poster has stopped"))

    def _enqueue(self, ticket: _Ticket) -> None:
        with self._bell:
            if self._is_stopped:
                raise Busy("the poster has stopped")
            if len(self._waiting) >= WAITING_MAX:
                raise Busy(f"{WAITING_MAX} requests are waiting to be posted")
            if self._writer.ident is None:
                self._writer.start()
            self._waiting.append(ticket)
            self._bell.notify()

    def _work(self) -> None:
        while taken := self._take():
            batches: dict[int, list[_Ticket]] = {}
            for ticket in taken:
                if ticket.set_running_or_notify_cancel():
                    batches.setdefault(ticket.community_id, []).append(ticket)
            for batch in batches.values():
                self._settle(batch)

    def _take(self) -> list[_Ticket]:
        """Take what waits, in the order in which it came; nothing only once we have stopped."""
        with self._bell:
            self._bell.wait_for(lambda: self._waiting or self._is_stopped)
            count = min(len(self._waiting), BATCH_MAX)
            return [self._waiting.popleft() for _ in range(count)]

    def _settle(self, batch: Sequence[_Ticket]) -> None:
        """Post a batch; where one request breaks it, halve it until that one stands alone."""
        try:
            outcomes = self._post(batch)
        except BaseException as fault:  # Else the thread would end, and everybody wait.
            if len(batch) == 1 or isinstance(fault, _NOBODYS_FAULT):
                for ticket in batch:
                    ticket.set_exception(fault)
                return
        else:
            for ticket, outcome in zip(batch, outcomes, strict=True):
                ticket.set_result(outcome)
            return
        middle = len(batch) // 2
        self._settle(batch[:middle])
        self._settle(batch[middle:])

    def _post(self, batch: Sequence[_Ticket]) -> list[Outcome]:
        requests = [ticket.request for ticket in batch]

        def work(session: Session, now: datetime) -> list[Outcome]:
            return post(session, batch[0].community_id, requests, now=now)

        return self._database.write(work, at_most_once=True)
