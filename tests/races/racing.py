"""Many real connections at once: how tests let them race, and the deed they race for."""

import multiprocessing
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from tests.factories import make_by
from tests.factories.ledger import make_account
from tests.waiting import HANG_SECONDS
from timebank.db import Database
from timebank.deeds.action import action
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform
from timebank.errors import TimebankError
from timebank.ledger.actions import post_one
from timebank.ledger.queries import balances_of
from timebank.ledger.rules import Move, PostingLine

RACERS = 16
T = TypeVar("T")
# A child is forked from a small process that has imported the code already: it starts at once.
nursery = multiprocessing.get_context("forkserver")
nursery.set_forkserver_preload(
    [
        *(
            f"tests.races.{name}"
            for name in ("fail_points", "posting_worker", "sealer", "spending")
        ),
        "tests.kiosk.serve",
    ]
)


@dataclass(frozen=True, slots=True)
class Taken:
    txn_id: int
    quantity: int


@action("take")
def take(deed: Deed, *, source: int, destination: int, quantity: int) -> Taken:
    """Take something from an account: the last piece of a lot, the last hour of a passbook."""
    lines: list[PostingLine] = [Move(source, destination, quantity)]
    txn_id = post_one(deed, kind="take", lines=lines)
    return Taken(txn_id, quantity)


def address(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


def open_in_a_child(url: str) -> Database:
    """Open the database of a process that will be killed.

    What the system has been handed survives the death of a process; flushing it to the disk,
    which is for power cuts, would only make the killing slow.
    """
    database = Database(url)
    if database.engine.dialect.name == "sqlite":
        event.listen(database.engine, "connect", _flush_nothing)
    return database


def _flush_nothing(connection: Any, record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def patiently(database: Database, ask: Callable[[], T]) -> T:
    """Ask again while there is no server; SQLite, which has none, has no such excuse."""
    give_up = time.monotonic() + HANG_SECONDS
    while True:
        try:
            return ask()
        except OperationalError:
            if database.engine.dialect.name == "sqlite" or time.monotonic() > give_up:
                raise
            time.sleep(0.05)


def race(url: str, work: Callable[[Database, int], Any], *, turns: int = RACERS) -> list[Any]:
    """Run ``work(database, number)`` from sixteen databases of their own, all at once.

    The answers come in the order of the numbers; a refusal is an answer.
    """
    databases = [Database(url) for _ in range(RACERS)]
    for database in databases:
        with database.reading() as session:
            session.connection()  # The connections are there before the race begins.
    free: SimpleQueue[Database] = SimpleQueue()
    start = threading.Barrier(RACERS, timeout=HANG_SECONDS)

    def run(number: int) -> Any:
        if number < RACERS:
            start.wait()
        database = free.get()
        try:
            return work(database, number)
        except TimebankError as refusal:
            return refusal
        finally:
            free.put(database)

    for database in databases:
        free.put(database)
    with ThreadPoolExecutor(RACERS) as pool:
        answers = list(pool.map(run, range(turns)))
    for database in databases:
        database.close()
    return answers


@dataclass(frozen=True, slots=True)
class LastOne:
    """One last piece, or hour, and sixteen who would have it."""

    source: int
    takers: tuple[int, ...]
    quantity: int

    def left(self, database: Database) -> int:
        with database.reading() as session:
            return balances_of(session, 1, [self.source])[self.source].posted

    def race(self, database: Database) -> list[Any]:
        def work(own: Database, number: int) -> Any:
            told = {"source": self.source, "destination": self.takers[number]}
            return perform(
                own, take, by=make_by(), request_id=f"r{number}", quantity=self.quantity, **told
            )

        return race(address(database), work)


def lay_last_one(database: Database, commodity: str, quantity: int) -> LastOne:
    def lay(session, now):
        takers = [make_account(session, commodity=commodity) for _ in range(RACERS)]
        source = make_account(session, commodity=commodity, filled=quantity)
        return LastOne(source, tuple(takers), quantity)

    return database.write(lay)
