"""The guarantees that each engine must give before it may hold the books."""

import sqlite3

import pytest
from sqlalchemy import (
    BigInteger,
    Column,
    create_engine,
    event,
    insert,
    inspect,
    literal,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.conftest import only_on
from timebank.db import (
    EngineUnfit,
    Instant,
    check_engine,
    engines,
    insert_new,
    make_engine,
    wal_is_safe,
)
from timebank.deeds.tables import community
from timebank.ledger.tables import commodity, txn
from timebank.schema import every_table
from timebank.values import to_us


def _one(session, query):
    return session.connection().exec_driver_sql(query).scalar()


def test_a_database_of_ours_is_fit(fresh_database):
    check_engine(fresh_database.engine)


def test_sqlite_without_our_hooks_is_refused(tmp_path):
    (tmp_path / "bare.sqlite").touch()
    with pytest.raises(EngineUnfit, match="foreign_keys=0"):
        check_engine(create_engine(f"sqlite:///{tmp_path / 'bare.sqlite'}"))


@only_on("postgresql")
def test_a_server_that_may_lose_what_was_committed_is_refused(copies):
    url = f"{copies.fresh()}"
    joint = "&" if "?" in url else "?"
    engine = make_engine(f"{url}{joint}options=-csynchronous_commit%3Doff")
    with pytest.raises(EngineUnfit, match="synchronous_commit=off"):
        check_engine(engine)
    engine.dispose()
    copies.drop(url)


def test_where_there_is_no_database_none_is_made(tmp_path):
    with pytest.raises(EngineUnfit, match=f"There is no database {tmp_path / 'lost.sqlite'}"):
        check_engine(make_engine(f"sqlite:///{tmp_path / 'lost.sqlite'}"))
    assert list(tmp_path.iterdir()) == []


def test_a_loose_table_is_refused_by_name(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path / 'loose.sqlite'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE loose (id INTEGER)")
    with pytest.raises(EngineUnfit, match="without STRICT: loose"):
        check_engine(engine)
    engine.dispose()


def test_a_writer_that_reads_before_it_locks_is_refused(tmp_path):
    (tmp_path / "late.sqlite").touch()
    engine = make_engine(f"sqlite:///{tmp_path / 'late.sqlite'}")
    event.remove(engine, "begin", _begin_hook(engine))
    with pytest.raises(EngineUnfit, match="BEGIN IMMEDIATE"):
        check_engine(engine)
    engine.dispose()


def _begin_hook(engine):
    return next(iter(engine.dispatch.begin))


@pytest.mark.parametrize(
    ("version", "safe"), [((3, 40, 1), False), ((3, 51, 2), False), ((3, 51, 3), True)]
)
def test_the_write_ahead_log_is_used_only_where_it_is_sound(version, safe):
    assert wal_is_safe(version) is safe


def test_an_old_sqlite_keeps_a_rollback_journal(tmp_path, monkeypatch):
    class Old:
        """The standard library's SQLite, reporting a version that has the bug."""

        def __getattr__(self, name):
            return (3, 40, 1) if name == "sqlite_version_info" else getattr(sqlite3, name)

    monkeypatch.setattr(engines, "_sqlite_module", Old)
    engine = make_engine(f"sqlite:///{tmp_path / 'old.sqlite'}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"
    engine.dispose()


def test_sqlite_flushes_every_commit_and_keeps_its_log(fresh_database, engine_name):
    if engine_name == "sqlite":
        with fresh_database.reading() as session:
            assert _one(session, "PRAGMA journal_mode") == "wal"
            assert _one(session, "PRAGMA synchronous") == 2
    else:
        told = fresh_database.write(lambda s, now: _one(s, "SHOW transaction_isolation"))
        assert told == "read committed"


def test_an_instant_comes_back_to_the_microsecond(session, now):
    instant = now.replace(microsecond=123456)
    assert session.scalar(select(literal(instant, Instant))) == instant


def test_history_is_never_changed(session, community_id):
    key = {"community_id": community_id, "id": 5}
    session.execute(insert(commodity).values(**key, code="minutes"))
    for statement in ("UPDATE commodity SET code = 'x'", "DELETE FROM commodity"):
        with (
            pytest.raises((DBAPIError, IntegrityError), match="history is never changed"),
            session.begin_nested(),
        ):
            session.execute(text(statement))
    assert session.scalar(select(commodity.c.code)) == "minutes"


def test_history_cannot_be_replaced_either(session, engine_name, community_id):
    key = {"community_id": community_id, "id": 5}
    session.execute(insert(commodity).values(**key, code="minutes"))
    trick = {
        "sqlite": "INSERT OR REPLACE INTO commodity VALUES (1, 5, 'fen')",
        "postgresql": "TRUNCATE commodity CASCADE",
    }[engine_name]
    with pytest.raises(DBAPIError, match="history is never changed"), session.begin_nested():
        session.execute(text(trick))


# These are about the database itself and not about a community: its key, its probe, its set-up.
OF_THE_DATABASE = ("data_key", "health_probe", "set_up_code", "set_up_draft", "set_up_try")


def test_every_key_begins_with_the_community():
    loose = []
    for table in every_table().sorted_tables:
        if table is community or table.name in OF_THE_DATABASE:
            continue
        keys = [list(table.primary_key.columns)]
        keys += [list(fk.columns) for fk in table.foreign_key_constraints]
        loose += [
            f"{table.name}: {[column.name for column in key]}"
            for key in keys
            if key[0].name != "community_id"
        ]
    assert not loose, "\n".join(loose)


def test_every_table_is_strict_and_knows_no_float():
    for table in every_table().sorted_tables:
        assert table.dialect_options["sqlite"]["strict"], table.name
        names = {type(column.type).__name__ for column in table.columns}
        assert not names & {"Float", "Double", "Numeric", "REAL", "JSON", "DateTime"}, table.name


def test_rows_that_exist_are_left_alone(session):
    row = {"id": 1, "code": "other", "name_zh": "x", "name_en": "x"}
    insert_new(session, community, [row, {**row, "id": 7, "code": "seventh"}])
    insert_new(session, community, [])
    codes = session.scalars(select(community.c.code).order_by(community.c.id)).all()
    assert codes == ["ours", "neighbour", "seventh"]


def test_constraints_carry_names_that_both_engines_keep(session):
    asked = inspect(session.connection())
    names = {one["name"] for one in asked.get_check_constraints("txn")}
    assert {"ck_txn_status", "ck_txn_reason"} <= names
    assert asked.get_pk_constraint("txn")["name"] == "pk_txn"
    assert isinstance(txn.c.posted_us.type, BigInteger)
    assert isinstance(Column("at", Instant).type.impl_instance, BigInteger)


def test_an_instant_is_kept_as_whole_microseconds(session, now):
    connection = session.connection()
    bound = Instant().process_bind_param(now, connection.dialect)
    assert bound == to_us(now)
    read = Instant().result_processor(connection.dialect, None)
    assert (read(bound), read(None)) == (now, None)
