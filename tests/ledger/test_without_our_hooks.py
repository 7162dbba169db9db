"""A SQLite that lacks one of our hooks is refused by name; and what it would have let pass."""

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import DBAPIError

from tests.databases import SqliteCopies
from tests.factories.ledger import make_account
from timebank.db import Database, EngineUnfit, check_engine, make_engine


@pytest.fixture
def url(tmp_path):
    return SqliteCopies(tmp_path).fresh()


def engine_with(url, pragma):
    """Our engine, with one of its pragmas turned back on each connection."""
    engine = make_engine(url)

    @event.listens_for(engine, "connect")
    def _turn_back(connection, record):
        connection.execute(f"PRAGMA {pragma}")

    return engine


def replace_history(engine):
    """Try to rewrite the first commodity; tell what its code is then."""
    with engine.execution_options(writes=True).begin() as connection:
        make_row = "INSERT INTO commodity VALUES (1, 5, 'minutes')"
        connection.execute(text(make_row))
        connection.execute(text("INSERT OR REPLACE INTO commodity VALUES (1, 5, 'fen')"))
        return connection.scalar(text("SELECT code FROM commodity WHERE id = 5"))


@pytest.mark.parametrize(
    ("pragma", "told"),
    [
        ("synchronous=NORMAL", "synchronous=1, the books need 2"),
        ("foreign_keys=OFF", "foreign_keys=0, the books need 1"),
        ("recursive_triggers=OFF", "recursive_triggers=0, the books need 1"),
        ("journal_mode=DELETE", "journal_mode=delete, it needs WAL"),
    ],
)
def test_each_missing_pragma_is_named(url, pragma, told):
    engine = engine_with(url, pragma)
    with pytest.raises(EngineUnfit, match=told):
        check_engine(engine)
    engine.dispose()


def test_our_own_engine_is_fit(url):
    engine = make_engine(url)
    check_engine(engine)
    engine.dispose()


def test_a_bare_sqlite_is_refused(url):
    engine = create_engine(url)
    with pytest.raises(EngineUnfit, match="SQLite"):
        check_engine(engine)
    engine.dispose()


def test_history_can_be_replaced_where_the_hook_is_missing(url):
    """The negative control: with the hook the same statement is refused."""
    loose = engine_with(url, "recursive_triggers=OFF")
    assert replace_history(loose) == "fen"
    loose.dispose()


def test_history_cannot_be_replaced_with_our_hooks(url):
    engine = make_engine(url)
    with pytest.raises(DBAPIError, match="history is never changed: commodity"):
        replace_history(engine)
    engine.dispose()


def test_hours_can_become_yuan_where_the_hook_is_missing(url):
    """The negative control of the foreign key on both sides of a posting."""
    database = Database(url)
    anna = database.write(lambda session, now: make_account(session, filled=60))
    other = "UPDATE balance SET commodity_id = 404 WHERE account_id = :anna"
    for engine, passes in ((database.engine, False), (engine_with(url, "foreign_keys=OFF"), True)):
        with engine.execution_options(writes=True).begin() as connection:
            if passes:
                connection.execute(text(other), {"anna": anna})
            else:
                with pytest.raises(DBAPIError, match="FOREIGN KEY"):
                    connection.execute(text(other), {"anna": anna})
        engine.dispose()
