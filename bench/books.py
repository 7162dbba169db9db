"""How fast ``post()`` is, as a ratio to pgbench's TPC-B on the same PostgreSQL.

Machines differ and neighbours make noise, so TPC-B, single requests and batches take turns
in one run, and the result is the median of each round's ratio. SQLite is told in figures.
"""

import argparse
import multiprocessing
import random
import secrets
import statistics
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bench.pg import durable_server, fresh_database, lay_tpcb, tpcb
from timebank.db import Database, metadata
from timebank.ledger.actions import ensure_account, post
from timebank.ledger.rules import Move, Request
from timebank.ledger.tables import account, balance, community
from timebank.values import MINUTES, new_id

COMMUNITY_ID = 1
MEMBERS = 20_000
GOALS = {1: 0.2, 100: 0.8}


def lay_books(url: str) -> list[int]:
    """Make the tables and 20,000 passbooks; only the opening is done in bulk."""
    database = Database(url)

    def work(session: Session, now: datetime) -> list[int]:
        metadata.create_all(session.connection())
        session.execute(
            insert(community).values(id=COMMUNITY_ID, code="bench", name_zh="测", name_en="Bench")
        )
        first = ensure_account(session, COMMUNITY_ID, "person", MINUTES, owner_id=1, floor=-(10**9))
        row = session.execute(account.select().where(account.c.id == first)).one()._asdict()
        zero = session.execute(balance.select()).one()._asdict()
        ids = [new_id() for _ in range(MEMBERS)]
        session.execute(
            insert(account), [{**row, "id": i, "owner_id": n} for n, i in enumerate(ids, 2)]
        )
        session.execute(insert(balance), [{**zero, "account_id": i} for i in ids])
        return ids

    ids = database.write(work)
    for _ in range(20):
        _post_batch(database, requests(ids, 100))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # As pgbench does for its own tables: the planner knows how large they are.
        connection.exec_driver_sql("ANALYZE")
    database.close()
    return ids


def requests(ids: list[int], size: int) -> list[Request]:
    """Ask for ``size`` gifts between members chosen by lot."""
    made = []
    for _ in range(size):
        source, destination = random.sample(ids, 2)
        lines = (Move(source, destination, random.randint(1, 60)),)
        made.append(Request("bench", secrets.token_hex(8), "gift", lines))
    return made


def post_for(url: str, ids: list[int], size: int, seconds: float, **ends: Any) -> None:
    """Post batches for a while; tell how many requests, and in how long."""
    random.seed()
    database = Database(url)
    for _ in range(10):
        _post_batch(database, requests(ids, size))
    ends["start"].wait(60)
    done, began = 0, time.monotonic()
    while time.monotonic() - began < seconds:
        _post_batch(database, requests(ids, size))
        done += size
    ends["told"].put(done / (time.monotonic() - began))
    database.close()


def _post_batch(database: Database, batch: list[Request]) -> None:
    outcomes = database.write(lambda session, now: post(session, COMMUNITY_ID, batch, now=now))
    assert all(outcome.refusal is None and not outcome.replayed for outcome in outcomes)


def posted_per_second(
    url: str, ids: list[int], size: int, *, clients: int, seconds: float
) -> float:
    """Post from several processes at once; requests a second of all together."""
    forge = multiprocessing.get_context("spawn")
    start, told = forge.Barrier(clients), forge.Queue()
    asked, ends = (url, ids, size, seconds), {"start": start, "told": told}
    workers = [forge.Process(target=post_for, args=asked, kwargs=ends) for _ in range(clients)]
    for worker in workers:
        worker.start()
    total = sum(told.get(timeout=seconds + 60) for _ in workers)
    for worker in workers:
        worker.join()
    return float(total)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--scale", type=int, default=20)
    asked = parser.parse_args()
    on_postgresql(asked)
    on_sqlite(asked)


def on_postgresql(asked: argparse.Namespace) -> None:
    with durable_server() as server, fresh_database(server) as url:
        text_url = url.render_as_string(hide_password=False)
        lay_tpcb(url, scale=asked.scale)
        ids = lay_books(text_url)
        ratios: dict[int, list[float]] = {1: [], 100: []}
        for number in range(asked.rounds):
            yard = tpcb(url, clients=asked.clients, seconds=asked.seconds)
            line = f"round {number + 1}: TPC-B {yard:7.0f}/s"
            for size, found in ratios.items():
                speed = posted_per_second(
                    text_url, ids, size, clients=asked.clients, seconds=asked.seconds
                )
                found.append(speed / yard)
                line += f"   batches of {size}: {speed:7.0f}/s = {speed / yard:.2f}"
            print(line, flush=True)
    for size, found in ratios.items():
        median, goal = statistics.median(found), GOALS[size]
        verdict = "holds" if median >= goal else "MISSED"
        print(f"PostgreSQL, batches of {size}: {median:.2f} of TPC-B (goal ≥ {goal}: {verdict})")


def on_sqlite(asked: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'books.sqlite'}"
        ids = lay_books(url)
        for size in (1, 100):
            speed = posted_per_second(url, ids, size, clients=1, seconds=asked.seconds)
            print(f"SQLite, batches of {size}: {speed:.0f}/s")


if __name__ == "__main__":
    main()
