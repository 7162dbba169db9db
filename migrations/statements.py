"""The statements that lead from the schema of the migrations so far to that of the models.

They are written from the models; a changed thing is dropped and replaced. Not here: what differs
(``differences.py``), and the files (``write_next.py``).
"""

import re

from migrations.differences import Difference, Thing, in_order
from migrations.wanted import Wanted
from timebank.db.rebuilding import rebuild_statements

_NEEDS_REBUILD = re.compile(r"DEFAULT (?:\(|CURRENT_)")  # No constant: SQLite cannot add it.


class CannotWrite(Exception):
    """The difference cannot be written as a revision; the message says what to change."""


def statements(difference: Difference, wanted: Wanted) -> list[str]:
    """Write the statements of one engine, in an order that each of them can run.

    **Refuses**: ``CannotWrite`` for a new column that nothing can fill.
    """
    _require_defaults(difference, wanted)
    is_sqlite = wanted.dialect.name == "sqlite"
    rebuilt = set(_rebuilt(difference, wanted)) if is_sqlite else set()
    new_tables = [
        line
        for table in wanted.tables
        if table in difference.new_tables
        for line in _new_table(table, wanted)
    ]
    tables = _sqlite_tables if is_sqlite else _postgresql_tables
    found = [
        *_dropped_guards(difference, rebuilt, is_sqlite=is_sqlite),
        *tables(difference, wanted, new_tables),
        *_made_guards(difference, wanted, rebuilt),
    ]
    if tables_gone := [t.name for t in in_order(difference.gone) if t.kind == "table"]:
        found += (
            [f"DROP TABLE {name}" for name in tables_gone]
            if is_sqlite
            else [f"DROP TABLE {', '.join(tables_gone)}"]  # They may refer to each other.
        )
    return list(dict.fromkeys(found))


def _require_defaults(difference: Difference, wanted: Wanted) -> None:
    """Refuse a new column that neither old rows nor old code can fill."""
    for thing in difference.to_make("column"):
        column = wanted.tables[thing.table].columns[thing.name]
        is_new = thing not in difference.changed
        if is_new and not column.nullable and column.server_default is None:
            raise CannotWrite(
                f"{thing} is NOT NULL and has no server_default. Rows that exist have no value"
                " for it, nor has old code that still runs: give it a server_default, or let it"
                " be NULL."
            )


def _dropped_guards(difference: Difference, rebuilt: set[str], *, is_sqlite: bool) -> list[str]:
    """Drop triggers and indexes that go or change; a rebuilt table loses its own by itself."""
    found = []
    for thing in difference.to_drop("trigger"):
        if thing.table not in rebuilt:
            where = "" if is_sqlite else f" ON {thing.table}"
            found.append(f"DROP TRIGGER {thing.name}{where}")
    indexes = difference.to_drop("index")
    return found + [f"DROP INDEX {t.name}" for t in indexes if t.table not in rebuilt]


def _made_guards(difference: Difference, wanted: Wanted, rebuilt: set[str]) -> list[str]:
    found = [wanted.indexes[t.name] for t in difference.to_make("index") if t.table not in rebuilt]
    for thing in difference.to_make("trigger"):
        if thing.table not in rebuilt:
            trigger = wanted.triggers[thing.table][thing.name]
            found += [wanted.functions[name] for name in wanted.functions_of(trigger)] + [trigger]
    return found


def _new_table(table: str, wanted: Wanted) -> list[str]:
    beside = wanted.beside(table)
    functions = [name for statement in beside for name in wanted.functions_of(statement)]
    extensions = wanted.extensions if any(owner == table for owner, _ in wanted.added) else []
    return [
        wanted.create_table(table),
        *wanted.filling(table),
        *extensions,
        *(wanted.functions[name] for name in functions),
        *beside,
    ]


def _postgresql_tables(difference: Difference, wanted: Wanted, new_tables: list[str]) -> list[str]:
    """Change columns and constraints; a foreign key comes after all that it may refer to."""
    quote = wanted.dialect.identifier_preparer.quote
    found = []
    for thing in difference.to_drop("constraint"):
        found.append(f"ALTER TABLE {thing.table} DROP CONSTRAINT {thing.name}")
    for thing in difference.to_make("column"):
        if thing in difference.changed:
            found.append(_changed_column(thing, wanted))
        else:
            column = wanted.column(thing.table, thing.name)
            found.append(f"ALTER TABLE {thing.table} ADD COLUMN {column}")
    added = {t: wanted.add_constraint(t.table, t.name) for t in difference.to_make("constraint")}
    for thing, statement in added.items():
        if " FOREIGN KEY" not in statement:
            is_ours = (thing.table, thing.name) in wanted.added
            found += [*(wanted.extensions if is_ours else []), statement]
    found += new_tables
    found += [statement for statement in added.values() if " FOREIGN KEY" in statement]
    for thing in difference.to_drop("column"):
        if thing not in difference.changed:
            found.append(f"ALTER TABLE {thing.table} DROP COLUMN {quote(thing.name)}")
    return found


def _changed_column(thing: Thing, wanted: Wanted) -> str:
    """Give a column its type, NOT NULL and default, whichever of them has changed."""
    column = wanted.tables[thing.table].columns[thing.name]
    compiler = wanted.dialect.ddl_compiler(wanted.dialect, None)
    default = compiler.get_column_default_string(column)
    steps = [
        f"TYPE {column.type.compile(dialect=wanted.dialect)}",
        f"{'DROP' if column.nullable else 'SET'} NOT NULL",
        "DROP DEFAULT" if default is None else f"SET DEFAULT {default}",
    ]
    own = wanted.dialect.identifier_preparer.format_column(column)
    return f"ALTER TABLE {thing.table} " + ", ".join(f"ALTER COLUMN {own} {s}" for s in steps)


def _sqlite_tables(difference: Difference, wanted: Wanted, new_tables: list[str]) -> list[str]:
    rebuilt = _rebuilt(difference, wanted)
    found = list(new_tables)
    for table in _touched(difference, wanted):
        change = _rebuild if table in rebuilt else _add_columns
        found += change(difference, wanted, table)
    return found


def _touched(difference: Difference, wanted: Wanted) -> list[str]:
    kinds = ("table", "column", "constraint")
    changes = [t for kind in kinds for t in difference.to_make(kind) + difference.to_drop(kind)]
    names = {thing.table for thing in changes}
    return [table for table in wanted.tables if table in names]


def _rebuilt(difference: Difference, wanted: Wanted) -> list[str]:
    tables = _touched(difference, wanted)
    return [table for table in tables if not _can_be_added(difference, wanted, table)]


def _can_be_added(difference: Difference, wanted: Wanted, table: str) -> bool:
    """Tell whether ALTER TABLE is enough: new columns, with CHECKs that come with them."""
    kinds = ("table", "column", "constraint")
    if any(t.table == table for kind in kinds for t in difference.to_drop(kind)):
        return False
    columns = [wanted.column(table, t.name) for t in difference.to_make("column", table)]
    checks = [wanted.add_constraint(table, t.name) for t in difference.to_make("constraint", table)]
    return (
        bool(columns)
        and not any(_NEEDS_REBUILD.search(column) for column in columns)
        and all(" CHECK (" in check for check in checks)
    )


def _add_columns(difference: Difference, wanted: Wanted, table: str) -> list[str]:
    """Add the new columns in the order of the model; the last of them carries the CHECKs."""
    new = {thing.name for thing in difference.to_make("column", table)}
    columns = [
        wanted.column(table, column.name)
        for column in wanted.tables[table].columns
        if column.name in new
    ]
    for thing in difference.to_make("constraint", table):
        check = wanted.add_constraint(table, thing.name)
        columns[-1] += "\n    " + check[check.index("CONSTRAINT ") :]
    return [f"ALTER TABLE {table} ADD COLUMN {column}" for column in columns]


def _rebuild(difference: Difference, wanted: Wanted, table: str) -> list[str]:
    format_column = wanted.dialect.identifier_preparer.format_column
    kept = [
        format_column(column)
        for column in wanted.tables[table].columns
        if column.name in difference.columns[table]
    ]
    return rebuild_statements(
        wanted.create_table(table), {name: name for name in kept}, wanted.beside(table)
    )
