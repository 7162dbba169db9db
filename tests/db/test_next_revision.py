"""``make migration`` writes what leads from the migrations to the models, and nothing else."""

import shutil

import pytest
from click.testing import CliRunner
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)

from migrations import write_next
from migrations.statements import CannotWrite
from migrations.write_next import Revision, plan, report, write
from tests.conftest import only_on
from tests.factories.revisions import (
    TRIAL_NUMBER,
    changed_models,
    copied_models,
    guard_also,
    guard_otherwise,
    trial_folder,
)
from timebank import schema
from timebank.db.revisions import CannotMigrate


@pytest.fixture(scope="module")
def url(engine_name, copies):
    if engine_name == "sqlite":
        yield "sqlite://"
        return
    fresh = copies.fresh()
    yield fresh
    copies.drop(fresh)


@pytest.fixture
def planned(engine_name, url):
    """Plan the revision that leads to changed models; gives its statements too."""

    def plans(models):
        found = plan(models, {engine_name: url})
        assert found.remaining == []
        return found, "\n".join(found.statements[engine_name])

    return plans


def test_where_nothing_differs_nothing_is_written(planned):
    revision, _ = planned(copied_models())
    assert not revision


def test_a_column_with_a_check_is_added(planned, engine_name):
    models = copied_models()
    place = models.tables["place"]
    place.append_column(Column("storey", SmallInteger, nullable=False, server_default="0"))
    place.append_constraint(CheckConstraint("storey < 99", name="storey"))
    _, written = planned(models)
    assert "ADD COLUMN storey" in written
    assert "CONSTRAINT ck_place_storey CHECK (storey < 99)" in written
    assert "DROP" not in written


def test_a_column_that_nothing_can_fill_is_refused(planned):
    models = copied_models()
    models.tables["place"].append_column(Column("storey", SmallInteger, nullable=False))
    with pytest.raises(CannotWrite, match="column storey of place is NOT NULL"):
        planned(models)


def test_a_default_that_is_no_constant_and_a_key_are_carried_too(planned, engine_name):
    models = copied_models()
    place = models.tables["place"]
    place.append_column(Column("storey", SmallInteger, server_default=text("(1 + 1)")))
    place.append_constraint(UniqueConstraint("community_id", "storey"))
    deed = models.tables["deed"]
    deed.append_column(Column("place_id", models.tables["place"].c.id.type))
    own, there = ["community_id", "place_id"], ["place.community_id", "place.id"]
    deed.append_constraint(ForeignKeyConstraint(own, there))
    _, written = planned(models)
    if engine_name == "sqlite":  # It can add neither.
        assert "ALTER TABLE new_place RENAME TO place" in written
        assert "ALTER TABLE new_deed RENAME TO deed" in written
        assert "CREATE TRIGGER deed_no_update" in written
    else:
        assert "ADD CONSTRAINT fk_deed_community_id_place_id FOREIGN KEY" in written


def test_a_changed_column_and_a_changed_check_are_made_anew(planned, engine_name):
    models = copied_models()
    place = models.tables["place"]
    place.c.number.type = Text() if engine_name == "postgresql" else SmallInteger()
    changed = next(c for c in place.constraints if isinstance(c, CheckConstraint))
    place.constraints.remove(changed)
    place.append_constraint(CheckConstraint("id > 0", name=changed.name))
    revision, written = planned(models)
    assert revision.dropped == set()
    assert str(changed.name) in written


def test_indexes_and_triggers_are_made_changed_and_dropped(planned, engine_name):
    models = copied_models()
    audit = models.tables["audit_line"]
    old = sorted(audit.indexes, key=lambda index: str(index.name))[0]
    audit.indexes.remove(old)
    Index("ix_audit_line_name", audit.c.name, unique=False)
    guard_otherwise(models.tables["balance"], engine_name, ("OF floor, ceiling", "OF floor"))
    revision, written = planned(models)
    assert revision.dropped == {f"index {old.name} of audit_line"}
    assert f"DROP INDEX {old.name}" in written
    assert "CREATE INDEX ix_audit_line_name" in written
    assert "DROP TRIGGER balance_fixed" in written
    assert "BEFORE UPDATE OF floor ON balance" in written


@only_on("postgresql")
def test_a_function_that_changed_comes_with_its_triggers(planned, engine_name):
    models = copied_models()
    change = "a rule starts as a draft", "begin with a draft"
    guard_otherwise(models.tables["rule_version"], engine_name, change)
    _, written = planned(models)
    assert "CREATE OR REPLACE FUNCTION rule_version_guard" in written
    assert written.count("CREATE TRIGGER") == 2


def test_what_is_dropped_is_named_for_the_author_and_stops_the_revision(
    planned, engine_name, url, tmp_path, monkeypatch
):
    models = copied_models()
    community = models.tables["community"]
    community._columns.remove(community.c.name_en)
    revision, _ = planned(models)
    assert revision.dropped == {"column name_en of community"}
    folder = trial_folder(tmp_path / "migrations", models, {engine_name: url})
    file = next(folder.glob(f"versions/{TRIAL_NUMBER}_*.py"))
    assert '    "column name_en of community",' in file.read_text("utf-8")
    assert "To confirm: column name_en of community is dropped." in list(report(file, revision))
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    with pytest.raises(CannotMigrate, match="drops column name_en of community"):
        planned(models)
    file.write_text(file.read_text("utf-8").replace('    "column name_en of community",\n', ""))
    revision, _ = planned(models)
    assert not revision


def test_a_table_that_goes_takes_what_is_its_own_along(planned):
    models = copied_models(but="kiosk_settlement")
    revision, written = planned(models)
    assert revision.dropped == {"table kiosk_settlement"}
    assert written == "DROP TABLE kiosk_settlement"


def test_revisions_are_numbered_and_each_follows_the_one_before(
    engine_name, url, tmp_path, monkeypatch
):
    folder = trial_folder(tmp_path / "migrations", changed_models(), {engine_name: url})
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    assert schema.newest_revision() == TRIAL_NUMBER
    following = f"{int(TRIAL_NUMBER) + 1:04d}"
    written = write("add_more", Revision({"sqlite": ["SELECT 1"], "postgresql": []}), folder)
    assert written.name == f"{following}_add_more.py"
    assert schema.newest_revision() == following
    assert f'down_revision = "{TRIAL_NUMBER}"' in written.read_text("utf-8")


@pytest.mark.parametrize("name", ["", "Add", "add-phone", "../add", "a"])
def test_a_name_that_makes_no_file_name_is_refused(name, tmp_path):
    with pytest.raises(CannotWrite, match=r"NAME=.* is not a valid name"):
        write(name, Revision(), tmp_path)


def test_a_statement_of_a_kind_that_is_not_known_is_refused():
    models = copied_models()
    guard_also(models.tables["place"], {"sqlite": ["CREATE VIEW v AS SELECT 1"]})
    with pytest.raises(ValueError, match="can be compared: CREATE VIEW"):
        plan(models, {"sqlite": "sqlite://"})


def test_string_columns_may_grow_on_postgresql(planned, engine_name):
    models = copied_models()
    models.tables["organisation"].c.name.type = String(300)
    _, written = planned(models)
    assert (written == "") == (engine_name == "sqlite")  # There every text is TEXT.


def test_the_command_writes_the_files_of_both_engines(postgres_copies, tmp_path, monkeypatch):
    server = postgres_copies.fresh()
    monkeypatch.setenv("TIMEBANK_TEST_PG", server)
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    monkeypatch.setattr(write_next, "MIGRATIONS", folder)
    monkeypatch.chdir(tmp_path)
    before = sorted(folder.rglob("*.sql"))
    run = CliRunner().invoke
    assert "NAME= is not a valid name of a revision" in run(write_next.main, []).output
    assert "nothing to write" in run(write_next.main, ["add_trial"]).output
    assert sorted(folder.rglob("*.sql")) == before
    monkeypatch.setattr(write_next, "every_table", changed_models)
    said = run(write_next.main, ["add_trial"]).output
    assert said == (
        f"Written: migrations/versions/{TRIAL_NUMBER}_add_trial.py and the statements in"
        f" {TRIAL_NUMBER}_add_trial/. Review them.\n"
    )
    assert {path.name for path in folder.glob(f"versions/{TRIAL_NUMBER}_add_trial/*")} == {
        "sqlite.sql", "postgresql.sql",
    }  # fmt: skip
    assert "nothing to write" in run(write_next.main, ["add_trial"]).output
    postgres_copies.drop(server)
