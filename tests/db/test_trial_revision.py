"""A revision written by the tool runs over the sample community and loses nothing.

``make test-long`` runs it over the two years of ``timebank demo`` as well.
"""

import base64
import hashlib

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from tests.conftest import only_on
from tests.counts import repeats
from tests.factories.revisions import NEXT, looking
from tests.factories.sealing import SEAL_KEY
from timebank.catalogue import describe, empty_place, strangers
from timebank.checking.books import check_books, report
from timebank.checking.notes import SEAL_KEY_VARIABLE, read_keys
from timebank.checking.reading import reading_database
from timebank.db import make_engine
from timebank.db.revisions import CannotMigrate
from timebank.demo.history import DAYS
from timebank.fitness import dangling
from timebank.schema import every_table, migrate, newest_revision, revision_of

pytestmark = pytest.mark.slow


def digests(connection):
    """Digest the rows of each table, as far as the present models know its columns."""
    found = {}
    for table in every_table().sorted_tables:
        rows = connection.execute(select(table).order_by(*table.primary_key.columns))
        text = "\n".join(repr(tuple(row)) for row in rows)
        found[table.name] = hashlib.sha256(text.encode()).hexdigest(), text.count("\n")
    return found


def checked(url):
    environ = {SEAL_KEY_VARIABLE: base64.b64encode(SEAL_KEY).decode()}
    with reading_database(url) as books:
        return report(check_books(books, read_keys([], environ, None)))


@pytest.mark.parametrize("sample_days", [min(repeats(0, DAYS), DAYS)])
def test_the_data_and_the_books_stay_as_they_were(url, revised):
    rows, books = looking(url, digests), checked(url)
    assert sum(bool(count) for _, count in rows.values()) > 25
    assert books[1], books[0]
    assert migrate(url)
    assert looking(url, revision_of) == newest_revision() == NEXT
    assert looking(url, digests) == rows
    assert checked(url) == books
    assert looking(url, lambda connection: list(dangling(connection))) == []
    assert not migrate(url)


def test_the_schema_is_that_of_the_changed_models(url, revised, models):
    migrate(url)
    with empty_place(url) as connection:
        models.create_all(connection)
        wanted = describe(connection)
    found = looking(url, describe)
    assert {name: found.get(name) for name in wanted} == wanted
    assert {name.split(".")[0] for name in found.keys() - wanted.keys()} <= {
        "table alembic_version", "column alembic_version",
        "constraint alembic_version_pkc of alembic_version", "index alembic_version_pkc",
    }  # fmt: skip
    assert looking(url, lambda connection: strangers(connection, url)) == []


REFUSED = {
    "UPDATE txn SET kind = 'x'": "history is never changed",
    "DELETE FROM txn": "history is never changed",
    "UPDATE place SET number = 3 WHERE kind = 'store'": "a place keeps its number",
    "UPDATE place SET storey = 100": "ck_place_storey",
    "INSERT INTO trial_note VALUES (1, 1, 99, 'x', 'y')": "(?i)foreign key",
}


def test_what_the_revision_forbids_is_refused(url, revised):
    migrate(url)
    engine = make_engine(url)
    for statement, why in REFUSED.items():
        with pytest.raises(DBAPIError, match=why), engine.begin() as connection:
            connection.exec_driver_sql(statement)
    with engine.begin() as connection:  # Old code leaves the new column out.
        stored = connection.exec_driver_sql("SELECT DISTINCT storey FROM place").scalars().all()
    engine.dispose()
    assert stored == [0]


def test_rows_that_break_the_new_rule_leave_the_old_schema(url, revised, engine_name):
    file = next(revised.glob(f"versions/{NEXT}_*/{engine_name}.sql"))
    text = file.read_text("utf-8")
    file.write_text(text.replace("posted_us > 0", "posted_us < 0"), "utf-8")
    before = looking(url, describe), looking(url, digests)
    with pytest.raises(DBAPIError, match="ck_txn_after_1970"):
        migrate(url)
    assert (looking(url, describe), looking(url, digests)) == before


@only_on("sqlite")
def test_rows_that_refer_to_nothing_stop_the_migration(url, revised):
    engine = make_engine(url)
    with engine.connect() as connection:
        connection.connection.execute("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("DELETE FROM community")
        connection.commit()
    engine.dispose()
    before = looking(url, describe)
    with pytest.raises(CannotMigrate, match=r"row \d+ of place names no row of community; "):
        migrate(url)
    assert looking(url, describe) == before
