"""A copy of the sample community with ten times the people and ten times the history.

Made by bulk inserts, for measuring only. Every family, volunteer, deposit, lot and claim is
copied nine times beside the first, with the open work and the full shelf. The people who
sign in for the measurement also get eighteen more years of history of their own. Items,
services, places, stores, rules and staff stay as they are. The books of the copy are
consistent enough for the pages; they are not sealed, and ``check-books`` would not pass. The
triggers of the kept totals fire with each copy.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Date, Table

from timebank import schema
from timebank.db import Database, Instant
from timebank.fitness import wrong_totals

TIMES = 10
_YEARS_DAYS = 730
_STEP = 1 << 42  # Far more than the ids of the sample span.
_PEOPLE = frozenset({
    "person_id", "household_id", "recipient_person_id", "recipient_household_id",
    "donor_person_id", "recorded_by_person_id", "ended_by_person_id", "given_by_person_id",
})  # fmt: skip
_ACCOUNTS = frozenset(
    {"account_id", "source_account_id", "destination_account_id", "closes_id", "owner_id"}
)
_HISTORY = frozenset({
    "id", "txn_id", "hold_txn_id", "reversal_txn_id", "reverses_id", "relates_id", "claim_id",
    "decision_id", "issue_decision_id", "deposit_id", "lot_id", "record_id",
})  # fmt: skip
_NUMBERED = frozenset({
    "claim_no", "household_no", "card_no", "code", "receipt_no", "receipt_token",
    "volunteer_no", "request_id", "request_key", "pickup_code",
})  # fmt: skip
_DIGESTS = frozenset({"id_no_digest", "token_digest", "phone_digest", "pickup_digest"})
_COPIED = (
    "household", "person", "proof", "card", "volunteer", "account", "balance", "txn", "hold",
    "posting", "txn_note", "deed", "audit_line", "decision", "deposit", "announced_line",
    "deposit_line", "lot", "household_aid", "claim", "claim_line", "claim_hold", "claim_notice",
    "no_show", "withdrawal", "service_record", "confirmation",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Copy:
    """One copy of some rows: which ids move with it, and how many days earlier it happened."""

    number: int
    moved: frozenset[str]
    days: int = 0

    def insert(self, table: Table, where: str) -> str:
        names = ", ".join(column.name for column in table.columns)
        values = ", ".join(self._value(table, column) for column in table.columns)
        return f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {table.name} WHERE {where}"

    def _value(self, table: Table, column: Column[Any]) -> str:
        name = column.name
        if name in _DIGESTS:
            return f"CASE WHEN {name} IS NOT NULL THEN randomblob(32) END"
        if name in _NUMBERED:
            return f"{name} || '~{self.number}'"
        if name == "receipt_number" or (table.name, name) == ("volunteer", "number"):
            return f"{name} + {self.number * 100_000}"
        if name in self.moved:
            return f"{name} - {self.number * _STEP}"
        return self._earlier(column) if self.days else name

    def _earlier(self, column: Column[Any]) -> str:
        name = column.name
        if isinstance(column.type, Date):
            return f"date({name}, '-{self.days} days')"
        if isinstance(column.type, Instant) or name.endswith("_us"):
            return f"{name} - {self.days * 86_400_000_000}"
        # The account stays: its earlier postings stand before its first.
        return f"{name} - {self.number * 100_000}" if name.endswith("_seq") else name


def larger(sample: Database, into: Path, *, logins: Iterable[str]) -> Database:
    """Copy the sample into a new file, and make it ten times as large."""
    path = into / "larger.sqlite"
    connection = sqlite3.connect(path, isolation_level=None)
    with sqlite3.connect(f"file:{sample.engine.url.database}?mode=ro", uri=True) as original:
        original.backup(connection)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    rows = {
        name: connection.execute(f"SELECT coalesce(max(rowid), 0) FROM {name}").fetchone()[0]
        for name in _COPIED
    }
    for number in range(1, TIMES):
        copy = _Copy(number, _PEOPLE | _ACCOUNTS | _HISTORY)
        for name in _COPIED:
            connection.execute(copy.insert(_table(name), f"rowid <= {rows[name]}"))
    for login in logins:
        _live_longer(connection, login, rows)
    connection.execute("COMMIT")
    connection.close()
    database = Database(f"sqlite:///{path}", info=sample.info)
    database.learn_sizes()
    with database.reading() as session:
        assert not list(wrong_totals(session.connection()))
    return database


def _table(name: str) -> Table:
    return schema.every_table().tables[name]


def _live_longer(connection: sqlite3.Connection, login: str, rows: Mapping[str, int]) -> None:
    """Give one person and their household ten times their history, in the years before."""
    person_id, household_id = connection.execute(
        "SELECT p.id, p.household_id FROM app_user u JOIN person p ON p.id = u.person_id"
        " WHERE u.login_name = ?", (login,)
    ).fetchone()  # fmt: skip
    own = {
        "service_record": f"person_id = {person_id} AND txn_id IS NOT NULL",
        "claim": f"household_id = {household_id} AND state IN ('issued', 'refused', 'lapsed')",
        "deposit": f"donor_person_id = {person_id} AND state = 'received'",
    }
    own = {name: f"{text} AND rowid <= {rows[name]}" for name, text in own.items()}
    wanted = dict(own)
    for name, key, of in (
        ("txn", "id", "service_record"), ("posting", "txn_id", "service_record"),
        ("confirmation", "record_id", "service_record"), ("claim_line", "claim_id", "claim"),
        ("withdrawal", "claim_id", "claim"), ("no_show", "claim_id", "claim"),
        ("deposit_line", "deposit_id", "deposit"),
    ):  # fmt: skip
        whose = "txn_id" if key in ("id", "txn_id") else "id"
        wanted[name] = f"{key} IN (SELECT {whose} FROM {of} WHERE {own[of]})"
    for number in range(TIMES + 1, 2 * TIMES):
        copy = _Copy(number, _HISTORY, (number - TIMES) * _YEARS_DAYS)
        for name, where in wanted.items():
            connection.execute(copy.insert(_table(name), f"{where} AND rowid <= {rows[name]}"))
