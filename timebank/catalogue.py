"""Describe the schema of a database, and compare it with the schema of the migrations.

A missing trigger, a new trigger that lowers a floor, a constraint that is turned off: the rows may
all be right, but nothing protects them any more.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from timebank import schema
from timebank.db import EngineUnfit, make_engine
from timebank.db.create_table import parts_of_table

_BESIDE = "timebank_as_migrated"
_QUESTIONS = {
    # SQLite stores the statement of each object; its internal objects have none. Tables are read
    # part by part: see ``parts_of_table``.
    "sqlite": (
        """SELECT type || ' ' || name || iif(type = 'trigger', ' of ' || tbl_name, '') AS name,
            sql AS told
        FROM sqlite_master
        WHERE type IN ('index', 'trigger') AND sql IS NOT NULL AND name NOT LIKE 'sqlite%'""",
    ),
    "postgresql": (
        # A foreign key that is disabled has its internal triggers turned off.
        """SELECT 'table ' || relname AS name, concat_ws(' ', relkind, relpersistence,
            relrowsecurity, reloptions::text, (SELECT string_agg(DISTINCT tgenabled::text, '')
            FROM pg_trigger WHERE tgrelid = c.oid AND tgisinternal)) AS told
        FROM pg_class c WHERE relkind IN ('r', 'p') AND relnamespace = to_regnamespace(:own)""",
        """SELECT 'column ' || relname || '.' || attname AS name, concat_ws(' ', attnotnull,
            format_type(atttypid, atttypmod), attidentity, attgenerated, attcollation,
            pg_get_expr(adbin, adrelid)) AS told
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
            AND relnamespace = to_regnamespace(:own)""",
        """SELECT 'constraint ' || conname || ' of ' || relname AS name,
            pg_get_constraintdef(o.oid) AS told
        FROM pg_class c JOIN pg_constraint o ON o.conrelid = c.oid
        WHERE contype <> 'n' AND relnamespace = to_regnamespace(:own)""",
        """SELECT 'index ' || i.relname AS name,
            concat_ws(' ', indisvalid, pg_get_indexdef(i.oid)) AS told
        FROM pg_class c JOIN pg_index x ON x.indrelid = c.oid
        JOIN pg_class i ON i.oid = x.indexrelid WHERE c.relnamespace = to_regnamespace(:own)""",
        """SELECT 'trigger ' || tgname || ' of ' || relname AS name,
            concat_ws(' ', tgenabled, pg_get_triggerdef(t.oid), prosrc) AS told
        FROM pg_class c JOIN pg_trigger t ON t.tgrelid = c.oid
        JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT tgisinternal
            AND relnamespace = to_regnamespace(:own)""",
        """SELECT 'rule ' || rulename || ' of ' || relname AS name, pg_get_ruledef(r.oid) AS told
        FROM pg_class c JOIN pg_rewrite r ON r.ev_class = c.oid
        WHERE relkind IN ('r', 'p') AND relnamespace = to_regnamespace(:own)""",
    ),
}

# PostgreSQL prints a condition, and parses what it printed when a backup is restored; the second
# print may differ from the first and mean the same.
_REWRITES = (
    """SELECT format('ALTER TABLE %I DROP CONSTRAINT %I, ADD CONSTRAINT %2$I %3$s',
        relname, conname, pg_get_constraintdef(o.oid))
    FROM pg_class c JOIN pg_constraint o ON o.conrelid = c.oid
    WHERE contype IN ('c', 'x') AND relnamespace = to_regnamespace(:own)""",
    """SELECT format('DROP INDEX %I; %s', i.relname, pg_get_indexdef(i.oid))
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
    WHERE indpred IS NOT NULL AND relnamespace = to_regnamespace(:own)
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.oid)""",
)


_SQLITE_TABLES = """
SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'
"""


def describe(connection: Connection) -> dict[str, str]:
    """Describe tables, keys, indexes and triggers: the definition of each by its name."""
    is_sqlite = connection.dialect.name == "sqlite"
    own = "main" if is_sqlite else connection.scalar(text("SELECT current_schema()"))
    descriptions: dict[str, str] = {}
    for question in _QUESTIONS[connection.dialect.name]:
        for name, part in connection.execute(text(question), {} if is_sqlite else {"own": own}):
            descriptions[name] = " ".join(part.replace(f"{own}.", "").split())
    if is_sqlite:
        for table, statement in connection.execute(text(_SQLITE_TABLES)):
            for name, part in parts_of_table(table, statement):
                # Of two parts with one name, neither may hide the other.
                descriptions[name] = (
                    f"{descriptions[name]}, {part}" if name in descriptions else part
                )
    return descriptions


def strangers(connection: Connection, url: str) -> list[str]:
    """List the differences between a database and the schema of the migrations.

    **Refuses**: ``EngineUnfit`` if PostgreSQL does not allow a temporary schema for the
    comparison.
    """
    live, (wanted, again) = describe(connection), _as_migrated(url)
    both = live.keys() & wanted.keys()
    return sorted(
        [f"{name} is missing" for name in wanted.keys() - live.keys()]
        + [f"{name} is unknown" for name in live.keys() - wanted.keys()]
        + [f"{n} differs" for n in both if live[n] not in (wanted[n], again[n])]
    )


def _as_migrated(url: str) -> tuple[dict[str, str], dict[str, str]]:
    """Describe the migrated schema, and how it reads after it was parsed once more."""
    if not url.startswith("sqlite"):
        return _laid_and_described(url)
    versions = schema.MIGRATIONS / "versions"
    files = sorted([*versions.glob("*.py"), *versions.glob("*/*.sql")])
    return _as_migrated_on_sqlite(tuple((str(one), one.stat().st_mtime_ns) for one in files))


@lru_cache(maxsize=1)
def _as_migrated_on_sqlite(
    files: tuple[tuple[str, int], ...],
) -> tuple[dict[str, str], dict[str, str]]:
    """The same migrations lay the same schema: a restore compares with it several times."""
    return _laid_and_described("sqlite://")


def _laid_and_described(url: str) -> tuple[dict[str, str], dict[str, str]]:
    with empty_place(url) as connection:
        schema.lay(connection)
        wanted = describe(connection)
        if connection.dialect.name == "sqlite":
            return wanted, wanted
        for question in _REWRITES:
            for statement in connection.scalars(text(question), {"own": _BESIDE}).all():
                connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
        return wanted, describe(connection)


@contextmanager
def empty_place(url: str) -> Iterator[Connection]:
    """Yield an empty schema of the same engine; it is rolled back afterwards."""
    with tempfile.TemporaryDirectory(prefix="timebank-schema-") as folder:
        is_sqlite = url.startswith("sqlite")
        engine = make_engine(f"sqlite:///{folder}/empty.sqlite" if is_sqlite else url)
        try:
            with (
                engine.execution_options(writes=True).connect() as connection,
                connection.begin() as unit,
            ):
                if not is_sqlite:
                    _step_aside(connection)
                yield connection
                unit.rollback()
        finally:
            engine.dispose()


def _step_aside(connection: Connection) -> None:
    """Switch to a temporary schema, which lives as long as the unit of work."""
    try:
        connection.execute(text(f"CREATE SCHEMA {_BESIDE}"))
    except ProgrammingError as fault:
        raise EngineUnfit(
            "The schema is compared with a temporary one, and this role of PostgreSQL may not"
            " create one: check as the owner of the database."
        ) from fault
    connection.execute(text(f"SET LOCAL search_path TO {_BESIDE}"))
