"""The loads of ``bench.books``: passbooks to post to, and processes that post.

Each process has its own connection, warms up, waits for the others at a barrier, posts without a
pause, and reports requests per second and the latency of each.
"""

import multiprocessing
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.deeds.tables import community
from timebank.ledger.actions import ensure_account, post
from timebank.ledger.rules import Move, Request
from timebank.ledger.tables import account, balance
from timebank.schema import every_table
from timebank.values import MINUTES, new_id

COMMUNITY_ID = 1
MEMBERS = 20_000
WARM_UP = 10
_forge = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class BenchBooks:
    """The address of the books, their passbooks, and the pool account."""

    url: str
    members: tuple[int, ...]
    pool: int


@dataclass(frozen=True, slots=True)
class LoadResult:
    """The result of a load: total requests per second, and the latency of each in ms."""

    per_second: float
    waits: tuple[float, ...]

    @property
    def p99(self) -> float:
        return sorted(self.waits)[int(len(self.waits) * 0.99)]


@dataclass(frozen=True, slots=True)
class Load:
    """How to post: requests in one unit of work, processes, and whether all give to the pool."""

    size: int = 1
    processes: int = 4
    is_pool: bool = False


def lay_books(url: str) -> BenchBooks:
    """Create the tables, 20,000 passbooks and a pool; only the opening is done in bulk."""
    database = Database(url)
    books = database.write(lambda session, now: _lay(session, url))
    for _ in range(20):
        _post_batch(database, gifts(books, 100))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # As pgbench does for its own tables: the planner knows how large they are.
        connection.exec_driver_sql("ANALYZE")
    database.close()
    return books


def _lay(session: Session, url: str) -> BenchBooks:
    every_table().create_all(session.connection())
    named = {"code": "bench", "name_zh": "测", "name_en": "Bench"}
    session.execute(insert(community).values(id=COMMUNITY_ID, **named))
    first = ensure_account(session, COMMUNITY_ID, "person", MINUTES, owner_id=1, floor=-(10**9))
    row = session.execute(account.select().where(account.c.id == first)).one()._asdict()
    zero = session.execute(balance.select()).one()._asdict()
    ids = [new_id() for _ in range(MEMBERS)]
    owned = [{**row, "id": id_, "owner_id": n} for n, id_ in enumerate(ids, 2)]
    session.execute(insert(account), owned)
    session.execute(insert(balance), [{**zero, "account_id": id_} for id_ in ids])
    # Opened last, so its id is the highest and its row is taken last.
    return BenchBooks(url, tuple(ids), ensure_account(session, COMMUNITY_ID, "pool", MINUTES))


def gifts(books: BenchBooks, size: int) -> list[Request]:
    """``size`` requests for gifts between random members."""
    return [_request(*random.sample(books.members, 2)) for _ in range(size)]


def gifts_to_pool(books: BenchBooks, size: int) -> list[Request]:
    """``size`` requests for gifts of random members to the pool."""
    return [_request(random.choice(books.members), books.pool) for _ in range(size)]


def _request(source: int, destination: int) -> Request:
    lines = (Move(source, destination, random.randint(1, 60)),)
    return Request("bench", secrets.token_hex(8), "gift", lines)


def _post_batch(database: Database, batch: list[Request]) -> None:
    outcomes = database.write(
        lambda session, now: post(session, COMMUNITY_ID, batch, now=now), at_most_once=True
    )
    assert all(outcome.refusal is None and not outcome.replayed for outcome in outcomes)


def carry(books: BenchBooks, load: Load, *, seconds: float) -> LoadResult:
    """Post from several processes at once."""
    start, told = _forge.Barrier(load.processes), _forge.Queue()
    asked = (books, load, seconds, (start, told))
    workers = [_forge.Process(target=_post_batches, args=asked) for _ in range(load.processes)]
    for worker in workers:
        worker.start()
    found: list[LoadResult] = [told.get(timeout=seconds + 90) for _ in workers]
    for worker in workers:
        worker.join()
    waits = tuple(wait for one in found for wait in one.waits)
    return LoadResult(sum(one.per_second for one in found), waits)


def _post_batches(books: BenchBooks, load: Load, seconds: float, ends: Any) -> None:
    random.seed()
    database, ask = Database(books.url), gifts_to_pool if load.is_pool else gifts
    _tell(ends, seconds, lambda: _post_batch(database, ask(books, load.size)), load.size)
    database.close()


def _tell(ends: Any, seconds: float, work: Callable[[], None], size: int) -> None:
    for _ in range(WARM_UP):
        work()
    start, told = ends
    start.wait(90)
    waits = _timed(work, seconds)
    told.put(LoadResult(len(waits) * size / (sum(waits) / 1000), waits))


def _timed(work: Callable[[], None], seconds: float) -> tuple[float, ...]:
    """Repeat a call for a while; return the milliseconds of each."""
    waits, before = [], time.monotonic()
    until = before + seconds
    while before < until:
        work()
        after = time.monotonic()
        waits.append((after - before) * 1000)
        before = after
    return tuple(waits)
