"""The connection to the server breaks in the middle of a unit of work, and at its end."""

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from tests.factories import make_by
from tests.factories.ledger import make_account
from tests.races.racing import take
from timebank.db import Database
from timebank.deeds.running import perform
from timebank.ledger.queries import balances_of

END_OURSELVES = text("SELECT pg_terminate_backend(pg_backend_pid())")


@pytest.fixture
def database(postgres_copies):
    url = postgres_copies.fresh()
    opened = Database(url)
    yield opened
    opened.close()
    postgres_copies.drop(url)


@pytest.fixture
def gift(database):
    def lay(session, now):
        return {"source": make_account(session, filled=60), "destination": make_account(session)}

    return {**database.write(lay), "quantity": 40}


def left(database, gift):
    with database.reading() as session:
        return balances_of(session, 1, [gift["source"]])[gift["source"]].posted


def break_once(database, moment):
    """Break the connection from the server's side once, at one moment of the next unit of work."""
    done = []
    admin = Database(database.engine.url.render_as_string(hide_password=False))

    @event.listens_for(database.engine, moment)
    def _break(connection, *rest):
        if not done:
            done.append(moment)
            pid = connection.connection.dbapi_connection.info.backend_pid
            with admin.reading() as session:
                session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
            admin.close()

    return done


def test_a_line_lost_before_the_end_starts_the_unit_again(database, gift):
    tries = []

    def work(session, now):
        tries.append(now)
        if len(tries) == 1:
            session.execute(END_OURSELVES)
        return "done"

    assert database.write(work) == "done"
    assert len(tries) == 2


def test_a_deed_survives_a_line_lost_while_it_is_committed(database, gift):
    """Whether the commit succeeded is unknown; the request id makes a retry safe."""
    broken = break_once(database, "commit")
    perform(database, take, by=make_by(), request_id="r", **gift)
    assert broken == ["commit"]
    assert left(database, gift) == 20


def test_work_without_a_request_id_is_not_repeated_after_its_commit_was_sent(database):
    tries = []
    break_once(database, "commit")
    with pytest.raises(DBAPIError):
        database.write(lambda session, now: tries.append(session.scalar(text("SELECT 1"))))
    assert tries == [1]


def test_a_rested_connection_is_asked_whether_its_server_is_there(database, monkeypatch):
    monkeypatch.setattr("timebank.db.engines._RESTED_SECONDS", 0.0)
    with database.reading() as session:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
    admin = Database(database.engine.url.render_as_string(hide_password=False))
    with admin.reading() as session:
        session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    admin.close()
    with database.reading() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) != pid


def test_a_reader_of_postgresql_cannot_write_and_sees_one_moment(database, gift):
    with database.reading() as session:
        before = balances_of(session, 1, [gift["source"]])
        perform(database, take, by=make_by(), request_id="r", **gift)
        assert balances_of(session, 1, [gift["source"]]) == before
        with pytest.raises(DBAPIError, match="read-only transaction"):
            session.execute(text("UPDATE community SET name_en = 'x'"))
    assert left(database, gift) == 20
