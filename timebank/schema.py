"""The schema as a whole: every subject's tables, and the migrations that lay them.

It looks at all subjects, so it stands above them. No table is declared here.
"""

import importlib
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from alembic.util import CommandError
from sqlalchemy import Connection, MetaData

from timebank.db import EngineUnfit, make_engine, metadata

ROOT = Path(__file__).resolve().parent.parent
MIGRATIONS = ROOT / "migrations"


def every_table() -> MetaData:
    """Import the tables of every subject, so that the metadata is whole."""
    for found in sorted(Path(__file__).parent.glob("*/tables*")):
        if found.name in ("tables.py", "tables"):
            importlib.import_module(f"timebank.{found.parent.name}.tables")
    return metadata


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config


class SchemaUnknown(EngineUnfit):
    """The database stands at a schema that this version does not know."""


def migrate(url: str) -> None:
    """Bring a database to the newest schema; nothing happens where it is there already.

    **Refuses**: ``SchemaUnknown`` for a database that another version made.
    """
    try:
        command.upgrade(_config(url), "head")
    except CommandError as why:
        if not isinstance(why.__cause__, ResolutionError):
            raise
        raise SchemaUnknown(
            "The database was made by another version of this program, before the first release"
            " or after this one, and cannot be brought along: start a new one (the sample: make"
            " demo-fresh)."
        ) from why


def lay(connection: Connection) -> None:
    """Run every migration in a place that is empty; whether it stays is for the caller to say."""
    config = _config("")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def newest_revision() -> str | None:
    return ScriptDirectory.from_config(_config("")).get_current_head()


def revision_of(connection: Connection) -> str | None:
    """Name the migration that a database stands at; None where none was ever run."""
    return MigrationContext.configure(connection).get_current_revision()


def is_current(url: str) -> bool:
    """Tell whether a database stands at the newest migration."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            return revision_of(connection) == newest_revision()
    finally:
        engine.dispose()
