"""Each guard of the books' tables is needed: with it a statement is refused, without it not.

The guards are read from the tables themselves, so a new guard without a statement here fails.
"""

from contextlib import contextmanager

import pytest
from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.databases import _found_communities
from tests.ledger.test_what_the_database_refuses import World, resolving
from timebank.db import make_engine
from timebank.deeds.tables import community, deed
from timebank.ledger import tables
from timebank.schema import every_table
from timebank.values import LARGEST_QUANTITY

LEDGER = [community, deed, *(found for found in vars(tables).values() if isinstance(found, Table))]
GUARDED = [table.name for table in LEDGER if "ddl" in table.info]  # By triggers.
_preparer = postgresql.dialect().identifier_preparer


def name_of(constraint):
    return str(_preparer.format_constraint(constraint))


def _is_target(constraint):
    """Tell whether foreign keys refer to it: then no database can exist without it."""
    own = {column.name for column in constraint.columns}
    return any(
        {element.column.name for element in key.elements} == own
        for table in LEDGER
        for key in table.foreign_key_constraints
        if key.referred_table is constraint.table
    )


def _guards():
    """Every constraint and unique index of the books: name and object."""
    kinds = (CheckConstraint, UniqueConstraint, ForeignKeyConstraint, PrimaryKeyConstraint)
    for table in LEDGER:
        for constraint in table.constraints:
            if isinstance(constraint, kinds):
                yield name_of(constraint), table, constraint
        for index in table.indexes:
            if index.unique:
                yield index.name, table, index


GUARDS = {name: (table, found) for name, table, found in _guards()}
LEANED_ON = {
    name
    for name, (_, found) in GUARDS.items()
    if isinstance(found, UniqueConstraint | PrimaryKeyConstraint) and _is_target(found)
}


def again(table, key, **changed):
    """A statement that inserts an existing row again, with some columns changed."""

    def deed(world):
        world.insert(table, world.row(table, **key(world)), **changed)

    return deed


def of(table, name, column="id", **changed):
    """The same, for a row with a name in the test's world."""
    return again(table, lambda world: {column: getattr(world, name)}, **changed)


def posting(**changed):
    """A statement that inserts a posting which is valid except for some columns."""

    def deed(world):
        told = {key: value(world) if callable(value) else value for key, value in changed.items()}
        world.new_posting(**told)

    return deed


def ending(**changed):
    return lambda world: resolving(world, **changed)


def on_balance(change, of_account="anna"):
    def deed(world):
        account_id = getattr(world, of_account)
        world.run(f"UPDATE balance SET {change} WHERE account_id = {account_id}")

    return deed


def second_closing(world):
    row = world.row("txn", id=world.given)
    for number in (1, 2):
        world.insert("txn", row, id=number, request_key=f"raw {number}", closes_id=world.bert)


def other_commodity(world):
    fen = world.row("account", id=world.fund)["commodity_id"]
    world.run(f"UPDATE balance SET commodity_id = {fen} WHERE account_id = {world.anna}")


def orphan_note(world):
    told = {"community_id": 1, "txn_id": 404, "salt": b"s" * 16, "body": "of nothing"}
    world.insert("txn_note", told)


def second_note(world):
    told = {"community_id": 1, "txn_id": world.given, "salt": b"s" * 16, "body": "first"}
    world.insert("txn_note", told)
    world.insert("txn_note", told, body="second")


def settled(world, settling_id):
    world.insert("shortfall_settled", {
        "community_id": 1, "txn_id": world.lacking, "line": 1, "settling_txn_id": settling_id,
        "settled_us": 77,
    })  # fmt: skip


def second_posting(world):
    row = world.row("posting", txn_id=world.given)
    world.insert("posting", row, source_seq=90, destination_seq=90)


def second_mark(world):
    told = {"community_id": 1, "entry": 1, "entry_id": world.given}
    world.insert("seal_queue", told)


def taken_seq(side):
    return posting(**{f"{side}_seq": lambda w: w.row("posting", txn_id=w.given)[f"{side}_seq"]})


DEEDS = {
    "uq_community_code": lambda w: w.insert("community", w.row("community", id=1), id=9),
    "uq_commodity_community_id_code": again("commodity", lambda w: {"community_id": 2}, id=9),
    "fk_account_community_id_commodity_id": of("account", "anna", id=9, commodity_id=404),
    "uq_account_named": of("account", "anna", id=9),
    "ck_balance_floor": on_balance("pending_out = pending_out + 16"),
    "ck_balance_ceiling": on_balance("pending_in = pending_in + 99"),
    "ck_balance_counters": on_balance("pending_in = -1"),
    "fk_balance_community_id_account_id_commodity_id": other_commodity,
    "pk_balance": of("balance", "anna", column="account_id"),
    "ck_txn_reason": of("txn", "refused", id=9, request_key="raw", reason=None),
    "ck_txn_status": of("txn", "given", id=9, request_key="raw", status=3),
    "ck_txn_mode": of("txn", "given", id=9, request_key="raw", mode=3),
    "fk_txn_community_id_reverses_id": of("txn", "back", id=9, request_key="r", reverses_id=404),
    "fk_txn_community_id_relates_id": of("txn", "given", id=9, request_key="r", relates_id=404),
    "fk_txn_community_id_closes_id": of("txn", "given", id=9, request_key="r", closes_id=404),
    "uq_txn_request": of("txn", "given", id=9),
    "uq_txn_closing": second_closing,
    "uq_txn_reversal": of("txn", "back", id=9, request_key="raw"),
    "fk_txn_note_community_id_txn_id": orphan_note,
    "pk_txn_note": second_note,
    "ck_seal_queue_entry": lambda w: w.insert(
        "seal_queue", {"community_id": 1, "entry": 3, "entry_id": 1}
    ),
    "pk_seal_queue": second_mark,
    "ck_hold_quantity": of("hold", "open", column="txn_id", line=1, quantity=0),
    "fk_hold_community_id_txn_id": of("hold", "open", column="txn_id", txn_id=404),
    "pk_hold": of("hold", "open", column="txn_id", quantity=29),
    "ck_posting_phase": ending(phase=0),
    "ck_posting_quantity": posting(quantity=LARGEST_QUANTITY + 1),
    "ck_posting_sides": posting(destination_account_id=lambda w: w.anna),
    "fk_posting_source": posting(source_account_id=lambda w: w.fund),
    "fk_posting_destination": posting(destination_account_id=lambda w: w.fund),
    "fk_posting_hold": ending(released=29, quantity=29),
    "fk_posting_community_id_txn_id": posting(txn_id=404),
    "pk_posting": second_posting,
    "uq_posting_source_seq": taken_seq("source"),
    "uq_posting_destination_seq": taken_seq("destination"),
    "uq_posting_hold": lambda w: resolving(w, hold_txn_id=w.ended, released=20, quantity=20),
    "ck_shortfall_side": of("shortfall", "lacking", column="txn_id", line=9, side=3),
    "ck_shortfall_quantity": of("shortfall", "lacking", column="txn_id", line=9, quantity=0),
    "fk_shortfall_community_id_txn_id": of("shortfall", "lacking", column="txn_id", txn_id=404),
    "fk_shortfall_community_id_account_id": of(
        "shortfall", "lacking", column="txn_id", line=9, account_id=404
    ),
    "pk_shortfall_settled": of("shortfall_settled", "borne", column="txn_id", settled_us=1),
    "fk_shortfall_settled_community_id_txn_id_line": of(
        "shortfall_settled", "borne", column="txn_id", line=9
    ),
    "fk_shortfall_settled_community_id_settling_txn_id": lambda w: settled(w, 404),
    "pk_deed": again("deed", lambda w: {"request_id": "nod"}, answer='"no"'),
    "ck_deed_answer": again("deed", lambda w: {"request_id": "nod"}, request_id="raw", answer=""),
}


@contextmanager
def undone(session):
    """Try something in a savepoint, and roll it back."""
    savepoint = session.begin_nested()
    try:
        yield
    finally:
        savepoint.rollback()


def _take_out(table, constraint):
    if isinstance(constraint, PrimaryKeyConstraint):
        for column in constraint.columns:
            column.primary_key = False
        table.append_constraint(PrimaryKeyConstraint())  # It takes the place of the one.
    else:
        table.constraints.remove(constraint)


@contextmanager
def sqlite_without(name, info):
    """Create the books in memory without one of their guards."""
    bare = MetaData(naming_convention=tables.txn.metadata.naming_convention)
    copies = {table.name: table.to_metadata(bare) for table in LEDGER}
    for copy in copies.values():
        for constraint in list(copy.constraints):
            if name_of(constraint) == name:
                _take_out(copy, constraint)
        copy.indexes = {index for index in copy.indexes if index.name != name}
    engine = make_engine("sqlite://")
    with engine.execution_options(writes=True).connect() as connection, connection.begin():
        bare.create_all(connection)
        _found_communities(connection)
        with Session(connection, join_transaction_mode="create_savepoint", info=info) as session:
            yield session
    engine.dispose()


@pytest.fixture
def without(session, engine_name, info):
    """Yield a session on books without one guard."""

    @contextmanager
    def given(name):
        if engine_name == "sqlite":
            with sqlite_without(name, info) as other:
                yield other
            return
        table, found = GUARDS[name]
        is_index = found in table.indexes
        # Other subjects may lean on it, too: on the key of a request does the sheet of a day.
        along = "" if name in LEANED_ON else " CASCADE"
        statement = f"ALTER TABLE {table.name} DROP CONSTRAINT {name}{along}"
        with undone(session):
            session.execute(text(f"DROP INDEX {name}" if is_index else statement))
            yield session

    return given


def test_every_guard_of_the_books_is_tried():
    # Everything in the database is of a community: no table could be without its key.
    assert set(DEEDS) | LEANED_ON | {"pk_community"} == set(GUARDS)


@pytest.mark.parametrize("name", DEEDS)
def test_a_guard_refuses_what_passes_without_it(session, now, by_stranger, without, name):
    with undone(session):
        world = World(session, now, by_stranger)
        with pytest.raises(DBAPIError):
            DEEDS[name](world)
    with without(name) as loose:
        DEEDS[name](World(loose, now, by_stranger))


@pytest.mark.parametrize("name", sorted(LEANED_ON - set(DEEDS)))
def test_a_key_that_others_lean_on_cannot_be_taken_out(session, now, by_stranger, without, name):
    told = r"other objects depend on it|foreign key mismatch"
    with pytest.raises(DBAPIError, match=told), without(name) as loose:
        World(loose, now, by_stranger)


# Rows that no foreign key refers to, so that only a trigger prevents their deletion.
LEAVES = {
    "commodity": lambda w: w.insert("commodity", {"community_id": 1, "id": 9, "code": "raw"}),
    "account": of("account", "anna", id=9, kind="raw"),
    "txn": of("txn", "given", id=9, request_key="raw"),
    "hold": of("hold", "open", column="txn_id", line=1),
    "posting": posting(),
    "shortfall": of("shortfall", "lacking", column="txn_id", line=9),
    "shortfall_settled": lambda w: settled(w, w.given),
    "deed": again("deed", lambda w: {"request_id": "nod"}, request_id="raw"),
}
OWN = {
    "hold": "line = 1", "posting": "txn_id = 1", "deed": "request_id = 'raw'",
    "shortfall": "line = 9", "shortfall_settled": "settled_us = 77",
}  # fmt: skip


def leaf_deed(table, statement):
    """A statement that updates or deletes a row that no foreign key refers to."""

    def deed(world):
        LEAVES[table](world)
        world.run(statement.format(table=table, own=OWN.get(table, "id = 9")))

    return deed


def triggers(engine_name, table):
    """Each trigger of a table, with the statements that only it forbids."""
    if table == "balance":
        return {"balance_fixed": [on_balance("floor = -1000"), on_balance("ceiling = NULL")]}
    verbs = {
        "update": leaf_deed(table, "UPDATE {table} SET community_id = community_id WHERE {own}"),
        "delete": leaf_deed(table, "DELETE FROM {table} WHERE {own}"),
    }
    if engine_name == "sqlite":
        return {f"{table}_no_{verb}": [deed] for verb, deed in verbs.items()}

    def throw(world):
        world.run(f"TRUNCATE {table} CASCADE")

    return {f"{table}_no_change": [*verbs.values()], f"{table}_no_truncate": [throw]}


def _drop_trigger(session, name, table):
    on = f" ON {table}" if session.get_bind().dialect.name == "postgresql" else ""
    session.execute(text(f"DROP TRIGGER {name}{on}"))


def _leaning(table):
    """The tables that are truncated with one, because their rows refer to it."""
    found, grown = {table}, True
    while grown:
        more = {
            other.name for other in every_table().tables.values()
            for key in other.foreign_keys if key.column.table.name in found
        }  # fmt: skip
        grown = not more <= found
        found |= more
    return found - {table}


@pytest.mark.parametrize("table", GUARDED)
def test_a_trigger_refuses_what_passes_without_it(session, now, by_stranger, engine_name, table):
    for name, deeds in triggers(engine_name, table).items():
        with undone(session):
            if name.endswith("truncate"):  # What leans on it refuses too, as it goes with it.
                for other in _leaning(table):
                    if every_table().tables[other].info.get("append_only"):
                        _drop_trigger(session, f"{other}_no_truncate", other)
            world = World(session, now, by_stranger)
            for deed in deeds:
                with undone(session), pytest.raises(DBAPIError, match=f"never changed: {table}"):
                    deed(world)
            _drop_trigger(session, name, table)
            for deed in deeds:
                with undone(session):
                    deed(world)


def test_every_trigger_of_the_books_is_tried(session, engine_name):
    query = {
        "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname, tgrelid::regclass::text FROM pg_trigger"
        " WHERE NOT tgisinternal",
    }[engine_name]
    books = {table.name for table in LEDGER}
    found = {name for name, table in session.execute(text(query)) if table in books}
    # Not of the books: a total of goods, and answers of deeds (tests/aid/test_sealed_papers.py).
    found -= {"stock_total_balance_update", "deed_answer_sealed_kept"}
    assert found == {name for table in GUARDED for name in triggers(engine_name, table)}
