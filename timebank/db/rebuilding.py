"""Rebuild a SQLite table where ALTER TABLE cannot change it.

SQLite adds a column to a table and little else. For a new foreign key, a changed column or a
CHECK without a column, a new table is created under another name, filled, and renamed: the
twelve steps of https://www.sqlite.org/lang_altertable.html#otheralter. ``timebank migrate`` does
steps 1, 2 and 10 to 12 around them: foreign keys off before the transaction, checked at its end.
"""

import re
from collections.abc import Iterable, Mapping

_CREATE = re.compile(r'\A\s*CREATE TABLE "?(?P<name>\w+)"?(?=\s*\()')


def rebuild_statements(
    create: str, values: Mapping[str, str], after: Iterable[str] = ()
) -> list[str]:
    """Write the statements that give a table another shape and keep its rows.

    ``create`` is its new CREATE TABLE, ``values`` maps each column to fill to an expression over
    the old row (mostly the name of the same column), ``after`` makes its indexes and triggers:
    they are dropped with the old table. Triggers and foreign keys of other tables stay. A row
    that breaks a constraint of the new table stops the migration, and nothing is changed.
    """
    match = _CREATE.match(create)
    if match is None:
        raise ValueError(f"This is no CREATE TABLE statement: {create[:60]}")
    name = match["name"]
    beside = f"new_{name}"
    columns, expressions = ", ".join(values), ", ".join(values.values())
    return [
        create[: match.start("name")].replace('"', "")
        + beside
        + create[match.end("name") :].removeprefix('"'),
        f"INSERT INTO {beside} ({columns})\nSELECT {expressions} FROM {name}",
        f"DROP TABLE {name}",
        # Otherwise SQLite refuses while a trigger of another table names the one just dropped.
        "PRAGMA legacy_alter_table = ON",
        f"ALTER TABLE {beside} RENAME TO {name}",
        "PRAGMA legacy_alter_table = OFF",
        *after,
    ]
