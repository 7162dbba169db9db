"""A process that posts a fixed plan of requests in batches, to be killed at any moment.

Started again it begins its plan anew: what was posted before must be answered, not repeated.
"""

import random
import time
from typing import Any

from timebank.db import Database
from timebank.ledger import writing
from timebank.ledger.actions import post
from timebank.ledger.rules import Move, Request

COMMUNITY_ID = 1
PLAN = 200


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


def run(url: str, number: int, accounts: tuple[int, ...], is_torn: bool = False) -> None:
    """Post the plan in batches of random size, with repeats inside and between batches."""
    database = Database(url)
    plan = plan_of(number, accounts)
    lot = random.Random()
    send = _post_torn if is_torn else _post
    at = 0
    while at < len(plan):
        size = lot.randint(1, 8)
        batch = plan[max(0, at - lot.randint(0, 2)) : at + size]
        send(database, [*batch, lot.choice(batch)])
        at += size
    database.close()


def _post(database: Database, batch: list[Request]) -> None:
    database.write(
        lambda session, now: post(session, COMMUNITY_ID, batch, now=now), at_most_once=True
    )


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
