"""The past is read along indexes: never a whole table, however long the history."""

import re

import pytest
from sqlalchemy import event

from tests.conftest import only_on
from tests.sealing.sealer import seal_some, waiting
from timebank.ledger.actions import ensure_account, post
from timebank.ledger.rules import Move, Request
from timebank.sealing import history, snapshots, tiles
from timebank.values import MINUTES

PAST = {"of_community": 1, "at_us": 1}
TILE = {"of_community": 1, "tile": 1, "leaves": 256, "from_idx": 1, "to_idx": 2}
STATEMENTS = {
    "owned": (history._OWNED, {**PAST, "of_kind": "person", "of_owner": 1}),
    "whole tiles": (history._WHOLE, PAST),
    "after a tile": (history._AFTER_TILE, {**PAST, **TILE, "tail_idx": 1}),
    "trial balance": (history._TRIAL, {**PAST, **TILE, "txn_ids": "[1]"}),
    "times of a tile": (tiles._TIMES, TILE),
    "moved by a tile": (tiles._MOVED, TILE),
    "tiles before": (tiles._BEFORE, TILE),
    "last totals": (tiles._LAST, TILE),
    "of these sealed": (snapshots._SEALED, {"of_community": 1, "txn_ids": "[1]"}),
    "late items": (
        history._LATE,
        {"of_community": 1, "from_us": 1, "upto_us": 1, "closed_us": 1},
    ),
    "steps due": (
        snapshots._DUE_STEPS,
        {"of_community": 1, "account_ids": "[1]", "steps_between": 8, "most": 64},
    ),
}


@only_on("sqlite")
@pytest.mark.parametrize("name", STATEMENTS)
def test_no_history_is_read_from_end_to_end(session, name):
    """The plan of PostgreSQL depends on the sizes of its tables: see ``bench/history.py``."""
    query, told = STATEMENTS[name]
    written = query.compile(dialect=session.get_bind().dialect)
    values = tuple({**written.params, **told}[one] for one in written.positiontup)
    plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {written}", values)
    steps = [row[3] for row in plan]
    looked_up = [step for step in steps if re.match(r"SEARCH (\w+ )?USING", step)]
    assert looked_up
    assert not [
        s for s in steps if re.match(r"SCAN (posting|txn|log_\w+|tile_\w+|own|base|account)\b", s)
    ]
    # A search by the community alone reads all its rows: at most as many as accounts.
    few = r"SEARCH (account|commodity|standing)\b|SEARCH first USING COVERING INDEX uq_tile_total"
    loose = [s for s in steps if "(community_id=?)" in s or "AUTOMATIC" in s]
    assert [s for s in loose if not re.match(few, s)] == []


def test_snapshots_of_many_accounts_take_two_statements(session, community_id, now):
    people = [
        ensure_account(session, community_id, "person", MINUTES, owner_id=n) for n in range(20)
    ]
    source = ensure_account(session, community_id, "issue", MINUTES)
    lines = tuple(Move(source, one, 5) for one in people for _ in range(8))
    post(session, community_id, [Request("test", "many", "test", lines)], now=now)
    said = []

    def listen(conn, cursor, statement, *rest):
        if "balance_snapshot" in statement:
            said.append(statement)

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", listen)
    # Twenty people with eight steps each, and what gave to all of them.
    assert seal_some(session, community_id, waiting(session, community_id)) == 21
    event.remove(connection, "before_cursor_execute", listen)
    assert len(said) == 2
