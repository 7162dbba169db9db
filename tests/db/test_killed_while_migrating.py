"""kill -9 before every statement of a migration: the old schema or the new one, no mixture."""

from itertools import count
from multiprocessing import get_context

import pytest
from click.testing import CliRunner
from sqlalchemy import event

from tests.db.migrator import ALL_DONE, KILLED, NOTHING_TO_DO, Orders, run
from tests.factories.revisions import NEXT, looking
from timebank import cli, schema
from timebank.catalogue import describe
from timebank.db import make_engine
from timebank.db.revisions import CannotMigrate, migrating, statements_in
from timebank.schema import migrate, revision_of

pytestmark = pytest.mark.slow
PATIENCE_SECONDS = 120
nursery = get_context("forkserver")
nursery.set_forkserver_preload(["tests.db.migrator", "timebank.catalogue", "alembic.command"])


def started(orders):
    child = nursery.Process(target=run, args=(orders,))
    child.start()
    return child


def ended(child):
    child.join(PATIENCE_SECONDS)
    return child.exitcode


def state(url):
    """The revision of a database, and its whole schema."""
    return looking(url, revision_of), looking(url, describe)


@pytest.fixture
def check(url, tmp_path):
    """Run ``timebank check``; gives what it said."""

    def checks():
        environ = {"TIMEBANK_DATABASE": url, "TIMEBANK_DATA": str(tmp_path / "data")}
        return CliRunner().invoke(cli.main, ["check"], env=environ).output

    return checks


def kill_at_each_statement(url, folder, *, is_torn=False):
    """Kill before the first statement, before the second …; yields what is left each time."""
    for number in count(1):
        exitcode = ended(started(Orders(url, folder, number, is_torn)))
        if exitcode == ALL_DONE:  # It ended right after the commit, without closing anything.
            return
        assert exitcode == KILLED
        yield state(url)


def test_whatever_statement_it_dies_at_the_old_schema_is_whole(url, revised, check, engine_name):
    [written] = revised.glob(f"versions/{NEXT}_*/{engine_name}.sql")
    old, kills = state(url), 0
    for found in kill_at_each_statement(url, revised):
        kills += 1
        assert found == old
        if kills == 1:
            assert "The schema is not the newest: run `timebank migrate`" in check()
    assert kills > len(statements_in(written)) > 10
    assert state(url)[0] == NEXT
    assert f"schema: {NEXT}, as migrated" in check()
    assert not migrate(url)


def test_without_the_transaction_a_mixture_is_left(url, revised):
    old = state(url)
    left = kill_at_each_statement(url, revised, is_torn=True)
    mixture = next(found for found in left if found != old)
    assert mixture[0] == old[0]


def test_of_two_that_migrate_at_once_the_second_waits(url, revised):
    inside, begun, go_on, at_once = (nursery.Event() for _ in range(4))
    at_once.set()
    first = started(Orders(url, revised, 9, inside=inside, go_on=go_on))
    assert inside.wait(PATIENCE_SECONDS)
    second = started(Orders(url, revised, 1, inside=begun, go_on=at_once))
    assert begun.wait(PATIENCE_SECONDS)
    second.join(0.5)  # Time to do harm; that it waits shows in how it ends.
    go_on.set()
    assert (ended(first), ended(second)) == (ALL_DONE, NOTHING_TO_DO)
    assert state(url)[0] == NEXT


def test_who_waits_too_long_is_told_to_come_back(url, revised, monkeypatch, engine_name):
    old = state(url)
    monkeypatch.setattr("timebank.db.revisions.PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(schema, "make_engine", impatient)
    other = make_engine(url)
    with migrating(other), pytest.raises(CannotMigrate, match="Nothing was changed"):
        migrate(url)
    other.dispose()
    assert state(url) == old
    assert migrate(url)


def impatient(url):
    """An engine that waits for the write lock of SQLite a tenth of a second, not 20."""
    engine = make_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda c, _: c.execute("PRAGMA busy_timeout = 100"))
    return engine
