"""A SQLite table is rebuilt with its rows, and nothing around it is lost."""

import pytest
from sqlalchemy.exc import DBAPIError

from timebank.db import make_engine
from timebank.db.rebuilding import rebuild_statements
from timebank.db.revisions import CannotMigrate, check_foreign_keys, migrating

BEFORE = (
    "CREATE TABLE shelf (id INTEGER PRIMARY KEY, name TEXT NOT NULL, above INTEGER,"
    " FOREIGN KEY (above) REFERENCES shelf (id)) STRICT",
    "CREATE TABLE lot (id INTEGER PRIMARY KEY, shelf_id INTEGER NOT NULL,"
    " FOREIGN KEY (shelf_id) REFERENCES shelf (id)) STRICT",
    "CREATE INDEX ix_shelf_name ON shelf (name)",
    "CREATE TRIGGER shelf_no_delete BEFORE DELETE ON shelf BEGIN SELECT RAISE(ABORT, 'kept'); END",
    "CREATE TRIGGER lot_on_shelf BEFORE INSERT ON lot WHEN NOT EXISTS"
    " (SELECT 1 FROM shelf WHERE id = NEW.shelf_id AND name <> 'full')"
    " BEGIN SELECT RAISE(ABORT, 'full'); END",
    "CREATE VIEW top AS SELECT id, name FROM shelf WHERE above IS NULL",
    "INSERT INTO shelf VALUES (1, 'rice', NULL), (2, 'full', 1)",
    "INSERT INTO lot VALUES (7, 1)",
)
AFTER = (
    "CREATE TABLE shelf (id INTEGER PRIMARY KEY, name TEXT NOT NULL, above INTEGER,"
    " store INTEGER NOT NULL DEFAULT 3, FOREIGN KEY (above) REFERENCES shelf (id),"
    " CONSTRAINT ck_name CHECK (name <> '')) STRICT"
)
VALUES = {"id": "id", "name": "upper(name)", "above": "above"}
BESIDE = BEFORE[2:4]


@pytest.fixture
def engine(tmp_path):
    made = make_engine(f"sqlite:///{tmp_path / 'shop.sqlite'}")
    with made.begin() as connection:
        for statement in BEFORE:
            connection.exec_driver_sql(statement)
    yield made
    made.dispose()


def rebuild(engine, create=AFTER, values=VALUES):
    with migrating(engine) as connection:
        for statement in rebuild_statements(create, values, BESIDE):
            connection.exec_driver_sql(statement)
        check_foreign_keys(connection)


def asked(engine, question):
    with engine.connect() as connection:
        return connection.exec_driver_sql(question).all()


def refused(engine, statement):
    with pytest.raises(DBAPIError) as error, engine.begin() as connection:
        connection.exec_driver_sql(statement)
    return str(error.value.orig)


def test_rows_triggers_views_and_keys_stay(engine):
    rebuild(engine)
    assert asked(engine, "SELECT * FROM shelf") == [(1, "RICE", None, 3), (2, "FULL", 1, 3)]
    assert asked(engine, "SELECT name FROM top") == [("RICE",)]
    assert refused(engine, "DELETE FROM shelf WHERE id = 2") == "kept"
    assert "ck_name" in refused(engine, "INSERT INTO shelf VALUES (3, '', NULL, 1)")
    assert "FOREIGN KEY" in refused(engine, "INSERT INTO shelf VALUES (3, 'x', 9, 1)")
    assert "FOREIGN KEY" in refused(engine, "UPDATE lot SET shelf_id = 9")
    assert refused(engine, "INSERT INTO lot VALUES (8, 9)") == "full"
    names = {name for (name,) in asked(engine, "SELECT name FROM sqlite_master")}
    assert names == {"shelf", "lot", "ix_shelf_name", "shelf_no_delete", "lot_on_shelf", "top"}


def test_a_row_that_breaks_the_new_shape_leaves_the_old_one(engine):
    questions = "SELECT name, sql FROM sqlite_master", "SELECT * FROM shelf"
    before = [asked(engine, question) for question in questions]
    with pytest.raises(DBAPIError, match="ck_name"):
        rebuild(engine, AFTER.replace("name <> ''", "name <> 'FULL'"))
    assert before == [asked(engine, question) for question in questions]


def test_rows_that_lose_what_they_refer_to_leave_the_old_shape(engine):
    lost = {**VALUES, "id": "id + 10", "above": "above + 10"}
    with pytest.raises(CannotMigrate, match="row 7 of lot names no row of shelf"):
        rebuild(engine, values=lost)
    assert len(asked(engine, "SELECT * FROM shelf JOIN lot ON shelf_id = shelf.id")) == 1


def test_foreign_keys_are_on_again_after_a_migration(engine):
    rebuild(engine)
    assert asked(engine, "PRAGMA foreign_keys") == [(1,)]


def test_only_a_table_can_be_rebuilt():
    with pytest.raises(ValueError, match="no CREATE TABLE"):
        rebuild_statements("CREATE INDEX i ON t (a)", {})
