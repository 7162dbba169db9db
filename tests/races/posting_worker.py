"""A process that posts a fixed plan of requests in batches, to be killed at any moment.

Started again it sends again what was posted before: that must be answered, not repeated.
"""

import random
import time
from dataclasses import dataclass
from typing import Any

from tests.counts import repeats
from tests.races.racing import nursery, open_in_a_child, patiently
from timebank.db import Database
from timebank.ledger import writing
from timebank.ledger.actions import post
from timebank.ledger.rules import (
    AUTHORISE,
    RECORD,
    HeldLine,
    Move,
    PlaceHold,
    PostingLine,
    Request,
    ResolveHold,
)

COMMUNITY_ID = 1
PLAN = repeats(160, 400)
FUTURE_US = 4_000_000_000_000_000


@dataclass(frozen=True, slots=True)
class Stage:
    """What the plans are about: passbooks, a pool, holds to be ended."""

    accounts: tuple[int, ...]
    pool: int
    holds: tuple[HeldLine, ...]


def plan_of(number: int, stage: Stage) -> list[Request]:
    """Make the requests of one worker, the same each time: most can be done, some cannot."""
    lot = random.Random(number)
    return [_draw_request(lot, stage, f"worker:{number}", index) for index in range(PLAN)]


def _draw_request(lot: random.Random, stage: Stage, client: str, index: int) -> Request:
    """Draw a request or a fact; all workers are after the same hold at about the same time."""
    kind = lot.choice(["moves", "moves", "moves", "pool", "end", "hold"])
    mode = AUTHORISE if kind == "hold" else lot.choice([AUTHORISE, AUTHORISE, RECORD])
    two = lot.sample(stage.accounts, 2)
    hold = stage.holds[index * len(stage.holds) // PLAN]
    lines: list[PostingLine] = [Move(two[0], two[1], lot.randint(1, 60))]
    if kind == "moves":
        for _ in range(lot.randint(0, 2)):
            lines.append(Move(*lot.sample(stage.accounts, 2), lot.randint(1, 60)))
    elif kind == "pool":
        lines = [Move(*lot.sample([two[0], stage.pool], 2), lot.randint(1, 60))]
    elif kind == "end":  # It may have happened with more than was held.
        most = hold.quantity if mode == AUTHORISE else 2 * hold.quantity
        lines = [ResolveHold(hold.txn_id, hold.line, lot.randint(0, most))]
    else:
        lines = [PlaceHold(two[0], two[1], lot.randint(1, 3), FUTURE_US)]
    return Request(client, f"key:{index}", "plan", tuple(lines), mode=mode)


def new_progress(count: int) -> Any:
    """Make what tells how far each worker has come; whoever is killed holds no lock of it."""
    return nursery.RawArray("i", count)


def run(
    url: str, number: int, stage: Stage, progress: Any, seed: int, is_torn: bool = False
) -> None:
    """Post the plan in batches of random size, with repeats inside and between batches.

    Started again it begins near where it was, and now and then from the beginning.
    """
    database = open_in_a_child(url)
    plan = plan_of(number, stage)
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


def _post(database: Database, batch: list[Request]) -> None:
    """Post as a kiosk would: while there is no server, the same is sent again."""

    def work(session: Any, now: Any) -> None:
        post(session, COMMUNITY_ID, batch, now=now)

    patiently(database, lambda: database.write(work, at_most_once=True))


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
