"""What sealing costs: CPU for each sealed transaction, and how much it slows the writers.

Writers alone and writers beside a sealer take turns on one PostgreSQL in one run; the result is
the median of each round's ratio. CPU is of our process and, on PostgreSQL, of the server's.
"""

import argparse
import multiprocessing
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from sqlalchemy import text

from bench.loads import COMMUNITY_ID, BenchBooks, Load, carry, gifts, lay_books
from bench.pg import durable_server, fresh_database
from timebank import sealer
from timebank.db import Database
from timebank.ledger.actions import post
from timebank.sealer import seal_all
from timebank.sealing.keys import Signer

SIGNER = Signer(bytes(range(32)))
GOAL_CPU_MS, GOAL_SLOWED = 0.2, 0.05


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--count", type=int, default=10_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'books.sqlite'}"
        print_cost("SQLite", url, lay_books(url), asked.count)
    with durable_server() as server, fresh_database(server) as found:
        url = found.render_as_string(hide_password=False)
        books = lay_books(url)
        print_cost("PostgreSQL", url, books, asked.count)
        print_slowing(books, asked)


def print_cost(name: str, url: str, books: BenchBooks, count: int) -> None:
    """Post ``count`` transactions, seal them, and tell the CPU of it."""
    database = Database(url)
    seal_all(database, SIGNER)
    for _ in range(count // 100):
        database.write(lambda session, now: post(session, COMMUNITY_ID, gifts(books, 100), now=now))
    backend = one_backend(database)
    began, ours, theirs = time.monotonic(), time.process_time(), cpu_of(backend)
    sealed = seal_all(database, SIGNER)
    took = time.monotonic() - began
    client, server = time.process_time() - ours, cpu_of(backend) - theirs
    each = (client + server) / sealed * 1000
    verdict = "holds" if each < GOAL_CPU_MS else "MISSED"
    print(
        f"{name}: {sealed} sealed, {sealed / took:.0f}/s; CPU each {each:.3f} ms"
        f" ({client / sealed * 1000:.3f} ours, {server / sealed * 1000:.3f} server;"
        f" goal < {GOAL_CPU_MS}: {verdict})",
        flush=True,
    )
    database.close()


def one_backend(database: Database) -> int | None:
    """The server's process that serves this database's one connection."""
    if database.engine.dialect.name == "sqlite":
        return None
    with database.reading() as session:
        return int(session.scalar(text("SELECT pg_backend_pid()")) or 0)


def cpu_of(process: int | None) -> float:
    """Seconds of CPU that a process has used."""
    if process is None:
        return 0.0
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def keep_sealing(url: str) -> None:
    """Seal as the server does until killed."""
    sealer.keep_sealing(Database(url), SIGNER, threading.Event())


@contextmanager
def a_sealer(url: str) -> Iterator[None]:
    worker = multiprocessing.get_context("spawn").Process(target=keep_sealing, args=(url,))
    worker.start()
    time.sleep(1.5)  # It has read the code, and its first beat is near.
    try:
        yield
    finally:
        worker.kill()
        worker.join()


def print_slowing(books: BenchBooks, asked: argparse.Namespace) -> None:
    """Let writers run alone and beside a sealer, in turns."""
    ratios: dict[int, list[float]] = {1: [], 100: []}
    for number in range(asked.rounds):
        line = f"round {number + 1}:"
        for size, found in ratios.items():
            load = Load(size=size, processes=asked.clients)
            speeds, waits = {}, {}
            # Who begins changes each round, so that a warm machine favours neither.
            for is_beside in (number % 2 == 0, number % 2 == 1):
                with a_sealer(books.url) if is_beside else nullcontext():
                    speeds[is_beside] = carry(books, load, seconds=asked.seconds).per_second
                waits[is_beside] = clear_queue(books.url)
            found.append(speeds[True] / speeds[False])
            line += f"   of {size}: {speeds[False]:.0f} → {speeds[True]:.0f}/s,"
            line += f" {waits[True]} of {waits[False]} left waiting"
        print(line, flush=True)
    for size, found in ratios.items():
        slowed = 1 - statistics.median(found)
        verdict = "holds" if slowed < GOAL_SLOWED else "MISSED"
        print(f"Writers of {size} slowed by {slowed:.1%} (goal < {GOAL_SLOWED:.0%}: {verdict})")


def clear_queue(url: str) -> int:
    """Seal what was left waiting, so that the next does not carry it; tells how much."""
    database = Database(url)
    count = seal_all(database, SIGNER)
    database.close()
    return count


if __name__ == "__main__":
    main()
