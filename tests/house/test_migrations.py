"""A migrated database has the schema that the tables describe, on both engines."""

import subprocess
import sys
from datetime import UTC, datetime
from functools import cache

import pytest
from sqlalchemy import Connection
from sqlalchemy.engine import make_url

from tests.conftest import only_on
from tests.house.sources import ROOT, nothing
from timebank.catalogue import describe, strangers
from timebank.checking.backups import backup
from timebank.checking.restore_drill import restored
from timebank.db import EngineUnfit, append_only_statements, make_engine
from timebank.schema import MIGRATIONS, SchemaUnknown, every_table, migrate, newest_revision

BESIDES = "alembic_version"


def differences(url: str, change: str | None = None) -> list[str]:
    """Compare the schema of a database with the tables, after a planted change."""
    found = wanted(url).items() ^ described(url, change).items()
    return sorted(name for name, _ in found if BESIDES not in name)


@cache
def wanted(url: str) -> dict[str, str]:
    """Describe the schema that the tables make, in the database at ``url`` and then undone."""
    return described(url, anew=True)


def described(url: str, change: str | None = None, *, anew: bool = False) -> dict[str, str]:
    """Describe a schema after a change that is rolled back."""
    engine = make_engine(url)
    with engine.execution_options(writes=True).connect() as connection:
        if anew:
            empty(connection)
            every_table().create_all(connection)
        if change:
            connection.exec_driver_sql(change)
        found = describe(connection)
        connection.rollback()
    engine.dispose()
    return found


def empty(connection: Connection) -> None:
    """Drop everything, until the unit of work is rolled back."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
        return
    every_table().drop_all(connection)


@pytest.fixture(scope="module")
def migrated(copies):
    """The address of an empty database, migrated; each test rolls back what it changes."""
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
    assert migrate(migrated) is False
    nothing(differences(migrated))


def test_a_missing_trigger_is_found(migrated, engine_name):
    where = "" if engine_name == "sqlite" else " ON txn"
    name = "txn_no_update" if engine_name == "sqlite" else "txn_no_change"
    assert "trigger" in differences(migrated, f"DROP TRIGGER {name}{where}")[0]


def test_a_column_too_many_is_found(migrated):
    assert differences(migrated, "ALTER TABLE community ADD COLUMN motto TEXT")


def test_a_missing_index_is_found(migrated):
    assert differences(migrated, "DROP INDEX uq_txn_reversal")


def test_history_refuses_change_on_both_engines_by_the_written_statements():
    for engine in ("sqlite", "postgresql"):
        files = sorted(MIGRATIONS.glob(f"versions/*/{engine}.sql"))
        written = "\n".join(file.read_text("utf-8") for file in files)
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
    assert migrate(address) is False


def test_a_database_of_another_version_is_refused_in_one_sentence(tmp_path):
    address = f"sqlite:///{tmp_path / 'old.sqlite'}"
    migrate(address)
    engine = make_engine(address)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'first_0badcafe'")
    engine.dispose()
    with pytest.raises(SchemaUnknown, match="another version"):
        migrate(address)


def found(url: str, *changes: str) -> list[str]:
    """The faults that ``timebank check`` reports after somebody changed the schema."""
    engine = make_engine(url)
    with engine.execution_options(writes=True).connect() as connection:
        for change in changes:
            connection.exec_driver_sql(change)
        named = strangers(connection, url)
        connection.rollback()
    engine.dispose()
    return named


def test_the_check_finds_a_migrated_database_as_it_should_be(migrated):
    nothing(found(migrated))
    nothing(found(migrated))  # The schema for the comparison is gone.


@only_on("sqlite")
def test_the_check_names_what_was_changed_on_sqlite(migrated):
    lowered = "CREATE TRIGGER lower AFTER INSERT ON txn BEGIN UPDATE balance SET floor = NULL; END"
    assert found(migrated, "DROP TRIGGER txn_no_update", lowered, "DROP INDEX uq_txn_reversal") == [
        "index uq_txn_reversal is missing",
        "trigger lower of txn is unknown",
        "trigger txn_no_update of txn is missing",
    ]
    loosened = "UPDATE sqlite_master SET sql = replace(sql, 'seq > 0', 'seq > -9')"
    [change] = found(migrated, "PRAGMA writable_schema = ON", loosened)
    assert change == "constraint ck_balance_snapshot_seq of balance_snapshot differs"


PLANTED = {
    "DROP TRIGGER txn_no_truncate ON txn": "trigger txn_no_truncate of txn is missing",
    "ALTER TABLE account DISABLE TRIGGER account_no_change": (
        "trigger account_no_change of account differs"
    ),
    "ALTER TABLE balance DISABLE TRIGGER ALL": "table balance differs",
    "ALTER TABLE balance DISABLE TRIGGER balance_fixed": (
        "trigger balance_fixed of balance differs"
    ),
    "ALTER TABLE balance DISABLE TRIGGER stock_total_balance_update": (
        "trigger stock_total_balance_update of balance differs"
    ),
    "DROP INDEX uq_txn_reversal": "index uq_txn_reversal is missing",
    "ALTER TABLE balance DROP CONSTRAINT ck_balance_floor": (
        "constraint ck_balance_floor of balance is missing"
    ),
    "ALTER TABLE balance ALTER floor SET DEFAULT -9": "column balance.floor differs",
    "CREATE TABLE loose (id int)": "table loose is unknown",
    "CREATE RULE mute AS ON INSERT TO hold DO INSTEAD NOTHING": "rule mute of hold is unknown",
    "CREATE FUNCTION lower() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'": None,
    "CREATE TRIGGER lower AFTER INSERT ON txn EXECUTE FUNCTION lower()": (
        "trigger lower of txn is unknown"
    ),
}


@only_on("postgresql")
def test_the_check_names_what_was_changed_on_postgresql(migrated):
    named = found(migrated, *PLANTED)
    wanted = [told for told in PLANTED.values() if told]
    assert sorted({*wanted, "column loose.id is unknown"}) == named


@only_on("postgresql")
def test_a_trigger_that_refuses_nothing_any_more_is_named(migrated):
    mute = "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql"
    named = found(migrated, f"{mute} AS 'BEGIN RETURN NEW; END'")
    assert "trigger posting_no_change of posting differs" in named


@only_on("postgresql")
def test_a_restored_database_reads_as_it_should(migrated, tmp_path):
    made, manifest = backup(migrated, tmp_path, now=datetime(2025, 6, 10, tzinfo=UTC))
    with restored(migrated, made, manifest) as beside:
        nothing(found(beside))


@only_on("postgresql")
def test_a_role_that_may_lay_no_schema_is_told_so(migrated):
    engine = make_engine(migrated)
    with engine.execution_options(writes=True).connect() as connection:
        connection.exec_driver_sql("CREATE ROLE reader_of_test")
        connection.commit()
        try:
            limited = make_url(migrated).update_query_dict({"options": "-c role=reader_of_test"})
            with pytest.raises(EngineUnfit, match="check as the owner"):
                strangers(connection, limited.render_as_string(hide_password=False))
        finally:
            connection.rollback()
            connection.exec_driver_sql("DROP ROLE reader_of_test")
            connection.commit()
    engine.dispose()
