"""Checks of single rows in any table: column types, missing values, duplicate keys.

The database enforces them, unless somebody recreates a table without its constraints.
"""

from timebank.checking.columns import SHAPES, Shape
from timebank.checking.faults import Findings
from timebank.checking.reading import Books

# As SQLite and PostgreSQL name them. A truth value counts as a whole number.
_KINDS = {
    int: "'integer', 'bigint', 'smallint', 'boolean'",
    str: "'text', 'character varying'",
    bytes: "'blob', 'bytea'",
}
_TWICE = "SELECT {key} FROM {table} GROUP BY {key} HAVING COUNT(*) > 1 ORDER BY {key}"


def check_kinds(books: Books, findings: Findings) -> bool:
    """Report each missing value or wrong type; return whether the other checks can run."""
    for table, shape in SHAPES.items():
        unfit = [_unfit(books, shape, column) for column in shape.columns]
        asked = f"SELECT {', '.join([*shape.keys, *unfit])} FROM {table} WHERE {' OR '.join(unfit)}"
        for row in books.rows(asked):
            for column, is_unfit in zip(shape.columns, row[shape.key :], strict=True):
                if is_unfit:
                    what = f"{column} is missing, or of a wrong type"
                    findings.fault(table, _key(row[: shape.key]), what)
    if findings.faults:
        findings.limits.append("nothing else was computed: correct these rows first")
    return not findings.faults


def _unfit(books: Books, shape: Shape, column: str) -> str:
    """The SQL condition that a value is missing or has the wrong type."""
    is_other = f"{books.kind_of.format(column)} NOT IN ({_KINDS[shape.kinds[column]]})"
    if column in shape.optional:
        return f"({column} IS NOT NULL AND {is_other})"
    return f"({column} IS NULL OR {is_other})"


def check_keys(books: Books, findings: Findings) -> None:
    """Report each key that two rows of a table share."""
    for table, shape in SHAPES.items():
        for row in books.rows(_TWICE.format(table=table, key=", ".join(shape.keys))):
            findings.fault(table, _key(row), "more than one row has this key")


def _key(row: tuple[object, ...]) -> str:
    return "/".join(map(str, row))
