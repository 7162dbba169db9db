"""Rows that our tables would refuse, in a database whose tables have no constraints."""

import pytest
from sqlalchemy import Boolean, LargeBinary, String

from tests.checking.planting import TILE, Intruder, keys, make_books
from tests.factories import make_by
from timebank.checking import log
from timebank.checking.books import check_books, report
from timebank.checking.columns import SHAPES
from timebank.checking.reading import Books
from timebank.schema import every_table

METADATA = every_table()


@pytest.fixture
def intruder(fresh_database, monkeypatch):
    monkeypatch.setattr(log, "TILE", TILE)
    by = make_by("keeper")
    fresh_database.write(lambda session, now: make_books(session, by=by, now=now))
    with Intruder.enters(fresh_database.engine) as entered:
        assert entered.faults() == []
        yield entered


def loosen(intruder, table, **changed):
    """Recreate a table without constraints, with other expressions in some columns."""
    names = [column.name for column in METADATA.tables[table].columns]
    columns = [f"{changed.get(name, name)} AS {name}" for name in names]
    intruder.run(f"ALTER TABLE {table} RENAME TO {table}_before")
    intruder.run(f"CREATE TABLE {table} AS SELECT {', '.join(columns)} FROM {table}_before")


def test_the_kinds_that_the_checker_expects_are_those_of_the_tables():
    for name, shape in SHAPES.items():
        for column in METADATA.tables[name].columns:
            if column.name in shape.kinds:
                kinds = {String: str, LargeBinary: bytes}
                expected = next((k for of, k in kinds.items() if isinstance(column.type, of)), int)
                assert shape.kinds[column.name] is expected, f"{name}.{column.name}"
                assert (column.name in shape.optional) == column.nullable, f"{name}.{column.name}"
        assert shape.keys == tuple(c.name for c in METADATA.tables[name].primary_key), name
    assert any(isinstance(column.type, Boolean) for column in METADATA.tables["balance"].columns)


@pytest.mark.parametrize("table", SHAPES)
def test_a_key_that_stands_twice_is_named(intruder, table):
    loosen(intruder, table)
    intruder.run(f"INSERT INTO {table} SELECT * FROM {table}")
    assert f"{table} 1" in _told(intruder, "more than one row has this key")


@pytest.mark.parametrize(
    ("table", "column", "expression"),
    [
        ("posting", "quantity", "quantity + 0.5"),
        ("posting", "community_id", "NULLIF(community_id, 1)"),
        ("community", "id", "NULLIF(id, 1)"),
        ("txn", "leaf_hash", "NULLIF(leaf_hash, leaf_hash)"),
        ("txn", "posted_us", "CAST(posted_us AS TEXT)"),
        ("txn", "reason", "1.5"),
        ("balance", "floor", "floor + 0.5"),
        ("txn_note", "salt", "NULLIF(salt, salt)"),
    ],
)
def test_a_value_that_is_none_is_named(intruder, table, column, expression):
    loosen(intruder, table, **{column: expression})
    assert table in _told(intruder, f"{column} is missing, or of a wrong type")


def test_a_row_of_no_community_is_named_though_it_has_no_number(intruder):
    loosen(intruder, "posting", community_id="NULLIF(community_id, 1)")
    loosen(intruder, "community", id="NULLIF(id, 1)")
    assert "posting" in _told(intruder, "there is no community None")
    assert "balance" in _told(intruder, "there is no community 1")


def test_books_without_a_community_are_no_books(intruder):
    for table in SHAPES:
        intruder.run(f"DELETE FROM {table}")
    assert "community" in _told(intruder, "none was founded yet")


def test_books_that_were_emptied_are_told_from_new_ones(new_database, clock):
    with Intruder.enters(new_database(clock).engine) as intruder:
        assert intruder.faults() == []
        lines, is_whole = report(check_books(Books(intruder.connection), keys()))
        assert is_whole
        assert "! ours: nothing was posted yet: there is nothing to check" in lines
        assert not any(line.startswith("✓") for line in lines)
        intruder.run("INSERT INTO cash_count VALUES (1, 1, 77, 0, 0, 0, NULL, '')")
        assert _told(intruder, "the books are empty: they were cut") == "cash_count.account_id "


def _told(intruder, what):
    """The tables and keys that are reported for this."""
    return " ".join(f"{one.table} {one.key}" for one in intruder.faults() if what in one.what)
