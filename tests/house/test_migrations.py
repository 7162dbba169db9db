"""A migrated database is the one that the tables describe, on both engines."""

import subprocess
import sys

import pytest
from sqlalchemy import Connection, inspect, text

from migrations.write_first import FOLDER, write
from tests.house.sources import ROOT, nothing
from timebank.db import append_only_statements, make_engine
from timebank.schema import SchemaUnknown, every_table, is_current, migrate, newest_revision

BESIDES = "alembic_version"

# What the inspector does not tell: triggers everywhere, STRICT on SQLite.
CATALOGUE = {
    "sqlite": (
        "SELECT 'trigger ' || name || ': ' || sql FROM sqlite_master WHERE type = 'trigger'",
        "SELECT 'strict ' || name FROM pragma_table_list WHERE strict = 1",
        "SELECT 'index ' || name || ': ' || sql FROM sqlite_master"
        " WHERE type = 'index' AND sql IS NOT NULL",
    ),
    "postgresql": (
        "SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT 'function ' || proname || ': ' || prosrc FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace",
        "SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ': '"
        " || pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace",
        "SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT 'options ' || relname || ': ' || reloptions::text FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND reloptions IS NOT NULL",
    ),
}


def describe(connection: Connection) -> set[str]:
    """Write down a schema, one line a fact."""
    asked = inspect(connection)
    found: set[str] = set()
    for name in asked.get_table_names():
        for column in asked.get_columns(name):
            facts = [column[key] for key in ("name", "type", "nullable", "default")]
            found.add(f"column {name}: {' '.join(map(repr, facts))}")
        found.add(f"key {name}: {asked.get_pk_constraint(name)}")
        for kind in ("unique_constraints", "foreign_keys", "check_constraints"):
            rows = getattr(asked, f"get_{kind}")(name)
            found |= {f"{kind} {name}: {sorted(row.items())}" for row in rows}
    for question in CATALOGUE[connection.dialect.name]:
        found |= {" ".join(line.split()) for line in connection.scalars(text(question))}
    return {line for line in found if BESIDES not in line}


def differences(url: str, change: str | None = None) -> list[str]:
    """Compare the schema of a database with the tables, after a planted change of it."""
    described = []
    for lay in (None, url):
        engine = make_engine(url)
        with engine.execution_options(writes=True).connect() as connection:
            if lay is None:
                empty(connection)
                every_table().create_all(connection)
            elif change:
                connection.exec_driver_sql(change)
            described.append(describe(connection))
            connection.rollback()
        engine.dispose()
    return sorted(described[0] ^ described[1])


def empty(connection: Connection) -> None:
    """Drop what is there, for as long as the unit of work is open."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
        return
    every_table().drop_all(connection)


@pytest.fixture
def migrated(copies):
    """The address of an empty database, migrated."""
    url = copies.fresh()
    engine = make_engine(url)
    with engine.execution_options(writes=True).begin() as connection:
        empty(connection)
    engine.dispose()
    migrate(url)
    yield url
    copies.drop(url)


def test_a_migrated_database_is_what_the_tables_say(migrated):
    nothing(differences(migrated))


def test_a_second_migration_changes_nothing(migrated):
    migrate(migrated)
    assert is_current(migrated)
    nothing(differences(migrated))


def test_a_missing_trigger_is_found(migrated, engine_name):
    where = "" if engine_name == "sqlite" else " ON txn"
    name = "txn_no_update" if engine_name == "sqlite" else "txn_no_change"
    assert "trigger" in differences(migrated, f"DROP TRIGGER {name}{where}")[0]


def test_a_column_too_many_is_found(migrated):
    assert differences(migrated, "ALTER TABLE community ADD COLUMN motto TEXT")


def test_a_missing_index_is_found(migrated):
    assert differences(migrated, "DROP INDEX uq_txn_reversal")


def test_the_first_migration_is_written_from_the_tables(tmp_path):
    write(tmp_path)
    stale = [
        f"{written.name} is not what the tables say: run `make migration`"
        for written in sorted(tmp_path.iterdir())
        if written.read_text("utf-8") != (FOLDER / written.name).read_text("utf-8")
    ]
    nothing(stale)


def test_history_refuses_change_on_both_engines_by_the_written_statements():
    for engine in ("sqlite", "postgresql"):
        written = (FOLDER / f"{engine}.sql").read_text("utf-8")
        for table in every_table().sorted_tables:
            is_history = bool(table.info.get("append_only"))
            for statement in append_only_statements(table.name, engine)[-1:]:
                assert (statement in written) == is_history, table.name


def test_the_command_migrates_a_new_file(tmp_path):
    address = f"sqlite:///{tmp_path / 'new.sqlite'}"
    told = subprocess.run(
        [sys.executable, "-m", "timebank.cli", "migrate"],
        cwd=ROOT,
        env={"TIMEBANK_DATABASE": address, "TIMEBANK_DATA": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(newest_revision()) in told.stdout
    assert is_current(address)


def test_a_database_of_another_version_is_refused_in_one_sentence(tmp_path):
    address = f"sqlite:///{tmp_path / 'old.sqlite'}"
    migrate(address)
    engine = make_engine(address)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    engine.dispose()
    with pytest.raises(SchemaUnknown, match="another version"):
        migrate(address)
