"""The speed of ``post()``, as a ratio to pgbench's TPC-B on the same PostgreSQL.

Machines differ and other programs disturb, so TPC-B runs again just before each load, and the
result is the median of the ratios of all rounds. For SQLite the figures are absolute. Each line
ends with its goal, and whether it is met.
"""

import argparse
import os
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sqlalchemy import func, select, text

from bench.loads import BenchBooks, Load, LoadResult, carry, lay_books
from bench.pg import durable_server, fresh_database, lay_tpcb, tpcb
from timebank.db import Database
from timebank.ledger.tables import posting

T = TypeVar("T")
TABLES = ("txn", "posting", "seal_queue", "balance")  # The tables that a gift writes.


@dataclass(frozen=True, slots=True)
class BenchLine:
    """One line of the result: what is posted, how, and its goal."""

    says: str
    load: Load
    goal: float  # A ratio to TPC-B; on SQLite postings per second.
    p99_most: float | None = None


ON_POSTGRESQL = (
    BenchLine("single requests", Load(), 0.25),
    BenchLine("single requests into one account", Load(is_pool=True), 0.1, p99_most=100),
    BenchLine("batches of 100", Load(100), 1.3),
)
ON_SQLITE = (
    BenchLine("single requests", Load(processes=1), 0),
    BenchLine("batches of 100", Load(100, processes=1), 4_000),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--clients", type=int, default=4, help="of TPC-B")
    parser.add_argument("--scale", type=int, default=50, help="of TPC-B")
    asked = parser.parse_args()
    on_postgresql(asked)
    on_sqlite(asked)


def on_postgresql(asked: argparse.Namespace) -> None:
    """Let TPC-B and each load take turns."""
    with durable_server() as server, fresh_database(server) as url:
        lay_tpcb(url, scale=asked.scale)
        books = lay_books(url.render_as_string(hide_password=False))

        def yard() -> float:
            return tpcb(url, clients=asked.clients, seconds=asked.seconds)

        def rounds() -> list[list[Measured]]:
            return [measure(books, number, asked, yard) for number in range(asked.rounds)]

        found, grown = with_storage(books, rounds)
    print()
    for line, turns in zip(ON_POSTGRESQL, zip(*found, strict=True), strict=True):
        ratio = statistics.median(one.told.per_second / one.yard for one in turns)
        p99 = statistics.median(one.told.p99 for one in turns)
        holds = ratio >= line.goal and (line.p99_most is None or p99 < line.p99_most)
        goal = f"≥ {line.goal}" + (f", p99 < {line.p99_most:.0f} ms" if line.p99_most else "")
        print(f"PostgreSQL, {line.says}: {ratio:.2f} of TPC-B, p99 {p99:.1f} ms", end=" ")
        print(f"(goal {goal}: {verdict(holds)})")
    tell_storage("PostgreSQL", grown)


@dataclass(frozen=True, slots=True)
class Measured:
    """A load, and the result of TPC-B just before it."""

    yard: float
    told: LoadResult


def measure(
    books: BenchBooks, number: int, asked: argparse.Namespace, yard: Callable[[], float]
) -> list[Measured]:
    """Run one round, and print it."""
    busy = os.getloadavg()[0]
    print(f"round {number + 1} of {asked.rounds}, load of the machine {busy:.1f}", flush=True)
    round_: list[Measured] = []
    for line in ON_POSTGRESQL:
        one = Measured(yard(), carry(books, line.load, seconds=asked.seconds))
        round_.append(one)
        print(
            f"  TPC-B {one.yard:6.0f}/s   {line.says} {one.told.per_second:6.0f}/s"
            f" = {one.told.per_second / one.yard:.2f}   p99 {one.told.p99:.1f} ms",
            flush=True,
        )
    return round_


def on_sqlite(asked: argparse.Namespace) -> None:
    """One server process, as SQLite is deployed."""
    with tempfile.TemporaryDirectory() as folder:
        books = lay_books(f"sqlite:///{Path(folder) / 'books.sqlite'}")

        def rounds() -> list[list[LoadResult]]:
            return [
                [carry(books, line.load, seconds=asked.seconds) for line in ON_SQLITE]
                for _ in range(asked.rounds)
            ]

        found, grown = with_storage(books, rounds)
    for line, turns in zip(ON_SQLITE, zip(*found, strict=True), strict=True):
        speed = statistics.median(told.per_second for told in turns)
        p99 = statistics.median(told.p99 for told in turns)
        goal = f" (goal ≥ {line.goal}/s: {verdict(speed >= line.goal)})" if line.goal else ""
        print(f"SQLite, {line.says}: {speed:.0f}/s, p99 {p99:.1f} ms{goal}")
    tell_storage("SQLite", grown)


def verdict(holds: bool) -> str:
    return "holds" if holds else "MISSED"


def with_storage(books: BenchBooks, work: Callable[[], T]) -> tuple[T, dict[str, float]]:
    """Run it, and print by how many bytes per posting each table and its indexes grew."""
    database = Database(books.url)
    before, had = sizes(database), count(database)
    done = work()
    after, has = sizes(database), count(database)
    database.close()
    return done, {name: (after[name] - size) / (has - had) for name, size in before.items()}


def count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(posting)) or 0


def sizes(database: Database) -> dict[str, int]:
    """The bytes of each table with its indexes; for SQLite only those of the whole file."""
    with database.reading() as session:
        if database.engine.dialect.name == "sqlite":
            pages, size = (
                session.execute(text(f"PRAGMA {name}")).scalar_one()
                for name in ("page_count", "page_size")
            )
            return {"all tables": pages * size}
        asked = text("SELECT pg_total_relation_size(CAST(:name AS regclass))")
        return {name: session.execute(asked, {"name": name}).scalar_one() for name in TABLES}


def tell_storage(engine: str, grown: dict[str, float]) -> None:
    parts = ", ".join(f"{name} {size:.0f}" for name, size in grown.items())
    print(f"{engine}, storage: {sum(grown.values()):.0f} bytes a posting ({parts})", flush=True)


if __name__ == "__main__":
    main()
