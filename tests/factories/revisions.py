"""Changed copies of the models, and a revision that leads to them, in a folder of its own.

Not here: the real models and migrations; nothing of them is changed.
"""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
)

from migrations.write_next import plan, write
from timebank import schema
from timebank.db import append_only_statements, guarded, make_engine
from timebank.schema import every_table

NAME = "trial"
# The numbers of the next two revisions, as ``make migration`` gives them.
NEXT, NEXT_BUT_ONE = (f"{int(str(schema.newest_revision())) + more:04}" for more in (1, 2))
_TRIGGER = "CREATE TRIGGER place_numbered BEFORE UPDATE OF number ON place "
PLACE_NUMBERED = {
    "sqlite": [f"{_TRIGGER}BEGIN SELECT RAISE(ABORT, 'a place keeps its number: 100%'); END"],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION place_numbered() RETURNS trigger LANGUAGE plpgsql AS\n"
        "$$ BEGIN RAISE EXCEPTION 'a place keeps its number'; END $$",
        f"{_TRIGGER}FOR EACH ROW EXECUTE FUNCTION place_numbered()",
    ],
}


def copied_models(but: str = "") -> MetaData:
    """Copy the models with their triggers, all but one table perhaps."""
    models = every_table()
    copy = MetaData(naming_convention=models.naming_convention)
    for table in models.sorted_tables:
        if table.name != but:
            twin = table.to_metadata(copy)
            guarded(twin, dict(table.info.get("ddl", {})))
    return copy


def guard_also(table: Table, statements: Mapping[str, list[str]]) -> None:
    """Give a copied table triggers beside those that it has."""
    _guard(table, {e: [*table.info["ddl"].get(e, ()), *lines] for e, lines in statements.items()})


def guard_otherwise(table: Table, engine_name: str, change: tuple[str, str]) -> None:
    """Change the text of the triggers that a copied table has on one engine."""
    lines = [line.replace(*change) for line in table.info["ddl"][engine_name]]
    assert lines != table.info["ddl"][engine_name]
    _guard(table, {engine_name: lines})


def _guard(table: Table, statements: Mapping[str, list[str]]) -> None:
    kept = {**table.info["ddl"], **statements}
    if table.dispatch.after_create:
        table.dispatch.after_create.clear()
    guarded(table, kept)


def changed_models() -> MetaData:
    """Change the models in each way that a revision must carry.

    A column with a CHECK, a table with history, an index, a trigger, and a CHECK on a table of
    history that others refer to, which SQLite can only rebuild.
    """
    models = copied_models()
    place, txn = models.tables["place"], models.tables["txn"]
    place.append_column(Column("storey", SmallInteger, nullable=False, server_default="0"))
    place.append_constraint(CheckConstraint("storey BETWEEN -5 AND 99", name="storey"))
    guard_also(place, PLACE_NUMBERED)
    txn.append_constraint(CheckConstraint("posted_us > 0", name="after_1970"))
    Index("ix_audit_line_trial", models.tables["audit_line"].c.name)
    note = Table(
        "trial_note",
        models,
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False),
        Column("place_id", BigInteger, nullable=False),
        Column("note", Text, nullable=False),
        Column("kind", String(12), nullable=False),
        PrimaryKeyConstraint("community_id", "id"),
        ForeignKeyConstraint(["community_id", "place_id"], ["place.community_id", "place.id"]),
        CheckConstraint("note <> ''", name="note"),
        Index("ix_trial_note_kind", "community_id", "kind"),
        sqlite_strict=True,
    )
    engines = ("sqlite", "postgresql")
    guarded(note, {engine: append_only_statements("trial_note", engine) for engine in engines})
    return models


def trial_folder(folder: Path, models: MetaData, urls: Mapping[str, str]) -> Path:
    """Copy the migrations and let the tool write the revision that leads to changed models."""
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    write(NAME, plan(models, urls), folder)
    return folder


def stamp(url: str) -> None:
    """Note in a database made from the models that it has had all migrations so far."""
    engine = make_engine(url)
    script = ScriptDirectory(str(schema.MIGRATIONS))
    with engine.execution_options(writes=True).begin() as connection:
        MigrationContext.configure(connection).stamp(script, "head")
    engine.dispose()


def looking(url: str, look: Callable[[Connection], object]) -> object:
    """Look at a database once, and close it."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            return look(connection)
    finally:
        engine.dispose()


def use_folder(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
