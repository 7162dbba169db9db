"""The books with their guards removed, for the negative controls only."""

import threading
from contextlib import suppress
from dataclasses import fields

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    MetaData,
    UniqueConstraint,
    bindparam,
    create_engine,
    select,
    update,
)
from sqlalchemy import text as sql

from tests.races.racing import RACERS
from timebank.db import among, engines, metadata
from timebank.ledger import rows, writing
from timebank.ledger.rules import Counters
from timebank.ledger.tables import balance


def drop_constraints(database):
    """Recreate the two tables without CHECK and UNIQUE."""
    bare = MetaData()
    for name in ("community", "commodity", "account", "txn", "hold", "posting", "balance"):
        metadata.tables[name].to_metadata(bare)
    tables = [bare.tables["posting"], bare.tables["balance"]]
    for table in tables:
        for constraint in list(table.constraints):
            if isinstance(constraint, CheckConstraint | UniqueConstraint):
                table.constraints.remove(constraint)
        table.indexes.clear()

    def work(session, now):
        for table in tables:
            session.execute(sql(f"DROP TABLE {table.name}"))
        bare.create_all(session.connection(), tables=tables)

    database.write(work)


def take_out_the_lock(monkeypatch):
    """Read the balances without a lock, and wait until all have read."""
    all_have_read = threading.Barrier(RACERS, timeout=2)
    columns = [balance.c[field.name] for field in fields(Counters)]
    query = select(*columns).where(among(balance.c.account_id, "account_ids"))

    def read(connection, community_id, account_ids):
        found = connection.execute(query, {"account_ids": account_ids})
        seen = {row[0]: Counters(*row) for row in found}
        with suppress(threading.BrokenBarrierError):
            all_have_read.wait()
        return seen

    monkeypatch.setattr(rows, "lock_balances", read)


def take_out_the_guard(monkeypatch):
    """Change a balance even if it has changed since it was read."""
    guard = "AND seq = old_seq"
    assert guard in writing._AT_ONCE
    monkeypatch.setattr(writing, "_AT_ONCE", writing._AT_ONCE.replace(guard, ""))
    changed = {
        name: balance.c[name] + bindparam(f"d_{name}")
        for name in ("posted_in", "posted_out", "pending_in", "pending_out")
    }
    loose = (
        update(balance)
        .where(balance.c.account_id == bindparam("of_account"))
        .where(
            bindparam("of_community") > 0,
            bindparam("old_seq") >= 0,
            ~bindparam("closes", type_=Boolean),
        )
        .values(**changed, seq=bindparam("new_seq"), last_us=bindparam("new_us"))
    )
    monkeypatch.setattr(writing, "_CHANGE", loose)


def take_out_begin_immediate(monkeypatch):
    """Open SQLite with Python's default: no transaction until the first change."""

    def bare_engine(url):
        if not url.startswith("sqlite"):
            return engines._postgres_engine(url, engines.PATIENCE_SECONDS)
        module = engines._sqlite_module()
        return create_engine(url, module=module, connect_args={"timeout": 20})

    monkeypatch.setattr("timebank.db.units.make_engine", bare_engine)
