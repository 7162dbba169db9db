"""What the models ask of an engine: the statement for each thing, by its name.

The names are those of the catalogue (``timebank/catalogue.py``). Nothing is compared here.
"""

import re
from dataclasses import dataclass, field

from sqlalchemy import Constraint, Dialect, Index, MetaData, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import AddConstraint, CreateColumn, CreateIndex, CreateTable

from timebank.db.kept_totals import filling, is_kept_total

_TRIGGER = re.compile(r"CREATE TRIGGER (\w+)\b.*?\bON (\w+)\b", re.DOTALL)
_FUNCTION = re.compile(r"CREATE OR REPLACE FUNCTION (\w+)\(")
_ADDED = re.compile(r"ALTER TABLE (\w+) ADD CONSTRAINT (\w+) ")
_EXECUTES = re.compile(r"EXECUTE (?:FUNCTION|PROCEDURE) (\w+)\(")


def dialect_of(engine_name: str) -> Dialect:
    if engine_name == "sqlite":
        return sqlite.dialect()
    return postgresql.dialect(paramstyle="named")  # A percent sign stays as it is.


def tidy(statement: str) -> str:
    """Leave no blank line inside, since blank lines part the statements of a file."""
    lines = (line.replace("\t", "    ").rstrip() for line in statement.splitlines())
    return "\n".join(line for line in lines if line)


@dataclass
class Wanted:
    """The statements of one engine.

    ``triggers`` of each table by their own name; ``added`` are constraints of PostgreSQL that
    SQLAlchemy does not know, by table and name.
    """

    dialect: Dialect
    tables: dict[str, Table] = field(default_factory=dict)
    indexes: dict[str, str] = field(default_factory=dict)
    table_of_index: dict[str, str] = field(default_factory=dict)
    triggers: dict[str, dict[str, str]] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)
    added: dict[tuple[str, str], str] = field(default_factory=dict)
    extensions: list[str] = field(default_factory=list)

    def create_table(self, name: str) -> str:
        return tidy(str(CreateTable(self.tables[name]).compile(dialect=self.dialect)))

    def filling(self, table: str) -> list[str]:
        """Write the statements that fill a new table from others, if it is a kept total."""
        total = self.tables[table]
        if not is_kept_total(total):
            return []
        return [tidy(line) for line in filling(total, self.dialect.name)]

    def column(self, table: str, name: str) -> str:
        """Write one column with its type, its default and NOT NULL."""
        column = self.tables[table].columns[name]
        return tidy(str(CreateColumn(column).compile(dialect=self.dialect)))

    def constraints(self, table: str) -> dict[str, Constraint]:
        preparer = self.dialect.identifier_preparer
        return {
            str(preparer.format_constraint(constraint)).strip('"'): constraint
            for constraint in self.tables[table].constraints
        }

    def add_constraint(self, table: str, name: str) -> str:
        if (table, name) in self.added:
            return self.added[table, name]
        adding = AddConstraint(self.constraints(table)[name], isolate_from_table=False)
        return tidy(str(adding.compile(dialect=self.dialect)))

    def indexes_of(self, table: str) -> list[str]:
        return [n for n in sorted(self.indexes) if self.table_of_index[n] == table]

    def functions_of(self, trigger: str) -> list[str]:
        """Name the functions that a CREATE TRIGGER statement executes, as far as they are ours."""
        return [name for name in _EXECUTES.findall(trigger) if name in self.functions]

    def beside(self, table: str) -> list[str]:
        """Write what belongs to a table besides itself: indexes, triggers, added constraints."""
        return [
            *(self.indexes[name] for name in self.indexes_of(table)),
            *self.triggers.get(table, {}).values(),
            *(statement for (owner, _), statement in self.added.items() if owner == table),
        ]


def read_models(metadata: MetaData, engine_name: str) -> Wanted:
    """Read what the models ask of an engine. ``ValueError`` for a statement of no known kind."""
    wanted = Wanted(dialect_of(engine_name))
    for table in metadata.sorted_tables:
        wanted.tables[table.name] = table
        for index in table.indexes:
            _add_index(wanted, table, index)
        for statement in table.info.get("ddl", {}).get(engine_name, ()):
            _add_guard(wanted, tidy(statement))
    return wanted


def _add_index(wanted: Wanted, table: Table, index: Index) -> None:
    name = str(wanted.dialect.identifier_preparer.format_index(index)).strip('"')
    wanted.indexes[name] = tidy(str(CreateIndex(index).compile(dialect=wanted.dialect)))
    wanted.table_of_index[name] = table.name


def _add_guard(wanted: Wanted, statement: str) -> None:
    if found := _FUNCTION.match(statement):
        wanted.functions[found[1]] = statement
    elif found := _TRIGGER.match(statement):
        wanted.triggers.setdefault(found[2], {})[found[1]] = statement
    elif found := _ADDED.match(statement):
        wanted.added[found[1], found[2]] = statement
    elif statement.startswith("CREATE EXTENSION IF NOT EXISTS "):
        if statement not in wanted.extensions:
            wanted.extensions.append(statement)
    else:
        raise ValueError(f"No kind of statement that can be compared: {statement[:80]}")
