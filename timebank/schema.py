"""The schema as a whole: the tables of every subject, and the migrations that make them.

It sees all subjects, so it stands above them. No table is declared here.
"""

import importlib
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, MetaData, inspect

from timebank.db import EngineUnfit, make_engine, metadata
from timebank.db.revisions import check_foreign_keys, migrating

ROOT = Path(__file__).resolve().parent.parent
MIGRATIONS = ROOT / "migrations"


def every_table() -> MetaData:
    """Import the tables of every subject, so that the metadata is whole."""
    for found in sorted(Path(__file__).parent.glob("*/tables*")):
        if found.name in ("tables.py", "tables"):
            importlib.import_module(f"timebank.{found.parent.name}.tables")
    return metadata


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


class SchemaUnknown(EngineUnfit):
    """The database has a schema that this version does not know."""


class SchemaOld(EngineUnfit):
    """The database does not have the newest schema yet."""


def migrate(
    url: str,
    *,
    before: Callable[[], object] | None = None,
    seal: Callable[[], object] | None = None,
) -> bool:
    """Bring a database to the newest schema; False where it has it already.

    All that is pending runs in one transaction: a migration that is interrupted leaves the old
    schema. ``before`` runs just before the first change, while no other process can migrate, and
    only where there is something to lose: the command makes its backup there.

    ``seal`` runs before a revision that drops what must be sealed first (``SEALED_FIRST``), between
    two transactions. Without it such a revision refuses while there is clear text.

    **Refuses**: ``SchemaUnknown`` for a database that another version made; ``CannotMigrate``
    while another process is at it, or where rows refer to rows that do not exist.
    """
    engine = make_engine(url)
    try:
        with migrating(engine) as connection:
            found = revision_of(connection)
            if found == newest_revision():
                return False
            _require_known(found)
            is_filled = inspect(connection).has_table("community")
            if before is not None and is_filled:
                before()
            stop = before_sealed(found) if is_filled and seal is not None else None
            lay(connection, stop or "head")
            check_foreign_keys(connection)
        if stop is not None and seal is not None:
            seal()
            with migrating(engine) as connection:
                lay(connection)
                check_foreign_keys(connection)
        return True
    finally:
        engine.dispose()


def _require_known(revision: str | None) -> None:
    if revision is None:
        return
    try:
        ScriptDirectory.from_config(_config()).get_revision(revision)
    except CommandError as why:
        raise SchemaUnknown(
            "The database was made by another version of this program, before the first release"
            " or after this one, and cannot be migrated: start a new one (the sample: make"
            " demo-fresh)."
        ) from why


def require_current(engine: Engine) -> None:
    """Refuse to work on a database whose schema is not the newest: ``SchemaOld``."""
    with engine.connect() as connection:
        found = revision_of(connection)
    if found != newest_revision():
        _require_known(found)
        raise SchemaOld("The schema is not the newest: run `timebank migrate`.")


def before_sealed(found: str | None) -> str | None:
    """Name the pending revision after which everything must be sealed, if there is one."""
    pending = ScriptDirectory.from_config(_config()).iterate_revisions("head", found)
    stops = [
        revision.down_revision
        for revision in pending
        if getattr(revision.module, "SEALED_FIRST", False)
    ]
    return str(stops[-1]) if stops else None


def lay(connection: Connection, until: str = "head") -> None:
    """Run the pending migrations; the caller commits them or rolls them back."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, until)


def newest_revision() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def revision_of(connection: Connection) -> str | None:
    """Name the newest migration that a database has had; None where it never had one."""
    return MigrationContext.configure(connection).get_current_revision()
