"""Tables whose rows the database itself protects: history, and columns that never change."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import DDL, Table, event

_ENGINES = ("sqlite", "postgresql")
_REFUSE_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'history is never changed: %', TG_TABLE_NAME; END $$
"""
_KEY_BYTES = 5  # The first bytes of a sealed value name its key: see ``timebank/vault/cipher.py``.


def append_only_statements(name: str, dialect: str, *, of: str = "") -> list[str]:
    """Return the triggers that make a table refuse UPDATE, DELETE and TRUNCATE.

    ``of`` limits the first to some columns: `` OF a, b``.
    """
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {name}_no_{verb} BEFORE {verb}{of} ON {name} {_refuse(name, dialect)}"
            for verb, of in (("update", of), ("delete", ""))
        ]
    return [
        _REFUSE_FUNCTION,
        f"CREATE TRIGGER {name}_no_change BEFORE UPDATE{of} OR DELETE ON {name} "
        f"FOR EACH ROW {_refuse(name, dialect)}",
        f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name} {_refuse(name, dialect)}",
    ]


def _refuse(name: str, dialect: str) -> str:
    if dialect == "sqlite":
        return f"BEGIN SELECT RAISE(ABORT, 'history is never changed: {name}'); END"
    return "EXECUTE FUNCTION refuse_change()"


def guarded(table: Table, statements: Mapping[str, Sequence[str]]) -> Table:
    """Run statements of each engine after the table is created; the migrations read them too.

    A table may be guarded more than once.
    """
    known = table.info.get("ddl", {})
    table.info["ddl"] = {
        engine: [*known.get(engine, ()), *statements.get(engine, ())]
        for engine in {**known, **statements}
    }
    for dialect, lines in statements.items():
        for line in lines:
            ddl: Any = DDL(line.replace("%", "%%"))  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", ddl.execute_if(dialect=dialect))
    return table


def append_only(history: Table) -> Table:
    """Let the database refuse every change and deletion of a row.

    Only in its sealed columns a value may be replaced by one that another key has sealed.
    """
    history.info["append_only"] = True
    return guarded(history, {engine: _history_statements(history, engine) for engine in _ENGINES})


def _history_statements(history: Table, dialect: str) -> list[str]:
    sealed = [column.name for column in history.columns if "sealed" in column.info]
    others = ", ".join(column.name for column in history.columns if column.name not in sealed)
    lines = append_only_statements(history.name, dialect, of=f" OF {others}" if sealed else "")
    return [*lines, *(_renewal_statement(history.name, column, dialect) for column in sealed)]


def _renewal_statement(name: str, column: str, dialect: str) -> str:
    """Refuse each change of a sealed value but that of its key.

    Forbids: a column of facts that is emptied, or sealed again with other facts by the same key.
    """
    differs = "IS NOT" if dialect == "sqlite" else "IS DISTINCT FROM"
    same_key = f"substr(NEW.{column}, 1, {_KEY_BYTES}) = substr(OLD.{column}, 1, {_KEY_BYTES})"
    return (
        f"CREATE TRIGGER {name}_{column}_kept BEFORE UPDATE OF {column} ON {name} FOR EACH ROW "
        f"WHEN (NEW.{column} {differs} OLD.{column}"
        f" AND (OLD.{column} IS NULL OR NEW.{column} IS NULL OR {same_key})) "
        f"{_refuse(name, dialect)}"
    )


def fixed(changing: Table, *names: str, closed: str = "") -> Table:
    """Let the database refuse changes of some columns in a table whose other columns may change.

    ``closed`` names a column: once it has a value, the whole row refuses every change.
    """
    name = changing.name
    trigger = f"CREATE TRIGGER {name}_fixed BEFORE UPDATE OF {', '.join(names)} ON {name} "
    refuse = f"BEGIN SELECT RAISE(ABORT, 'history is never changed: {name}'); END"
    run = "EXECUTE FUNCTION refuse_change()"
    each = "FOR EACH ROW "
    statements = {
        "sqlite": [trigger + refuse],
        "postgresql": [_REFUSE_FUNCTION, trigger + each + run],
    }
    if closed:
        stays = f"CREATE TRIGGER {name}_closed BEFORE UPDATE ON {name} "
        statements["sqlite"].append(f"{stays}WHEN OLD.{closed} IS NOT NULL {refuse}")
        statements["postgresql"].append(f"{stays}{each}WHEN (OLD.{closed} IS NOT NULL) {run}")
    return guarded(changing, statements)
