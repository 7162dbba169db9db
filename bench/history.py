"""A passbook statement and the trial balance as of a past day, in short and in long books.

Two communities of the same people, one with 10 thousand postings and one with 2 million, each
sealed as it went along. Both are asked in turns for the same share of their past; the figure is
the ratio of the medians. Goal: at most 1.3 times. The books are written in bulk, with every
running number that posting would have given them, and what they come to is checked before.
"""

import argparse
import hashlib
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

from sqlalchemy import Table
from sqlalchemy.orm import Session

from bench.pg import durable_server, fresh_database
from timebank import schema
from timebank.db import Database, insert_rows
from timebank.deeds.tables import community
from timebank.ledger.leaves import TXN
from timebank.ledger.queries import AccountName, balances_of, sums_by_commodity
from timebank.ledger.rules import POST, POSTED
from timebank.ledger.statements import statement
from timebank.ledger.tables import account, balance, commodity, posting, txn
from timebank.sealing.history import owned_as_of, trial_balance
from timebank.sealing.rules import TILE
from timebank.sealing.snapshots import COUNTERS, STEPS_BETWEEN
from timebank.sealing.tables import balance_snapshot, log_head, log_leaf
from timebank.sealing.tiles import end_tiles
from timebank.values import MINUTES, from_us, to_us

GOAL = 1.3
SIZES = (10_000, 2_000_000)
PEOPLE = 200
BEGUN = datetime.fromisoformat("2020-01-01T00:00:00+00:00")
SPAN_US = 5 * 365 * 86_400_000_000
A_SEALING, A_LOAD = 200, 100 * TILE  # Transactions.
ROUNDS, STATEMENTS, TRIALS = 5, 200, 100
FOLDER = Path(__file__).parent.parent / "data" / "bench"
Rows = dict[Table, list[dict[str, Any]]]


class Writer:
    """The whole history of one community: a pool that gives, and people who pass hours on."""

    def __init__(self, community_id: int, postings: int) -> None:
        self.community_id, self.postings = community_id, postings
        self.chance = random.Random(20)
        self.key = {"community_id": community_id}
        self.counted = community_id * 1000
        self.stands = {n: [0, 0, 0, 0] for n in range(PEOPLE + 1)}  # In, out, seq, instant.
        self.snapped = dict.fromkeys(self.stands, 0)
        self.touched: set[int] = set()

    def account_id(self, number: int) -> int:
        return self.community_id * 1_000_000 + number

    def founding(self) -> Rows:
        code = f"books-{self.community_id}"
        named = {"id": self.community_id, "code": code, "name_zh": code, "name_en": code}
        owned = {**self.key, "commodity_id": self.counted}
        people = [
            {**owned, "id": self.account_id(n), "kind": "person" if n else "issue", "owner_id": n}
            for n in self.stands
        ]
        return {
            community: [named],
            commodity: [{**self.key, "id": self.counted, "code": MINUTES}],
            account: people,
        }

    def history(self) -> Iterator[Rows]:
        """Go along the years; each load is written at once, and ends tiles."""
        numbers = iter(range(self.postings))
        while part := list(islice(numbers, A_LOAD)):
            rows: Rows = {txn: [], posting: [], log_leaf: [], balance_snapshot: []}
            for number in part:
                self._post(rows, number)
                if (number + 1) % A_SEALING == 0:
                    self._snap(rows, number + 1)
            yield rows

    def _post(self, rows: Rows, number: int) -> None:
        to = 1 + number % PEOPLE
        source = 0 if number % 2 else self.chance.randrange(1, PEOPLE + 1)
        source = 0 if source == to else source
        quantity, at_us = 30, to_us(BEGUN) + SPAN_US * number // self.postings
        for one, side in ((source, 1), (to, 0)):
            stand = self.stands[one]
            stand[side] += quantity
            stand[2], stand[3] = stand[2] + 1, at_us
            self.touched.add(one)
        name = f"{self.community_id}-{number}"
        digest = hashlib.sha256(name.encode()).digest()
        rows[txn].append(
            {
                **self.key, "id": number + 1, "kind": "service_credit", "status": POSTED,
                "client": "bench", "request_key": name, "fingerprint": digest, "mode": 1,
                "effective_us": at_us, "posted_us": at_us, "leaf_hash": digest,
            }
        )  # fmt: skip
        rows[posting].append(
            {
                **self.key, "txn_id": number + 1, "line": 0, "phase": POST, "released": 0,
                "commodity_id": self.counted, "quantity": quantity,
                "source_account_id": self.account_id(source), **self._after(source, "source"),
                "destination_account_id": self.account_id(to), **self._after(to, "destination"),
            }
        )  # fmt: skip
        rows[log_leaf].append(
            {**self.key, "idx": number, "entry": TXN, "entry_id": number + 1, "leaf_hash": digest}
        )

    def _after(self, number: int, side: str) -> dict[str, int]:
        came, went, seq, _ = self.stands[number]
        return {f"{side}_seq": seq, f"{side}_after": came - went}

    def _counters(self, number: int) -> dict[str, int]:
        came, went, seq, _ = self.stands[number]
        return {**dict(zip(COUNTERS, (came, went, 0, 0), strict=True)), "seq": seq}

    def _snap(self, rows: Rows, log_size: int) -> None:
        """Do what ``take_snapshots`` does after each sealing."""
        for number in sorted(self.touched):
            seq, at_us = self.stands[number][2:]
            if seq - self.snapped[number] >= STEPS_BETWEEN:
                self.snapped[number] = seq
                snapshot = {"account_id": self.account_id(number), "log_size": log_size}
                rows[balance_snapshot].append(
                    {**self.key, **snapshot, **self._counters(number), "at_us": at_us}
                )
        self.touched.clear()

    def closing(self) -> Iterator[Rows]:
        """Write what the history came to: the balances, and how long the log is."""
        ids = {"commodity_id": self.counted, "floor": None, "ceiling": None, "closed": False}
        yield {
            balance: [
                {**self.key, **ids, "account_id": self.account_id(n), **self._counters(n)}
                | {"last_us": self.stands[n][3]}
                for n in self.stands
            ],
            log_head: [{**self.key, "size": self.postings, "frontier": b""}],
        }


def _write(session: Session, now: datetime, *, community_id: int, rows: Rows) -> None:
    connection = session.connection()
    for into, new in rows.items():
        insert_rows(connection, into, new)
    if leaves := rows.get(log_leaf):
        full = range(leaves[0]["idx"] // TILE, (leaves[-1]["idx"] + 1) // TILE)
        end_tiles(connection, community_id, [(idx, bytes(32)) for idx in full])


@contextmanager
def books_on_sqlite() -> Iterator[Database]:
    """Open both books, writing them once."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path, mark = FOLDER / "history.sqlite", FOLDER / "history.whole"
    url = f"sqlite:///{path}"
    if not mark.exists():
        for ending in ("", "-wal", "-shm"):
            Path(f"{path}{ending}").unlink(missing_ok=True)
        lay_books(url)
        mark.touch()
    database = Database(url)
    yield database
    database.close()


@contextmanager
def books_on_postgresql() -> Iterator[Database]:
    """Write both books on a server of our own."""
    with durable_server() as server, fresh_database(server) as found:
        url = found.render_as_string(hide_password=False)
        lay_books(url)
        database = Database(url)
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as free:
            free.exec_driver_sql("VACUUM ANALYZE")
        yield database
        database.close()


def lay_books(url: str) -> None:
    schema.migrate(url)
    database = Database(url)
    for community_id, size in enumerate(SIZES, 1):
        _write_books(database, Writer(community_id, size))
    database.learn_sizes()
    database.close()


def _write_books(database: Database, writer: Writer) -> None:
    for rows in chain([writer.founding()], writer.history(), writer.closing()):
        database.write(partial(_write, community_id=writer.community_id, rows=rows))


def check(session: Session) -> None:
    """See that the books are what they should be, before anything is measured."""
    end = from_us(to_us(BEGUN) + SPAN_US)
    for community_id in (1, 2):
        assert sums_by_commodity(session, community_id) == {MINUTES: (0, 0)}
        lines = trial_balance(session, community_id, end)
        _check_trial(session, community_id)
        now = balances_of(session, community_id, [community_id * 1_000_000])
        assert sum(line.posted for line in lines) == 0
        assert now[community_id * 1_000_000].posted == lines[0].posted


def _check_trial(session: Session, community_id: int) -> None:
    """See that the trial balance is what the accounts come to one by one."""
    for tenth in range(1, 10):
        at = from_us(to_us(BEGUN) + SPAN_US * tenth // 10)
        of_people = [
            one for one in trial_balance(session, community_id, at) if one.kind == "person"
        ]
        one_by_one = (
            owned_as_of(session, community_id, "person", number, at=at)[MINUTES].posted
            for number in range(1, PEOPLE + 1)
        )
        assert of_people[0].posted == sum(one_by_one)


def past_statement(session: Session, community_id: int, chance: random.Random) -> object:
    """Ask what a passbook page asks: what somebody had, and the last twenty lines."""
    at, number = _some_instant(chance), chance.randrange(1, PEOPLE + 1)
    had = owned_as_of(session, community_id, "person", number, at=at)[MINUTES]
    of_account = AccountName("person", MINUTES, number)
    return statement(session, community_id, of_account, limit=20, before_seq=had.seq + 1)


def past_trial(session: Session, community_id: int, chance: random.Random) -> object:
    return trial_balance(session, community_id, _some_instant(chance))


def _some_instant(chance: random.Random) -> datetime:
    """Any instant, but for the first year: there the short books have hardly begun."""
    return from_us(to_us(BEGUN) + SPAN_US // 5 + chance.randrange(SPAN_US * 4 // 5))


def measure(
    session: Session, ask: Callable[..., object], times: int, *, clock: Callable[[], float]
) -> list[float]:
    """Ask both books in turns for the same instants; the medians in milliseconds."""
    chances = random.Random(1), random.Random(1)
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for community_id, (chance, own) in enumerate(zip(chances, took, strict=True), 1):
            begun = clock()
            ask(session, community_id, chance)
            own.append(1000 * (clock() - begun))
    return [statistics.median(own) for own in took]


def print_ratios(database: Database, *, clock: Callable[[], float]) -> None:
    with database.reading() as session:
        check(session)
        for name, ask, times in (
            ("statement", past_statement, STATEMENTS),
            ("trial balance", past_trial, TRIALS),
        ):
            measure(session, ask, times // 10, clock=clock)  # The first ones write the statements.
            rounds = [measure(session, ask, times, clock=clock) for _ in range(ROUNDS)]
            ratios = [long / short for short, long in rounds]
            short, long = (statistics.median(one) for one in zip(*rounds, strict=True))
            verdict = "holds" if statistics.median(ratios) <= GOAL else "MISSED"
            print(
                f"{name:14} {short:7.3f} ms  {long:7.3f} ms  {statistics.median(ratios):5.2f} times"
                f" ({min(ratios):.2f} to {max(ratios):.2f}): {verdict}",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgresql", action="store_true", help="there; by the clock, not CPU")
    sizes = " and ".join(f"{size:,}" for size in SIZES)
    print(f"As of a past day, at {sizes} postings (at most {GOAL} times)", flush=True)
    if parser.parse_args().postgresql:
        with books_on_postgresql() as database:
            print_ratios(database, clock=time.perf_counter)
    else:
        with books_on_sqlite() as database:
            print_ratios(database, clock=time.process_time)


if __name__ == "__main__":
    main()
