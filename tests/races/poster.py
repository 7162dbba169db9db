"""A process that posts a fixed plan of requests in batches, to be killed at any moment.

Started again it sends again what was posted before: that must be answered, not repeated.
"""

import multiprocessing
import random
import time
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from tests.lots import LONGER
from timebank.db import Database
from timebank.ledger import writing
from timebank.ledger.actions import post
from timebank.ledger.rules import Move, Request

COMMUNITY_ID = 1
PLAN = 400 * LONGER


def plan_of(number: int, accounts: tuple[int, ...]) -> list[Request]:
    """Make the requests of one worker, the same each time: most can be done, some cannot."""
    lot = random.Random(number)
    plan = []
    for index in range(PLAN):
        lines = []
        for _ in range(lot.randint(1, 3)):
            source, destination = lot.sample(accounts, 2)
            lines.append(Move(source, destination, lot.randint(1, 60)))
        plan.append(Request(f"worker:{number}", f"key:{index}", "plan", tuple(lines)))
    return plan


def new_progress(count: int) -> Any:
    """Make what tells how far each worker has come; whoever is killed holds no lock of it."""
    return multiprocessing.get_context("forkserver").RawArray("i", count)


def run(
    url: str, number: int, accounts: tuple[int, ...], progress: Any, seed: int,
    is_torn: bool = False,
) -> None:  # fmt: skip
    """Post the plan in batches of random size, with repeats inside and between batches.

    Started again it begins near where it was, and now and then from the beginning.
    """
    database = Database(url)
    if database.engine.dialect.name == "sqlite":
        # What the system has been handed survives the death of a process; flushing it to
        # the disk, which is for power cuts, would only make the killing slow.
        event.listen(database.engine, "connect", _flush_nothing)
    plan = plan_of(number, accounts)
    lot = random.Random(seed)
    send = _post_torn if is_torn else _post
    at = 0 if lot.random() < 0.1 else max(0, progress[number] - lot.randint(0, 20))
    while at < len(plan):
        size = lot.randint(1, 8)
        batch = plan[max(0, at - lot.randint(0, 2)) : at + size]
        batch += [lot.choice(batch) for _ in range(lot.randint(0, 2))]
        lot.shuffle(batch)
        send(database, batch)
        at += size
        progress[number] = max(progress[number], min(at, len(plan)))
        time.sleep(lot.uniform(0, 0.004))  # Or one would have the file of SQLite all the time.
    database.close()


def _flush_nothing(connection: Any, record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _post(database: Database, batch: list[Request]) -> None:
    """Post as a kiosk would: while there is no server, the same is sent again."""
    give_up = time.monotonic() + 30

    def work(session: Any, now: Any) -> None:
        post(session, COMMUNITY_ID, batch, now=now)

    while True:
        try:
            return database.write(work, at_most_once=True)
        except OperationalError:
            if database.engine.dialect.name == "sqlite" or time.monotonic() > give_up:
                raise
            time.sleep(0.05)


def _post_torn(database: Database, batch: list[Request]) -> None:
    """Post as it must not be done, for the control: balances in a unit of their own."""
    later: list[dict[int, dict[str, int]]] = []
    names = ("_write_at_once", "_write_in_turn")
    whole = {name: getattr(writing, name) for name in names}

    def without_balances(how: Any) -> Any:
        def write(connection: Any, community_id: int, new: Any, changes: Any) -> int:
            how(connection, community_id, new, {})
            later.append(changes)
            return len(changes)

        return write

    for name in names:
        setattr(writing, name, without_balances(whole[name]))
    _post(database, batch)
    for name in names:
        setattr(writing, name, whole[name])
    time.sleep(0.005)
    nothing = writing.Rows()

    def catch_up(session: Any, now: Any) -> None:
        connection = session.connection()
        for changes in later:
            how = f"_write_{'at_once' if connection.dialect.name == 'postgresql' else 'in_turn'}"
            whole[how](connection, COMMUNITY_ID, nothing, changes)

    database.write(catch_up)
