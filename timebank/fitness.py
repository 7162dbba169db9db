"""Checks of a database that need no subject's rules: do foreign keys refer to existing rows?

Not here: whether the books are correct (``checking/``), whether the engine is set up (``db``).
"""

from collections.abc import Iterator

from sqlalchemy import Connection, ForeignKeyConstraint, Select, and_, func, select

from timebank.schema import every_table


def dangling(connection: Connection) -> Iterator[str]:
    """List each foreign key whose rows refer to rows that do not exist.

    The engine prevents this. Such rows mean that somebody deleted rows with foreign keys turned
    off.
    """
    for table in every_table().sorted_tables:
        for key in sorted(table.foreign_key_constraints, key=lambda key: str(key.name)):
            count = connection.scalar(_dangling_rows(key))
            if count:
                columns = ", ".join(key.column_keys[1:] or key.column_keys)  # Skip community_id.
                target = key.referred_table.name
                yield f"{count} rows of {table.name} refer to a missing {target} ({columns})"


def _dangling_rows(key: ForeignKeyConstraint) -> Select[int]:
    target = key.referred_table.alias()  # It may be the same table.
    pairs = [(element.parent, target.c[element.column.name]) for element in key.elements]
    source = key.table.outerjoin(target, and_(*(own == there for own, there in pairs)))
    is_told = and_(*(own.is_not(None) for own, _ in pairs))
    return select(func.count()).select_from(source).where(is_told, pairs[0][1].is_(None))
