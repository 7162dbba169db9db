"""Every change of the books is noticed: each column of each table, and rows deleted or added."""

from typing import Any

import pytest
from sqlalchemy import Boolean, LargeBinary, String

from tests.checking.planting import TILE, Intruder, keys, make_books
from tests.factories import make_by
from tests.factories.ledger import START, make_account, make_request, post_now
from timebank.checking import log
from timebank.checking.books import check_books
from timebank.checking.columns import LEFT_OUT, SHAPES
from timebank.checking.entries import leaf_of, txn_entry
from timebank.checking.reading import reading_database
from timebank.db import Database
from timebank.deeds.tables import community, deed
from timebank.ledger import tables as ledger_tables
from timebank.ledger.rules import Move
from timebank.schema import every_table
from timebank.sealing import tables as sealing_tables

METADATA = every_table()
_OF_THE_BOOKS = [community, deed, *vars(ledger_tables).values(), *vars(sealing_tables).values()]
TABLES = sorted(
    table.name for table in METADATA.sorted_tables if any(table is one for one in _OF_THE_BOOKS)
)
CHECKED = [name for name in TABLES if name not in LEFT_OUT]
COLUMNS = [
    (name, column.name)
    for name in CHECKED
    for column in METADATA.tables[name].columns
    if f"{name}.{column.name}" not in LEFT_OUT
]
LAST = ("commodity", "account", "balance", "log_leaf", "log_tile", "checkpoint")
# These change no number: a note may be erased, and a snapshot is only a cache.
MAY_GO = ("txn_note", "balance_snapshot")


@pytest.fixture(scope="module")
def by_sealed(info):
    """Write books with one row of everything into a database."""

    def make(url: str) -> Database:
        database = Database(url, clock=lambda: START, info=info)
        database.write(lambda session, now: make_books(session, by=make_by("keeper"), now=now))
        return database

    return make


@pytest.fixture(scope="module")
def intruder(copies, by_sealed):
    """Books with one row of everything, committed, and an intruder."""
    url = copies.fresh()
    database = by_sealed(url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log, "TILE", TILE)
        with Intruder.enters(database.engine) as entered:
            assert entered.faults() == []
            yield entered
    database.close()
    copies.drop(url)


def test_every_column_is_read_or_left_out_with_a_reason():
    for name in CHECKED:
        columns = {column.name for column in METADATA.tables[name].columns}
        out = {column for column in columns if f"{name}.{column}" in LEFT_OUT}
        assert columns - out == set(SHAPES[name].columns), name
    assert set(SHAPES) == set(CHECKED)


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_changed_column_is_named(intruder, table, column):
    rows = list(_rows_to_change(intruder, table, column))
    assert rows, f"no row of {table} to change: give make_books one"
    for row in rows:
        new = _another(METADATA.tables[table].columns[column], row[column])
        with intruder.planting():
            _update(intruder, table, row, column, new)
            assert _named(intruder.faults(), table, row, {**row, column: new})


@pytest.mark.parametrize("table", CHECKED)
def test_a_deleted_row_is_named(intruder, table):
    row = _rows(intruder, table, "1 = 1")[-1]
    with intruder.planting():
        where, told = _where(table, row)
        intruder.run(f"DELETE FROM {table} WHERE {where}", **told)
        faults = intruder.faults()
        assert not faults if table in MAY_GO else _named(faults, table, row, row)


# A community without books affects no other books.
@pytest.mark.parametrize("table", [name for name in CHECKED if name != "community"])
def test_an_inserted_row_is_named(intruder, table):
    row = dict(_rows(intruder, table, "1 = 1")[-1])
    for column in _key(table)[1:] or ["community_id"]:
        row[column] = 77 if column != "entry" else row[column]
    for column in (
        "code",
        "request_key",
        "owner_id",
        "entry_id",
        "source_seq",
        "destination_seq",
        "at_us",
    ):
        if column in row:
            row[column] = _another(METADATA.tables[table].columns[column], row[column])
    with intruder.planting():
        marks = ", ".join(f":{name}" for name in row)
        intruder.run(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", **row)
        assert _named(intruder.faults(), table, row, row)


# Another kind moves something else; a rejection moves nothing, whatever it relates to.
@pytest.mark.parametrize(("kind", "pieces"), [("settle_shortfall", 999), ("test", 1)])
def test_nothing_is_settled_by_what_moved_nothing_for_it(fresh_database, monkeypatch, kind, pieces):
    monkeypatch.setattr(log, "TILE", TILE)

    def lay(session, now):
        make_books(session, by=make_by("keeper"), now=now)
        one, other = make_account(session, filled=5), make_account(session)
        return post_now(session, make_request(Move(one, other, pieces), kind=kind))[0].txn_id

    settling = fresh_database.write(lay)
    with Intruder.enters(fresh_database.engine) as intruder:
        asked = "SELECT f.txn_id, f.line FROM shortfall f LEFT JOIN shortfall_settled s"
        case = intruder.run(f"{asked} ON s.txn_id = f.txn_id WHERE s.txn_id IS NULL").one()
        intruder.run("UPDATE txn SET relates_id = :to WHERE id = :id", to=case.txn_id, id=settling)
        _hash_again(intruder, settling)
        assert intruder.faults() == []
        intruder.run(
            "INSERT INTO shortfall_settled SELECT 1, :case, :line, id, posted_us FROM txn"
            " WHERE id = :id", case=case.txn_id, line=case.line, id=settling,
        )  # fmt: skip
        [fault] = intruder.faults()
        assert fault.what == "settling_txn_id names no settlement of it"


def _hash_again(intruder: Intruder, txn_id: int) -> None:
    """Recompute the hash of an unsealed transaction after the change."""
    of = {"community_id": 1, "txn_id": txn_id}
    [txn] = intruder.run("SELECT * FROM txn WHERE id = :txn_id", txn_id=txn_id)
    where = "WHERE community_id = :community_id AND txn_id = :txn_id ORDER BY line"
    lines = intruder.run(f"SELECT * FROM posting {where}", **of).all()
    leaf = leaf_of(txn_entry(txn, lines, {}, lacks=[]))
    intruder.run("UPDATE txn SET leaf_hash = :leaf WHERE id = :id", leaf=leaf, id=txn_id)


def test_a_database_is_checked_as_it_stands(copies, by_sealed, monkeypatch):
    monkeypatch.setattr(log, "TILE", TILE)
    url = copies.fresh()
    by_sealed(url).close()
    with reading_database(url) as books:
        found = check_books(books, keys())
    copies.drop(url)
    ours = found[0]
    assert ours.faults == []
    assert ours.counts["signatures"] == ours.counts["checkpoints"] == 3
    assert ours.counts["snapshots"] == 1
    assert ours.counts["notes"] == 3


def _key(table: str) -> list[str]:
    return [column.name for column in METADATA.tables[table].primary_key.columns]


def _rows(intruder: Intruder, table: str, condition: str) -> list[dict[str, Any]]:
    key = _key(table)
    of = "community_id = 1" if "community_id" in METADATA.tables[table].columns else "id = 1"
    asked = f"SELECT * FROM {table} WHERE {of} AND {condition} ORDER BY {', '.join(key)}"
    return [dict(row) for row in intruder.run(asked).mappings()]


def _rows_to_change(intruder: Intruder, table: str, column: str) -> list[dict[str, Any]]:
    """A row with a value in the column and one without, if both exist.

    These are the last rows of each table: the neighbour community has no such row.
    """
    found = []
    for condition in ("IS NOT NULL", "IS NULL"):
        rows = _rows(intruder, table, f"{column} {condition}")
        found += rows[-1:] if table in LAST else rows[:1]
    return found


def _another(column: Any, old: Any) -> Any:
    if column.name == "community_id":
        return 2
    if isinstance(column.type, Boolean):
        return not old
    if isinstance(column.type, LargeBinary):
        old = bytes(old or bytes(32))
        return bytes([old[0] ^ 1]) + old[1:]
    if isinstance(column.type, String):  # Text is one, too.
        return f"{old or ''}x"
    if column.name == "entry":
        return 3 - old
    return 1 if old is None else old + 100


def _where(table: str, row: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    key = _key(table)
    return " AND ".join(f"{n} = :k_{n}" for n in key), {f"k_{n}": row[n] for n in key}


def _update(intruder: Intruder, table: str, row: Any, column: str, new: Any) -> None:
    where, told = _where(table, row)
    statement = f"UPDATE {table} SET {column} = :new WHERE {where}"
    assert intruder.run(statement, new=new, **told).rowcount == 1


def _named(faults: list[Any], table: str, old: Any, new: Any) -> list[str]:
    """The faults that report the row, by its key before or after the change."""
    keys_ = {
        "/".join(str(row[name]) for name in _key(table) if name != "community_id")
        for row in (old, new)
    }
    names = {f"{table} {key}".rstrip() for key in keys_}
    return [told for told in map(str, faults) if any(name in told for name in names)]
