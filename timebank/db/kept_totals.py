"""Kept totals: sums over a table that the database itself keeps up to date.

A page that sums a whole table becomes slower with every year. A *kept total* is a table with one
row for each group: the keys of the group, the number of rows in it, and their sums. Triggers on
the summed table change it in the same transaction, on both engines by the same SQL. A group
without rows has no row here, so the table does not grow with what is over. A revision fills a new
total; a changed declaration needs a new name, so that it is filled again.

Nothing else writes these tables. PostgreSQL refuses it; SQLite cannot tell a trigger from a
statement, so there only ``timebank check`` finds it, which compares each total with its sums.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ClauseElement,
    Column,
    ColumnElement,
    Connection,
    PrimaryKeyConstraint,
    Select,
    Table,
    and_,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import visitors

from timebank.db.histories import guarded

_DIALECTS: Mapping[str, Any] = {
    "sqlite": sqlite.dialect(),
    "postgresql": postgresql.dialect(paramstyle="named"),  # type: ignore[no-untyped-call]
}
_REFUSE_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_direct_write() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'only triggers write the kept total %', TG_TABLE_NAME; END $$
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summed:
    """What a kept total sums: the rows of one table, each perhaps with its row of a second table.

    ``beside`` is a table with one row for each row of ``of``, with the same values in the columns
    ``joined_by``. These values never change. The row beside is there before the row of ``of`` and
    stays as long as it: two units of work that insert them apart would not see each other.
    ``keys`` make the groups, ``where`` says which rows count. The expressions name no other table.
    """

    of: Table
    keys: Mapping[str, ColumnElement[Any]]
    sums: Mapping[str, ColumnElement[int]]
    where: ColumnElement[bool]
    beside: Table | None = None
    joined_by: tuple[str, ...] = ()

    @property
    def tables(self) -> tuple[Table, ...]:
        return (self.of,) if self.beside is None else (self.of, self.beside)

    @property
    def counts(self) -> ColumnElement[bool]:
        """Whether a row counts, as a condition on all tables."""
        beside = self.of if self.beside is None else self.beside
        pairs = (beside.c[name] == self.of.c[name] for name in self.joined_by)
        return and_(*pairs, self.where)

    def columns_of(self, table: Table) -> list[str]:
        """The columns of one table that decide about the total."""
        parts = (*self.keys.values(), *self.sums.values(), self.counts)
        read = {
            element.name
            for part in parts
            for element in visitors.iterate(part)
            if isinstance(element, Column) and element.table is table
        }
        return [column.name for column in table.columns if column.name in read]


def kept_total(name: str, summed: Summed, *, rows: str) -> Table:
    """Declare a kept total: a table ``name`` whose column ``rows`` counts the rows of a group.

    A key is never NULL: put another value in its place.
    """
    total = Table(
        name,
        summed.of.metadata,
        *(Column(key, source.type, nullable=False) for key, source in summed.keys.items()),
        *(Column(column, BigInteger, nullable=False) for column in (rows, *summed.sums)),
        PrimaryKeyConstraint(*summed.keys),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    total.info["kept_total"] = summed, rows
    for changing in summed.tables:
        guarded(
            changing,
            {engine: list(_triggers(total, changing, engine)) for engine in _DIALECTS},
        )
    guarded(total, {engine: list(_own_triggers(total, engine)) for engine in _DIALECTS})
    return total


def is_kept_total(declared: Table) -> bool:
    return "kept_total" in declared.info


def sums_of(total: Table) -> Select[Any]:
    """Select what a kept total must hold, summed from the rows themselves."""
    summed, rows = total.info["kept_total"]
    return (
        select(
            *(source.label(key) for key, source in summed.keys.items()),
            func.count().label(rows),
            *(func.sum(source).label(column) for column, source in summed.sums.items()),
        )
        .select_from(*summed.tables)
        .where(summed.counts)
        .group_by(*summed.keys.values())
    )


def wrong_groups(connection: Connection, total: Table) -> int:
    """Count the groups whose kept total is not the sum of their rows."""
    sums, kept = sums_of(total), select(total)
    keys = total.info["kept_total"][0].keys
    groups = {
        tuple(row[: len(keys)])
        for these, other in ((sums, kept), (kept, sums))
        for row in connection.execute(these.except_(other))
    }
    return len(groups)


def recount(connection: Connection, total: Table) -> None:
    """Sum a kept total again, after somebody wrote past its triggers."""
    engine, name = connection.dialect.name, total.name
    *lock, fill = filling(total, engine)
    steps = [*lock, f"DELETE FROM {name}", fill]
    if engine == "postgresql":
        switch = f"ALTER TABLE {name} {{}} TRIGGER {name}_direct"
        steps = [*lock, switch.format("DISABLE"), *steps[1:], switch.format("ENABLE")]
    for step in steps:
        connection.exec_driver_sql(step)


def filling(total: Table, engine: str) -> list[str]:
    """Write the statements that sum what is there already, before the triggers keep the total.

    On PostgreSQL nobody may write meanwhile, and from its triggers on nobody fills the total.
    """
    names = ", ".join(total.columns.keys())
    fill = f"INSERT INTO {total.name} ({names})\n{_sql(sums_of(total), engine)}"
    if engine == "sqlite":
        return [fill]
    summed = ", ".join(table.name for table in total.info["kept_total"][0].tables)
    return [f"LOCK TABLE {summed} IN SHARE ROW EXCLUSIVE MODE", fill]


def _own_triggers(total: Table, engine: str) -> Iterator[str]:
    """Let a group that has become empty go, and refuse who is no trigger."""
    rows, keys = total.info["kept_total"][1], total.primary_key.columns.keys()
    own = " AND ".join(f"{key} = NEW.{key}" for key in keys)
    gone = f"DELETE FROM {total.name} WHERE {own} AND {rows} = 0"
    when = f"AFTER UPDATE ON {total.name} FOR EACH ROW WHEN (NEW.{rows} = 0)"
    yield from _trigger(f"{total.name}_empty", when, [gone], engine=engine)
    if engine == "postgresql":
        yield _REFUSE_FUNCTION
        yield (
            f"CREATE TRIGGER {total.name}_direct BEFORE INSERT OR UPDATE OR DELETE ON {total.name}"
            " FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_direct_write()"
        )
        yield (
            f"CREATE TRIGGER {total.name}_no_truncate BEFORE TRUNCATE ON {total.name}"
            " EXECUTE FUNCTION refuse_direct_write()"
        )


def _triggers(total: Table, changing: Table, engine: str) -> Iterator[str]:
    """Write the triggers on one of the summed tables."""
    summed, _ = total.info["kept_total"]
    verbs = {
        "insert": ("INSERT", ("NEW",)),
        "update": (f"UPDATE OF {', '.join(summed.columns_of(changing))}", ("NEW", "OLD")),
        "delete": ("DELETE", ("OLD",)),
    }
    if changing is summed.beside:
        verbs = {"update": verbs["update"]}
    for verb, (event, rows) in verbs.items():
        steps = [_step(total, changing, row, engine=engine) for row in rows]
        if engine == "postgresql" and changing is summed.of and summed.beside is not None:
            steps.insert(0, _lock(summed, rows[0]))
        when = f"AFTER {event} ON {changing.name} FOR EACH ROW"
        yield from _trigger(f"{total.name}_{changing.name}_{verb}", when, steps, engine=engine)


def _trigger(name: str, when: str, steps: list[str], *, engine: str) -> Iterator[str]:
    body = "".join(f"{step};\n" for step in steps)
    if engine == "sqlite":
        yield f"CREATE TRIGGER {name} {when} BEGIN\n{body}END"
        return
    yield (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS\n"
        f"$$ BEGIN\n{body}RETURN NULL;\nEND $$"
    )
    yield f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {name}()"


def _lock(summed: Summed, row: str) -> str:
    """Lock the row beside, so that nobody changes it while its figures move to another group.

    Whoever changes it meanwhile waits here, and afterwards reads the new group.
    """
    assert summed.beside is not None
    own = " AND ".join(f"{name} = {row}.{name}" for name in summed.joined_by)
    return f"PERFORM 1 FROM {summed.beside.name} WHERE {own} FOR NO KEY UPDATE"


def _step(total: Table, changing: Table, row: str, *, engine: str) -> str:
    """Write the statement that adds the row ``NEW`` to its group, or takes ``OLD`` away."""
    summed, rows = total.info["kept_total"]
    keys, counted = list(summed.keys), [rows, *summed.sums]
    figures = _figures(total, changing, row, engine=engine)
    name = total.name
    if row == "NEW":
        added = ", ".join(f"{column} = {name}.{column} + excluded.{column}" for column in counted)
        return (
            f"INSERT INTO {name} ({', '.join([*keys, *counted])})\n{figures}\n"
            f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {added}"
        )
    less = ", ".join(f"{column} = {name}.{column} - gone.{column}" for column in counted)
    own = " AND ".join(f"{name}.{key} = gone.{key}" for key in keys)
    return f"UPDATE {name} SET {less}\nFROM (\n{figures}\n) AS gone\nWHERE {own}"


def _figures(total: Table, changing: Table, row: str, *, engine: str) -> str:
    """Write the SELECT of what one row brings to its group; nothing where it does not count."""
    summed, rows = total.info["kept_total"]
    single = literal_column("1", BigInteger)
    columns = {**summed.keys, rows: single, **summed.sums}
    written = ", ".join(f"{_sql(part, engine)} AS {name}" for name, part in columns.items())
    others = [found.name for found in summed.tables if found is not changing]
    source = f" FROM {others[0]}" if others else ""
    text = f"SELECT {written}{source}\nWHERE {_sql(summed.counts, engine)}"
    return re.sub(rf"\b{changing.name}\.", f"{row}.", text)


def _sql(part: ClauseElement, engine: str) -> str:
    """Write an expression with its values in the text."""
    compiled = part.compile(dialect=_DIALECTS[engine], compile_kwargs={"literal_binds": True})
    return str(compiled)
