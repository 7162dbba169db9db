"""The revision of the kept totals fills them for a community that has lived without."""

import pytest

from tests.factories.revisions import looking, stamp
from tests.factories.sample import make_sample
from timebank.catalogue import strangers
from timebank.db import make_engine
from timebank.db.revisions import run_statement, statements_in
from timebank.fitness import kept_totals, wrong_totals
from timebank.schema import MIGRATIONS

GONE = ("deposit", "service_record", "withdrawal")


def take_away(connection):
    """Bring a database back to the schema of before the revision, as far as totals go."""
    is_sqlite = connection.dialect.name == "sqlite"
    for total in kept_totals():
        summed, _ = total.info["kept_total"]
        for table, verb in [
            *((summed.of.name, verb) for verb in ("insert", "update", "delete")),
            *([(summed.beside.name, "update")] if summed.beside is not None else []),
        ]:
            where = "" if is_sqlite else f" ON {table}"
            connection.exec_driver_sql(f"DROP TRIGGER {total.name}_{table}_{verb}{where}")
        connection.exec_driver_sql(f"DROP TABLE {total.name}")
    for name in GONE:
        connection.exec_driver_sql(f"CREATE INDEX ix_{name}_day ON {name} (community_id)")


@pytest.fixture
def url(fresh_database):
    """The sample community in a database of before the revision."""
    fresh_database.write(lambda session, now: make_sample(session))
    url = fresh_database.engine.url.render_as_string(hide_password=False)
    stamp(url)
    engine = make_engine(url)
    with engine.execution_options(writes=True).begin() as connection:
        take_away(connection)
    engine.dispose()
    return url


def rows(connection):
    counts = [f"SELECT count(*) FROM {total.name}" for total in kept_totals()]
    return [connection.exec_driver_sql(count).scalar() for count in counts]


@pytest.mark.slow
def test_a_full_database_gets_its_totals_with_the_migration(url):
    engine = make_engine(url)
    [file] = MIGRATIONS.glob(f"versions/*_kept_totals/{engine.dialect.name}.sql")
    with engine.execution_options(writes=True).begin() as connection:
        for statement in statements_in(file):
            run_statement(connection, statement)
    engine.dispose()
    assert looking(url, lambda connection: list(wrong_totals(connection))) == []
    assert all(looking(url, rows))
    assert looking(url, lambda connection: strangers(connection, url)) == []
